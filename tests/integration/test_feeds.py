"""All feeds of the demonstration site and of small sites: what each holds, and what pages say of them."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import pytest
from lxml import etree

from tests.integration.checkout import AT, LANGUAGES, SITE, Built, Checkout, home, interface, tree_of, words
from tests.integration.test_site import OTHER, stamps_of
from tocsin.checks.feeds import check_feeds
from tocsin.render.stamps import restamp

ENDINGS = ("rss", "atom", "json")
APPEAL = "content/appeals/2026/first/en.md"


def entries_of(path: Path) -> list[str]:
    """The ids of a feed, but for the entry that every feed has."""
    if path.suffix == ".json":
        ids = [item["id"] for item in json.loads(path.read_bytes())["items"]]
    else:
        ids = [entry.id for entry in feedparser.parse(path.read_bytes()).entries]
    return [identity for identity in ids if ":addresses/" not in identity]


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def paths(demo: Built) -> dict[str, Path]:
    """Every feed document by its path."""
    found = [path for ending in ENDINGS for path in demo.output.rglob(f"feeds/**/*.{ending}")]
    return {path.relative_to(demo.output).as_posix(): path for path in sorted(found)}


def test_every_list_of_every_language_has_a_feed_in_three_formats(demo, paths):
    lists = {
        address: name
        for address in demo.pages
        if (name := re.fullmatch(r"(?:[a-z]{2}/)?((?:countries|themes)/[a-z-]+)/", address))
    }
    assert len(lists) > 100
    for language in LANGUAGES:
        wanted = {"all", "appeals", "reports", "statements", "portraits"}
        wanted |= {found[1] for address, found in lists.items() if address == f"{home(language)}{found[1]}/"}
        for name in wanted:
            assert all(f"{home(language)}feeds/{name}.{ending}" in paths for ending in ENDINGS), (
                language,
                name,
            )


def test_open_cases_have_a_feed_in_atom_alone(demo, paths):
    cases = {path for path in paths if "/cases/" in path}
    assert cases
    assert {path.rpartition(".")[2] for path in cases} == {"atom"}
    for path in cases:
        language = path[:2] if path[2] == "/" else "en"
        slug = path.rpartition("/")[2].removesuffix(".atom")
        page = demo.page(f"{home(language)}cases/{slug}/")
        assert f"{SITE}{path}" in [urljoin(SITE + page.address, a) for a in page.find("//main//a/@href")]
        replies = etree.fromstring(paths[path].read_bytes()).findall("{*}entry/{*}in-reply-to")
        ids = entries_of(paths[path])
        assert len(replies) in {len(ids), len(ids) - 1}


def test_every_feed_is_read_by_feedparser_without_complaint(paths):
    for name, path in paths.items():
        if path.suffix != ".json":
            feed = feedparser.parse(path.read_bytes())
            assert feed.bozo == 0, (name, feed.get("bozo_exception"))
            assert feed.entries, name


def test_what_feedparser_reads_is_what_json_says_field_by_field(paths):
    for name, path in paths.items():
        if path.suffix == ".json":
            written = json.loads(path.read_bytes())
            for ending in ("rss", "atom"):
                feed = feedparser.parse(path.with_suffix(f".{ending}").read_bytes())
                assert feed.feed.title == written["title"]
                assert feed.feed.subtitle == written["description"]
                assert feed.feed.link == written["home_page_url"]
                assert feed.feed.language == written["language"]
                for entry, item in zip(feed.entries, written["items"], strict=True):
                    assert (entry.id, entry.link, entry.title) == (item["id"], item["url"], item["title"]), (
                        name
                    )
                    assert [tag.label or tag.term for tag in entry.get("tags", ())] == item.get("tags", [])
                    assert [a.get("name") for a in entry.get("authors", ())] == [
                        author["name"] for author in item.get("authors", ())
                    ] or ending == "rss"
                    for field, stated in (("published", "date_published"), ("updated", "date_modified")):
                        read = datetime(*entry[f"{field}_parsed"][:6], tzinfo=UTC)
                        assert read.isoformat() == item[stated]


def test_no_feed_of_the_demonstration_would_trip_a_reader(demo):
    report = check_feeds(demo.output, SITE)
    assert report.findings == ()
    assert report.feeds > 300
    assert report.entries > 1000


def test_reports_carry_their_editions_and_portraits_their_pictures(demo, items, language):
    reports = feedparser.parse((demo.output / home(language) / "feeds/reports.atom").read_bytes())
    for entry in reports.entries[:-1]:
        item = next(i for i in items.values() if f"/{i.facts['id']}/" in entry.id)
        files = [edition for edition in item.facts.get("editions", ()) if edition.get("file")]
        found = {link.href: int(link.length) for link in entry.links if link.rel == "enclosure"}
        assert len(found) == len(files)
        sizes = {address: (demo.output / address.removeprefix(SITE)).stat().st_size for address in found}
        assert found == sizes
    told = json.loads((demo.output / home(language) / "feeds/reports.json").read_bytes())["items"]
    for file in (file for item in told for file in item.get("attachments", ())):
        assert (demo.output / file["url"].removeprefix(SITE)).stat().st_size == file["size_in_bytes"]
    rss = etree.parse(demo.output / home(language) / "feeds/reports.rss").iter("enclosure")
    for file in rss:
        assert (demo.output / file.get("url").removeprefix(SITE)).stat().st_size == int(file.get("length"))
    portraits = json.loads((demo.output / home(language) / "feeds/portraits.json").read_bytes())["items"]
    shown = [item for item in portraits if "image" in item]
    assert len(shown) >= len(portraits) // 2
    for item in shown:
        assert (demo.output / item["image"].removeprefix(SITE)).is_file()
        assert item["image"] in item["content_html"]


def test_every_feed_says_where_else_the_site_is(paths):
    for path in paths.values():
        if path.suffix == ".json":
            feed = json.loads(path.read_bytes())
            assert SITE in feed["description"]
            assert (
                sum(":addresses/" in item["id"] and SITE in item["content_html"] for item in feed["items"])
                == 1
            )
    assert paths


def test_the_page_of_feeds_lists_every_feed_and_the_list_for_readers_holds_them(demo, paths, language):
    page = demo.page(f"{home(language)}feeds/")
    shown = {urljoin(SITE + page.address, address) for address in page.find("//main//a/@href")}
    own = {SITE + p for p in paths if p.startswith(f"{home(language)}feeds/") and "/archive/" not in p}
    assert own <= shown
    opml = demo.output / home(language) / "feeds/feeds.opml"
    assert f"{SITE}{home(language)}feeds/feeds.opml" in shown
    outlines = etree.fromstring(opml.read_bytes()).findall(".//outline[@xmlUrl]")
    atom = {address for address in own if address.endswith(".atom") and "/cases/" not in address}
    assert {outline.get("xmlUrl") for outline in outlines} == atom
    assert len(outlines) == len(atom)
    for outline in outlines:
        assert (outline.get("type"), outline.get("language")) == ("rss", language)
        assert outline.get("text")
        file = outline.get("htmlUrl").removeprefix(SITE)
        assert (demo.output / file / "index.html").is_file()


def test_lists_link_to_their_feed_where_readers_and_programs_look(demo, language):
    say = interface(demo.checkout.root, language)
    for place, name in {
        "appeals/": "appeals",
        "portraits/": "portraits",
        "countries/ke/": "countries/ke",
    }.items():
        page = demo.page(home(language) + place)
        wanted = [f"{SITE}{home(language)}feeds/{name}.{ending}" for ending in ENDINGS]
        follow = page.one("//main//p[@class='follow']")
        assert words(follow).startswith(say("Follow by feed:"))
        assert [urljoin(SITE + page.address, a) for a in follow.xpath("a/@href")][:3] == wanted
        head = page.find("//head/link[@rel='alternate'][@type]")
        assert [urljoin(SITE + page.address, link.get("href")) for link in head][:3] == wanted
        assert len(head) == 6


# What changes what.


def written(site: Checkout) -> set[str]:
    """The feed documents that a build writes, by path; `build` must find something to do."""
    before = {path: path.stat().st_mtime_ns for path in site.output.rglob("feeds/**/*") if path.is_file()}
    assert site.build().code == 0
    now = {path: path.stat().st_mtime_ns for path in site.output.rglob("feeds/**/*") if path.is_file()}
    return {p.relative_to(site.output).as_posix() for p in now if now[p] != before.get(p)}


def test_an_edit_rewrites_the_feeds_that_hold_the_item_and_no_others(small):
    assert small.build().code == 0
    small.edit(APPEAL, "A text with", "Another text with")
    names = ("all", "appeals", "countries/ke", "themes/defenders")
    held = {f"feeds/{name}.{ending}" for name in names for ending in ENDINGS}
    assert written(small) == {*held, "feeds/cases/first.atom"}
    small.edit("content/network/about/en.md", "Who we are", "Who we were")
    assert {path for path in written(small) if path.endswith(ENDINGS)} == set()


def test_an_edit_of_a_translation_rewrites_the_feeds_of_its_language_alone(small):
    head = "title: Menaces\ntranslator: A. B.\nstate: draft\nsource_rev: 00000000000a\n"
    small.write(APPEAL.replace("en.md", "fr.md"), f"---\n{head}---\n\nUn texte.\n")
    assert small.build().code == 0
    small.edit(APPEAL.replace("en.md", "fr.md"), "Un texte.", "Un autre texte.")
    changed = {path for path in written(small) if path.endswith(ENDINGS)}
    assert {path.partition("/")[0] for path in changed} == {"fr"}
    assert "fr/feeds/appeals.rss" in changed


def more(small: Checkout, days: list[str], **facts: str) -> None:
    """Add a statement a day."""
    for number, day in enumerate(days):
        lines = "".join(f"{key}: {value}\n" for key, value in facts.items())
        small.write(
            f"content/statements/2025/s{number:03}/en.md",
            f"---\nid: 00000{number + 100:05}\noriginal: true\nfictional: true\nissued: {day}\n"
            f"form: press-release\n{lines}title: Statement {number}\n---\n\nText {number}.\n",
        )


def days(count: int) -> list[str]:
    return [(date(2010, 1, 1) + timedelta(30 * number)).isoformat() for number in range(count)]


@pytest.fixture
def long(small: Checkout) -> Checkout:
    """A site with archives: 161 items, a month apart."""
    more(small, days(160))
    assert small.build().code == 0
    return small


def archive(site: Checkout, name: str = "feeds/archive/1.atom") -> Path:
    return site.output / name


def test_archives_hold_what_the_feed_of_everything_no_longer_shows(long):
    assert {path.name for path in long.output.rglob("archive/*")} == {"1.atom", "1.rss"}
    shown = entries_of(long.output / "feeds/all.atom")
    for ending in ("atom", "rss"):
        archived = entries_of(archive(long, f"feeds/archive/1.{ending}"))
        assert len(archived) == 100
        assert not set(archived) & set(shown)
        assert len(set(archived) | set(shown)) == 161
    root = etree.fromstring((long.output / "feeds/all.atom").read_bytes())
    links = {link.get("rel"): link.get("href") for link in root.findall("{*}link")}
    assert links["prev-archive"] == f"{SITE}feeds/archive/1.atom"
    assert check_feeds(long.output, SITE).findings == ()


def test_an_archive_changes_when_something_in_it_is_corrected_and_when_nothing_else_happens(long):
    before = archive(long).read_bytes()
    more(long, [*days(160), "2026-02-01"])
    assert written(long)
    assert archive(long).read_bytes() == before
    path = "content/statements/2025/s003/en.md"
    long.edit(
        path, "title:", "corrected:\n  name: 2026-03-02\ncorrections:\n  name: The name was wrong.\ntitle:"
    )
    assert {f"feeds/archive/1.{ending}" for ending in ("atom", "rss")} <= written(long)
    entry = feedparser.parse((long.output / "feeds/all.atom").read_bytes()).entries[0]
    assert entry.id == "tag:omct.example,2026-01-01:statement/0000000103/en"
    assert entry.updated == "2026-03-02T00:00:00+00:00"
    assert entry.published.startswith("2010-04-01")
    assert "The name was wrong." in entry.content[0].value
    assert check_feeds(long.output, SITE).findings == ()


def test_an_embargoed_item_shows_in_no_feed_list_or_archive(long):
    before = tree_of(long.output)
    long.write(
        "content/statements/2010/secret/en.md",
        "---\nid: 0000099999\noriginal: true\nfictional: true\nissued: 2010-02-01\n"
        "embargo: 2026-12-01T09:00Z\nform: press-release\ncountries: [FR]\nthemes: [children]\n"
        "title: Secret\n---\n\nText.\n",
    )
    assert long.build().code == 0
    assert tree_of(long.output) == before


def test_a_feed_of_nothing_and_a_feed_of_one(small):
    (small.root / APPEAL).unlink()
    assert small.build().code == 0
    assert entries_of(small.output / "feeds/all.rss") == []
    more(small, ["2026-01-01"])
    assert small.build().code == 0
    for ending in ENDINGS:
        assert len(entries_of(small.output / f"feeds/all.{ending}")) == 1
    assert check_feeds(small.output, SITE).findings == ()


HARD = "]]> <b>&amp;</b> 𐎠𝔸 مرحبا \u2067x\u2069"


def test_hard_titles_and_future_days_and_equal_seconds_are_read_as_they_were_written(small):
    more(small, ["2099-12-31", "2099-12-31", "2026-01-01"], summary="|-\n  " + HARD)
    for number in range(3):
        path = f"content/statements/2025/s{number:03}/en.md"
        small.edit(path, f"title: Statement {number}", f"title: |-\n  {HARD}")
    assert small.build().code == 0
    assert check_feeds(small.output, SITE).findings == ()
    for ending in ("rss", "atom"):
        root = etree.fromstring((small.output / f"feeds/statements.{ending}").read_bytes())
        titles = root.findall("{*}entry/{*}title" if ending == "atom" else "channel/item/title")
        assert [title.text for title in titles[:3]] == [HARD] * 3
    items = json.loads((small.output / "feeds/statements.json").read_bytes())["items"]
    assert [(item["title"], item["summary"]) for item in items[:3]] == [(HARD, HARD)] * 3
    assert [item["id"].split("/")[1] for item in items[:3]] == ["0000000101", "0000000100", "0000000102"]


def test_an_update_replies_to_what_it_continues(small):
    text = (small.root / APPEAL).read_text(encoding="utf-8")
    text = text.replace("0000000001", "0000000004").replace("issued: 2026-03-01", "issued: 2026-04-01")
    small.write(
        "content/appeals/2026/next/en.md", text.replace("stage: first", "stage: follow-up\nfollows: first")
    )
    assert small.build().code == 0
    root = etree.fromstring((small.output / "feeds/appeals.atom").read_bytes())
    replies = [dict(reply.attrib) for reply in root.findall("{*}entry/{*}in-reply-to")]
    assert replies == [
        {
            "ref": "tag:omct.example,2026-01-01:appeal/0000000001/en",
            "href": f"{SITE}appeals/first/",
            "type": "text/html",
        }
    ]


def test_a_site_that_wants_few_feeds_has_few_and_links_to_no_others(small):
    small.edit("site.toml", 'lists = ["section", "country", "theme", "case", "archive"]', "lists = []")
    assert small.build().code == 0
    found = {path.relative_to(small.output).as_posix() for path in small.output.rglob("feeds/**/*.*")}
    wanted = {f"{home(code)}feeds/all.{ending}" for code in ("en", "fr", "ar") for ending in ENDINGS}
    wanted |= {f"{home(code)}feeds/feeds.opml" for code in ("en", "fr", "ar")}
    assert found == wanted | {f"{home(code)}feeds/index.html" for code in ("en", "fr", "ar")}
    told = small.run("check", "--at", AT)
    assert told.code == 0, told.out


def test_feeds_of_two_mirrors_differ_in_their_addresses_alone(demo):
    stamped = stamps_of(demo.checkout)
    feeds = [path for path in stamped if path.endswith(ENDINGS) or path.endswith(".opml")]
    assert len(feeds) > 300
    for path in feeds:
        ours = (demo.output / path).read_bytes()
        theirs = restamp(ours, stamped[path], SITE, OTHER)
        assert restamp(theirs, _moved(stamped[path]), OTHER, SITE) == ours
        neutral = theirs.replace(OTHER.encode(), b"@"), ours.replace(SITE.encode(), b"@")
        assert neutral[0].replace(SITE.encode(), b"@") == neutral[1]


def _moved(stamps: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Where the stamps stand in the file of the other mirror; feeds name whole addresses only."""
    longer = len(OTHER) - len(SITE)
    return [(offset + number * longer, is_base) for number, (offset, is_base) in enumerate(stamps)]
