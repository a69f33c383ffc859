"""The library: everything that was read and found valid, in the order in which pages show it.

`Library` answers questions about what is public at `as_of`. Groups are the site's lists before they are cut
into pages: `kind:appeal`, `country:CM`, `case:…`; each is a tuple of item keys, oldest first, so that the
pages of a list can be numbered from the oldest and a new item changes only the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import cast

from tocsin.library.shared import Shared
from tocsin.model import Appeal, Member, Page, Portrait
from tocsin.model.items import AnyItem
from tocsin.model.site import Site
from tocsin.pictures import Picture

DATED_KINDS = ("appeal", "report", "statement")
Fragments = Mapping[str, str]


@dataclass(frozen=True)
class Library:
    """What is public. `cases` maps each appeal to its case, which is named after the chain's first appeal."""

    site: Site
    shared: Shared
    as_of: datetime
    next_change: datetime | None
    items: Mapping[str, AnyItem]
    cases: Mapping[str, str]
    pictures: Mapping[tuple[str, str], Picture]
    read_fragments: Callable[[str, str], Fragments]

    @property
    def today(self) -> date:
        """The day that `as_of` stands for."""
        return self.as_of.date()

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Every list of the site, oldest first, by its name."""
        gathered: dict[str, list[str]] = {}
        for item in sorted(self.items.values(), key=order_of):
            for name in self.groups_of(item):
                gathered.setdefault(name, []).append(item.key)
        return {name: tuple(keys) for name, keys in gathered.items()}

    def group(self, name: str) -> tuple[str, ...]:
        """The keys of a group, oldest first; empty where nothing belongs to it."""
        return self.groups.get(name, ())

    def groups_of(self, item: AnyItem) -> Iterator[str]:
        """The names of all groups that `item` belongs to."""
        yield f"kind:{item.kind}"
        if item.kind in DATED_KINDS:
            yield "dated"
            yield f"year:{item.kind}:{item.facts.sorted_on.year}"
            if item.facts.lead:
                yield "lead"
        if item.facts.pinned:
            yield "pinned"
        if isinstance(item, Appeal):
            yield f"case:{self.cases[item.key]}"
            if item.key not in self.continued and not item.facts.archived:
                yield "open" if item.facts.is_open else "ended"
        elif isinstance(item, Portrait):
            yield f"series:{item.facts.series}"
        if item.kind != "page":
            yield from (f"country:{code}" for code in item.facts.countries)
            yield from (f"theme:{key}" for key in item.facts.themes)

    @cached_property
    def continued(self) -> frozenset[str]:
        """The keys of appeals that a follow-up continues: all but the latest of each case."""
        appeals = (item for item in self.items.values() if isinstance(item, Appeal))
        return frozenset(f"appeal:{appeal.facts.follows}" for appeal in appeals if appeal.facts.follows)

    def picture(self, key: str, name: str) -> Picture:
        """The picture `name` of an item, as its renditions are called and measured."""
        return self.pictures[key, name]

    def appeal(self, key: str) -> Appeal:
        return cast(Appeal, self.items[key])

    def chain(self, case: str) -> tuple[Appeal, ...]:
        """The appeals of a case, first to last."""
        return tuple(self.appeal(key) for key in self.group(f"case:{case}"))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the network section in the order of menus."""
        found = [item for item in self.items.values() if isinstance(item, Page)]
        return tuple(sorted(found, key=lambda page: (page.facts.order, page.slug)))

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Every member, listed or not: callers must obey `listing`."""
        found = [item for item in self.items.values() if isinstance(item, Member)]
        return tuple(sorted(found, key=lambda member: member.slug))

    def by_years(self, kind: str) -> tuple[int, ...]:
        """The years in which there are items of `kind`, newest first."""
        prefix = f"year:{kind}:"
        return tuple(sorted((int(n.removeprefix(prefix)) for n in self.groups if n.startswith(prefix)), reverse=True))


def order_of(item: AnyItem) -> tuple[object, ...]:
    """Where an item stands in every list: by day, series by number, ties by slug."""
    number = item.facts.number if isinstance(item, Portrait) else 0
    return (number, item.facts.sorted_on, item.slug)


def languages_of(items: Iterable[AnyItem]) -> int:
    """How many texts there are: items times the languages that each exists in."""
    return sum(len(item.words) for item in items)
