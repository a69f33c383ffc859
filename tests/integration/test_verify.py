"""The real command on the host of a mirror, where nothing that builds is installed; and other clients."""

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from tests.components import TOOLS, node
from tests.integration.far_places import Socks
from tests.simulator import HERE, Office, Person, Tree, offline, pages, serving, write_folder, write_zip
from tocsin.signed.paths import path_of
from tocsin.verify.verdicts import WORDS, Verdict

pytestmark = pytest.mark.real("ssh-keygen")

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "2026.11.21.1"
AT = "2026-11-21T13:00Z"
NO_ADDRESS = "is no address of a site; it begins with https:// and ends with a folder"
ONION = "http://pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/"
TOR = "socks5h://127.0.0.1:9050"
NO_TOR = f"is an onion address, which is reached through Tor alone: start Tor, and add --proxy {TOR}"
LOUD = (
    "WARNING: trust begins with the demonstration's throw-away keys. Anybody can have made these: what they "
    "sign proves nothing. Name the editors' root with --root."
)


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def edition(office: Office) -> Tree:
    return office.release(pages(), NUMBER)[HERE]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of exactly what requirements-verify.lock lists, linked from the one that runs this."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    lock = (ROOT / "requirements-verify.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE):
        found = metadata.distribution(name)
        assert found.version == version, f"{name} is another one here than in requirements-verify.lock"
        for top in {
            Path(file).parts[0]
            for file in found.files or ()
            if Path(file).parts[0] not in {"..", "__pycache__"}
        }:
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(found.locate_file(top))))
    return folder / "bin" / "python"


def run(python: Path, *words: str, state: Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-P", "-X", "utf8", "-W", "error", "-m", "tocsin", "verify", *words]
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state)},
        cwd=state,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def root(office: Office, tmp_path: Path) -> str:
    return str(write_folder({"given.root.json": office.roots[1]}, tmp_path) / "given.root.json")


def test_a_host_of_a_mirror_needs_nothing_of_what_builds(bare: Path):
    for name in ("pydantic", "rich", "pelican", "markdown", "httpx", "yaml", "requests"):
        done = subprocess.run([bare, "-P", "-c", f"import {name}"], capture_output=True, text=True)
        assert f"No module named '{name}'" in done.stderr


