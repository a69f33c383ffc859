"""The task `mirrors`, as an editor types it; what everybody is told; real servers, which are honest."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser
import pytest
from lxml import html

from tests.components import find
from tests.integration.checkout import Checkout, copy_built
from tests.integration.far_places import Socks
from tests.integration.mirrors import write_mirrors
from tests.integration.servers import readable_copy, running
from tests.integration.test_html_checker import check
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.watching import subjects
from tocsin.keys.people import read_people
from tocsin.mirrors.configured import load_mirrors
from tocsin.probing.faults import Fault, State
from tocsin.probing.probe import Depth, Manner, Subject, probe
from tocsin.probing.wire import Way
from tocsin.reporting import BufferReporter
from tocsin.verify.pinned import pinned

FIRST = "content/appeals/2026/first/en.md"
PAGE = "appeals/first/index.html"


@pytest.fixture(scope="module")
def published(built_small: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A site that is published to two mirrors and one in reserve. Copy it; do not change it."""
    folder = tmp_path_factory.mktemp("watched")
    site = copy_built(built_small, folder / "checkout")
    write_mirrors(site, folder / "quiet")
    for task in ("release", "publish"):
        told = site.run(task)
        assert told.code == 0, told.out + told.err
    return site


@pytest.fixture
def site(published: Checkout, tmp_path: Path) -> Checkout:
    """A copy, for a test to break."""
    shutil.copytree(published.root, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")


def status(site: Checkout) -> dict[str, object]:
    found: dict[str, object] = json.loads((site.root / "status/status.json").read_bytes())
    return found


def texts(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def masked(text: str) -> str:
    text = re.sub(r"\d{4}\.\d\d\.\d\d\.\d+", "NUMBER", text)
    return re.sub(r" +(?=\n)", "", re.sub(r"  \d[\d,]*", "  N", text))


def test_mirrors_that_are_as_they_should_be(site: Checkout):
    told = site.run("mirrors", "--deep")
    table = (
        "MIRROR  STATE  RELEASE       LOOKED  FILES  FOUND\n"
        "oslo    Works  NUMBER  deep      N  nothing\n"
        "lima    Works  NUMBER  deep      N  nothing\n"
    )
    assert (told.code, masked(told.out)) == (0, table)
    assert [line for line in told.err.splitlines() if "WARNING" not in line] == ["* Looking at 2 mirrors"]
    everything = texts(site.root / "status") + texts(site.root / ".tocsin/mirrors") + told.out + told.err
    reserve = re.search(r"127\.0\.0\.1:\d+", (site.root / "deploy.toml").read_text())
    assert reserve
    assert "quiet" not in everything
    assert reserve[0] not in everything
    assert not (site.root / "mirrors/oslo/status.json").exists()


def test_what_is_wrong_is_told_to_editors_and_only_that_it_is_to_everybody(site: Checkout):
    assert site.run("mirrors").code == 0
    page = site.root / "mirrors/oslo" / PAGE
    page.write_bytes(page.read_bytes().replace(b"</body>", b"<img src=//t.example></body>"))
    told = site.run("mirrors", "--full")
    assert told.code == State.HARMFUL
    assert masked(told.out).split("\n", 3)[3] == (
        "\noslo\n"
        "  Injected:\n"
        "    appeals/first/: has 21 bytes that are not ours: <img src=//t.example>\n"
        "    appeals/first/index.html: has 21 bytes that are not ours: <img src=//t.example>\n"
        "    What this means: Something was put into pages that is not the editors'; the rest of them is "
        "whole.\n"
        "    What to do: Somebody between here and the mirror changes what is sent, or the mirror itself "
        "does: look from another network.\n"
    )
    record = status(site)
    states = {one["name"]: (one["state"], one["faults"]) for one in record["mirrors"]}  # type: ignore[attr-defined]
    assert states == {"oslo": ("Do not use", ["injected"]), "lima": ("Works", [])}
    assert "appeals/first" not in texts(site.root / "status")

    feed = feedparser.parse((site.root / "status/status.atom").read_bytes())
    assert not feed.bozo
    assert feed.entries[0].title == "Friends in Oslo: Do not use"
    assert len(feed.entries) == 3
    french = feedparser.parse((site.root / "status/fr/status.atom").read_bytes())
    assert french.entries[0].title == "Friends in Oslo: Ne pas utiliser"


def test_the_page_says_it_in_every_language_and_direction(site: Checkout):
    assert site.run("mirrors").code == 0
    english = html.fromstring((site.root / "status/index.html").read_bytes())
    links = {link.get("hreflang"): link.get("href") for link in english.iter("a") if link.get("hreflang")}
    assert links
    for language, link in links.items():
        page = html.fromstring((site.root / "status" / link).read_bytes())
        assert page.get("lang") == language
        assert page.get("dir") == ("rtl" if language == "ar" else "ltr")
        assert "Works" not in page.text_content()
        assert "Friends in Oslo" in page.text_content()
        style = page.find(".//link[@rel='stylesheet']").get("href")
        assert (site.root / "status" / language / style).resolve().is_file()
    assert not list(english.iter("script"))


@pytest.mark.real("minisign")
def test_the_status_is_signed_by_the_online_key_and_says_that_it_is_no_release(site: Checkout):
    assert site.run("mirrors").code == 0
    online = read_people(site.root / "demonstration/people", "people").by_name["online"]
    file = site.root / "status/status.json"
    command = [str(find("minisign")), "-Vm", str(file), "-P", online.minisign]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Trusted comment: status site={status(site)['site']} at=" in done.stdout
    file.write_bytes(file.read_bytes().replace(b"Works", b"Wirks"))
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.real("vnu")
def test_the_checker_has_nothing_to_say_about_the_pages(site: Checkout):
    (site.root / "mirrors/lima" / PAGE).unlink()
    assert site.run("mirrors", "--full").code == State.BEHIND
    handler = partial(SimpleHTTPRequestHandler, directory=str(site.root / "status"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        pages = [
            path.relative_to(site.root / "status").as_posix()
            for path in (site.root / "status").rglob("*.html")
        ]
        said = [f"{one.get('url')}: {one['message']}" for one in check(*(base + page for page in pages))]
        server.shutdown()
    assert len(pages) >= 2
    assert said == []


def test_folders_that_are_released_take_no_status(site: Checkout):
    for folder in ("mirrors/oslo", "output/status", "releases"):
        told = site.run("mirrors", "--to", str(site.root / folder))
        name = folder.rpartition("/")[2]
        said = (
            f"ERROR the state of mirrors cannot be written to {name}/: there it would be a file that no "
            "release lists; name a folder of its own with --to"
        )
        assert (told.code, told.out, told.err.splitlines()[-1]) == (1, "", said)


def test_an_address_that_nobody_lists(site: Checkout):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

    handler = partial(Quiet, directory=str(site.root / "mirrors/lima"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        told = site.run("mirrors", address, "--json")
        server.shutdown()
    found = {one["name"]: one for one in json.loads(told.out)["mirrors"]}
    assert told.code == State.HARMFUL
    assert {one["fault"] for one in found[address]["faults"]} >= {"not listed", "other edition"}
    assert found[address]["protections"]["frames"] is False
    assert found["oslo"]["state"] == "good"
    assert address not in texts(site.root / "status")


def test_a_mirror_is_reached_on_its_own_way(site: Checkout):
    deploy = site.root / "deploy.toml"
    port = int(status_port(site, "oslo"))
    with Socks(port) as proxy:
        text = f'\n[mirrors.oslo]\nproxy = "{proxy.address}"\n'
        deploy.write_text(deploy.read_text().replace("schema = 1\n", f"schema = 1\n{text}"))
        told = site.run("mirrors")
        assert (told.code, set(proxy.asked)) == (0, {"127.0.0.1"}), told.out + told.err
        deploy.write_text(deploy.read_text().replace(proxy.address, "socks4://127.0.0.1:1"))
        told = site.run("mirrors")
        assert told.code == 1
        assert "deploy.toml:4: " in told.err
        assert "is not a proxy such as 'socks5h://127.0.0.1:9050'" in told.err


def status_port(site: Checkout, name: str) -> str:
    found = next(one for one in load_mirrors(site.root) if one.name == name)
    return found.address.rstrip("/").rpartition(":")[2]


def test_without_the_online_key_the_status_is_unsigned_and_no_old_signature_stays(site: Checkout):
    assert site.run("mirrors").code == 0
    assert (site.root / "status/status.json.minisig").exists()
    (site.root / "demonstration/keys/online.key").unlink()
    told = site.run("mirrors")
    assert told.code == 0, told.err
    assert not (site.root / "status/status.json.minisig").exists()
    assert (
        "WARNING status.json: is not signed: the online key is not on this machine; run 'mirrors' where it is"
    ) in told.err
    assert "minisig" not in (site.root / "status/index.html").read_text(encoding="utf-8")


def test_what_is_no_address(site: Checkout):
    told = site.run("mirrors", "oslo")
    assert (told.code, told.err.splitlines()[-1]) == (
        1,
        "ERROR 'oslo' is no address of a site; it begins with https:// and ends with a folder",
    )


def test_a_mirror_in_reserve_is_looked_at_where_it_is_named_and_stands_in_no_status(site: Checkout):
    found = re.search(r"http://127\.0\.0\.1:\d+/", (site.root / "deploy.toml").read_text())
    assert found
    told = site.run("mirrors", found[0], "--json")
    names = {one["name"]: one for one in json.loads(told.out)["mirrors"]}
    assert {one["fault"] for one in names[found[0]]["faults"]} == {"no connection"}
    written = texts(site.root / "status") + texts(site.root / ".tocsin/mirrors")
    assert "quiet" not in written + told.out + told.err
    assert found[0] not in written


@pytest.mark.real("nginx", "caddy", "openssl")
def test_real_servers_have_no_fault_after_a_withdrawal_either(site: Checkout):
    site.edit(FIRST, "fictional: true\n", "fictional: true\nwithdrawn: 2026-06-01T12:00Z\n")
    assert site.run("release").code == 0
    assert site.run("publish", "oslo").code == 0
    with Desk(site.root, the_site(site.root), BufferReporter()) as desk:
        subject = next(one.subject for one in subjects(desk, ()) if one.subject.name == "oslo")
    assert len(subject.known) == 2
    with tempfile.TemporaryDirectory(prefix="tocsin-watched-") as made:
        Path(made).chmod(0o755)
        tree = readable_copy(site.root / "mirrors/oslo", Path(made) / "tree")
        for name in ("nginx", "caddy"):
            with running(name, tree) as server:
                assert server.ask(f"/{PAGE}").status == 410
                for address in (f"http://127.0.0.1:{server.http}/", f"https://localhost:{server.https}/"):
                    assert_honest(subject, address, site, server.folder / "cert.pem")


def assert_honest(subject: Subject, address: str, site: Checkout, authority: Path) -> None:
    way = Way(context=ssl.create_default_context(cafile=str(authority)))
    own = Subject("oslo", address, subject.home, True, subject.known, subject.timestamp, way)
    outcome = probe(own, pinned(site.root, None, ()).trust, Manner(datetime.now(UTC), Depth.DEEP))
    # Certificates of tests are valid for two days.
    assert [one for one in outcome.found if one.fault is not Fault.ENDING_CERTIFICATE] == []
    assert outcome.release
    assert len(outcome.kept) == 6
    assert all(one.is_kept is not False for one in outcome.kept)
