"""Each fault that can be seen from outside, told by the mirror that has it, and named rightly."""

import gzip
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.simulator import HERE, NOW, THERE, Office, drip
from tests.watched import ADDRESSES, AT, Headers, Watched, site, watched
from tocsin.probing.faults import WORDS, Fault, State
from tocsin.probing.memory import Remembered, recall, remember
from tocsin.probing.probe import Depth
from tocsin.probing.wire import Way
from tocsin.serving.policy import CONTENT

pytestmark = pytest.mark.real("ssh-keygen")

PAGE = "appeals/first/index.html"
NEXT = "2026.11.21.2"


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path / "state") as found:
        yield found


def numbered(cases: Iterable[tuple[object, object]]) -> list[object]:
    """Cases with names that differ."""
    return [pytest.param(*case, id=f"{number} {case[1]}") for number, case in enumerate(cases)]


def test_every_word_is_explained():
    assert set(WORDS) == set(Fault)
    assert all(words.means.endswith(".") and words.remedy.endswith(".") for words in WORDS.values())
    assert {words.state for words in WORDS.values()} == set(State) - {State.GOOD}


@pytest.mark.parametrize("depth", Depth)
def test_an_honest_mirror_has_none(mirror: Watched, depth: Depth):
    outcome = mirror.look(depth)
    assert outcome.found == ()
    assert (outcome.state, outcome.release) == (State.GOOD, "2026.11.21.1")


# What is done to files, and what it is called.


def inject(tree: dict[str, bytes]) -> None:
    tree[PAGE] = tree[PAGE].replace(b"</body>", b"<script src='//t.example/x.js'></script></body>")


def change(tree: dict[str, bytes]) -> None:
    tree[PAGE] = tree[PAGE].replace(b"appeal", b"attack")


def minify(tree: dict[str, bytes]) -> None:
    tree[PAGE] = tree[PAGE].replace(b"\n", b"").replace(b"'", b'"')


def recompress(tree: dict[str, bytes]) -> None:
    tree["i/photo.avif"] = b"\0\0\0\x1cftypavif" + bytes(800)


def swap(tree: dict[str, bytes]) -> None:
    tree[PAGE] = tree["appeals/second/index.html"]


def turkish_for_kurdish(tree: dict[str, bytes]) -> None:
    tree["fr/appeals/first/index.html"] = tree["ar/appeals/first/index.html"]


def lead_away(tree: dict[str, bytes]) -> None:
    tree[ADDRESSES] = tree[ADDRESSES].replace(b"[]", b'["https://trap.example/"]')


FILES = {
    lead_away: Fault.ALTERED,
    change: Fault.ALTERED,
    inject: Fault.INJECTED,
    minify: Fault.REWRITTEN,
    recompress: Fault.REWRITTEN,
    swap: Fault.SWAPPED,
    turkish_for_kurdish: Fault.OTHER_LANGUAGE,
    lambda tree: tree.update({PAGE: tree[PAGE][:-20]}): Fault.TRUNCATED,
    lambda tree: tree.update({PAGE: b""}): Fault.EMPTY,
    lambda tree: tree.update({"feed.atom": tree["feed.atom"].replace(b"id", b"di")}): Fault.FEED_ALTERED,
    lambda tree: tree.pop(PAGE): Fault.INCOMPLETE,
    lambda tree: tree.update({"wp-login.php": b"x"}): Fault.PLANTED,
    lambda tree: tree.update({"sw.js": b"self"}): Fault.PLANTED,
    lambda tree: tree.update({"s/site-0a1b.css": b"p { color: white }"}): Fault.ALTERED,
}


@pytest.mark.parametrize(("act", "fault"), numbered(FILES.items()))
def test_what_was_done_to_files(mirror: Watched, act: Callable[[dict[str, bytes]], object], fault: Fault):
    act(mirror.tree)
    assert mirror.faults() == {fault}


