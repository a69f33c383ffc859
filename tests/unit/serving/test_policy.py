"""The policy: what is said of each path, and where it is said otherwise."""

from __future__ import annotations

import itertools

import pytest

from tocsin.serving.media_types import COMPRESSED, ENDINGS, media_type
from tocsin.serving.policy import BASE, Policy, header_policy, meta_policy

POLICY = Policy(("search/", "fr/search/"), onion="bell.onion", languages=("en",))


def test_a_page_loads_its_own_looks_and_nothing_else():
    assert meta_policy() == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
    )


def test_the_search_page_may_run_its_script_and_fetch_its_index_too():
    added = set(meta_policy(scripted=True).split("; ")) - set(meta_policy().split("; "))
    assert added == {"script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'"}


@pytest.mark.parametrize("scripted", [False, True])
def test_the_header_says_what_the_page_says_and_forbids_frames(scripted):
    added = set(header_policy(scripted=scripted).split("; ")) - set(
        meta_policy(scripted=scripted).split("; ")
    )
    assert added == {"frame-ancestors 'none'"}
    assert "frame-ancestors" not in meta_policy(scripted=scripted), "browsers ignore it there"
    names = [directive.split()[0] for directive in header_policy(scripted=scripted).split("; ")]
    assert len(set(names)) == len(names)


def test_only_search_pages_have_the_policy_for_scripts():
    for file in ("search/index.html", "fr/search/index.html"):
        assert POLICY.headers(file, secure=True)["Content-Security-Policy"] == header_policy(scripted=True)
    for file in (
        "index.html",
        "search/2013/pagefind-entry.json",
        "ar/search/index.html",
        "search/x/index.html",
    ):
        assert POLICY.headers(file, secure=True)["Content-Security-Policy"] == header_policy()
    assert POLICY.headers("search/index.html", 404, secure=True)["Content-Security-Policy"] == header_policy()


@pytest.mark.parametrize(
    ("file", "status", "said"),
    [
        ("index.html", 200, "no-cache"),
        ("feeds/all.atom", 200, "no-cache"),
        ("i/0123.jpg", 200, "public, max-age=86400"),
        ("i/0123.jpg", 304, "public, max-age=86400"),
        ("i/0123.jpg", 404, "no-cache"),
        ("s/site-0123.css", 200, "public, max-age=31536000, immutable"),
        ("s/site-0123.css", 404, "no-cache"),
        ("appeals/x/index.html", 410, "no-cache"),
        ("reports/x/report-en.pdf", 200, "no-cache"),
    ],
)
def test_what_may_be_withdrawn_is_asked_for_again(file, status, said):
    assert POLICY.headers(file, status, secure=True)["Cache-Control"] == said


def test_pictures_alone_may_be_shown_by_other_sites():
    for file in ("index.html", "s/site.css", "feeds/all.atom", "icons/x.png"):
        assert POLICY.headers(file, secure=True)["Cross-Origin-Resource-Policy"] == "same-origin"
    assert POLICY.headers("i/x.avif", secure=True)["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_what_belongs_to_https_is_said_there_alone():
    added = POLICY.headers("index.html", secure=True, target="/fr/?a").items()
    assert dict(added - POLICY.headers("index.html", secure=False, target="/fr/?a").items()) == {
        "Strict-Transport-Security": "max-age=63072000",
        "Onion-Location": "http://bell.onion/fr/?a",
    }
    assert "Onion-Location" not in Policy().headers("index.html", secure=True)


def test_other_methods_are_told_which_there_are():
    assert POLICY.headers("", 405, secure=False)["Allow"] == "GET, HEAD"
    assert "Allow" not in POLICY.headers("", 404, secure=False)


def test_no_file_belongs_to_two_areas_and_areas_only_say_otherwise_what_the_base_says():
    files = ["s/x", "i/x", "search/index.html", "fr/search/index.html", "index.html", "search/x"]
    for file, (one, other) in itertools.product(files, itertools.combinations(POLICY.areas, 2)):
        assert not (one.holds(file) and other.holds(file))
    for area in POLICY.areas:
        assert {header.name for header in area.headers} < {header.name for header in BASE}
        assert [header.name for header in area.all_headers] == [header.name for header in BASE]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("s/search-0123.js", "text/javascript; charset=utf-8"),
        ("feeds/all.atom", "application/atom+xml"),
        ("feeds/all.rss", "application/rss+xml"),
        ("feeds/feeds.opml", "text/x-opml; charset=utf-8"),
        ("s/pagefind-0/wasm.fr.pagefind", "application/octet-stream"),
        ("i/0.avif", "image/avif"),
        ("reports/x/x-en.epub", "application/epub+zip"),
        ("_headers", "text/plain; charset=utf-8"),
        ("server/Caddyfile", "text/plain; charset=utf-8"),
        ("x/Caddyfile", "application/octet-stream"),
        ("unknown", "application/octet-stream"),
    ],
)
def test_files_have_the_type_of_their_ending(file, kind):
    assert media_type(file) == kind


def test_text_is_compressed_and_pictures_are_not():
    assert set(COMPRESSED) >= {"text/html", "application/json", "application/rss+xml", "application/xml"}
    assert not any(kind.startswith("image/") or "zip" in kind or "pdf" in kind for kind in COMPRESSED)
    assert set(COMPRESSED) < set(ENDINGS.values())
