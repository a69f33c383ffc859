"""What a server can do that a folder cannot."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from tests.simulator import HERE, NOW, Mirror, Office, Tree, answer, drip, pages, serving
from tests.unit.verify.conftest import FIRST, SECOND, Desk, History
from tocsin.errors import VerifyError
from tocsin.verify.verdicts import Report, Verdict
from tocsin.verify.web import WebSource

pytestmark = pytest.mark.real("ssh-keygen")

PAGE = "appeals/first/index.html"
ONION = "http://pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/"


def look(desk: Desk, mirror: Mirror, patience: float = 10, **options: object) -> Report:
    return desk.judge(WebSource(mirror.address, patience=patience), **options)


def told(report: Report) -> set[tuple[str, str, str]]:
    """What was found, but that loopback is not the edition's address."""
    known = {Verdict.NOT_THIS_EDITION}
    return {(str(one.verdict), one.path, one.detail) for one in report.found if one.verdict not in known}


def test_an_edition_at_its_own_address_is_authentic(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    with serving({}) as mirror:
        office.addresses = {HERE: mirror.address}
        mirror.tree = office.release(pages(), FIRST)[HERE]
        report = look(desk, mirror, root=office.roots[1])
        assert (report.verdicts, report.found) == ((Verdict.AUTHENTIC,), ())
        assert look(desk, mirror, root=office.roots[1]).worst is Verdict.AUTHENTIC
    assert "fr/" in mirror.asked
    assert "" in mirror.asked
    assert "editions" not in {path.partition("/")[0] for path in mirror.asked}


def test_a_page_that_is_another_at_the_address_of_its_folder_is_altered(desk: Desk, first: Tree):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path in {"", "fr/"}:
            answer(handler, 200, b"<p>Blocked</p>")
            return True
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    assert told(report) == {
        ("altered", "", "is longer than the 11 bytes that were signed"),
        ("altered", "fr/", "is not what the editors signed"),
    }


@pytest.mark.parametrize("endless", [PAGE, "metadata/timestamp.json", "release/edition.json"])
def test_endless_data_is_not_read_to_its_end(desk: Desk, first: Tree, endless: str):
    sent = [0]

    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path != endless:
            return False
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        try:
            for _ in range(10_000):
                handler.wfile.write(bytes(65_536))
                sent[0] += 65_536
        except OSError:
            pass
        return True

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    assert report.worst is Verdict.ALTERED
    assert endless in {one.path for one in report.of(Verdict.ALTERED)}
    assert sent[0] < 30_000_000


def test_an_answer_that_drips_is_not_waited_for(desk: Desk, first: Tree):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path == "i/photo.avif":
            drip(handler, 30)
            return True
        return False

    begun = time.monotonic()
    with serving(first) as mirror:
        mirror.hook = hook
        source = WebSource(mirror.address, patience=2, slowest=50_000)
        report = desk.judge(source)
    assert told(report) == {("incomplete", "i/photo.avif", "comes too slowly")}
    assert time.monotonic() - begun < 25


def test_an_answer_that_does_not_come_is_not_waited_for(desk: Desk, first: Tree):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path == "i/photo.avif":
            time.sleep(4)
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror, patience=2)
    assert told(report) == {("incomplete", "i/photo.avif", "does not come in time")}


def test_who_answers_nothing_any_more_is_not_asked_for_everything(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    many = {f"appeals/{number}.html": b"x" for number in range(200)}
    tree = office.release(pages() | many, FIRST)[HERE]

    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path in many:
            handler.close_connection = True
            return True
        return False

    with serving(tree) as mirror:
        mirror.hook = hook
        report = look(desk, mirror, root=office.roots[1])
    gave_up = [one.detail for one in report.found if one.detail.startswith("After 20 files")]
    assert len(gave_up) == 1
    assert len([path for path in mirror.asked if path in many]) < 100


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "/fr/", "//elsewhere.example/x"])
def test_redirects_are_not_followed(desk: Desk, first: Tree, target: str):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path == PAGE:
            answer(handler, 302, first[PAGE], Location=target)
            return True
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    assert told(report) == {("incomplete", PAGE, f"leads elsewhere, to {target}; this is not followed")}


