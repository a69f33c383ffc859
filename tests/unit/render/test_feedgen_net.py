"""What feedgen 1.0.0 does, and that none of it reaches readers: a test for each finding, by its number."""

import ast
import locale
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from feedgen.feed import FeedGenerator
from lxml import etree

from tests.unit.render.feed_samples import BASE, DAY, HARD, LATER, document, entry, full
from tocsin.render.feedgen_net import ATOM, DC, HISTORY, MEDIA, THREAD, TOMBSTONE, XML, generated
from tocsin.render.stamps import SENTINEL_HOST

ROOT = Path(__file__).resolve().parents[3]
NS = {"a": ATOM, "dc": DC, "fh": HISTORY, "thr": THREAD, "at": TOMBSTONE, "media": MEDIA}
NS["content"] = "http://purl.org/rss/1.0/modules/content/"


def atom(made):
    return etree.fromstring(generated(made, "atom").encode())


def rss(made):
    return etree.fromstring(generated(made, "rss").encode()).find("channel")


def links(element, path="a:link"):
    return [dict(link.attrib) for link in element.findall(path, NS)]


def test_01_links_of_an_entry_keep_what_they_are():
    assert links(atom(document(full())), "a:entry/a:link") == [
        {"rel": "alternate", "href": f"{BASE}appeals/a1/", "hreflang": "en", "type": "text/html"},
        {
            "rel": "enclosure",
            "href": f"{BASE}reports/r/r-en.pdf",
            "hreflang": "en",
            "type": "application/pdf",
        },
        {
            "rel": "enclosure",
            "href": f"{BASE}reports/r/r-fr.pdf",
            "hreflang": "fr",
            "type": "application/pdf",
        },
    ]


def test_02_content_is_html_and_never_cdata():
    for ending in ("atom", "rss"):
        text = generated(document(full()), ending)
        assert "CDATA" not in text
        parsed = feedparser.parse(text.encode())
        assert parsed.bozo == 0
    content = atom(document(full())).find("a:entry/a:content", NS)
    assert (content.get("type"), content.text) == ("html", full().content)


def test_03_the_link_of_a_channel_is_its_page_whatever_other_links_there_are():
    pages = (("prev-archive", "feeds/archive/7"), ("hub", "feeds/hub"))
    assert rss(document(entry(), pages=pages)).findtext("link") == BASE


def test_04_an_item_has_one_link_which_is_its_page():
    item = rss(document(full())).findall("item/link")
    assert [link.text for link in item] == [f"{BASE}appeals/a1/"]
    alternates = [
        link for link in links(atom(document(full())), "a:entry/a:link") if link["rel"] == "alternate"
    ]
    assert len(alternates) == 1


def test_05_links_of_archives_reach_both_formats():
    pages = (
        ("current", "feeds/all"),
        ("prev-archive", "feeds/archive/6"),
        ("next-archive", "feeds/archive/8"),
    )
    made = document(entry(), path="feeds/archive/7", pages=pages, is_archive=True)
    for ending, root in {"atom": atom(made), "rss": rss(made)}.items():
        found = {link["rel"]: link["href"] for link in links(root)}
        assert found.pop("alternate", BASE) == BASE
        assert found == {
            "self": f"{BASE}feeds/archive/7.{ending}",
            "current": f"{BASE}feeds/all.{ending}",
            "prev-archive": f"{BASE}feeds/archive/6.{ending}",
            "next-archive": f"{BASE}feeds/archive/8.{ending}",
        }
        assert root.find("fh:archive", NS) is not None


def test_06_each_format_names_its_own_address():
    made = document(entry())
    for ending, root in {"atom": atom(made), "rss": rss(made)}.items():
        own = [link for link in links(root) if link["rel"] == "self"]
        media_type = f"application/{ending}+xml"
        assert own == [{"rel": "self", "href": f"{BASE}feeds/all.{ending}", "type": media_type}]


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_07_no_date_is_that_of_the_build(ending):
    first = generated(document(entry(), full()), ending)
    time.sleep(1.1)
    assert generated(document(entry(), full()), ending) == first
    empty = document()
    assert feedparser.parse(generated(empty, ending).encode()).feed.updated_parsed[:3] == (2026, 1, 1)


def test_07_a_feed_was_changed_when_its_newest_entry_was():
    made = document(entry(1), full())
    assert atom(made).findtext("a:updated", namespaces=NS) == "2026-05-03T00:00:00+00:00"
    assert rss(made).findtext("lastBuildDate") == "Sun, 03 May 2026 00:00:00 +0000"


