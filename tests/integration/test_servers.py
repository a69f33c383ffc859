"""The real nginx, Apache and Caddy with the files that the build made for them: every kind of path, every
status, every type of file, and what strangers try."""

import gzip
import http.client
import itertools
import re
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.browsers.served import serving
from tests.integration.checkout import Built, Checkout
from tests.integration.servers import GENERATED, Answer, Server, readable_copy, running
from tocsin.console import server as own_server
from tocsin.library.shared import load_site
from tocsin.render.served import policy_of
from tocsin.serving.media_types import media_type
from tocsin.serving.policy import GONE_TEXT, Policy

# What an answer says about its bytes, its moment and the connection, and not about what may be done with it.
ABOUT_BYTES = {"accept-ranges", "content-length", "etag", "last-modified", "transfer-encoding", "vary"}
OF_THE_SERVER = {"alt-svc", "connection", "date", "keep-alive", "server"}
GONE = ("appeals/withdrawn/", "fr/appeals/withdrawn/")
GONE_DOCUMENTS = ("reports/withdrawn/withdrawn-en.pdf",)
TOMBSTONE = b"<!doctype html><title>Withdrawn</title><p>This page was withdrawn."
APPEAL = "content/appeals/2026/first/en.md"
PAGE = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def policy(demo: Built) -> Policy:
    """That of the demonstration."""
    site, _ = load_site(demo.checkout.root)
    assert site is not None
    assert site.served.onion
    return policy_of(site)


@pytest.fixture(scope="module")
def tree(demo: Built) -> Iterator[Path]:
    """The built demonstration, with what is withdrawn from it, and with what nobody should be shown."""
    with tempfile.TemporaryDirectory(prefix="tocsin-served-") as made:
        Path(made).chmod(0o755)
        folder = readable_copy(demo.output, Path(made) / "tree")
        for address in GONE:
            (folder / address).mkdir(parents=True)
            (folder / address / "index.html").write_bytes(TOMBSTONE)
            (folder / address / "index.html.gone").touch()
        for address in GONE_DOCUMENTS:
            (folder / address).parent.mkdir(parents=True)
            (folder / address).write_bytes(b"secret")  # as where a mirror has not deleted it
            (folder / f"{address}.gone").touch()
        (folder / ".git").mkdir()
        for hidden in (".git/config", ".htaccess", "i/.hidden", "appeals/.env"):
            (folder / hidden).write_text("secret", encoding="utf-8")
        (Path(made) / "outside.txt").write_text("secret", encoding="utf-8")
        (folder / "empty").mkdir()
        yield folder


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.real(name, "openssl")) for name in GENERATED],
)
def server(tree: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param, tree) as found:
        yield found


def said(answer: Answer) -> dict[str, str]:
    """The headers that a policy is made of, and the type."""
    left_out = ABOUT_BYTES | OF_THE_SERVER | {"content-encoding"}
    return {name: value for name, value in answer.headers.items() if name not in left_out}


def wanted(
    policy: Policy, target: str, file: str, status: int = 200, *, secure: bool = True
) -> dict[str, str]:
    """What the policy says, with the type of the body."""
    headers = policy.headers(file, status, secure=secure, target=target)
    found = {name.lower(): value for name, value in headers.items()}
    if status in {404, 410}:
        found["content-type"] = PAGE
    elif status == 405:
        found["content-type"] = TEXT
    elif status == 200:
        found["content-type"] = media_type(file)
    return found


def one_of_each(tree: Path) -> dict[str, str]:
    """One file of every ending in every folder at the top, by address."""
    chosen: dict[tuple[str, str], str] = {}
    for path in sorted(tree.rglob("*")):
        file = path.relative_to(tree).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in Path(file).parts):
            chosen.setdefault((file.partition("/")[0], path.suffix), file)
    gone = (*GONE, *GONE_DOCUMENTS)
    marks = tuple(f"{address}index.html.gone" for address in GONE)
    return {f"/{quote(file)}": file for file in chosen.values() if file in marks or not file.startswith(gone)}


def test_every_type_of_file_has_its_headers_and_its_type(server, tree, policy):
    files = one_of_each(tree)
    assert len({Path(file).suffix for file in files.values()}) > 15
    for (target, file), secure in itertools.product(files.items(), (True, False)):
        answer = server.ask(target, secure=secure)
        assert (answer.status, answer.body) == (200, (tree / file).read_bytes())
        assert said(answer) == wanted(policy, target, file, secure=secure), target


