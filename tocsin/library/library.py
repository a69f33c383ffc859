"""The library: everything that was read and found valid, in the order in which pages show it.

`Library` answers questions about what is public at `as_of`. Groups are the site's lists before they are cut
into pages: `kind:appeal`, `country:CM`, `case:…`; each is a tuple of item keys, oldest first, so that the
pages of a list can be numbered from the oldest and a new item changes only the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from tocsin.library.entry import Entry, picture_of
from tocsin.library.shared import Shared
from tocsin.model.items import AnyItem
from tocsin.model.site import Site
from tocsin.pictures import Picture

DATED_KINDS = ("appeal", "report", "statement")
Fragments = Mapping[str, str]


@dataclass(frozen=True)
class Library:
    """What is public at `as_of`.

    `entries` holds every public item; `read_item` and `read_texts` fetch one item, and its converted texts in
    one language, when a page needs them. `cases` maps each appeal to its case, named after the chain's first.
    """

    site: Site
    shared: Shared
    as_of: datetime
    next_change: datetime | None
    entries: Mapping[str, Entry]
    cases: Mapping[str, str]
    read_item: Callable[[str], AnyItem]
    read_texts: Callable[[str, str], Fragments]
    _items: dict[str, AnyItem] = field(default_factory=dict, repr=False)

    @property
    def today(self) -> date:
        """The day that `as_of` stands for."""
        return self.as_of.date()

    def item(self, key: str) -> AnyItem:
        """An item, kept for the next page that asks for it."""
        found = self._items.get(key)
        if found is None:
            if len(self._items) > 4000:  # so that memory does not grow with the site
                self._items.clear()
            found = self._items[key] = self.read_item(key)
        return found

    def picture(self, key: str, name: str) -> Picture | None:
        """The picture `name` of an item, measured; None for one that a draft still waits for."""
        plain = dict(self.entries[key].pictures).get(name)
        return picture_of(plain) if plain else None

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every list of the site, oldest first, by its name."""
        gathered: dict[str, list[str]] = {}
        for entry in sorted(self.entries.values(), key=lambda entry: (entry.day, entry.slug)):
            for name in self.groups_of(entry):
                gathered.setdefault(name, []).append(entry.key)
        for name, keys in gathered.items():
            if name.startswith("series:"):
                keys.sort(key=lambda key: self.entries[key].number)
        return {name: tuple(keys) for name, keys in gathered.items()}

    @cached_property
    def corrected(self) -> Mapping[str, tuple[str, ...]]:
        """Of every list, the items that were corrected after their day of issue."""
        gathered: dict[str, list[str]] = {}
        for entry in self.entries.values():
            if entry.changed > entry.day:
                for name in self.groups_of(entry):
                    gathered.setdefault(name, []).append(entry.key)
        return {name: tuple(keys) for name, keys in gathered.items()}

    def group(self, name: str) -> tuple[str, ...]:
        """The keys of a group, oldest first; empty where nothing belongs to it."""
        return self.groups.get(name, ())

    def groups_of(self, entry: Entry) -> Iterator[str]:
        """The names of all groups that an item belongs to."""
        yield f"kind:{entry.kind}"
        if entry.kind in DATED_KINDS:
            yield "dated"
            yield f"year:{entry.kind}:{entry.year}"
            if entry.lead:
                yield "lead"
        if entry.pinned:
            yield "pinned"
        if entry.kind == "page":
            return
        if entry.kind != "member":
            yield from (f"feed:{language}" for language in entry.languages)
        if entry.kind == "appeal":
            yield f"case:{self.cases[entry.key]}"
            yield from self._states_of(entry)
        if entry.kind == "portrait":
            yield f"series:{entry.series}"
        if entry.kind != "member":
            yield from (f"country:{code}" for code in entry.countries)
            yield from (f"theme:{key}" for key in entry.themes)

    def _states_of(self, entry: Entry) -> Iterator[str]:
        """`open` or `ended`, for the latest appeal of a case, in all and by country and theme."""
        if entry.key in self.continued or entry.archived:
            return
        state = "open" if entry.is_open else "ended"
        yield state
        yield from (f"{state}:country:{code}" for code in entry.countries)
        yield from (f"{state}:theme:{key}" for key in entry.themes)

    @cached_property
    def continued(self) -> frozenset[str]:
        """The keys of appeals that a follow-up continues: all but the latest of each case."""
        return frozenset(f"appeal:{entry.follows}" for entry in self.entries.values() if entry.follows)

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The keys of the network's pages in the order of menus."""
        found = [entry for entry in self.entries.values() if entry.kind == "page"]
        return tuple(entry.key for entry in sorted(found, key=lambda entry: (entry.order, entry.slug)))

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The keys of all members, listed or not: callers must obey `listing`."""
        return tuple(sorted(entry.key for entry in self.entries.values() if entry.kind == "member"))

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The countries that have a page: those of public items and of members that may be named."""
        found: set[str] = set()
        for entry in self.entries.values():
            if entry.kind != "member" or entry.listing in {"full", "name-and-country"}:
                found.update(entry.countries)
        return tuple(sorted(found))

    def years(self, kind: str) -> tuple[str, ...]:
        """The years in which there are items of `kind`, newest first."""
        prefix = f"year:{kind}:"
        return tuple(
            sorted((n.removeprefix(prefix) for n in self.groups if n.startswith(prefix)), reverse=True)
        )

    @property
    def texts(self) -> int:
        """How many texts there are: items times the languages that each exists in."""
        return sum(len(entry.languages) for entry in self.entries.values())
