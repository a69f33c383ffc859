"""Series of portraits: the gallery of all of them, and each as a whole for printing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tocsin.render.cards import cards, named, speak
from tocsin.render.feed_lists import feed_links
from tocsin.render.item_pages import item_values, set_texts
from tocsin.render.list_pages import heading, own_page
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet


def gallery_sheets(reading: Reading) -> Iterator[Sheet]:
    """All series of portraits."""
    shared = reading.all_shared("series", reading.world.library.shared.series)
    series = [
        (entry, cards(reading, reading.group(f"series:{key}")), reading.addresses.printed_series(key))
        for key, entry in shared.items()
    ]
    page = own_page(
        reading,
        reading.addresses.section("portrait"),
        "portrait",
        heading(reading, "portrait"),
        feeds=feed_links(reading, "section", "portrait"),
    )
    yield Sheet(page, "portraits.html", {"series": [found for found in series if found[1]]})


def printed_series_sheets(reading: Reading, key: str) -> Iterator[Sheet]:
    """All portraits of a series on one page, in their order, for schools, exhibitions and letters."""
    series = reading.shared("series", reading.world.library.shared.series, key)
    address = reading.addresses.printed_series(key)
    title = named(reading.site, series.title, reading.language)
    intro = named(reading.site, series.intro, reading.language)
    page = own_page(reading, address, "portrait", title)
    values = {
        "series": series,
        "intro": intro,
        "portraits": [_portrait(reading, name) for name in reading.group(f"series:{key}")],
        "original_address": reading.addresses.section("portrait"),
    }
    yield Sheet(page, "series-print.html", values)


def _portrait(reading: Reading, key: str) -> Mapping[str, Any]:
    item = reading.item(key)
    words = speak(reading.site, item, reading.language)
    values = {**item_values(reading, item, words), **set_texts(reading, item, words)}
    return {name: values[name] for name in ("item", "facts", "words", "picture", "body")}
