"""The library: everything that was read and found valid, in the order in which pages show it.

`Library` answers questions about what is public at `as_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from tocsin.library.entry import Entry, picture_of
from tocsin.library.lists import Lists, lists_of
from tocsin.library.shared import Shared
from tocsin.model.items import AnyItem
from tocsin.model.mirrors import MirrorFacts
from tocsin.model.site import Site
from tocsin.pictures import Picture

Fragments = Mapping[str, str]
# Stands in a tree that shows drafts, so that it cannot be taken for one that may be published.
PREVIEW_MARK = "NOT-PUBLIC.txt"


@dataclass(frozen=True)
class Library:
    """What is public at `as_of`.

    `entries` holds every public item; `read_item` and `read_texts` fetch one item, and its converted texts in
    one language, when a page needs them. `read_lists` gives the lists where they are known already.
    `withdrawn` holds what was public once; `with_drafts` says that this is a preview;
    `embargoes` are the instants (ISO 8601) that items wait for, in order; `mirrors` are those that
    readers are told of, by name.
    """

    site: Site
    shared: Shared
    as_of: datetime
    next_change: datetime | None
    entries: Mapping[str, Entry]
    read_item: Callable[[str], AnyItem]
    read_texts: Callable[[str, str], Fragments]
    read_lists: Callable[[], Lists] | None = None
    withdrawn: Mapping[str, Entry] = field(default_factory=dict)
    with_drafts: bool = False
    embargoes: tuple[str, ...] = ()
    mirrors: Mapping[str, MirrorFacts] = field(default_factory=dict)
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
    def lists(self) -> Lists:
        """The site's lists, made from all entries where they are not known."""
        return self.read_lists() if self.read_lists is not None else lists_of(self.entries, self.withdrawn)

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every list of items by its name, oldest first."""
        return self.lists.groups

    @property
    def corrected(self) -> Mapping[str, tuple[str, ...]]:
        """Of every list, the items that were corrected after their day of issue."""
        return self.lists.corrected

    @property
    def cases(self) -> Mapping[str, str]:
        """The case of each appeal, named after the first of its chain."""
        return self.lists.cases

    @property
    def pages(self) -> tuple[str, ...]:
        """The keys of the network's pages in the order of menus."""
        return self.lists.pages

    @property
    def members(self) -> tuple[str, ...]:
        """The keys of all members, listed or not: callers must obey `listing`."""
        return self.lists.members

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that have a page."""
        return self.lists.countries

    @property
    def group(self) -> Callable[[str], tuple[str, ...]]:
        """The keys of a group, oldest first; empty where nothing belongs to it."""
        return self.lists.group

    @property
    def years(self) -> Callable[[str], tuple[str, ...]]:
        """The years in which there are items of a kind, newest first."""
        return self.lists.years