@pytest.mark.parametrize("status", [403, 451, 500])
def test_refusals_are_told_with_their_status(desk: Desk, first: Tree, status: int):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path == PAGE:
            answer(handler, status, b"no")
            return True
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    assert told(report) == {("incomplete", PAGE, f"is refused with status {status}")}


def test_names_that_intruders_leave_are_asked_for(desk: Desk, first: Tree):
    with serving({**first, "wp-login.php": b"<?php", ".git/HEAD": b"ref: refs/heads/main"}) as mirror:
        report = look(desk, mirror)
    assert told(report) == {
        ("planted", "wp-login.php", "is given out and is not part of the release"),
        ("planted", ".git/HEAD", "is given out and is not part of the release"),
    }


def test_a_server_that_has_everything_is_planted(desk: Desk, first: Tree):
    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path not in first and f"{path}index.html" not in first and path:
            answer(handler, 200, b"Welcome")
            return True
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    planted = report.of(Verdict.PLANTED)
    assert len(planted) == 1
    assert planted[0].detail.endswith("though nothing can have a name drawn at random")
    assert ("altered", "metadata/2.root.json") in {one[:2] for one in told(report)}


def test_a_sample_reads_what_leads_to_the_rest_and_some_of_it(desk: Desk, first: Tree):
    with serving(first) as mirror:
        report = look(desk, mirror, sample=2)
    pages_read = {path for path in mirror.asked if path in first and "/" in path} - {"release/edition.json"}
    assert {"release/SHA256SUMS", "release/SHA256SUMS.sig", "release/VERIFY.en.txt"} <= pages_read
    assert [note.text for note in report.notes if note.name == "sample"] == [
        "2 files out of 14 were drawn at random; the others were not looked at."
    ]
    assert told(report) == set()


def test_compressed_answers_are_not_unpacked(desk: Desk, first: Tree):
    import gzip

    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        if path == PAGE:
            data = gzip.compress(first[PAGE] + bytes(50_000_000))
            answer(handler, 200, data, **{"Content-Encoding": "gzip"})
            return True
        return False

    with serving(first) as mirror:
        mirror.hook = hook
        report = look(desk, mirror)
    assert told(report) == {("altered", PAGE, "is longer than the 27 bytes that were signed")}


def test_a_release_that_comes_during_verification_is_in_transit(desk: Desk, first: Tree, second: Tree):
    with serving(dict(first)) as mirror:

        def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
            if path == "404.html":  # the first that is read of the files
                mirror.tree = second
            return False

        mirror.hook = hook
        report = desk.judge(WebSource(mirror.address, patience=10, workers=1), at=NOW + timedelta(days=2))
    moving = {one.path for one in report.of(Verdict.IN_TRANSIT)}
    assert PAGE in moving
    assert report.of(Verdict.ALTERED) == ()
    assert {one.path for one in report.of(Verdict.INCOMPLETE)} <= {
        "appeals/only-1/index.html",
        "appeals/only-1/",
    }


def test_a_server_whose_clock_differs_is_noted(desk: Desk, first: Tree):
    at = datetime.now(UTC) + timedelta(days=40)
    with serving(first) as mirror:
        report = look(desk, mirror, at=at)
    assert [note.text for note in report.notes if "at the server" in note.text] != []


def test_nobody_at_home_is_an_error(desk: Desk):
    with serving({}) as mirror:
        address = mirror.address
    with pytest.raises(VerifyError) as error:
        desk.judge(WebSource(address, patience=1))
    assert str(error.value) == (
        f"{address} cannot be reached: release/edition.json cannot be fetched: nobody answers at that address"
    )


