"""The task `publish`, as an editor types it, from a release to what readers of each mirror get."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests import mirror_editions as small
from tests.integration.checkout import Checkout, copy_built, stop
from tests.integration.far_places import wait_until_open
from tests.integration.mirrors import write_mirrors
from tests.integration.servers import readable_copy, running
from tocsin.console.publish import Board, choose
from tocsin.errors import ReleaseError
from tocsin.mirrors.certificate import certificate
from tocsin.mirrors.configured import Mirror, load_reached
from tocsin.mirrors.looking import Wanted, look
from tocsin.mirrors.publishing import Moment, Outcome
from tocsin.reporting import BufferReporter
from tocsin.signed.edition import About, Edition, File

ROOT = Path(__file__).resolve().parents[2]
FIRST = "content/appeals/2026/first/en.md"
PAGE = "appeals/first/index.html"


@pytest.fixture
def site(built_small, tmp_path) -> Checkout:
    """A released site with two mirrors and one in reserve."""
    site = copy_built(built_small, tmp_path / "checkout")
    write_mirrors(site, tmp_path / "quiet")
    assert site.run("release").code == 0
    return site


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that servers, which do not run as root, can read."""
    with tempfile.TemporaryDirectory(prefix="tocsin-mirror-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def masked(text: str) -> str:
    return re.sub(r"\d+ files \([\d.]+ [kM]B\), \d+ deleted, [\d.]+ s|\([\d.]+ s\)", "…", text)


def test_publishing_imports_nothing_that_builds_or_signs():
    """Half a second of each publish."""
    heavy = ("pelican", "jinja2", "markdown", "PIL", "lxml", "tuf", "securesystemslib", "plugins")
    told = "import sys, tocsin.console.publish; print(*{name.partition('.')[0] for name in sys.modules})"
    words = [sys.executable, "-c", told]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"httpx", "tocsin"} <= {*done.stdout.split()}
    assert not {*heavy} & {*done.stdout.split()}


def test_from_a_release_to_a_withdrawal(site, tmp_path):
    told = site.run("publish")
    assert told.code == 0, told.err
    assert masked(told.out) == (
        "oslo   published: …\nlima   published: …\nquiet  published: …\n"
        "3 of 3 mirrors are as they should be …\n"
    )
    trees = {name: site.root / f"mirrors/{name}" for name in ("oslo", "lima")} | {"quiet": tmp_path / "quiet"}
    assert all((tree / PAGE).is_file() for tree in trees.values())
    verified = site.run("verify", "mirrors/oslo")
    assert verified.code == 0, verified.out + verified.err

    path = site.root / FIRST
    facts, _, body = path.read_text().removeprefix("---\n").partition("---\n")
    path.write_text(f"---\n{facts}withdrawn: 2026-06-01T12:00Z\n---\n{body}")
    released = site.run("release")
    assert released.code == 0, released.err
    told = site.run("publish", "--json")
    assert told.code == 0, told.err
    found = {one["name"]: one for one in json.loads(told.out)["mirrors"]}
    assert all(one["withdrawn"] and one["recalled"] and not one["faults"] for one in found.values())
    assert all((tree / f"{PAGE}.gone").is_file() for tree in trees.values())
    assert len({len(list(tree.glob("metadata/*.snapshot.json"))) for tree in trees.values()}) == 1

    (written,) = (site.root / "mirrors/certificates").iterdir()
    text = written.read_text()
    assert "Gone from:\n* http://127.0.0.1:" in text
    assert "* 1 more that is not public" in text
    assert "first" not in text
    assert "quiet" not in text
    assert site.run("verify", "mirrors/oslo").code == 0
    assert "had it already" in site.run("publish", "oslo").out


