"""Which items stand in which feed document: windows, archives, and the cases that have a feed.

A feed's subscription document shows its *window*: the newest items, so many and so many days back at the
least, and older ones that were corrected in these days. What the feed of everything no longer shows stands in
archive documents (RFC 5005, 4) of a fixed size, numbered from the oldest. A list is ordered by the day of
issue, so the documents depend on the library alone, and on no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice, takewhile

from tocsin.library.entry import Entry
from tocsin.library.library import Library

Keys = tuple[str, ...]
# How many items an archive document holds. It never changes: another size would number all of them anew.
ARCHIVE_SIZE = 100
# In place of a language: items count whatever they are written in.
ANY = ""


def everything(language: str) -> str:
    """The group that the feed of everything in a language shows."""
    return f"feed:{language}"


def last_changed(entry: Entry) -> str:
    """The day on which readers last had reason to read an item; ISO 8601."""
    return max(entry.changed, entry.day)


def window(library: Library, group: str, language: str) -> Keys:
    """What the feed of `group` shows to readers of `language`, the last changed first."""
    items, limit = library.site.feeds.items, _limit(library, group, language)
    shown: list[str] = []
    for key in _spoken(library, reversed(library.group(group)), language):
        if len(shown) >= items and library.entries[key].day < limit:
            break
        shown.append(key)
    return _with_corrected(library, group, language, shown, limit)


def whole_window(library: Library, language: str) -> Keys:
    """What the feed of everything shows: as much as `window`, and down to where its last archive ends."""
    group = everything(language)
    if "archive" not in library.site.feeds.lists:
        return window(library, group, language)
    shown = library.group(group)[archives(library, language) * ARCHIVE_SIZE :]
    return _with_corrected(library, group, language, shown, _limit(library, group, language))


def archives(library: Library, language: str) -> int:
    """How many archive documents there are: none holds an item that the window has to show."""
    group = everything(language)
    if "archive" not in library.site.feeds.lists:
        return 0
    keys, limit = library.group(group), _limit(library, group, language)
    start = max(len(keys) - library.site.feeds.items, 0)
    while start and library.entries[keys[start - 1]].day >= limit:
        start -= 1
    return start // ARCHIVE_SIZE


def archive(library: Library, language: str, number: int) -> Keys:
    """The items of an archive document, the newest first; 1 is the oldest."""
    keys = library.group(everything(language))
    return tuple(reversed(keys[(number - 1) * ARCHIVE_SIZE : number * ARCHIVE_SIZE]))


def cases_with_feed(library: Library) -> frozenset[str]:
    """The cases that have a feed: open ones, and those that ended lately, so that followers hear of it."""
    if "case" not in library.site.feeds.lists:
        return frozenset()
    limit = _limit(library, "kind:appeal", ANY)
    entries = library.entries
    ended = takewhile(lambda key: entries[key].day >= limit, reversed(library.group("ended")))
    again = (key for key in library.corrected.get("ended", ()) if last_changed(entries[key]) >= limit)
    return frozenset(library.cases[key] for key in (*library.group("open"), *ended, *again))


def languages_of_case(library: Library, slug: str) -> Keys:
    """The languages of the site in which a case has anything to read."""
    spoken = {code for key in library.group(f"case:{slug}") for code in library.entries[key].languages}
    return tuple(code for code in library.site.languages if code in spoken)


def _spoken(library: Library, keys: Iterable[str], language: str) -> Iterator[str]:
    """Those of `keys` that exist in `language`."""
    return (key for key in keys if language in library.entries[key].languages or language == ANY)


def _limit(library: Library, group: str, language: str) -> str:
    """The day down to which a window reaches: so many days before the newest change in it; ISO 8601."""
    keys = [*_spoken(library, library.corrected.get(group, ()), language)]
    keys += islice(_spoken(library, reversed(library.group(group)), language), 1)
    newest = max((last_changed(library.entries[key]) for key in keys), default=date.min.isoformat())
    last = date.fromisoformat(newest)
    return (last - min(timedelta(library.site.feeds.days), last - date.min)).isoformat()


def _with_corrected(library: Library, group: str, language: str, shown: Sequence[str], limit: str) -> Keys:
    """`shown` with what was corrected since `limit`, in the order in which readers had reason to read."""
    entries = library.entries
    corrected = _spoken(library, library.corrected.get(group, ()), language)
    every = {*shown, *(key for key in corrected if last_changed(entries[key]) >= limit)}
    return tuple(
        sorted(every, key=lambda key: (last_changed(entries[key]), entries[key].day, key), reverse=True)
    )
