"""A feed document before it is written: what its formats have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tocsin.render.feed_entries import FeedEntry


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One document of a feed, in all its formats.

    `id` is that of the whole feed, its archives included. `path` is where the document stands, without its
    ending. `pages` are relations of RFC 5005 and the paths that they lead to, without endings. `withdrawn`
    are ids and instants (RFC 3339); `placeholders` stand for them in formats without tombstones.
    """

    id: str
    title: str
    description: str
    language: str
    author: str
    rights: str
    home: str
    base: str
    path: str
    beginning: datetime
    entries: tuple[FeedEntry, ...]
    pages: tuple[tuple[str, str], ...] = ()
    is_archive: bool = False
    withdrawn: tuple[tuple[str, str], ...] = ()
    placeholders: tuple[FeedEntry, ...] = ()

    @property
    def all_entries(self) -> tuple[FeedEntry, ...]:
        """The entries, with those that stand for withdrawn ones."""
        return (*self.placeholders, *self.entries)

    @property
    def updated(self) -> datetime:
        """The newest change in the document."""
        return max((entry.updated for entry in self.all_entries), default=self.beginning)

    def shown_in(self, ending: str) -> tuple[FeedEntry, ...]:
        """The entries of a format. Atom has tombstones (RFC 6721) in place of placeholders."""
        return self.entries if ending == "atom" else self.all_entries

    def address(self, ending: str) -> str:
        """Where the document itself stands."""
        return f"{self.base}{self.path}.{ending}"

    def relations(self, ending: str) -> Iterator[tuple[str, str]]:
        """Relations to other documents of the feed and their addresses."""
        return ((relation, f"{self.base}{path}.{ending}") for relation, path in self.pages)