def test_08_neither_feedgen_nor_any_version_nor_a_third_party_is_named():
    for ending in ("atom", "rss"):
        text = generated(document(full()), ending).lower()
        assert "feedgen" not in text
        assert "rssboard" not in text
        assert "lkiesow" not in text
    assert dict(atom(document()).find("a:generator", NS).attrib) == {}


def test_09_authors_without_an_address_are_named_in_both_formats():
    creators = rss(document(full())).findall("item/dc:creator", NS)
    assert [creator.text for creator in creators] == ["The Bell", "Lantern & Co"]
    names = atom(document(full())).findall("a:entry/a:author/a:name", NS)
    assert [name.text for name in names] == ["The Bell", "Lantern & Co"]
    assert rss(document(full())).find("item/author") is None


def test_10_an_entry_says_its_language_and_when_it_changed_in_both_formats():
    made = document(full())
    assert atom(made).find("a:entry", NS).get(f"{{{XML}}}lang") == "en"
    item = rss(made).find("item")
    assert item.findtext("dc:language", namespaces=NS) == "en"
    assert item.findtext("a:updated", namespaces=NS) == "2026-05-03T00:00:00+00:00"
    assert "xml:base" not in generated(made, "atom") + generated(made, "rss")


def test_11_entries_stand_in_the_order_given():
    made = document(entry(3), entry(1), entry(2))
    wanted = [one.id for one in made.entries]
    for ending in ("atom", "rss"):
        assert [e.id for e in feedparser.parse(generated(made, ending).encode()).entries] == wanted


def test_12_what_feedgen_refuses_cannot_reach_it():
    """Control characters are faults of sources; dates have a zone; content is never XHTML."""
    from tocsin.model.text import INVISIBLE

    illegal = [*range(0x9), 0xB, 0xC, *range(0xE, 0x20), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF]
    assert all(INVISIBLE.search(chr(code)) for code in illegal)
    unclosed = '<div lang="en" dir="ltr"><p>one<br>two&eacute;</p></div>'
    assert atom(document(entry(content=unclosed))).findtext("a:entry/a:content", namespaces=NS) == unclosed


def test_13_dates_are_english_and_the_locale_stays_as_it_was():
    before = locale.setlocale(locale.LC_ALL)
    dates = rss(document(full())).xpath("//pubDate/text()|//lastBuildDate/text()")
    assert dates == ["Sun, 03 May 2026 00:00:00 +0000", "Sun, 01 Mar 2026 00:00:00 +0000"]
    assert locale.setlocale(locale.LC_ALL) == before


def test_13_no_thread_is_started_where_feeds_are_made():
    for path in [*(ROOT / "tocsin/render").rglob("*.py"), ROOT / "tocsin/make/engine.py"]:
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in getattr(node, "names", ()) if isinstance(node, ast.Import)]
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not {"threading", "concurrent.futures"} & set(names), path