@contextmanager
def refusing() -> Iterator[str]:
    """A proxy (SOCKS 5, RFC 1928) that gets nowhere, as Tor says of an onion service that is gone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer_all() -> None:
            while True:
                try:
                    with listening.accept()[0] as here:
                        here.recv(3)
                        here.sendall(b"\x05\x00")
                        here.recv(300)
                        here.sendall(b"\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00")
                except OSError:
                    return

        thread = threading.Thread(target=answer_all)
        thread.start()
        try:
            yield f"socks5h://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_proxy_that_is_not_there_is_told_from_one_that_does_not_lead_there(desk: Desk):
    def said(proxy: str) -> str:
        with pytest.raises(VerifyError) as error:
            desk.judge(WebSource(ONION, proxy=proxy, patience=5))
        return str(error.value).removeprefix(f"{ONION} cannot be reached: release/edition.json ")

    with refusing() as proxy:
        assert said(proxy) == "cannot be fetched: the proxy does not lead there"
    for scheme in ("socks5h", "http"):
        gone = f"{scheme}://{proxy.partition('://')[2]}"
        assert said(gone) == "cannot be fetched: the proxy does not answer"


def test_a_proxy_of_the_web_is_asked_for_everything(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers, addresses={HERE: "http://mirror.test/"})
    tree = office.release(pages(), FIRST)[HERE]
    hosts = set()

    def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
        host, _, asked = handler.path.removeprefix("http://").partition("/")
        hosts.add(host)
        data = tree.get(f"{asked}index.html" if asked.endswith("/") or not asked else asked)
        answer(handler, *((404, b"") if data is None else (200, data)))
        return True

    with serving({}) as proxy:
        proxy.hook = hook
        source = WebSource("http://mirror.test/", proxy=proxy.address.rstrip("/"), patience=10)
        assert desk.judge(source, root=office.roots[1]).worst is Verdict.AUTHENTIC
    assert hosts == {"mirror.test"}


def test_an_onion_address_is_never_asked_for_without_a_proxy(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def never(*what: object, **more: object) -> None:
        raise AssertionError("the name was asked for")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(VerifyError) as error:
        desk.judge(WebSource(ONION))
    assert str(error.value) == (
        f"{ONION} is an onion address, which is reached through Tor alone: start Tor, and add "
        "--proxy socks5h://127.0.0.1:9050"
    )
    with pytest.raises(VerifyError, match="this computer would ask for names itself"):
        WebSource(ONION, proxy="socks5://127.0.0.1:9050")


def test_an_address_without_a_release_is_an_error(desk: Desk):
    with serving({"index.html": b"<p>Something else</p>"}) as mirror, pytest.raises(VerifyError) as error:
        look(desk, mirror)
    assert str(error.value) == (
        f"{mirror.address} holds no release: there is neither metadata/timestamp.json nor "
        "release/SHA256SUMS.minisig; name the folder, archive or address in which these lie"
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "ftp://a.example/",
            "'ftp://a.example/' is no address of a site; it begins with https:// and ends with",
        ),
        ("https://a.example/?x=1", "'https://a.example/?x=1' is no address of a site"),
        ("https://me:secret@a.example/", "an address with a name and a password in it is not used"),
    ],
)
def test_addresses_that_are_none(address: str, said: str):
    with pytest.raises(VerifyError) as error:
        WebSource(address)
    assert str(error.value).startswith(said)
    assert "secret" not in str(error.value)


def test_a_release_of_the_past_is_named_as_such(desk: Desk, first: Tree, second: Tree):
    at = NOW + timedelta(days=2)
    with serving(second) as mirror:
        assert look(desk, mirror, at=at).worst is Verdict.NOT_THIS_EDITION
        mirror.tree = first
        report = look(desk, mirror, at=at)
    assert report.worst is Verdict.ROLLED_BACK
    assert SECOND in report.of(Verdict.ROLLED_BACK)[0].detail
