"""Each thing that readers trip over is found, in the formats that can have it."""

import re
from pathlib import Path

import pytest

from tests.unit.render.feed_samples import BASE, document, entry, full
from tocsin.checks.feeds import check_feeds
from tocsin.render.feedgen_net import generated
from tocsin.render.json_feed import json_feed

CONTENT = f'<div lang="en" dir="ltr"><p><a href="{BASE}appeals/a1/">x</a></p></div>'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A feed in three formats and its archives, all of it right."""
    for path in ("appeals/a1/", "appeals/a2/", "appeals/a3/", "appeals/a4/", "appeals/a9/", ""):
        write(tmp_path, f"{path}index.html", "<p>page</p>")
    for path in ("reports/r/r-en.pdf", "reports/r/r-fr.pdf", "i/abc-640.jpg"):
        write(tmp_path, path, "file")
    newest = document(
        full(content=CONTENT), entry(2, content=CONTENT), pages=(("prev-archive", "feeds/archive/2"),)
    )
    for ending in ("atom", "rss"):
        write(tmp_path, f"feeds/all.{ending}", generated(newest, ending))
    write(tmp_path, "feeds/all.json", json_feed(newest))
    for number, pages in {1: [("next-archive", 2)], 2: [("prev-archive", 1)]}.items():
        links = (("current", "feeds/all"), *((name, f"feeds/archive/{other}") for name, other in pages))
        old = document(
            entry(number + 2, content=CONTENT), path=f"feeds/archive/{number}", pages=links, is_archive=True
        )
        for ending in ("atom", "rss"):
            write(tmp_path, f"feeds/archive/{number}.{ending}", generated(old, ending))
    return tmp_path


def write(tree: Path, path: str, text: str) -> None:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text, encoding="utf-8")


def said(tree: Path) -> list[str]:
    return [f"{finding.path}: {finding.message}" for finding in check_feeds(tree, BASE).findings]


def test_a_good_tree_has_no_faults(tree):
    report = check_feeds(tree, BASE)
    assert (report.findings, report.feeds, report.entries) == ((), 7, 10)


ATOM, RSS, JSON = "feeds/all.atom", "feeds/all.rss", "feeds/all.json"
FAULTS = [
    (RSS, "<item>", "<item", "cannot be parsed"),
    (JSON, '"version": "https://jsonfeed.org/version/1.1"', '"version": "2"', "no JSON Feed 1.1"),
    (
        ATOM,
        "<id>tag:bell.example,2026-01-01:appeal/0000000001/en",
        "<id>https://bell.example/a",
        "not a tag: URI",
    ),
    (
        ATOM,
        "<id>tag:bell.example,2026-01-01:feed/all/en",
        "<id>https://bell.example/",
        "which is not a tag: URI",
    ),
    (RSS, 'isPermaLink="false"', "", "says it is a link"),
    (ATOM, "appeal/0000000001/en", "appeal/0000000001/fr", "which its id does not end with"),
    (ATOM, 'feeds/all.atom" rel="self"', 'feeds/other.atom" rel="self"', "says that it stands at"),
    (
        RSS,
        f'href="{BASE}feeds/all.rss" rel="self"',
        'href="https://other.example/x" rel="self"',
        "says that it stands",
    ),
    (
        ATOM,
        ' hreflang="en" type="text/html"/>',
        '/><link rel="alternate" href="https://bell.example/"/>',
        "2 links",
    ),
    (ATOM, "<entry ", '<entry xml:base="https://bell.example/" ', "has xml:base"),
    (RSS, "isPermaLink", "isPermalink", "says it is a link"),
    (
        RSS,
        "Sun, 03 May 2026 00:00:00 +0000</lastBuildDate>",
        "03 May 26</lastBuildDate>",
        "is not written like",
    ),
    (RSS, "Sun, 03 May 2026", "Sun, 10 May 2026", "but its newest entry on"),
    (
        RSS,
        "<atom:updated>2026-05-03T00:00:00+00:00",
        "<atom:updated>2026-05-03T00:00:00.5+00:00",
        "fractions",
    ),
    (ATOM, 'type="html"', 'type="CDATA"', "of the type html"),
    (ATOM, "reports/r/r-en.pdf", "reports/r/gone.pdf", "which does not exist"),
    (RSS, "<dc:language>en", "<dc:language>", "is in ''"),
    (JSON, '"url": "https://bell.example/appeals/a1/"', '"url": "appeals/a1/"', "which is not absolute"),
    (
        "feeds/archive/2.atom",
        f"{BASE}feeds/archive/1.atom",
        f"{BASE}feeds/all.atom",
        "to a document that is no archive",
    ),
    ("feeds/archive/1.rss", 'rel="next-archive"', 'rel="hub"', "is not the 'next-archive'"),
    ("feeds/archive/1.atom", 'rel="current"', 'rel="other"', "which document is the current one"),
]


@pytest.mark.parametrize(("path", "old", "new", "told"), FAULTS)
def test_what_readers_trip_over_is_found(tree, path, old, new, told):
    text = (tree / path).read_text(encoding="utf-8")
    assert old in text
    write(tree, path, text.replace(old, new))
    assert any(told in line for line in said(tree)), said(tree)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (CONTENT, CONTENT.replace(BASE, "/"), "which is not absolute"),
        (CONTENT, CONTENT.replace(f"{BASE}appeals/a1/", "#note"), "which is not absolute"),
        (CONTENT, CONTENT.replace(' dir="ltr"', ""), "direction in a 'div'"),
        (CONTENT, CONTENT.replace('lang="en"', 'lang="fr"'), "direction in a 'div'"),
    ],
)
def test_faults_of_a_text_are_found_once_in_the_first_feed_that_has_it(tree, old, new, told):
    for path in tree.rglob("feeds/all.*"):
        text = path.read_text(encoding="utf-8")
        for before, after in ((old, new), (escaped(old), escaped(new)), (quoted(old), quoted(new))):
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")
    lines = [line for line in said(tree) if told in line]
    assert len(lines) == 2
    assert all(line.startswith(ATOM) for line in lines)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    return text.replace('"', '\\"')


def test_an_entry_that_says_something_else_elsewhere_is_found(tree):
    text = (tree / JSON).read_text(encoding="utf-8")
    write(tree, JSON, text.replace("Kenya: A", "Kenya: B"))
    assert f"{JSON}: entry '{entry().id}' says something else than in {ATOM}" in said(tree)


def test_a_format_that_lacks_an_entry_is_found(tree):
    text = (tree / RSS).read_text(encoding="utf-8")
    write(tree, RSS, re.sub(r"<item>.*?</item>", "", text, count=1, flags=re.DOTALL))
    assert any("same entries as another format" in line for line in said(tree))


def test_two_feeds_with_one_id_are_found(tree):
    text = (tree / ATOM).read_text(encoding="utf-8")
    write(tree, "fr/feeds/all.atom", text.replace("feeds/all.atom", "fr/feeds/all.atom"))
    assert any(f"has the id of {ATOM}" in line for line in said(tree))


def test_an_entry_that_is_there_twice_is_found(tree):
    twice = document(full(content=CONTENT), full(content=CONTENT))
    write(tree, "feeds/all.atom", generated(twice, "atom"))
    assert any("more than once" in line for line in said(tree))