def test_on_such_a_host_a_folder_is_verified(bare: Path, edition: Tree, root: str, tmp_path: Path):
    folder = write_folder(edition, tmp_path / "www")
    done = run(bare, str(folder), "--root", root, "--at", AT, state=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"* Verifying {folder}\n"
    size = sum(len(data) for path, data in edition.items() if not path.startswith("metadata/"))
    assert done.stdout == (
        f"AUTHENTIC: {folder}\n"
        f"Release {NUMBER} of network.example, edition {HERE}, signed on 2026-11-21, confirmed until "
        f"2026-12-05; 19 files, {size:,} bytes compared.\n"
        "Note: Nothing was known of this site here before. Had somebody kept back a newer release, this "
        "could only be noticed after 2026-12-05, when the confirmation of this one ends.\n"
        "What is here is what the editors signed, to the last byte.\n"
    )
    again = run(bare, str(folder), "--root", root, "--at", AT, state=tmp_path)
    assert "Note" not in again.stdout


def test_on_such_a_host_an_archive_and_an_address_are_verified(
    bare: Path, edition: Tree, root: str, tmp_path: Path
):
    archive = write_zip(edition, tmp_path / "edition.zip")
    assert run(bare, str(archive), "--root", root, "--at", AT, state=tmp_path).returncode == 0
    with serving(edition) as mirror:
        done = run(
            bare, mirror.address, "--root", root, "--at", AT, "--sample", "3", "--json", state=tmp_path
        )
    report = json.loads(done.stdout)
    assert (report["verdict"], done.returncode) == ("not this edition", 14)
    assert report["release"]["release"] == NUMBER


def test_on_such_a_host_an_onion_address_is_verified_through_the_proxy_which_is_asked_for_the_name(
    bare: Path, tmp_path: Path
):
    own = Office(addresses={HERE: ONION})
    root = write_folder({"given.root.json": own.roots[1]}, tmp_path) / "given.root.json"
    with (
        serving(own.release(pages(), NUMBER)[HERE]) as mirror,
        Socks(int(mirror.address.rstrip("/").rpartition(":")[2])) as proxy,
    ):
        words = [ONION, "--proxy", proxy.address, "--root", str(root), "--at", AT]
        done = run(bare, *words, state=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"* Verifying {ONION}\n")
    assert done.stdout.startswith(f"AUTHENTIC: {ONION}\n")
    assert set(proxy.asked) == {ONION.removeprefix("http://").rstrip("/")}


def test_an_offline_edition_is_verified_with_keys_of_people(bare: Path, root: str, tmp_path: Path):
    person = Person("editor")
    (tmp_path / "editor.pub").write_text(person.openssh, encoding="utf-8")
    (tmp_path / "minisign.pub").write_text(person.minisign_line, encoding="utf-8")
    archive = write_zip(offline(person, {"index.html": b"<p>Home</p>"}), tmp_path / "site.zip")
    for keys in (["--signer", str(tmp_path / "editor.pub")], ["--signer", str(tmp_path / "minisign.pub")]):
        done = run(bare, str(archive), "--root", root, *keys, "--at", AT, state=tmp_path)
        assert done.stdout.startswith(
            f"AUTHENTIC: {archive}\nRelease {NUMBER} of network.example, edition offline"
        )
    assert run(bare, str(archive), "--root", root, "--at", AT, state=tmp_path).returncode == 17


def test_what_is_wrong_is_told_with_what_it_means_and_what_to_do(
    bare: Path, edition: Tree, root: str, tmp_path: Path
):
    folder = write_folder({**edition, "index.html": b"<p>Hume</p>", "\x1b[2J.html": b"x"}, tmp_path / "www")
    done = run(bare, str(folder), "--root", root, "--at", AT, "--trust", str(tmp_path / "t"), state=tmp_path)
    assert done.returncode == 16
    altered, planted = WORDS[Verdict.ALTERED], WORDS[Verdict.PLANTED]
    assert (
        "\n\nAltered:\n  index.html: is not what the editors signed\n"
        f"  What this means: {altered.means}\n  What to do: {altered.remedy}\n"
        "\nPlanted:\n  \\x1b[2J.html: is not part of the release\n"
        f"  What this means: {planted.means}\n  What to do: {planted.remedy}\n"
    ) in done.stdout
    assert "\x1b" not in done.stdout
    assert (tmp_path / "t" / "network.example" / "seen.json").is_file()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 1, "ERROR nowhere is not there; name a folder, a ZIP archive or an address with https://\n"),
        (["https://"], 1, f"ERROR 'https://' {NO_ADDRESS}\n"),
        ([ONION], 1, f"ERROR {ONION} {NO_TOR}\n"),
        ([".", "--proxy", TOR], 1, "ERROR . is no address, so there is nothing to ask a proxy for\n"),
        (["x", "--at", "yesterday"], 2, None),
        ([ONION, "--proxy", "socks5://127.0.0.1:9050"], 2, None),
        ([], 2, None),
    ],
    ids=["nowhere", "no-address", "no-proxy", "no-need", "no-instant", "names-here", "nothing"],
)  # fmt: skip
def test_what_cannot_be_verified_is_an_error(
    bare: Path, root: str, tmp_path: Path, words: list[str], code: int, said: str | None
):
    done = run(bare, *words, "--root", root, state=tmp_path)
    assert done.returncode == code
    assert said is None or done.stderr == said
    assert done.stdout == ""


def test_the_demonstrations_root_is_told_to_prove_nothing(office: Office, edition: Tree, tmp_path: Path):
    from tocsin.console.verify import run as run_task
    from tocsin.reporting import BufferReporter

    write_folder({"demonstration/metadata/1.root.json": office.roots[1]}, tmp_path)
    folder = write_folder(edition, tmp_path / "www")
    options = parsed(str(folder), "--at", AT, "--trust", str(tmp_path / "trust"))
    heard = BufferReporter()
    assert run_task(tmp_path, options, heard) == 0
    assert heard.details == [LOUD]