def test_pages_are_served_at_the_addresses_of_their_folders(server, tree, policy):
    for target in ("/", "/fr/", "/appeals/", "/ar/search/", "/search/", "/appeals/2013/?x=1"):
        file = f"{target[1:].partition('?')[0]}index.html"
        answer = server.ask(target)
        assert (answer.status, answer.body) == (200, (tree / file).read_bytes())
        assert said(answer) == wanted(policy, target, file)


def test_only_the_search_pages_may_run_a_script_and_only_https_is_promised_for_long(server, policy):
    assert "script-src" not in server.ask("/").headers["content-security-policy"]
    assert "script-src 'self'" in server.ask("/fr/search/").headers["content-security-policy"]
    assert server.ask("/").headers["strict-transport-security"] == "max-age=63072000"
    for name in ("strict-transport-security", "onion-location"):
        assert name not in server.ask("/", secure=False).headers


def test_the_onion_service_is_named_to_those_who_are_not_there_yet(server, policy):
    told = server.ask("/appeals/?a=b%20c").headers["onion-location"]
    assert told == f"http://{policy.onion}/appeals/?a=b%20c"
    there = server.ask("/appeals/", headers={"Host": policy.onion}).headers
    assert "onion-location" not in there
    for status, target in ((404, "/nowhere"), (410, f"/{GONE[0]}")):
        answer = server.ask(target)
        assert (answer.status, answer.headers["onion-location"]) == (
            status,
            f"http://{policy.onion}{target}",
        )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_that_has_a_file_already_is_told_so_with_the_same_headers(server, policy, method):
    for target, file in (("/appeals/", "appeals/index.html"), ("/search/", "search/index.html")):
        whole = server.ask(target)
        for name, value in (
            ("If-None-Match", whole.headers["etag"]),
            ("If-Modified-Since", whole.headers["last-modified"]),
        ):
            answer = server.ask(target, method, headers={name: value})
            assert (answer.status, answer.body) == (304, b"")
            assert said(answer) == wanted(policy, target, file, 304)


def test_what_is_not_there_is_answered_with_the_page_for_it(server, tree, policy):
    page = (tree / "404.html").read_bytes()
    for target in ("/nowhere", "/a/b/c/", "/i/none.png", "/s/none.css", "/search/none.json", "/robots.txt/"):
        answer = server.ask(target)
        assert (answer.status, answer.body) == (404, page)
        assert said(answer) == wanted(policy, target, "", 404)
        assert server.ask(target, "HEAD").status == 404


def test_no_folder_is_listed(server, tree):
    folders = [path for path in tree.rglob("*") if path.is_dir() and not (path / "index.html").is_file()]
    shown = [path for path in folders if not path.name.startswith(".")]
    assert {path.name for path in shown} >= {"i", "s", "empty", "server"}
    for folder in shown:
        target = f"/{folder.relative_to(tree).as_posix()}/"
        assert server.ask(target).status == 404, target


def test_what_was_withdrawn_is_gone_whatever_a_browser_has_of_it(server, policy):
    kept = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-1"}
    for address, name in itertools.product(GONE, ("", "index.html")):
        target = f"/{address}{name}"
        for headers in ({}, kept):
            answer = server.ask(target, headers=headers)
            assert (answer.status, answer.body) == (410, TOMBSTONE)
            assert said(answer) == wanted(policy, target, "", 410)
        assert server.ask(target, "HEAD").status == 410


def test_a_document_that_was_withdrawn_is_gone_even_where_it_was_not_deleted(server, policy):
    (address,) = GONE_DOCUMENTS
    kept = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Range": "bytes=0-1"}
    for headers in ({}, kept):
        answer = server.ask(f"/{address}", headers=headers)
        assert (answer.status, answer.body) == (410, GONE_TEXT.encode())
        assert said(answer) == wanted(policy, f"/{address}", "", 410) | {"content-type": TEXT}


def test_a_folder_without_its_slash_leads_to_the_folder_on_the_same_host(server, policy):
    for target in ("/appeals", "/fr/appeals", f"/{GONE[0].rstrip('/')}"):
        answer = server.ask(target)
        assert answer.status == 301
        told = said(answer)
        assert urljoin(f"https://localhost{target}", told.pop("location")) == f"https://localhost{target}/"
        told.pop("content-type", None)  # of the sentence that some servers send along
        assert told == wanted(policy, target, "", 301)
    for target in ("//mirror.example/../appeals", "/%2fmirror.example/..%2fappeals"):
        place = server.ask(target).headers.get("location", "")
        assert urljoin(f"https://localhost{target}", place).startswith("https://localhost/"), place


