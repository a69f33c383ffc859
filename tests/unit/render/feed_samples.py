"""Entries and documents of feeds for tests: made by hand, with everything that is hard to write."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tocsin.render.feed_documents import FeedDocument
from tocsin.render.feed_entries import Category, Enclosure, FeedEntry, FeedPicture

BASE = "https://bell.example/"
DAY = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 5, 3, tzinfo=UTC)
HARD = "Kenya: A <b>title</b> & ]]> &amp; 𐎠𝔸 مرحبا بالعالم"


def entry(number: int = 1, **more: Any) -> FeedEntry:
    made = FeedEntry(
        id=f"tag:bell.example,2026-01-01:appeal/000000000{number}/en",
        title=HARD,
        address=f"{BASE}appeals/a{number}/",
        language="en",
        published=DAY,
        updated=DAY,
        summary="Before <this> & that.",
        content='<div lang="en" dir="ltr"><p>Text ]]> &amp; <a href="https://bell.example/x/">x</a></p></div>',
        categories=(Category("KE", "tag:bell.example,2026-01-01:country", "Kenya"),),
        creators=("The Bell", "Lantern & Co"),
    )
    return replace(made, texts={}, **more)


def full(**more: Any) -> FeedEntry:
    """An entry that has everything that an entry can have."""
    return entry(
        updated=LATER,
        enclosures=(
            Enclosure(f"{BASE}reports/r/r-en.pdf", "application/pdf", "en"),
            Enclosure(f"{BASE}reports/r/r-fr.pdf", "application/pdf", "fr"),
        ),
        picture=FeedPicture(f"{BASE}i/abc-640.jpg", "image/jpeg", 640, 480),
        replies_to=("tag:bell.example,2026-01-01:appeal/0000000009/en", f"{BASE}appeals/a9/"),
        **more,
    )


def document(*entries: FeedEntry, **more: Any) -> FeedDocument:
    made = FeedDocument(
        id="tag:bell.example,2026-01-01:feed/all/en",
        title="The Bell",
        description="A network. Addresses of this site: https://bell.example/",
        language="en",
        author="The Bell",
        rights="CC BY 4.0",
        home=BASE,
        base=BASE,
        path="feeds/all",
        beginning=datetime(2026, 1, 1, tzinfo=UTC),
        entries=entries,
    )
    return replace(made, **more)
