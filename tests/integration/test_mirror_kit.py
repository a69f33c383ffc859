"""The kit for volunteers, run as they run it: nothing that is not what the editors signed is ever served."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.servers import free_port
from tests.simulator import (
    HERE,
    SITE,
    THERE,
    Office,
    Person,
    Tree,
    answer,
    pages,
    serving,
    write_folder,
)
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, TIMESTAMP

pytestmark = pytest.mark.real("ssh-keygen")

KIT = Path(__file__).resolve().parents[2] / "tools" / "mirror-kit"
FIRST, SECOND = "2026.11.21.1", "2026.11.21.2"
PAGE = "fr/appeals/first/index.html"
NO_KEYS = "ERROR mirror.toml: 'ssh_keys' is missing: the editors' keys, which tell their copies from others\n"


@dataclass
class Volunteer:
    """A host with the kit, in an empty home and with nothing of Tocsin."""

    folder: Path
    values: dict[str, object]

    @property
    def current(self) -> Path:
        return self.folder / "current"

    def run(self, task: str = "pull", **changed: object) -> tuple[int, str]:
        """Exit code, and all that was said."""
        values = {"folder": str(self.folder), **self.values, **changed}
        settings = self.folder.parent / "mirror.toml"
        settings.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        command = [sys.executable, "-I", "-S", str(KIT / "mirror.py"), task, str(settings)]
        done = subprocess.run(
            command,
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert list(home.iterdir()) == []
        return done.returncode, done.stdout + done.stderr

    @property
    def served(self) -> Tree:
        """What readers get now."""
        top = self.current.resolve()
        return {
            path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()
        }


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def volunteer(office, tmp_path) -> Volunteer:
    keys = [editor.openssh for editor in office.editors]
    return Volunteer(tmp_path / "srv", {"site": SITE, "ssh_keys": keys})


def refused(volunteer: Volunteer, source: str, said: str) -> None:
    """A copy is not taken, and what was served before is served as it was."""
    before, link = volunteer.served, volunteer.current.readlink()
    assert volunteer.run(source=source) == (
        1,
        f"ERROR {said}\nRelease {FIRST} is still served.\n",
    )
    assert (volunteer.served, volunteer.current.readlink()) == (before, link)
    assert [path.name for path in (volunteer.folder / "copies").iterdir()] == [link.name]


def test_a_copy_is_fetched_and_later_only_what_is_new(office, volunteer):
    first = office.release(pages(1), FIRST)[HERE]
    with serving(first) as mirror:
        assert volunteer.run(source=mirror.address) == (
            0,
            f"release {FIRST} is served now: {len(listed(first))} files, {len(listed(first))} fetched\n",
        )
        assert volunteer.served == first
        assert volunteer.run(source=mirror.address) == (0, f"release {FIRST} is what you have\n")
        second = office.release(pages(2), SECOND)[HERE]
        new = {path for path, data in listed(second).items() if first.get(path) != data}
        mirror.tree, mirror.asked = second, []
        assert volunteer.run(source=mirror.address) == (
            0,
            f"release {SECOND} is served now: {len(listed(second))} files, {len(new)} fetched\n",
        )
    assert volunteer.served == second
    assert {path for path in mirror.asked if path in listed(second)} == new | {EDITION_FILE}
    assert len(list((volunteer.folder / "copies").iterdir())) == 1, "what was withdrawn stays nowhere"
    assert volunteer.run("check", source="/") == (
        0,
        f"release {SECOND}: all {len(listed(second))} files are what was signed\n",
    )


def listed(tree: Tree) -> Tree:
    return {
        path: data
        for path, data in tree.items()
        if not path.startswith("metadata/") and path not in {SUMS, SSHSIG, MINISIG}
    }


def test_new_signatures_of_the_same_release_come_too(office, volunteer):
    with serving(office.release(pages(), FIRST)[HERE]) as mirror:
        volunteer.run(source=mirror.address)
        mirror.tree = office.refresh()[HERE]
        assert volunteer.run(source=mirror.address)[1].endswith(" files, 0 fetched\n")
        assert volunteer.served == mirror.tree


def changed_page(tree: Tree) -> Tree:
    return tree | {PAGE: b"<p>Nothing happened</p>"}


def own_list(tree: Tree) -> Tree:
    """A page that was changed, and the list with it, which nobody signed."""
    page = b"<p>Nothing happened</p>"
    old, new = (hashlib.sha256(data).hexdigest().encode() for data in (tree[PAGE], page))
    return tree | {PAGE: page, SUMS: tree[SUMS].replace(old, new)}


def own_key(tree: Tree) -> Tree:
    """The same, signed by somebody else."""
    lied, stranger = own_list(tree), Person("stranger")
    return lied | {SSHSIG: stranger.sshsig(lied[SUMS])}


def other_use(tree: Tree) -> Tree:
    """A signature that an editor made for something else."""
    return tree | {SSHSIG: b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"}


def without(path: str) -> Callable[[Tree], Tree]:
    return lambda tree: {name: data for name, data in tree.items() if name != path}


UNSIGNED = f"{SUMS}: is not signed by any of the keys in your settings"


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (changed_page, f"{PAGE}: is not what was signed"),
        (own_list, UNSIGNED),
        (own_key, UNSIGNED),
        (other_use, UNSIGNED),
        (without(PAGE), f"{PAGE}: is not there"),
        (without(SSHSIG), f"{SSHSIG}: is not there"),
        (without(TIMESTAMP), f"{TIMESTAMP}: is not there"),
        (lambda tree: tree | {TIMESTAMP: b"[" * 9000}, f"{TIMESTAMP}: is no metadata"),
        (
            lambda tree: tree | {PAGE: bytes(2_000_001)},
            f"{PAGE}: is larger than the 2,000,000 bytes that it may have",
        ),
    ],
)
def test_a_hostile_copy_is_not_switched_to(office, volunteer, attack, said):
    volunteer.values["largest"] = 2
    with serving(office.release(pages(1), FIRST)[HERE]) as mirror:
        assert volunteer.run(source=mirror.address)[0] == 0
        mirror.tree = attack(office.release(pages(2), SECOND)[HERE])
        refused(volunteer, mirror.address, said)
        mirror.tree = office.release(pages(3), "2026.11.21.3")[HERE]
        assert volunteer.run(source=mirror.address)[0] == 0, "the next good one is taken"
        assert volunteer.served == mirror.tree


def test_a_hostile_folder_is_not_switched_to(office, volunteer, tmp_path):
    good = write_folder(office.release(pages(1), FIRST)[HERE], tmp_path / "good")
    assert volunteer.run(source=str(good))[0] == 0
    bad = write_folder(own_list(office.release(pages(2), SECOND)[HERE]), tmp_path / "bad")
    refused(volunteer, str(bad), UNSIGNED)


def test_an_older_release_another_site_and_another_edition_are_refused(office, volunteer):
    old = office.release(pages(1), "2026.11.20.9")
    new = office.release(pages(2), FIRST)
    with serving(new[HERE]) as mirror:
        volunteer.run(source=mirror.address)
        mirror.tree = old[HERE]
        refused(
            volunteer,
            mirror.address,
            f"{EDITION_FILE}: is release 2026.11.20.9, older than {FIRST}, which you have",
        )
        volunteer.values["edition"] = HERE
        mirror.tree = office.release(pages(3), SECOND)[THERE]
        refused(volunteer, mirror.address, f"{EDITION_FILE}: is edition {THERE}, not {HERE}, which is yours")
        volunteer.values |= {"site": "other.example", "edition": ""}
        refused(volunteer, mirror.address, f"{EDITION_FILE}: is a release of {SITE}, not of other.example")


def test_the_metadata_of_another_release_is_not_taken(office, volunteer):
    """A copy on its way has the new list and the old metadata, or the other way round."""
    first = office.release(pages(1), FIRST)[HERE]
    with serving(first) as mirror:
        volunteer.run(source=mirror.address)
        second = office.release(pages(2), SECOND)[HERE]
        mirror.tree = {
            **second,
            **{path: data for path, data in first.items() if path.startswith("metadata/")},
        }
        refused(
            volunteer, mirror.address, "metadata: is of another release, perhaps on its way; try again later"
        )


def test_what_is_planted_is_not_copied_and_in_the_copy_it_is_found(office, volunteer, tmp_path):
    tree = office.release(pages(), FIRST)[HERE]
    planted = write_folder(tree | {"shell.php": b"<?php"}, tmp_path / "planted")
    assert volunteer.run(source=str(planted))[0] == 0
    assert volunteer.served == tree
    (volunteer.current.resolve() / "fr" / "shell.php").write_bytes(b"<?php")
    assert volunteer.run("check", source="/") == (
        1,
        "ERROR fr/shell.php: was planted; nobody has signed it. Delete it, and ask how it came there\n",
    )
    (volunteer.current.resolve() / "fr" / "shell.php").unlink()
    (volunteer.current.resolve() / PAGE).write_bytes(b"changed")
    assert volunteer.run("check", source="/") == (
        1,
        f"ERROR {PAGE}: is not what was signed; 'pull' makes a new copy\n",
    )


def test_links_that_lead_out_of_a_folder_are_not_followed(office, volunteer, tmp_path):
    source = write_folder(office.release(pages(), FIRST)[HERE], tmp_path / "source")
    secret = tmp_path / "secret"
    shutil.move(source / "fr", secret)
    (source / "fr").symlink_to(secret)
    assert volunteer.run(source=str(source)) == (
        1,
        "ERROR fr/appeals/first/index.html: leads elsewhere\nNothing is served.\n",
    )
    assert not volunteer.current.exists()


def test_whoever_leads_to_another_host_is_not_followed(office, volunteer):
    tree = office.release(pages(), FIRST)[HERE]
    with serving(tree) as honest, serving({}) as mirror:

        def lead(handler: object, path: str) -> bool:
            answer(handler, 302, b"", Location=f"{honest.address}{path}")  # type: ignore[arg-type]
            return True

        mirror.hook = lead
        assert volunteer.run(source=mirror.address) == (
            1,
            f"ERROR {SUMS}: the answer has status 302\nNothing is served.\n",
        )
    assert honest.asked == []


@pytest.mark.real("minisign")
def test_minisign_will_do(office, volunteer):
    first, second = (office.release(pages(n), number)[HERE] for n, number in ((1, FIRST), (2, SECOND)))
    volunteer.values["minisign_keys"] = [editor.minisign_line for editor in office.editors]
    del volunteer.values["ssh_keys"]
    with serving(first) as mirror:
        assert volunteer.run(source=mirror.address)[0] == 0
        mirror.tree = own_list(second)
        refused(volunteer, mirror.address, UNSIGNED)


@pytest.mark.real("rsync")
def test_rsync_brings_what_is_then_checked(office, volunteer, tmp_path):
    tree = office.release(pages(), FIRST)[HERE]
    source = write_folder(tree, tmp_path / "source")
    port, settings = free_port(), tmp_path / "rsyncd.conf"
    settings.write_text(f"use chroot = no\n[site]\npath = {source}\n")
    daemon = [
        "rsync",
        "--daemon",
        "--no-detach",
        f"--port={port}",
        f"--config={settings}",
        "--address=127.0.0.1",
    ]
    with subprocess.Popen(daemon, stdin=subprocess.DEVNULL) as process:
        try:
            place = f"rsync://127.0.0.1:{port}/site"
            code = 1
            for _ in range(50):
                code, said = volunteer.run(source=place)
                if "refused" not in said:
                    break
            assert code == 0, said
            assert volunteer.served == tree
            (source / PAGE).write_bytes(b"changed")
            tree = office.release(pages(2), SECOND)[HERE]
            write_folder(tree | {PAGE: b"changed"}, source)
            refused(volunteer, place, f"{PAGE}: is not what was signed")
        finally:
            process.terminate()


def test_a_further_judge_has_the_last_word(office, volunteer, tmp_path):
    root = tmp_path / "1.root.json"
    root.write_bytes(office.roots[1])
    judge = [
        "env",
        f"PYTHONPATH={KIT.parents[1]}",
        sys.executable,
        "-m",
        "tocsin",
        "verify",
        "--root",
        str(root),
    ]
    volunteer.values["verify"] = [*judge, "--trust", str(tmp_path / "seen"), "--at", "2026-11-21T13:00Z"]
    first = office.release(pages(1), FIRST)[HERE]
    with serving(first) as mirror:
        code, said = volunteer.run(source=mirror.address)
        assert code == 0, said
        lied = office.release(pages(2), SECOND)[HERE]
        stamp = json.loads(lied[TIMESTAMP])
        stamp["signatures"][0]["sig"] = "00" * 64
        mirror.tree = lied | {TIMESTAMP: json.dumps(stamp).encode()}
        code, said = volunteer.run(source=mirror.address)
        assert code == 1
        assert said.startswith("ERROR 'env' does not accept it:\n")
    assert volunteer.served == first


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"site": ""}, "ERROR mirror.toml: 'site' is missing\n"),
        ({"sight": "x"}, "ERROR mirror.toml: 'sight' is unknown or of a wrong form\n"),
        ({"largest": "x"}, "ERROR mirror.toml: 'largest' is unknown or of a wrong form\n"),
        (
            {"ssh_keys": []},
            NO_KEYS,
        ),
    ],
)
def test_wrong_settings_are_told(volunteer, values, said):
    assert volunteer.run(source="/", **values) == (2, said)


def test_the_settings_that_come_along_are_complete(volunteer):
    text = (KIT / "mirror.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE))
    known = re.findall(r'"(\w+)": (?:str|list|int)', (KIT / "mirror.py").read_text(encoding="utf-8"))
    assert named == set(known)
    assert set(tomllib.loads(text)) <= named