def test_14_the_module_can_be_the_first_of_feedgen_to_be_imported():
    told = subprocess.run(
        [sys.executable, "-c", "import tocsin.render.feedgen_net"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_15_every_element_of_atom_is_in_its_namespace():
    root = atom(document(full(), is_archive=True, pages=(("current", "feeds/all"),)))
    spaces = {etree.QName(element).namespace for element in root.iter()}
    assert spaces == {ATOM, HISTORY, THREAD, MEDIA}
    assert root.nsmap[None] == ATOM


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_16_no_date_has_fractions_of_a_second(ending):
    assert "." not in "".join(
        e.updated for e in feedparser.parse(generated(document(full()), ending)).entries
    )


def test_feedgen_still_is_what_these_tests_repair():
    """When this fails, feedgen was mended: see what of `feedgen_net` is still needed."""
    feed = FeedGenerator()
    feed.id("x")
    feed.title("x")
    feed.updated(DAY)
    made = feed.add_entry()
    made.id("y")
    made.title("y")
    made.link(href="https://bell.example/", rel="enclosure")
    made.content("z")
    text = feed.atom_str().decode()
    assert '<link href="https://bell.example/"/>' in text


# What the two formats hold.


def test_hard_titles_are_plain_text_in_both_formats():
    for ending, path in {"atom": "a:entry/a:title", "rss": "channel/item/title"}.items():
        root = etree.fromstring(generated(document(entry()), ending).encode())
        assert root.findtext(path, namespaces=NS) == HARD
        assert feedparser.parse(generated(document(entry()), ending).encode()).bozo == 0


def test_a_summary_is_plain_text_also_where_readers_take_it_for_html():
    item = rss(document(entry())).find("item")
    assert item.findtext("description") == "Before &lt;this&gt; &amp; that."
    assert item.findtext("content:encoded", namespaces=NS) == entry().content
    assert atom(document(entry())).findtext("a:entry/a:summary", namespaces=NS) == "Before <this> & that."


def test_an_id_is_no_link():
    guid = rss(document(entry())).find("item/guid")
    assert (guid.text, guid.get("isPermaLink")) == (entry().id, "false")


def test_an_item_has_one_enclosure_and_its_picture():
    item = rss(document(full())).find("item")
    assert [dict(file.attrib) for file in item.findall("enclosure")] == [
        {"url": f"{BASE}reports/r/r-en.pdf", "length": "0", "type": "application/pdf"}
    ]
    for made in (item, atom(document(full())).find("a:entry", NS)):
        assert dict(made.find("media:content", NS).attrib) == {
            "url": f"{BASE}i/abc-640.jpg",
            "medium": "image",
            "type": "image/jpeg",
            "width": "640",
            "height": "480",
        }


def test_an_update_says_what_it_replies_to():
    reply = atom(document(full())).find("a:entry/thr:in-reply-to", NS)
    assert dict(reply.attrib) == {
        "ref": "tag:bell.example,2026-01-01:appeal/0000000009/en",
        "href": f"{BASE}appeals/a9/",
        "type": "text/html",
    }


def test_subjects_have_a_name_and_a_vocabulary():
    made = document(full())
    assert dict(atom(made).find("a:entry/a:category", NS).attrib) == {
        "term": "KE",
        "scheme": "tag:bell.example,2026-01-01:country",
        "label": "Kenya",
    }
    category = rss(made).find("item/category")
    assert (category.text, category.get("domain")) == ("Kenya", "tag:bell.example,2026-01-01:country")


def test_what_was_withdrawn_is_a_tombstone_in_atom_and_a_note_in_rss():
    gone = entry(5, title="Withdrawn", address="", summary="", content="<div>Gone.</div>", updated=LATER)
    made = document(entry(1), withdrawn=((gone.id, LATER.isoformat()),), placeholders=(gone,))
    root = atom(made)
    assert [dict(e.attrib) for e in root.findall("at:deleted-entry", NS)] == [
        {"ref": gone.id, "when": "2026-05-03T00:00:00+00:00"}
    ]
    assert [e.findtext("a:id", namespaces=NS) for e in root.findall("a:entry", NS)] == [entry(1).id]
    items = rss(made).findall("item")
    assert [item.findtext("guid") for item in items] == [gone.id, entry(1).id]
    assert items[0].findtext("description") == "<div>Gone.</div>"
    assert items[0].find("link") is None


def test_an_entry_is_written_once_for_all_feeds_and_is_the_same_in_each():
    shared = full()
    one, other = document(shared, entry(2)), document(entry(3), shared, title="Another", path="feeds/x")
    for ending in ("atom", "rss"):
        first = generated(one, ending)
        kept = shared.texts[ending]
        assert kept in first
        assert kept in generated(other, ending)
        assert shared.texts[ending] is kept
        alone = generated(document(full(), title="Another"), ending)
        assert kept in alone


def test_an_empty_feed_is_a_feed():
    for ending in ("atom", "rss"):
        parsed = feedparser.parse(generated(document(), ending).encode())
        assert (parsed.bozo, parsed.entries, parsed.feed.title) == (0, [], "The Bell")


def test_early_and_late_dates_have_years_of_four_digits():
    early = entry(1, published=datetime(1970, 1, 1, tzinfo=UTC), updated=datetime(1970, 1, 1, tzinfo=UTC))
    late = entry(2, published=datetime(2099, 12, 31, tzinfo=UTC), updated=datetime(2099, 12, 31, tzinfo=UTC))
    parsed = feedparser.parse(generated(document(late, early), "rss").encode())
    assert [e.published_parsed[0] for e in parsed.entries] == [2099, 1970]
    assert parsed.feed.updated_parsed[0] == 2099


def test_addresses_of_mirrors_are_stamped_and_never_resolved():
    made = document(entry(content=f'<div><a href="https://{SENTINEL_HOST}/x/">x</a></div>'))
    assert SENTINEL_HOST in generated(made, "atom")
