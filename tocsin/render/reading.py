"""What one page may read of the library, remembering what it read.

A page is made only from what it asks a `Reading` for, so the list of what it asked for (its *facets*) tells
exactly when it must be made again. Facets are names: `item:appeal:x`, `card:appeal:x:fr`,
`shared:themes:women`, `group:kind:appeal`, `today`, `menu:fr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from tocsin.library.library import Fragments, Library
from tocsin.model.items import AnyItem
from tocsin.model.record import Record
from tocsin.model.site import Site
from tocsin.render.addresses import Addresses
from tocsin.render.languages import Speech

R = TypeVar("R", bound=Record)


@dataclass
class Reading:
    """The library as seen by one page in one language."""

    library: Library
    speeches: Mapping[str, Speech]
    language: str
    facets: set[str] = field(default_factory=set)

    @property
    def site(self) -> Site:
        """`site.toml`; which of its values a page uses is read from its templates."""
        return self.library.site

    @property
    def speech(self) -> Speech:
        return self.speeches[self.language]

    @property
    def addresses(self) -> Addresses:
        return self.addresses_in(self.language)

    def addresses_in(self, language: str) -> Addresses:
        return Addresses(language, self.library.site.default_language)

    @property
    def today(self) -> date:
        self.facets.add("today")
        return self.library.today

    def item(self, key: str) -> AnyItem:
        """An item with everything that it says in every language."""
        self.facets.add(f"item:{key}")
        return self.library.items[key]

    def carded(self, key: str) -> AnyItem:
        """An item of which only what a card shows will be used."""
        self.facets.add(f"card:{key}:{self.language}")
        return self.library.items[key]

    def fragments(self, key: str, language: str) -> Fragments:
        """The converted texts of an item; the caller has asked for the item."""
        self.facets.add(f"item:{key}")
        return self.library.read_fragments(key, language)

    def group(self, name: str) -> tuple[str, ...]:
        """The keys of a list, oldest first."""
        self.facets.add(f"group:{name}")
        return self.library.group(name)

    def shared(self, table: str, entries: Mapping[str, R], key: str) -> R:
        """An entry of shared data."""
        self.facets.add(f"shared:{table}:{key}")
        return entries[key]

    def all_shared(self, table: str, entries: Mapping[str, R]) -> Mapping[str, R]:
        """A whole table of shared data."""
        self.facets.add(f"shared:{table}")
        return entries
