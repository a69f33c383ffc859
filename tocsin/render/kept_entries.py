"""Entries of feeds as they were written for an earlier build.

The feed of everything shows whole items, and a new one leaves all others as they are: most of its entries
need not be set and written again. One is taken over where every facet that it was made from has the answer
that it had, and program and settings are the same; what is kept of one that left the feed is deleted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tocsin.errors import DamagedStoreError
from tocsin.ledger.store import Store, digest
from tocsin.render.feed_entries import FeedEntry, entries_of
from tocsin.render.reading import Reading
from tocsin.render.world import Facet, World

_PREFIX = "feed-entry:"


class KeptEntries:
    """What the store of the reading's world keeps of one feed; nothing where it has none."""

    def __init__(self, reading: Reading, keys: Sequence[str]) -> None:
        self._world = reading.world
        self._language = reading.language
        self._keys = keys
        self._prefix = f"{_PREFIX}{reading.language}:"
        self._recalled: set[str] = set()

    def recall(self) -> None:
        """Take over the entries that would be made as they were."""
        if (store := self._world.store) is None:
            return
        answers = _Answers(self._world)
        entries = entries_of(self._world, self._language)
        for key in self._keys:
            version, facets, answered, plain = _kept(store, self._prefix + key)
            if version == self._world.version and answers.digest(facets) == answered:
                entries[key, self._language] = (_entry_of(plain), frozenset(facets))
                self._recalled.add(key)

    def keep(self) -> None:
        """Keep the entries for the next time; to be called when they have been written in all formats."""
        if (store := self._world.store) is None:
            return
        answers = _Answers(self._world)
        entries = entries_of(self._world, self._language)
        new: list[tuple[str, Any]] = []
        for key in self._keys:
            if key not in self._recalled and (key, self._language) in entries:
                entry, asked = entries[key, self._language]
                facets = tuple(asked)
                kept = (self._world.version, facets, answers.digest(facets), _plain(entry))
                new.append((self._prefix + key, kept))
        # A clean build of another output may throw the store away at this moment; then nothing is kept.
        with contextlib.suppress(DamagedStoreError):
            gone = set(store.names(self._prefix)) - {self._prefix + key for key in self._keys}
            if new or gone:
                store.put(new, sorted(gone))


def _kept(store: Store, name: str) -> tuple[Any, ...]:
    """Version, facets, digest of their answers, and entry; what is damaged counts as new."""
    with contextlib.suppress(DamagedStoreError):
        if found := store.get(name):
            return tuple(found)
    return "", (), b"", ()


class _Answers:
    """Present answers to facets, each asked for once: entries ask the same ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._found: dict[Facet, Any] = {}

    def digest(self, facets: Iterable[Facet]) -> bytes:
        return digest([(facet, self._answer(facet)) for facet in facets])

    def _answer(self, facet: Facet) -> Any:
        if facet not in self._found:
            self._found[facet] = self._world.answer(facet)
        return self._found[facet]


def _plain(entry: FeedEntry) -> tuple[Any, ...]:
    """What documents ask of an entry that is written in all formats."""
    return entry.id, entry.language, entry.updated.isoformat(), dict(entry.texts)


def _entry_of(plain: tuple[Any, ...]) -> FeedEntry:
    identity, language, updated, texts = plain
    instant = datetime.fromisoformat(updated)
    return FeedEntry(identity, "", "", language, instant, instant, "", "", texts=texts)