@pytest.mark.real("nginx", "caddy", "openssl")
def test_real_servers_in_front_of_a_mirror_are_found_in_order(site, readable):
    path = site.root / FIRST
    facts, _, body = path.read_text().removeprefix("---\n").partition("---\n")
    path.write_text(f"---\n{facts}withdrawn: 2026-06-01T12:00Z\n---\n{body}")
    site.run("release")
    assert site.run("publish", "oslo").code == 0
    files = small.tree(site.root / "mirrors/oslo")
    listed = {name: File(hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()}
    about = About.from_json(files["release/edition.json"])
    edition = Edition(about, listed, files.__getitem__)
    tree = readable_copy(site.root / "mirrors/oslo", readable / "tree")
    for name in ("nginx", "caddy"):
        with running(name, tree) as server:
            address = f"http://127.0.0.1:{server.http}/"
            looked = look(Wanted(address, edition, list(files), ["appeals/never/index.html"]))
            assert looked.faults == (), name
            assert looked.looked > 40
            (tree / "index.html").write_text("altered")
            lost = look(Wanted(address, edition, [PAGE, "index.html"], ["404.html"]))
            assert lost.faults == (
                "serves something else for index.html",
                "still serves 404.html (200)",
            ), name
            (tree / "index.html").write_bytes(files["index.html"])


def test_a_mirror_that_fails_is_told_and_the_others_are_served(site, tmp_path):
    (tmp_path / "quiet").write_text("a file where the folder should be")
    told = site.run("publish")
    assert told.code == 1
    lines = masked(told.out).splitlines()
    assert lines[:3] == ["oslo   published: …", "lima   published: …", "quiet  FAILED: …"]
    assert lines[-1] == "2 of 3 mirrors are as they should be …"
    assert json.loads(site.run("publish", "--json", "quiet").out)["mirrors"][0]["state"] == "failed"
    planned = site.run("publish", "--dry-run", "lima")
    assert planned.out.startswith("lima  would get: 0 files")
    wrong = site.run("publish", "lim")
    assert wrong.err.splitlines()[-1] == "ERROR unknown mirror 'lim', did you mean 'lima'?"


@pytest.mark.real("rclone")
def test_an_editor_who_stops_it_does_not_wait_for_a_program_that_is_sending(site, tmp_path):
    facts, ways = site.root / "mirrors.toml", site.root / "deploy.toml"
    facts.write_text(facts.read_text().replace('kind = "directory"', 'kind = "rclone"', 1))
    slow = f"""
[mirrors.oslo]
bandwidth = 10
[mirrors.oslo.rclone]
backend = "local"
path = "{tmp_path}/far"
"""
    ways.write_text(ways.read_text() + slow)
    process = site.start("publish", "oslo")
    try:
        wait_until(lambda: (tmp_path / "far").is_dir() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        stop(process)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == (
        "Stopped. Readers get the last release, or whole files of this one; 'publish' goes on from there."
    )


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def test_a_place_that_can_recall_nothing_gets_the_offline_edition(site, tmp_path):
    double = Path(__file__).parent / "ipfs_double.py"
    program = tmp_path / "ipfs"
    program.write_text(f"#!{sys.executable}\n{double.read_text()}")
    program.chmod(0o755)
    facts = '\n[mirrors.forever]\naddress = "https://gateway.example/"\nkind = "ipfs"\n'
    ways = f'\n[mirrors.forever.ipfs]\nprogram = "{program}"\nrepository = "{tmp_path / "node"}"\n'
    for name, more in (("mirrors.toml", facts), ("deploy.toml", ways)):
        file = site.root / name
        file.write_text(file.read_text() + more)
    assert site.run("release").code == 0
    told = site.run("publish", "forever")
    assert told.code == 1
    assert (
        "takes the offline edition, which is not there; make it by 'offline', then publish again" in told.out
    )
    assert site.run("offline").code == 0
    told = site.run("publish", "forever")
    assert told.code == 0, told.out
    (added,) = [path for path in (tmp_path / "node").iterdir() if path.name.startswith("bafy")]
    assert About.from_json((added / "release" / "edition.json").read_bytes()).edition == "offline"
    assert not (added / "appeals" / "first").exists()


def test_a_mirror_is_served_with_the_headers_of_the_site(site):
    nothing = site.run("serve", "--mirror", "oslo")
    assert nothing.err.splitlines()[-1] == (
        "ERROR nothing was published to the mirror 'oslo' yet; run 'publish' first"
    )
    site.run("publish", "oslo")
    mirror = next(one.mirror for one in load_reached(site.root) if one.mirror.name == "oslo")
    server = site.start("serve", "--mirror", "oslo")
    try:
        wait_until_open(int(mirror.address.rstrip("/").rpartition(":")[2]))
        answer = httpx.get(mirror.address + PAGE)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert mirror.address in httpx.get(mirror.address + "release/edition.json").text
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_before_the_first_release_there_is_nothing_to_publish(built_small, tmp_path):
    site = copy_built(built_small, tmp_path / "checkout")
    told = site.run("publish")
    assert told.code == 1
    assert told.err.splitlines()[-1] == (
        "ERROR there is no release yet that could be published; run 'release' first"
    )


def outcome(name: str, **more) -> Outcome:
    tier = "reserve" if name == "quiet" else "public"
    mirror = Mirror(name, small.ID, f"https://{name}.example/", tier, "directory")
    values = {"withdrawn": ("appeals/some-name/index.html", "i/x.webp"), "recalled": True, **more}
    return Outcome(mirror, values.pop("state", "published"), "2026.06.15.3", **values)


def test_the_certificate_says_what_is_gone_and_what_is_not_and_names_nobody():
    outcomes = [
        outcome("oslo"),
        outcome("pages", recalled=False),
        outcome("quiet"),
        outcome("lima", state="differs", recalled=False, faults=("still serves appeals/some-name/",)),
    ]
    left = {"oslo": "", "pages": "the host keeps earlier commits for a time", "quiet": "", "lima": ""}
    assert (
        certificate(outcomes, left, datetime(2026, 6, 15, 12, tzinfo=UTC))
        == """\
Certificate of a withdrawal

Release 2026.06.15.3, 2026-06-15 12:00 UTC. 2 files were withdrawn.

"Gone" means: deleted on that host, its old list of contents too, and asked for afterwards by its public
address in a way that passes by what is kept in between. What stands in its place says that something was
withdrawn and nothing else.

Gone from:
* https://oslo.example/
* 1 more that is not public

Replaced, but it cannot be recalled wholly:
* https://pages.example/: the host keeps earlier commits for a time

Not done yet:
* https://lima.example/: still serves something of it, or did not answer

Nobody can call back what readers, feed readers, search engines and archives of the web have copied. Feeds
now carry a notice that asks to delete it. Search engines and archives take requests: each has a form for
them; the editors can tell which they have sent.
"""
    )
    assert certificate([outcome("oslo", withdrawn=(), recalled=False)], left, datetime.now(UTC)) == ""


class Terminal:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.written = ""
        self.encoding = "utf-8"

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


def test_the_board_shows_what_each_mirror_is_doing(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    mirrors, screen = load_reached(tmp_path), Terminal()
    with Board(mirrors, BufferReporter(), screen) as board:  # type: ignore[arg-type]
        board.hear(Moment("two", "sending", 3, 12, "the line was cut; trying again in 2 s"))
        board._live.refresh()
    for part in ("one", "planning", "two", "sending", "3 of 12", "the line was cut; trying again in 2 s"):
        assert part in screen.written
    with pytest.raises(ReleaseError) as raised:
        choose(mirrors, ["four"])
    assert str(raised.value) == "unknown mirror 'four'; known in mirrors.toml: one, three, two"
