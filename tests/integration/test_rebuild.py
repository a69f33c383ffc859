"""`verify --rebuild`: two builds of one commit, and a release that no commit makes."""

import json
from pathlib import Path

import pytest

from tests.integration.checkout import Checkout, copy_built
from tests.integration.released import NOON, desk_of, newest, put
from tocsin.console.release import release

PAGE = "content/appeals/2026/first/en.md"


@pytest.fixture(scope="module")
def site(built_small: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    site = copy_built(built_small, tmp_path_factory.mktemp("rebuild") / "checkout")
    made = ("/output/", "/.tocsin/", "/demonstration/", "/releases/", ".*.lock", "/trust/", "__pycache__/")
    site.write(".gitignore", "\n".join(made))
    site.git("init", "-q", "-b", "main")
    site.git("add", "-A")
    site.git("commit", "-q", "-m", "first")
    return site


@pytest.fixture(scope="module")
def editions(site: Checkout, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The release of the first commit, as three addresses serve it."""
    desk = desk_of(site)
    release(desk, NOON)
    folder = tmp_path_factory.mktemp("editions")
    return [put(edition, folder / name) for name, edition in newest(desk).items()]


def rebuilt(site: Checkout, folder: Path, commit: str) -> tuple[int, dict[str, object], str]:
    options = ["--at", "2026-11-21T13:00Z", "--trust", "trust", "--json"]
    told = site.run("verify", str(folder), "--rebuild", commit, *options)
    return told.code, json.loads(told.out) if told.out else {}, told.err


def test_a_second_build_makes_what_was_signed_for_every_address(site: Checkout, editions: list[Path]):
    code, report, said = rebuilt(site, editions[-1], "HEAD")
    assert code == 0, (report, said)
    assert "throw-away keys" in said
    notes = [note["text"] for note in report["notes"] if note["name"] == "rebuild"]
    assert len(notes) == 1
    assert notes[0].endswith("files of the site were made here again, byte for byte.")


def test_a_commit_that_makes_something_else_is_told_file_by_file(site: Checkout, editions: list[Path]):
    site.edit(PAGE, "Threats against a defender", "Thanks to a defender")
    site.git("commit", "-q", "-a", "-m", "second")
    code, report, _ = rebuilt(site, editions[0], "main")
    found = {one["path"]: one["detail"] for one in report["found"]}
    commit = site.git("rev-parse", "main")[:12]
    assert code == 16
    assert found["appeals/first/index.html"] == f"is not what commit {commit} makes"
    assert not any(path.startswith(("release/", "metadata/", "server/")) for path in found)
    assert rebuilt(site, editions[0], "main~1")[0] == 0


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        ("--upload-pack=x", "'--upload-pack=x' is not the name of a commit"),
        ("nothing", "git knows no commit 'nothing' here; 'git fetch' may bring it"),
        ("a b", "'a b' is not the name of a commit"),
    ],
)
def test_what_is_no_commit_is_an_error(site: Checkout, editions: list[Path], commit: str, said: str):
    told = site.run("verify", str(editions[0]), f"--rebuild={commit}", "--trust", "trust")
    assert told.code == 1
    assert told.err.splitlines()[-1] == f"ERROR {said}"