def parsed(*words: str):
    import argparse

    from tocsin.console.verify import add_arguments

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_every_verdict_has_words_and_a_code_of_its_own():
    codes = [WORDS[verdict].exit_code for verdict in Verdict]
    assert codes == sorted(codes)
    assert len(set(codes)) == len(Verdict)
    assert not {1, 2, 130} & set(codes)


# Other clients


class Fetcher(FetcherInterface):
    """Takes away what names the edition (F8)."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def _fetch(self, url: str) -> Iterator[bytes]:
        data = self.tree.get(path_of(url.removeprefix("https://a.example/")))
        if data is None:
            raise DownloadHTTPError("is not there", 404)
        return iter([data])


def with_updater(tree: Tree, office: Office, folder: Path) -> dict[str, str]:
    """What python-tuf's own client makes of every target."""
    updater = Updater(
        str(folder),
        "https://a.example/metadata/",
        str(folder),
        "https://a.example/",
        Fetcher(tree),
        UpdaterConfig(prefix_targets_with_hash=False),
        bootstrap=office.roots[1],
    )
    told = {}
    for target in targets_of(tree):
        info = updater.get_targetinfo(target)
        assert info, target
        try:
            updater.download_target(info, str(folder / "target"))
            told[target] = "accepted"
        except (RepositoryError, StorageError) as error:
            told[target] = type(error).__name__
    return told


def targets_of(tree: Tree) -> list[str]:
    stamped = {"feed.atom", "fr/feed.atom", "robots.txt", "release/edition.json"}
    stamped |= {path for path in tree if path.startswith("release/SHA256SUMS")}
    common = [path for path in tree if path not in stamped and not path.startswith("metadata/")]
    return [*common, *(f"editions/{HERE}/{path}" for path in sorted(stamped))]


def fresh(office: Office) -> Tree:
    """A release whose signatures hold by the clock of this machine, which other clients go by."""
    from datetime import UTC, datetime

    now = Office(keepers=office.keepers, now=datetime.now(UTC).replace(microsecond=0))
    now.roots = dict(office.roots)
    now.editors, now.online = office.editors, office.online
    return now.release(pages(), NUMBER)[HERE]


def test_the_client_of_python_tuf_accepts_every_file_and_refuses_an_altered_one(
    office: Office, tmp_path: Path
):
    tree = fresh(office)
    assert set(with_updater(tree, office, tmp_path).values()) == {"accepted"}
    tree["index.html"] = b"<p>Hume</p>"
    told = with_updater(tree, office, tmp_path)
    assert {target: said for target, said in told.items() if said != "accepted"} == {
        "index.html": "LengthOrHashMismatchError"
    }


@pytest.mark.real("tuf-js")
def test_a_client_in_another_language_accepts_every_file_and_refuses_an_altered_one(
    office: Office, tmp_path: Path
):
    tree = fresh(office)

    def told(name: str) -> dict[str, str]:
        folder = write_folder({"root.json": office.roots[1]}, tmp_path / name)
        with serving(tree) as mirror:
            job = {"address": mirror.address, "folder": str(folder), "targets": targets_of(tree)}
            done = subprocess.run(
                [str(node()), str(TOOLS / "verify-with-tuf.mjs")],
                input=json.dumps(job),
                capture_output=True,
                encoding="utf-8",
                timeout=60,
            )
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout)
        return found

    assert set(told("honest").values()) == {"accepted"}
    tree["fr/feed.atom"] = tree["fr/feed.atom"].replace(b"a.example", b"x.example")
    refused = {target: said for target, said in told("altered").items() if said != "accepted"}
    assert list(refused) == [f"editions/{HERE}/fr/feed.atom"]


def test_a_courier_may_pack_an_edition_as_anybody_packs(office: Office, edition: Tree, tmp_path: Path):
    file = tmp_path / "stored.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path, data in edition.items():
            archive.writestr(f"courier/{path}", data)
    root = write_folder({"r.json": office.roots[1]}, tmp_path) / "r.json"
    done = run(Path(sys.executable), str(file), "--root", str(root), "--at", AT, state=tmp_path)
    assert done.returncode == 0, done.stdout