HIDDEN = ("/.git/config", "/.git/", "/.htaccess", "/i/.hidden", "/appeals/.env", "/%2egit/config")


def test_files_whose_names_begin_with_a_dot_are_not_there_but_for_the_well_known(server, tree, policy):
    for target in HIDDEN:
        answer = server.ask(target)
        assert answer.status == 404, target
        assert said(answer) == wanted(policy, target, "", 404)
    answer = server.ask("/.well-known/security.txt")
    assert (answer.status, answer.body) == (200, (tree / ".well-known/security.txt").read_bytes())
    assert said(answer) == wanted(policy, "/.well-known/security.txt", ".well-known/security.txt")


OUTSIDE = (
    "/../outside.txt",
    "/%2e%2e/outside.txt",
    "/.%2e/outside.txt",
    "/..%2foutside.txt",
    "/..%5coutside.txt",
    "/..\\outside.txt",
    "/%252e%252e/outside.txt",
    "/%c0%ae%c0%ae/outside.txt",
    "/i/../../outside.txt",
    "/i/%2e%2e/%2e%2e/outside.txt",
    "/i/..%2f..%2foutside.txt",
    "/i/..;/../outside.txt",
    "//../outside.txt",
    "/index.html%00/../../outside.txt",
    "/%00",
)


def test_nothing_outside_of_the_tree_can_be_reached(server):
    for target in OUTSIDE:
        answer = server.ask(target)
        assert answer.status in {400, 404}, target
        assert b"secret" not in answer.body
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE", "BREW", "get"]
)
def test_other_methods_are_refused(server, policy, method):
    answer = server.ask("/appeals/", method)
    if method == "get" and answer.status == 400:
        return  # nginx knows methods in capitals alone, and takes this for no request at all
    assert answer.status == 405
    assert answer.body.strip() == b"Only GET and HEAD are answered here."
    told = wanted(policy, "/appeals/", "", 405)
    if method == "TRACE" and server.name == "nginx":  # refused before it looks how it was asked
        told = wanted(policy, "/appeals/", "", 405, secure=False)
    assert said(answer) == told


def test_a_head_has_the_headers_of_its_get(server, tree):
    for target in one_of_each(tree):
        assert said(server.ask(target, "HEAD")) == said(server.ask(target))


