"""Withdrawal: an item, a language or a file is taken back, and nothing of it stays but a tombstone."""

import json
import re
from pathlib import Path

import feedparser
import pytest
from lxml import etree, html

from tests.integration.checkout import AT, LANGUAGES, Checkout, copy_built, tree_of
from tocsin.checks.feeds import check_feeds
from tocsin.checks.links import check_links

WITHDRAWN = "2026-11-20T09:30Z"
FIRST = "content/appeals/2025/ken-water-committee-arrests/en.md"
REPORT = "content/reports/2026/observing-the-kirimba-trial/en.md"
ALONE = "content/appeals/2026/alone/en.md"
PORTRAIT = "content/portraits/2025/crisanto-malabay/en.md"
ARRESTS = "appeals/ken-water-committee-arrests/"
ID = "w119cgypxj"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
SEEN = """\
---
id: 0000000077
original: true
fictional: true
issued: 2026-11-01
stage: first
countries: [TO]
themes: [defenders]
violations: [threats]
issuers: [lantern-desk]
addressees: [ke-justice]
title: Threats against Vainikolo Quillfeather
summary: Quillfeather was threatened.
---

Vainikolo Quillfeather was threatened on the island of Eua.
"""


def take_back(site: Checkout, path: str, line: str) -> None:
    site.edit(path, "fictional: true\n", f"fictional: true\n{line}\n")


def rebuilt(site: Checkout, at: str = AT) -> str:
    told = site.run("build", "--at", at)
    assert told.code == 0, told.err
    return told.err


