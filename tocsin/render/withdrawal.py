"""What stands in place of what was withdrawn: the same neutral page for all, and tombstones in feeds.

An item that was withdrawn is in no list, feed, index or picture, because it is not in the library's entries.
What is left of it are addresses that readers and search engines may have kept, and ids in feed readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin.library.entry import Entry
from tocsin.library.library import Library
from tocsin.render.addresses import Addresses
from tocsin.render.offers import page_language

# Feeds of these go on when their pages do not.
_OUTLIVING = {"country", "case"}


def tombstones(library: Library) -> Iterator[tuple[str, str]]:
    """Language and address of every page that stands in place of a withdrawn one."""
    for entry in library.withdrawn.values():
        if entry.kind != "member" and entry.tombstone:
            for language in library.site.languages:
                if page_language(library.site, entry, language) == language:
                    yield from _pages(library, entry, language)
    for key in library.lists.partly:
        entry = library.entries[key]
        for language, _ in entry.withdrawn_languages if entry.tombstone else ():
            # Where the page of another language is shown instead, there is no need of a tombstone.
            is_spoken = language in library.site.languages
            if is_spoken and page_language(library.site, entry, language) != language:
                yield from _pages(library, entry, language)
    for case, languages in library.lists.former.items():
        first = library.withdrawn.get(f"appeal:{case}")
        if first is not None and first.tombstone:
            yield from ((language, _own(library, language).case(case)) for language in languages)


def _pages(library: Library, entry: Entry, language: str) -> Iterator[tuple[str, str]]:
    own = _own(library, language)
    address = own.item(entry)
    yield from ((language, address), (language, own.printed(address)))


def _own(library: Library, language: str) -> Addresses:
    return Addresses(language, library.site.default_language)


def gone(library: Library) -> tuple[str, ...]:
    """Every address that is to be answered with 410 (RFC 9110, 15.5.11): tombstones and documents."""
    entries = (*library.withdrawn.values(), *(library.entries[key] for key in library.lists.partly))
    files = {address for entry in entries if entry.tombstone for address in entry.withdrawn_documents}
    return tuple(sorted({address for _, address in tombstones(library)} | files))


def in_feed(library: Library, group: str, language: str) -> tuple[tuple[str, str, str], ...]:
    """Kind and id of what was withdrawn from the feed of a group, and the instant (ISO 8601) of that."""
    found = library.lists.withdrawn.get(group, ())
    days = timedelta(library.site.feeds.days)
    return tuple(
        (kind, identity, instant)
        for kind, identity, spoken, instant in found
        if spoken == language and library.as_of < datetime.fromisoformat(instant) + days
    )


def feeds_kept(library: Library, language: str) -> Iterator[tuple[str, str]]:
    """Family and key of feeds that hold nothing but tombstones: of countries and cases that are no more."""
    cases = frozenset(library.cases.values())
    for name in sorted(library.lists.withdrawn):
        family, _, key = name.partition(":")
        is_left = key in (library.countries if family == "country" else cases)
        first = library.withdrawn.get(f"appeal:{key}") if family == "case" else None
        is_silent = first is not None and not first.tombstone
        is_kept = family in _OUTLIVING and family in library.site.feeds.lists and not is_silent
        if is_kept and not is_left and in_feed(library, name, language):
            yield family, key
