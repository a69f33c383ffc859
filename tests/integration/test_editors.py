"""Several editors, each with a clone and keys: releases that wait, that meet, and that differ."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.checkout import CODE, IDENTITY, Checkout, Told

FIRST = "content/appeals/2026/first/en.md"
SIGNING = """
[signing.root]
people = ["anna", "ben", "carla"]
threshold = 2
[signing.targets]
people = ["anna", "ben"]
threshold = {threshold}
[signing.online]
people = ["timer"]
threshold = 1
"""


@dataclass(frozen=True)
class Person:
    """Somebody with a clone and a folder of keys."""

    site: Checkout
    keys: Path

    @property
    def environment(self) -> dict[str, str]:
        passphrase = {"TOCSIN_PASSPHRASE": "five words that nobody guesses"}
        return {**IDENTITY, **passphrase, "TOCSIN_KEYS": str(self.keys)}

    def run(self, *words: str) -> Told:
        return self.site.run(*words, env=self.environment)

    def must(self, *words: str) -> str:
        told = self.run(*words)
        assert told.code == 0, told.err
        return told.out

    def git(self, *words: str) -> str:
        return self.site.git(*words)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet")


def clone(origin: Path, folder: Path) -> Checkout:
    subprocess.run(["git", "clone", "--quiet", origin, folder], check=True, capture_output=True)
    return Checkout(folder)


NAMES = ("anna", "ben", "carla", "timer")


def _set_up(built: Path, folder: Path, threshold: int) -> None:
    """A repository with a root that two people have signed; all four have it."""
    seed = folder / "seed"
    seed.mkdir(parents=True)
    first = Person(Checkout(seed), folder / "keys-anna")
    for name in (*CODE, "data", "content"):
        subprocess.run(["cp", "-r", built / name, seed / name], check=True)
    (seed / ".gitignore").write_text("/output/\n/.tocsin/\n/releases/\n/.*.lock\n/.*.stage/\n__pycache__/\n")
    site = (seed / "site.toml").read_text(encoding="utf-8")
    (seed / "site.toml").write_text(site + SIGNING.format(threshold=threshold), encoding="utf-8")
    first.git("init", "--quiet", "--initial-branch", "main")
    first.git("add", "--all")
    first.git("commit", "--quiet", "--message", "The site")
    origin = folder / "origin.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", seed, origin], check=True, capture_output=True)
    people = {name: Person(clone(origin, folder / name), folder / f"keys-{name}") for name in NAMES}
    for name, person in people.items():
        person.git("pull", "--quiet")
        person.must("keys", "new", name)
        person.commit(f"Key of {name}")
    for name in ("anna", "ben"):
        people[name].git("pull", "--quiet")
        people[name].must("keys", *(["rotate"] if name == "anna" else ["sign"]), "--yes")
        people[name].commit(f"Signed by {name}")
    for person in people.values():
        person.git("pull", "--quiet")


@pytest.fixture
def office(built_small, tmp_path, request) -> dict[str, Person]:
    """People with clones and keys, in a copy of their own."""
    made = built_small.root.parent / "offices" / str(request.param)
    if not made.exists():
        _set_up(built_small.root, made, request.param)
    folder = tmp_path / "office"
    shutil.copytree(made, folder, symlinks=True)
    people = {name: Person(Checkout(folder / name), folder / f"keys-{name}") for name in NAMES}
    for person in people.values():
        person.git("remote", "set-url", "origin", str(folder / "origin.git"))
    return people


one = pytest.mark.parametrize("office", [1], indirect=True)
two = pytest.mark.parametrize("office", [2], indirect=True)


def edit(person: Person, word: str) -> None:
    text = (person.site.root / FIRST).read_text(encoding="utf-8")
    person.site.write(FIRST, f"{text}\n{word}\n")


@one
def test_a_release_goes_with_the_repository_and_the_timer_completes_it(office):
    anna, timer = office["anna"], office["timer"]
    edit(anna, "A line.")
    refused = anna.run("release")
    assert refused.code == 1
    assert refused.err.splitlines()[-1] == (
        f"ERROR {FIRST} are not committed, so nobody could make this release again; commit them, then run "
        "'release' again"
    )
    anna.commit("A line")
    assert anna.must("release").splitlines()[1] == (
        "It waits for the online key: 'refresh' on the machine that holds it completes it."
    )
    timer.git("pull", "--quiet")
    refreshed = timer.run("refresh")
    # The timer's machine has the keys but not the files: those lie where the release was made.
    assert refreshed.code == 1
    assert refreshed.err.splitlines()[-1].endswith(
        "is signed, but its files are not on this machine: type 'release', which makes them from the same "
        "commit and completes it"
    )
    assert timer.must("release").startswith("Release 20")
    assert timer.must("refresh").startswith("The timestamp of release 20")
    assert timer.git("status", "--porcelain") == ""
    anna.git("pull", "--quiet")
    assert anna.must("keys", "status").count("\n") > 1
    assert "Nothing has changed since release" in anna.must("release")


@two
def test_two_keys_mean_two_builds(office):
    anna, ben, timer = (office[name] for name in ("anna", "ben", "timer"))
    (timer.keys / "timer.key").rename(ben.keys / "timer.key")
    told = anna.must("release")
    assert "1 more person has to sign it" in told
    ben.git("pull", "--quiet")
    assert "1 more needed, of: ben" in ben.must("keys", "status")
    told = ben.must("release")
    assert told.startswith("Release 20")
    assert "wait" not in told
    anna.git("pull", "--quiet")
    assert not (anna.site.root / "signing" / "pending").exists()
    assert list((anna.site.root / "signing" / "metadata").glob("timestamp.json"))


@two
def test_the_second_signs_nothing_that_the_own_build_did_not_make(office):
    anna, ben = office["anna"], office["ben"]
    anna.must("release")
    ben.git("pull", "--quiet")
    edit(ben, "What only this machine has.")
    ben.git("commit", "--quiet", "--all", "--message", "Mine")
    told = ben.run("release")
    assert told.code == 1
    said = told.err.splitlines()[-1]
    assert said.startswith("ERROR this build is not what release 20")
    assert "appeals/first/index.html" in said
    assert said.endswith("If you are, one of the two machines cannot be trusted: sign nothing")
    assert ben.git("status", "--porcelain") == ""


@one
def test_of_two_editors_who_release_at_once_one_is_refused(office):
    anna, ben = office["anna"], office["ben"]
    edit(anna, "By Anna.")
    anna.commit("By Anna")
    anna.must("release")
    told = ben.run("release")
    assert told.code == 1
    assert told.err.splitlines()[-1] == (
        "ERROR another editor has released meanwhile; get that first by 'git pull', look at it with "
        "'python3 tasks.py diff', then run 'release' again"
    )


@one
def test_the_push_decides_where_both_have_looked(office, tmp_path):
    anna, ben = office["anna"], office["ben"]
    origin = anna.git("remote", "get-url", "origin").strip()
    edit(anna, "By Anna.")
    anna.git("commit", "--quiet", "--all", "--message", "By Anna")
    anna.git("remote", "set-url", "origin", str(tmp_path / "unreachable.git"))
    told = anna.run("release")
    assert told.code == 0, told.err
    assert "whether they have released is not known" in told.err
    assert "type 'git push' later" in told.err
    anna.git("remote", "set-url", "origin", origin)
    # Between Ben's look and Ben's push, Anna pushes.
    hook = ben.site.root / ".git" / "hooks" / "pre-push"
    hook.write_text(f"#!/bin/sh\nunset GIT_DIR\ngit -C '{anna.site.root}' push --quiet\n")
    hook.chmod(0o755)
    before = ben.git("rev-parse", "HEAD")
    told = ben.run("release")
    assert told.code == 1
    assert told.err.splitlines()[-1] == (
        "ERROR another editor was first while this release was being made: it is taken back, and nothing "
        "of it is public; get theirs by 'git pull', then run 'release' again"
    )
    assert ben.git("rev-parse", "HEAD") == before
    assert ben.git("status", "--porcelain") == ""
    hook.unlink()
    ben.git("pull", "--quiet", "--rebase")
    assert ben.run("release").code == 0
