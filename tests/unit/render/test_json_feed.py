import json

from tests.unit.render.feed_samples import BASE, HARD, LATER, document, entry, full
from tocsin.render.json_feed import json_feed


def test_a_feed_holds_what_json_feed_asks_for():
    feed = json.loads(json_feed(document(full(), entry(2))))
    items = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Bell",
        "description": "A network. Addresses of this site: https://bell.example/",
        "language": "en",
        "home_page_url": BASE,
        "feed_url": f"{BASE}feeds/all.json",
        "authors": [{"name": "The Bell"}],
    }
    assert items[0] == {
        "id": full().id,
        "url": f"{BASE}appeals/a1/",
        "title": HARD,
        "content_html": full().content,
        "summary": "Before <this> & that.",
        "image": f"{BASE}i/abc-640.jpg",
        "date_published": "2026-03-01T00:00:00+00:00",
        "date_modified": "2026-05-03T00:00:00+00:00",
        "language": "en",
        "authors": [{"name": "The Bell"}, {"name": "Lantern & Co"}],
        "tags": ["Kenya"],
        "attachments": [
            {"url": f"{BASE}reports/r/r-en.pdf", "mime_type": "application/pdf"},
            {"url": f"{BASE}reports/r/r-fr.pdf", "mime_type": "application/pdf"},
        ],
    }
    assert "attachments" not in items[1]


def test_keys_are_in_order_and_equal_feeds_have_equal_bytes():
    text = json_feed(document(full(), entry(2)))
    assert text == json_feed(document(full(), entry(2)))
    pairs = json.loads(text, object_pairs_hook=lambda found: found)
    assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)


def test_an_empty_feed_is_a_feed():
    assert json.loads(json_feed(document()))["items"] == []


def test_a_title_that_looks_like_the_place_of_items_does_no_harm():
    made = document(entry(1, title='"items": []'), title='x "items": [] y')
    feed = json.loads(json_feed(made))
    assert (feed["title"], feed["items"][0]["title"]) == ('x "items": [] y', '"items": []')


def test_what_was_withdrawn_is_a_note_under_its_id():
    gone = entry(5, title="Withdrawn", address="", summary="", content="<div>Gone.</div>", updated=LATER)
    made = document(entry(1), withdrawn=((gone.id, LATER.isoformat()),), placeholders=(gone,))
    items = json.loads(json_feed(made))["items"]
    assert [item["id"] for item in items] == [gone.id, entry(1).id]
    assert "url" not in items[0]
