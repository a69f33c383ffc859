"""The jobs of feeds: each makes all formats of one list, one archive document, or the list of all feeds.

An entry's id is made from the item's own id, its language and the authority in `site.toml` (RFC 4151), never
from host, title, address or date: a subscriber who moves to another mirror keeps what he has read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.library.clock import start_of
from tocsin.render.cards import named
from tocsin.render.feed_documents import FeedDocument
from tocsin.render.feed_entries import (
    Setter,
    addresses_entry,
    entry_id,
    feed_entry,
    reachable,
    tag,
    withdrawn_entry,
)
from tocsin.render.feed_lists import (
    ARCHIVE_FORMATS,
    CASE_FORMATS,
    FORMATS,
    FeedRow,
    group_of,
    name_of,
    page_of_feed,
    rows,
    title_of,
)
from tocsin.render.json_feed import json_feed
from tocsin.render.kept_entries import KeptEntries
from tocsin.render.labels import LABELS
from tocsin.render.opml import opml
from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE

Texts = Iterator[tuple[str, str]]


def feed(reading: Reading, setter: Setter, family: str, key: str) -> Texts:
    """Path and text of a feed in each of its formats, with the sentinel as base address."""
    group = group_of(family, key, reading.language)
    gone = tuple(
        withdrawn_entry(reading, setter, entry_id(reading.site, kind, identity, reading.language), when)
        for kind, identity, when in reading.ask("withdrawn", group, reading.language)
    )
    shown = tuple(_shown(reading, family, group))
    kept = KeptEntries(reading, shown) if family == "all" else None
    if kept:
        kept.recall()
    entries = [feed_entry(reading, setter, item) for item in shown]
    document = _document(
        reading,
        family,
        key,
        entries=(*entries, addresses_entry(reading, setter)),
        pages=tuple(_newest_archive(reading)) if family == "all" else (),
        withdrawn=tuple((entry.id, entry.updated.isoformat()) for entry in gone),
        placeholders=gone,
    )
    yield from _texts(document, CASE_FORMATS if family == "case" else tuple(FORMATS))
    if kept:
        kept.keep()


def _shown(reading: Reading, family: str, group: str) -> Iterable[str]:
    """The keys of a feed's items, the last changed first. A case is short, so its feed has all of it."""
    if family != "case":
        return tuple(reading.ask("window", group, reading.language))
    chain = reversed(reading.group(group))
    return tuple(key for key in chain if reading.language in reading.entry(key).languages)


def archive(reading: Reading, setter: Setter, number: str) -> Texts:
    """Path and text of an archive document (RFC 5005, 4) of the feed of everything."""
    place = int(number)
    keys = reading.ask("archive", reading.language, place)
    pages = [("current", _path(reading, "all"))]
    if place > 1:
        pages.append(("prev-archive", _path(reading, _archive_name(place - 1))))
    if reading.ask("archived-after", reading.language, place):
        pages.append(("next-archive", _path(reading, _archive_name(place + 1))))
    document = _document(
        reading,
        "all",
        "",
        path=_path(reading, _archive_name(place)),
        entries=tuple(feed_entry(reading, setter, key) for key in keys),
        pages=tuple(pages),
        is_archive=True,
    )
    return _texts(document, ARCHIVE_FORMATS)


def list_of_feeds(reading: Reading, setter: Setter) -> Texts:
    """Path and text of the list of a language's feeds, for readers to import; cases come and go, so none."""
    title = f"{named(reading.site, reading.site.identity.name, reading.language)}: {reading.word('Feeds')}"
    address = reading.addresses.feed("feeds", "opml")
    yield address, opml(title, reading.language, SENTINEL_BASE, families(reading))


def families(reading: Reading) -> list[tuple[str, list[FeedRow]]]:
    """The feeds that every language has, by heading; the feed of everything has none."""
    found = [("", rows(reading, "all"))]
    found.append((reading.word("By kind"), rows(reading, "section")))
    found.append((reading.word(LABELS["section"]["theme"]), rows(reading, "theme")))
    found.append((reading.word(LABELS["section"]["country"]), rows(reading, "country")))
    return [(heading, own) for heading, own in found if own]


def _texts(document: FeedDocument, formats: Iterable[str]) -> Texts:
    # The import alone costs some 60 milliseconds, which a build without feeds to make saves.
    from tocsin.render.feedgen_net import generated

    for ending in formats:
        text = json_feed(document) if ending == "json" else generated(document, ending)
        yield f"{document.path}.{ending}", text


def _newest_archive(reading: Reading) -> Iterator[tuple[str, str]]:
    newest = reading.ask("archives", reading.language)
    if newest:
        yield "prev-archive", _path(reading, _archive_name(newest))


def _archive_name(number: int) -> str:
    return f"archive/{number}"


def _path(reading: Reading, name: str) -> str:
    return reading.addresses.feed(name, "").removesuffix(".")


def _document(reading: Reading, family: str, key: str, **more: object) -> FeedDocument:
    """A document of a feed with what all documents say; `more` is what differs."""
    site, language = reading.site, reading.language
    name = name_of(family, key)
    network = named(site, site.identity.name, language)
    about = title_of(reading, family, key)
    values = {
        "id": tag(site, f"feed/{name}/{language}"),
        "title": network if family == "all" else f"{about} – {network}",
        "description": _description(reading),
        "language": language,
        "author": named(site, site.identity.name, site.default_language),
        "rights": site.licence.name,
        "home": SENTINEL_BASE + page_of_feed(reading, family, key),
        "base": SENTINEL_BASE,
        "path": _path(reading, name),
        "beginning": start_of(site.feeds.date),
    }
    return FeedDocument(**{**values, **more})  # type: ignore[arg-type]


def _description(reading: Reading) -> str:
    """What a feed says of itself: the site's line, and where else the site can be reached."""
    site = reading.site
    about = named(site, site.identity.strapline, reading.language)
    # Isolated, so that a line that runs from right to left does not turn an address round.
    addresses = ", ".join(f"\u2066{address}\u2069" for address in reachable(site).addresses)
    return f"{about}. {reading.word('Addresses of this site: %(addresses)s') % {'addresses': addresses}}"