def test_what_was_put_in_is_shown(mirror: Watched):
    inject(mirror.tree)
    (found,) = [one for one in mirror.look().found if one.path == PAGE]
    assert found.detail == "has 40 bytes that are not ours: <script src='//t.example/x.js'></script>"


# What a server does with questions.


def only(*paths: str) -> Callable[[str], bool]:
    return lambda path: path in paths


def lie(
    status: int, data: bytes = b"", where: Callable[[str], bool] = lambda path: True, **more: str
) -> object:
    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        if not where(path):
            return None
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        return status, data

    return told


def bomb(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
    if "gzip" not in handler.headers.get("Accept-Encoding", "") or path != "":
        return None
    headers["Content-Encoding"] = "gzip"
    return 200, gzip.compress(bytes(30_000_000))


def optimise(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
    if "gzip" not in handler.headers.get("Accept-Encoding", "") or path != "":
        return None
    headers["Content-Encoding"] = "deflate"
    return 200, zlib.compress(b"<title>Home</title>")


def cloak(name: str, text: str) -> object:
    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        return (200, b"Nothing here.") if path == "" and text in handler.headers.get(name, "") else None

    return told


def poison(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
    headers["Age"] = "86400"
    is_fresh = handler.headers.get("Cache-Control") == "no-cache" or "?" in handler.path
    return (200, b"Poison") if path == "" and not is_fresh else None


def query(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
    return (200, b"<b>utm</b>") if path == "" and "?" in handler.path else None


def cookie(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> None:
    headers["Set-Cookie"] = "id=1; path=/"


def header(name: str, value: str | None) -> object:
    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> None:
        headers.pop(name, None)
        if value is not None:
            headers[name] = value

    return told


def plain_pages(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> None:
    if path.endswith(".html"):
        headers["Content-Type"] = "text/plain"


def begin(handler: BaseHTTPRequestHandler, headers: Headers) -> None:
    """The head of an answer that nobody knows the end of."""
    handler.close_connection = True
    handler.send_response_only(200)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


def endless(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> bool | None:
    if path != PAGE:
        return None
    begin(handler, headers)
    try:
        for _ in range(400):
            handler.wfile.write(bytes(65_536))
    except OSError:
        pass
    return True


def drips(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> bool | None:
    if path == "i/photo.avif":  # long enough that it is not longer than it should be before patience ends
        begin(handler, headers)
        drip(handler, 30)
        return True
    return None


def waits(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> bool | None:
    if path == PAGE:
        time.sleep(4)
        return True
    return None


def breaks(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> bool:
    handler.close_connection = True
    return True


ANYWHERE = "https://elsewhere.example/"
SERVERS = [
    (lie(451), {Fault.LEGALLY_BLOCKED}),
    (lie(403), {Fault.REFUSED}),
    (lie(403, where=only(PAGE)), {Fault.REFUSED}),
    (lie(451, where=only(PAGE)), {Fault.LEGALLY_BLOCKED}),
    (lie(503), {Fault.NO_ANSWER}),
    (lie(200, b"<!doctype html><title>Blocked</title>"), {Fault.BLOCK_PAGE}),
    (lie(302, Location=ANYWHERE), {Fault.LEADS_ELSEWHERE}),
    (lie(302, where=only(PAGE), Location=ANYWHERE), {Fault.LEADS_ELSEWHERE}),
    (lie(302, where=only(PAGE), Location="/appeals/second/"), {Fault.LEADS_ELSEWHERE}),
    (lie(200, b"Welcome!", lambda path: bool(re.search("[0-9a-f]{24}|php", path))), {Fault.ANSWERS_ALL}),
    (bomb, {Fault.BOMB}),
    (optimise, {Fault.REWRITTEN}),
    (cloak("User-Agent", "Googlebot"), {Fault.CLOAKED}),
    (cloak("User-Agent", "Mobile"), {Fault.CLOAKED}),
    (cloak("User-Agent", "curl"), {Fault.CLOAKED}),
    (cloak("Accept-Language", "fa"), {Fault.CLOAKED}),
    (cloak("Referer", "google"), {Fault.CLOAKED}),
    (query, {Fault.CLOAKED}),
    (poison, {Fault.CACHED}),
    (cookie, {Fault.COOKIES}),
    (header("X-Frame-Options", None), {Fault.HEADERS_LOST}),
    (header(CONTENT, None), {Fault.HEADERS_LOST}),
    (header(CONTENT, "default-src *"), {Fault.HEADERS_WEAKENED}),
    (header("X-Frame-Options", "SAMEORIGIN"), {Fault.HEADERS_WEAKENED}),
    (header("Link", "<https://t.example/x.js>; rel=preload"), {Fault.HEADERS_ADDED}),
    (header("Refresh", "5; url=https://t.example/"), {Fault.HEADERS_ADDED}),
    (header("NEL", "{}"), {Fault.HEADERS_ADDED}),
    (header("Access-Control-Allow-Origin", "*"), {Fault.HEADERS_ADDED}),
    (plain_pages, {Fault.OTHER_TYPE}),
    (endless, {Fault.ENDLESS}),
    (drips, {Fault.DRIPS}),
    (waits, {Fault.NO_ANSWER}),
    (breaks, {Fault.NO_ANSWER}),
]


@pytest.mark.parametrize(("told", "faults"), numbered(SERVERS))
def test_what_a_server_does_with_questions(mirror: Watched, told, faults: set[Fault]):
    mirror.lie = told
    if told in (drips, waits):
        mirror.way = Way(patience=2)
    assert mirror.faults() == faults


def test_a_server_that_keeps_everybody_waiting_is_not_waited_for_long(mirror: Watched):
    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> bool | None:
        if path.startswith(("release/", "metadata/")):
            return None
        time.sleep(2)
        return True

    mirror.lie, mirror.way = told, Way(patience=1)
    asked = len(mirror.mirror.asked)
    assert mirror.faults() == {Fault.NO_ANSWER}
    assert len(mirror.mirror.asked) - asked < 100


# What age it is of.


def test_an_older_release_than_the_mirror_served_before_is_rolled_back(mirror: Watched):
    old = mirror.tree
    mirror.release(site(2), NEXT)
    assert mirror.faults() == set()
    mirror.mirror.tree = old
    assert Fault.ROLLED_BACK in mirror.faults()
    assert mirror.look().state is State.HARMFUL


def test_a_release_that_ended_is_not_confirmed(mirror: Watched):
    assert mirror.faults(at=NOW + timedelta(days=20)) == {Fault.UNCONFIRMED}


def test_a_clock_that_is_behind_is_our_own_fault(mirror: Watched):
    assert mirror.faults(at=NOW - timedelta(days=3)) == {Fault.OWN_CLOCK}


def test_some_files_of_the_release_before_are_in_transit_and_later_stale(mirror: Watched):
    old = mirror.tree
    mirror.faults()
    new = mirror.release(site(2), NEXT)
    new["fr/appeals/first/index.html"] = old["fr/appeals/first/index.html"]
    assert mirror.faults() == {Fault.IN_TRANSIT}
    later = mirror.look(at=AT + timedelta(hours=2))
    assert {one.fault for one in later.found} == {Fault.PARTLY_STALE}
    assert {one.path for one in later.found} == {"fr/appeals/first/", "fr/appeals/first/index.html"}


def test_files_of_the_next_release_under_the_old_metadata_are_in_transit(mirror: Watched):
    old = mirror.tree
    new = mirror.release(site(2), NEXT)
    mirror.mirror.tree = old | {"s/new.css": b"x", PAGE: new[PAGE]}
    assert mirror.faults() == {Fault.IN_TRANSIT}


def test_what_the_editors_took_back_is_looked_for(mirror: Watched):
    gone = "appeals/only-1/index.html"
    old = mirror.tree
    mirror.faults()
    new = mirror.release(site(2), NEXT)
    new[gone] = old[gone]
    assert mirror.faults() == {Fault.IN_TRANSIT}
    found = mirror.look(Depth.QUICK, at=AT + timedelta(hours=2)).found
    assert [(one.fault, one.path, one.detail) for one in found] == [
        (Fault.WITHDRAWN, gone, "is still given out, as in release 2026.11.21.1")
    ]


def test_what_only_a_cache_still_has_is_told_apart(mirror: Watched):
    gone = "appeals/only-1/index.html"
    old = mirror.tree[gone]
    mirror.faults()
    mirror.release(site(2), NEXT)

    def cache(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        return (200, old) if path == gone and "?" not in handler.path else None

    mirror.lie = cache
    (found,) = mirror.look(at=AT + timedelta(hours=2)).found
    assert found.fault is Fault.IN_TRANSIT or found.detail == (
        "is still given out by a cache, as in release 2026.11.21.1; the mirror itself has it no more"
    )


def test_what_stands_in_place_of_a_withdrawn_page_is_right_and_the_page_is_not(mirror: Watched):
    old = mirror.tree
    mirror.faults()
    common = site(2) | {PAGE: b"<!doctype html><title>Withdrawn</title>", f"{PAGE}.gone": b""}
    common.pop("appeals/only-2/index.html")
    mirror.release(common, NEXT)

    def honest(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        return (410, b"gone") if path in {PAGE, "appeals/first/"} else None

    mirror.lie = honest
    assert mirror.faults(at=AT + timedelta(hours=2)) == set()
    mirror.lie = lambda handler, path, headers: (200, old[PAGE]) if path in {PAGE, "appeals/first/"} else None
    assert Fault.WITHDRAWN in mirror.faults(Depth.QUICK, at=AT + timedelta(hours=2))


def test_old_lists_that_were_left_show_nobody(mirror: Watched):
    old = mirror.tree
    mirror.faults()
    new = mirror.release(site(2), NEXT)
    name = next(path for path in old if re.fullmatch(r"metadata/\d+\.site\.json", path))
    assert name not in new
    new[name] = old[name]
    assert mirror.faults() == {Fault.IN_TRANSIT}
    assert mirror.faults(at=AT + timedelta(hours=2)) == {Fault.LEFT_OVER}


def test_a_newer_release_than_is_known_here(mirror: Watched):
    mirror.release(site(2), NEXT)
    mirror.known.pop(0)
    assert mirror.faults() == {Fault.AHEAD}


def test_a_server_whose_clock_differs(mirror: Watched):
    mirror.is_apart, mirror.clock = True, AT - timedelta(days=3)
    assert mirror.faults() == {Fault.CLOCKS_APART}


def test_stolen_online_keys_run_ahead(mirror: Watched):
    mirror.mirror.tree = mirror.office.refresh(skip=1_000_000)[HERE]
    assert mirror.faults() == {Fault.AHEAD}
    outcome = mirror.look()
    assert [one.detail for one in outcome.found] == [
        "Its metadata is 1,000,001 versions further than what is known here, for the same release."
    ]


def test_a_mirror_that_was_not_updated_is_in_transit_and_later_stale(mirror: Watched):
    mirror.faults()
    old = mirror.tree
    mirror.release(site(2), NEXT)
    trust = mirror.trust_newest()
    mirror.mirror.tree = old
    assert mirror.faults(trust=trust) == {Fault.IN_TRANSIT}
    later = mirror.look(at=AT + timedelta(hours=2), trust=trust)
    assert {one.fault for one in later.found} == {Fault.STALE, Fault.WITHDRAWN, Fault.LEFT_OVER}


# Who it is.


def test_another_mirror_copied_here_is_another_edition(mirror: Watched):
    office = mirror.office
    office.addresses[THERE] = "https://b.example/"
    mirror.known.clear()
    mirror.mirror.tree = office.release(site(2), NEXT)[THERE]
    assert mirror.faults() == {Fault.OTHER_EDITION}
    assert mirror.faults(is_listed=False) == {Fault.OTHER_EDITION, Fault.NOT_LISTED}


def test_others_keys_sign_nothing(mirror: Watched):
    mirror.mirror.tree = Office(addresses={HERE: mirror.mirror.address}).release(site(), NEXT)[HERE]
    assert mirror.faults() == {Fault.UNKNOWN_SIGNER}


def test_one_signature_less_than_is_needed(mirror: Watched):
    office = mirror.office
    mirror.mirror.tree = office.release(site(2), NEXT, signers=office.editors[:1])[HERE]
    assert Fault.UNKNOWN_SIGNER in mirror.faults()


def test_an_onion_service_has_the_edition_of_its_mirror(mirror: Watched):
    other = Office(addresses={HERE: "https://a.example/"})
    mirror.office, mirror.known = other, []
    mirror.mirror.tree = other.release(site(), NEXT)[HERE]
    assert mirror.faults(home="https://a.example/") == set()
    assert mirror.faults() == {Fault.OTHER_EDITION}


# What is remembered.


def test_a_mirror_that_was_away_is_compared_in_full(mirror: Watched):
    mirror.lie = lie(503)  # type: ignore[assignment]
    assert mirror.faults(Depth.QUICK) == {Fault.NO_ANSWER}
    assert recall(mirror.state).away_since == AT.isoformat()
    mirror.lie = lambda handler, path, headers: None
    outcome = mirror.look(Depth.QUICK, at=AT + timedelta(days=1))
    assert (outcome.depth, {one.fault for one in outcome.found}) == (Depth.FULL, {Fault.RETURNED})
    assert mirror.faults(Depth.QUICK, at=AT + timedelta(days=2)) == set()


def test_a_host_that_sends_no_headers_has_lost_none_but_for_one_that_did(mirror: Watched):
    def bare(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> None:
        for name in [name for name in headers if name != "Content-Type"]:
            del headers[name]

    mirror.lie = bare
    outcome = mirror.look()
    assert outcome.found == ()
    assert {str(kept.protection) for kept in outcome.kept if kept.is_kept} == set()
    remember(mirror.state, Remembered(kept=True))
    assert mirror.faults() == {Fault.HEADERS_LOST}


def test_hosts_of_pages_have_ways_of_their_own(mirror: Watched):
    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        for name in [name for name in headers if name != "Content-Type"]:
            del headers[name]
        headers["Access-Control-Allow-Origin"] = "*"
        if path.endswith("index.html") or path == "404.html":
            headers["Location"] = f"/{path.removesuffix('index.html').removesuffix('.html')}"
            return 308, b""
        return None

    mirror.lie = told
    assert mirror.faults(Depth.DEEP) == set()
    mirror.tree[PAGE] = b"changed"
    assert mirror.faults() == {Fault.ALTERED}


def test_what_is_remembered_and_damaged_is_begun_anew(tmp_path: Path):
    for text in ("", "{}", "[1]", '{"form": 1, "issuer": 7}', '{"form": 1, "other": ""}'):
        (tmp_path / "seen.json").write_text(text, encoding="utf-8")
        assert recall(tmp_path) == Remembered()


# What nobody is led to.


def test_a_folder_that_lists_itself_leads_to_what_was_planted(mirror: Watched):
    listing = b'<a href="photo.avif">x</a><a href="evil.html">y</a>'

    def told(handler: BaseHTTPRequestHandler, path: str, headers: Headers) -> tuple[int, bytes] | None:
        found = {"i/": listing, "i/evil.html": b'<a href="more.html">z</a>', "i/more.html": b"deeper"}
        return (200, found[path]) if path in found else None

    mirror.lie = told
    assert mirror.faults() == set()
    found = mirror.look(Depth.DEEP).found
    assert [(one.fault, one.path) for one in found] == [
        (Fault.PLANTED, "i/evil.html"),
        (Fault.PLANTED, "i/more.html"),
        (Fault.LISTS_FOLDERS, "i/"),
    ]


def test_copies_that_editors_of_texts_leave_are_looked_for(mirror: Watched):
    mirror.tree["appeals/index.html~"] = b"draft"
    assert mirror.faults() == set()
    assert mirror.faults(Depth.DEEP) == {Fault.PLANTED}
