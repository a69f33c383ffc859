"""Dead links are found, each with its page, its line and its target, and nothing else is called one."""

from pathlib import Path

import pytest

from tocsin.checks.links import check_links

BASE = "https://site.example/"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A site of three pages, a picture and a feed whose links are all good."""
    files = {
        "index.html": '<p id="top"><a href="a/">a</a> <a href="./">b</a> <a href=""></a> <a href="#top"></a>',
        "a/index.html": '<h2 id="näme">x</h2><a href="../">a</a> <a href="..">b</a> <a href="b/#b">c</a>',
        "a/b/index.html": '<b id="b"></b><a href="../#n%C3%A4me">a</a> <img src="../../i/p.jpg">'
        '<img srcset="../../i/p.jpg 1w">',
        "i/p.jpg": "",
        "feeds/all.rss": "",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def add(output: Path, html: str, page: str = "a/index.html") -> None:
    with (output / page).open("a", encoding="utf-8") as file:
        file.write(f"\n{html}")


def told(output: Path) -> list[str]:
    return [str(finding) for finding in check_links(output, BASE).findings]


def test_a_site_whose_links_are_good_has_no_findings_and_every_link_is_counted(output):
    report = check_links(output, BASE)
    assert (report.findings, report.pages, report.links) == ((), 3, 10)


@pytest.mark.parametrize(
    ("html", "address", "fault"),
    [
        ('<a href="c/">', "c/", "leads to a/c/index.html, which does not exist"),
        ('<a href="../c.html">', "../c.html", "leads to c.html, which does not exist"),
        ('<a href="b">', "b", "leads to a/b, which does not exist"),
        ('<a href="b/#no">', "b/#no", "leads to '#no', which a/b/index.html lacks"),
        ('<a href="#no">', "#no", "leads to '#no', which a/index.html lacks"),
        ('<a href="../../">', "../../", "leads out of the site"),
        ('<a href="../..">', "../..", "leads out of the site"),
        ('<a href="/a/">', "/a/", "begins with '/', which breaks below a path"),
        (f'<a href="{BASE}no/">', f"{BASE}no/", "leads to no/index.html, which does not exist"),
        (f'<a href="{BASE}#no">', f"{BASE}#no", "leads to '#no', which index.html lacks"),
        ('<img src="p.jpg">', "p.jpg", "leads to a/p.jpg, which does not exist"),
        ('<img srcset="../i/p.jpg 1w, q.jpg 2w">', "q.jpg", "leads to a/q.jpg, which does not exist"),
        ('<link rel="stylesheet" href="no.css">', "no.css", "leads to a/no.css, which does not exist"),
        ('<q cite="c/"></q>', "c/", "leads to a/c/index.html, which does not exist"),
        ('<a href="c/?x&amp;y">', "c/?x&y", "leads to a/c/index.html, which does not exist"),
    ],
)
def test_a_dead_link_is_found_with_its_page_and_line(output, html, address, fault):
    add(output, html)
    assert told(output) == [f"ERROR a/index.html:2: '{address}' {fault}"]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://site.example/a/b/#b">',
        '<a href="https://site.example/">',
        '<a href="https://site.example/feeds/all.rss">',
        '<a href="https://elsewhere.example/gone/">',
        '<a href="https://site.example.elsewhere.example/gone/">',
        '<a href="mailto:a@site.example">',
        '<a href="tel:+41">',
        '<a href="b/?page=2">',
        '<a href="../feeds/all.rss">',
        '<a href="../i/p.jpg#anything">',
        '<a href="//site.example/gone/">',
        "<a>",
        '<a name="x" href="b/">',
        "<!-- <a href='gone/'> -->",
    ],
)
def test_a_good_link_and_one_to_elsewhere_are_no_findings(output, html):
    add(output, html)
    assert told(output) == []


def test_all_dead_links_of_all_pages_are_told_at_once(output):
    add(output, '<a href="x/"><a href="y/">')
    add(output, '<a href="z/">', "index.html")
    assert [line.split(" leads ")[0] for line in told(output)] == [
        "ERROR a/index.html:2: 'x/'",
        "ERROR a/index.html:2: 'y/'",
        "ERROR index.html:2: 'z/'",
    ]


def test_without_a_base_address_every_link_with_a_scheme_leads_elsewhere(output):
    add(output, '<a href="https://site.example/gone/">')
    assert check_links(output).findings == ()


def test_findings_have_a_rule_for_machines(output):
    add(output, '<a href="/a/"><a href="x/">')
    assert [finding.rule for finding in check_links(output, BASE).findings] == ["absolute-link", "dead-link"]