def test_text_is_compressed_for_those_who_can_read_it_and_nothing_else_changes(server, tree):
    for target, file in (("/", "index.html"), ("/feeds/all.atom", "feeds/all.atom")):
        plain, packed = server.ask(target), server.ask(target, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["vary"]
        assert gzip.decompress(packed.body) == plain.body == (tree / file).read_bytes()
        assert said(packed) == said(plain)
        again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
        assert server.ask(target, headers=again).status == 304
    picture = next(path for path in (tree / "i").iterdir() if path.suffix == ".avif").name
    answer = server.ask(f"/i/{picture}", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_the_server_tells_no_version_of_itself(server):
    for target in ("/", "/nowhere", f"/{GONE[0]}", "/%00"):
        answer = server.ask(target)
        assert not re.search(r"\d", answer.headers.get("server", "")), answer.headers
        assert not re.search(rb"(nginx|Apache|Caddy)/\d", answer.body)


def test_nothing_is_written_down_about_readers(server):
    for target in ("/appeals/2013/", "/nowhere-at-all", f"/{GONE[0]}", *OUTSIDE, "/i/"):
        server.ask(target, headers={"User-Agent": "Somebody", "Referer": "https://elsewhere.example/"})
    server.ask("/appeals/2013/", "POST")
    for trace in ("Somebody", "elsewhere.example", "nowhere-at-all", "appeals/2013", "outside.txt", "client"):
        assert trace not in server.logs


def test_the_preview_answers_as_servers_do(tree, policy, demo):
    site, _ = load_site(demo.checkout.root)
    with serving(own_server.Server(0, tree, site)) as address:
        preview = Server("serve", urlsplit(address).port or 0, 0, tree)
        for target, file in {
            **one_of_each(tree),
            "/": "index.html",
            "/fr/search/": "fr/search/index.html",
        }.items():
            answer = preview.ask(target, secure=False)
            assert (answer.status, answer.body) == (200, (tree / file).read_bytes())
            assert said(answer) == wanted(policy, target, file, secure=False)
            assert said(preview.ask(target, "HEAD", secure=False)) == said(answer)
            told = {"If-Modified-Since": answer.headers["last-modified"]}
            again = preview.ask(target, secure=False, headers=told)
            assert (again.status, again.body) == (304, b"")
            assert said(again) == wanted(policy, target, file, 304, secure=False)
        for target in ("/nowhere", "/i/", *HIDDEN, *OUTSIDE):
            answer = preview.ask(target, secure=False)
            assert answer.status == 404
            assert b"secret" not in answer.body
            assert said(answer) == wanted(policy, target, "", 404, secure=False)
        assert preview.ask(f"/{GONE[0]}", secure=False).body == TOMBSTONE
        assert preview.ask(f"/{GONE_DOCUMENTS[0]}", secure=False).body == GONE_TEXT.encode()
        answer = preview.ask("/", "POST", secure=False)
        assert said(answer) == wanted(policy, "/", "", 405, secure=False)


def test_the_preview_keeps_connections_and_takes_no_body_for_a_request(tree):
    with serving(own_server.Server(0, tree, None)) as address:
        place = urlsplit(address)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
        for _ in range(2):
            line.request("GET", "/")
            answer = line.getresponse()
            assert (answer.status, answer.read()) == (200, (tree / "index.html").read_bytes())
            assert line.sock is not None
        line.request("POST", "/", body=b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = line.getresponse()
        assert (answer.status, answer.headers["Connection"]) == (405, "close")
        answer.read()
        line.request("GET", "/", body=b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = line.getresponse()
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
        line.close()


def test_the_preview_says_nothing_of_clients_that_break_off(tree, capsys):
    with serving(own_server.Server(0, tree, None)) as address:
        place = urlsplit(address)
        for asked in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT"):
            with socket.create_connection((place.hostname, place.port), timeout=10) as line:
                line.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )  # reset, not ended
                line.sendall(asked)
                if asked.endswith(b"\r\n"):
                    line.recv(1)
        time.sleep(0.3)
    assert capsys.readouterr().err == ""


@pytest.mark.real("nginx", "openssl")
def test_a_policy_that_is_broken_is_noticed(tree: Path, policy: Policy):
    """The gates above against a server that was told otherwise."""
    with tempfile.TemporaryDirectory(prefix="tocsin-served-") as made:
        Path(made).chmod(0o755)
        folder = Path(made) / "tree"
        shutil.copytree(tree, folder, copy_function=shutil.copy2)
        place = folder / "server" / GENERATED["nginx"]
        text = place.read_text(encoding="utf-8")
        broken = text.replace("location /i/ {", "location /i/ {\n    add_header X-Else 1;", 1)
        place.write_text(broken.replace("autoindex off", "autoindex on"), encoding="utf-8")
        with running("nginx", folder) as server:
            target = f"/i/{next(path.name for path in (folder / 'i').iterdir() if path.suffix == '.jpg')}"
            assert said(server.ask(target)) != wanted(policy, target, target[1:])
            assert server.ask("/empty/").status == 200


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.real(name, "openssl")) for name in GENERATED]
)
def test_what_an_editor_withdraws_is_gone_without_new_settings(name: str, small: Checkout):
    page = "appeals/first/"
    with tempfile.TemporaryDirectory(prefix="tocsin-served-") as made:
        Path(made).chmod(0o755)
        assert small.build().code == 0
        tree = readable_copy(small.output, Path(made) / "tree")
        with running(name, tree) as server:
            assert server.ask(f"/{page}").status == 200
            settings = (tree / "server" / GENERATED[name]).read_bytes()
            small.edit(APPEAL, "fictional: true\n", "fictional: true\nwithdrawn: 2026-11-20T10:00Z\n")
            assert small.build().code == 0
            shutil.copytree(small.output, tree, dirs_exist_ok=True)
            assert (tree / "server" / GENERATED[name]).read_bytes() == settings
            for address in (page, f"{page}print/"):
                answer = server.ask(f"/{address}")
                assert answer.status == 410
                assert answer.body == (small.output / address / "index.html").read_bytes()
            assert server.ask("/").status == 200