@pytest.fixture(scope="module")
def without_first(standing_demo_once: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The demonstration without the first appeal of a chain of four, one that stood alone, and some files."""
    site = copy_built(standing_demo_once, tmp_path_factory.mktemp("withdrawn") / "checkout")
    take_back(site, FIRST, f"withdrawn: {WITHDRAWN}")
    files = f"withdrawn_files: {{court.jpg: {WITHDRAWN}, report-en.pdf: {WITHDRAWN}}}"
    take_back(site, REPORT, f"withdrawn_languages: {{fr: {WITHDRAWN}}}\n{files}")
    take_back(site, ALONE, f"withdrawn: {WITHDRAWN}")
    take_back(site, PORTRAIT, f"withdrawn: {WITHDRAWN}")
    for page in ("about", "support"):  # which the home page and menus lead to
        site.edit(
            f"content/network/{page}/en.md", "original: true\n", f"original: true\nwithdrawn: {WITHDRAWN}\n"
        )
    said = rebuilt(site)
    assert f"{PORTRAIT}:6: the name of the folder, 'crisanto-malabay', holds a name of the item" in said
    assert "follows 'ken-water-committee-arrests', which was withdrawn" in said
    return site


@pytest.fixture(scope="module")
def standing_demo_once(demo, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    site = copy_built(demo.checkout, tmp_path_factory.mktemp("standing") / "checkout")
    site.write(ALONE, SEEN)
    rebuilt(site)
    assert (site.output / "countries/to/index.html").is_file()
    return site


def holders(site: Checkout, *words: str) -> set[str]:
    """The files whose bytes hold one of these words."""
    sought = [word.encode() for word in words]
    return {
        path.relative_to(site.output).as_posix()
        for path in site.output.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in sought)
    }


def test_no_word_of_a_withdrawn_item_is_left_in_any_file(standing_demo_once, without_first):
    words = ("Vainikolo", "Quillfeather", "Eua", "Arbitrary arrest of five members")
    assert len(holders(standing_demo_once, *words)) > 20
    assert holders(without_first, *words) == set()
    # Its address stands in no list and no count, but only in what stands there itself.
    slug = "ken-water-committee-arrests"
    assert all(slug in path for path in holders(without_first, slug))


def test_every_page_of_it_became_the_same_neutral_tombstone(standing_demo_once, without_first):
    def main_of(path: Path) -> str:
        [main] = html.fromstring(path.read_text("utf-8")).xpath("//main")
        return " ".join(main.text_content().split())

    old = {path for path in tree_of(standing_demo_once.output) if f"/{ARRESTS}" in f"/{path}"}
    assert {"en", "fr"} == {"fr" if path.startswith("fr/") else "en" for path in old}
    for language in LANGUAGES:
        prefix = "" if language == "en" else f"{language}/"
        pages = [f"{prefix}{ARRESTS}index.html", f"{prefix}{ARRESTS}print/index.html"]
        for path in pages:
            assert (without_first.output / path).exists() == (path in old), path
    texts = {main_of(without_first.output / path) for path in old if not path.startswith("fr/")}
    said = "What stood here has been withdrawn. If you have kept or passed on a copy, please delete it."
    assert texts == {f"Withdrawn {said} Go to the home page"}
    for path in old:
        page = html.fromstring((without_first.output / path).read_text("utf-8"))
        assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not re.search(
        rf"<loc>[^<]*{ARRESTS}",
        "".join(path.read_text("utf-8") for path in without_first.output.rglob("sitemap*.xml")),
    )


def test_what_is_left_of_a_case_goes_on_under_its_next_appeal(without_first):
    assert (without_first.output / "cases/ken-water-committee-bail-refused/index.html").is_file()
    former = html.fromstring(
        (without_first.output / "cases/ken-water-committee-arrests/index.html").read_text("utf-8")
    )
    assert former.xpath("string(//h1)") == "Withdrawn"


def feed(site: Checkout, name: str) -> set[str]:
    path = site.output / name
    if path.suffix == ".json":
        return {item["id"] for item in json.loads(path.read_bytes())["items"]}
    return {entry.id for entry in feedparser.parse(path.read_bytes()).entries}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_feeds_tell_it_under_the_same_id_in_every_format(standing_demo_once, without_first, language):
    prefix = "" if language == "en" else f"{language}/"
    identity = f"tag:omct.example,2026-01-01:appeal/{ID}/{language}"
    for name in ("all", "appeals", "countries/ke", "themes/defenders"):
        path = f"{prefix}feeds/{name}"
        assert identity in feed(standing_demo_once, f"{path}.rss"), path
        rss = feedparser.parse((without_first.output / f"{path}.rss").read_bytes())
        assert rss.bozo == 0
        [entry] = [entry for entry in rss.entries if entry.id == identity]
        assert "link" not in entry
        assert len(entry.content[0].value if "content" in entry else entry.summary) < 400
        assert identity in feed(without_first, f"{path}.json")
        atom = etree.fromstring((without_first.output / f"{path}.atom").read_bytes())
        assert [(e.get("ref"), e.get("when")) for e in atom.iter(TOMBSTONE) if e.get("ref") == identity] == [
            (identity, "2026-11-20T09:30:00+00:00")
        ]
        assert identity not in feed(without_first, f"{path}.atom")


def test_feeds_whose_page_is_gone_tell_it_too(standing_demo_once, without_first):
    identity = "tag:omct.example,2026-01-01:appeal/0000000077/en"
    assert not (without_first.output / "countries/to").exists()
    for path in ("feeds/countries/to.atom", "feeds/cases/alone.atom"):
        assert identity in feed(standing_demo_once, path)
        atom = etree.fromstring((without_first.output / path).read_bytes())
        assert [found.get("ref") for found in atom.iter(TOMBSTONE)] == [identity]
    assert identity in feed(without_first, "feeds/countries/to.rss")
    assert "countries/to" not in (without_first.output / "feeds/feeds.opml").read_text("utf-8")


def test_after_ninety_days_feeds_are_silent_and_tombstones_stay(without_first, tmp_path):
    site = copy_built(without_first, tmp_path / "checkout")
    rebuilt(site, "2027-02-18T09:29Z")
    assert TOMBSTONE.partition("}")[2] in (site.output / "feeds/all.atom").read_text("utf-8")
    rebuilt(site, "2027-02-18T09:30Z")
    assert holders(site, "deleted-entry", ID, "0000000077") == set()
    assert not (site.output / "feeds/countries/to.atom").exists()
    assert (site.output / f"{ARRESTS}index.html").is_file()
    incremental = tree_of(site.output)
    assert site.run("build", "--at", "2027-02-18T09:30Z", "--clean").code == 0
    assert tree_of(site.output) == incremental


def test_a_withdrawn_language_leaves_the_others_alone(without_first):
    english = (without_first.output / "reports/observing-the-kirimba-trial/index.html").read_text("utf-8")
    assert "Six hearings, no witness" in english
    assert 'hreflang="fr" href="https://omct.example/fr/reports/observing' not in english
    french = html.fromstring(
        (without_first.output / "fr/reports/observing-the-kirimba-trial/index.html").read_bytes()
    )
    assert french.xpath("string(//h1)") == "Retiré"
    identity = "tag:omct.example,2026-01-01:report/7xznmyc00c/"
    atom = etree.fromstring((without_first.output / "fr/feeds/reports.atom").read_bytes())
    assert f"{identity}fr" in [found.get("ref") for found in atom.iter(TOMBSTONE)]
    assert f"{identity}en" in feed(without_first, "feeds/reports.atom")


def test_withdrawn_files_are_gone_with_all_that_described_them(standing_demo_once, without_first):
    alt = "Drawing of a court building"
    assert holders(standing_demo_once, alt)
    assert not [path for path in holders(without_first, alt) if not path.startswith("fr/")]
    documents = {path.name for path in without_first.output.rglob("reports/*/*.pdf")}
    assert "observing-the-kirimba-trial-en.pdf" not in documents
    assert "observing-the-kirimba-trial-fr.pdf" in documents
    before = {path.name for path in (standing_demo_once.output / "i").iterdir()}
    after = {path.name for path in (without_first.output / "i").iterdir()}
    assert len(before - after) > 4  # the drawing's renditions and social cards


def test_nothing_leads_to_what_is_gone_and_feeds_are_in_order(without_first):
    assert check_links(without_first.output, "https://omct.example/").findings == ()
    assert check_feeds(without_first.output, "https://omct.example/").findings == ()


def test_incremental_equals_clean_and_undoing_it_gives_back_what_was(
    standing_demo_once, without_first, tmp_path
):
    site = copy_built(without_first, tmp_path / "checkout")
    incremental = tree_of(site.output)
    assert site.build("--clean").code == 0
    assert tree_of(site.output) == incremental
    pages = [f"content/network/{page}/en.md" for page in ("about", "support")]
    for path in (FIRST, REPORT, ALONE, PORTRAIT, *pages):
        text = (site.root / path).read_text("utf-8")
        site.write(path, re.sub(r"withdrawn\w*:.*\n", "", text))
    rebuilt(site)
    assert tree_of(site.output) == tree_of(standing_demo_once.output)


def test_an_address_that_tells_too_much_has_no_tombstone(small, demo):
    small.edit(
        "content/appeals/2026/first/en.md", "fictional: true\n", f"fictional: true\nwithdrawn: {WITHDRAWN}\n"
    )
    assert small.build().code == 0
    assert (small.output / "appeals/first/index.html").is_file()
    small.edit("content/appeals/2026/first/en.md", "fictional: true\n", "fictional: true\ntombstone: false\n")
    assert small.build().code == 0
    assert holders(small, "first/") == set()
    assert not (small.output / "appeals/first").exists()


def test_a_withdrawn_item_may_be_emptied_and_its_id_is_never_free_again(small):
    small.write(
        "content/appeals/2026/first/en.md",
        f"---\nid: 0000000001\nstage: first\nwithdrawn: {WITHDRAWN}\ntitle: Withdrawn\n---\n",
    )
    assert small.build().code == 0
    small.write(
        "content/appeals/2026/second/en.md",
        SEEN.replace("0000000077", "0000000001").replace("lantern-desk", "omct"),
    )
    told = small.build()
    assert told.code == 1
    assert "id '0000000001' is already used by content/appeals/2026/first/en.md" in told.err
