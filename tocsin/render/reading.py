"""What one page reads of the world, and the record of what it read.

Everything that a page shows is asked for here. The facets that were asked are the page's inputs: there is no
other way for anything to get into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast

from tocsin.library.entry import Entry
from tocsin.library.library import Fragments
from tocsin.model.items import AnyItem
from tocsin.model.record import Record
from tocsin.model.site import Site
from tocsin.pictures import Picture
from tocsin.render.addresses import Addresses, addresses_of
from tocsin.render.languages import Speech
from tocsin.render.world import Facet, World

R = TypeVar("R", bound=Record)
T = TypeVar("T")
Keys = tuple[str, ...]


@dataclass
class Reading:
    """The world as one page in one language sees it."""

    world: World
    language: str
    facets: set[Facet] = field(default_factory=set)

    def ask(self, *facet: Any) -> Any:
        """The answer to a facet, which is recorded."""
        self.facets.add(facet)
        return self.world.answer(facet)

    def once(
        self, kept: dict[Any, tuple[T, frozenset[Facet]]], place: Any, make: Callable[[Reading], T]
    ) -> T:
        """What `make` gives, made once for a place in `kept`; whoever uses it has read all that it read."""
        if place not in kept:
            own = Reading(self.world, self.language)
            kept[place] = (make(own), frozenset(own.facets))
        made, facets = kept[place]
        self.facets.update(facets)
        return made

    @property
    def site(self) -> Site:
        """`site.toml`. A change in it makes every page again, so its values need no facets of their own."""
        return self.world.library.site

    @property
    def speech(self) -> Speech:
        """The language's names and forms; its catalogue is asked by `word`."""
        self.facets.add(("speech", self.language))
        return self.world.speeches[self.language]

    @property
    def speeches(self) -> Mapping[str, Speech]:
        return self.world.speeches

    @property
    def addresses(self) -> Addresses:
        return self.addresses_in(self.language)

    def addresses_in(self, language: str) -> Addresses:
        return addresses_of(language, self.site.default_language)

    def country(self, code: str) -> str:
        """The name of a country, for texts that are not set in a template: templates know their countries."""
        self.facets.add(("shared", "countries", code))
        return self.speech.country(code)

    def place(self, codes: Iterable[str]) -> str:
        """The names of countries in a row, likewise."""
        return self.speech.joined([self.country(code) for code in codes])

    def word(self, message: str) -> str:
        """A word of the interface, by its English."""
        return str(self.ask("word", self.language, message))

    @property
    def mirrors(self) -> tuple[tuple[str, ...], ...]:
        """The mirrors that readers are told of: address, kind, tier, label, onion."""
        return cast("tuple[tuple[str, ...], ...]", self.ask("mirrors"))

    def item(self, key: str) -> AnyItem:
        """An item with everything that it says in every language."""
        self.facets.add(("item", key))
        return self.world.library.item(key)

    def spoken(self, key: str) -> AnyItem:
        """An item of which only what it says in this language will be used, which it exists in."""
        self.facets.add(("text", key, self.language))
        return self.world.library.item(key)

    def carded(self, key: str) -> AnyItem:
        """An item of which only what a card shows will be used."""
        self.facets.add(("card", key, self.language))
        return self.world.library.item(key)

    def entry(self, key: str) -> Entry:
        """An item's entry, of which only what a card shows will be used."""
        self.facets.add(("card", key, self.language))
        return self.world.library.entries[key]

    def find(self, key: str) -> Entry | None:
        """The same of an item that may not be public."""
        self.facets.add(("card", key, self.language))
        return self.world.library.entries.get(key)

    def fragments(self, key: str, language: str) -> Fragments:
        """The converted texts of an item in one language."""
        self.facets.add(("item", key))
        return self.world.library.read_texts(key, language)

    def own_fragments(self, key: str) -> Fragments:
        """The converted texts of an item in this language."""
        self.facets.add(("text", key, self.language))
        return self.world.library.read_texts(key, self.language)

    def picture(self, key: str, name: str) -> Picture | None:
        """A picture of an item; the caller has asked for the item or its card."""
        return self.world.library.picture(key, name)

    def group(self, name: str) -> Keys:
        """A whole list, oldest first: for lists that stay short, such as the appeals of a case."""
        return cast(Keys, self.ask("group", name))

    def newest(self, group: str, size: int) -> Keys:
        """What the front page of a list shows, oldest first."""
        return cast(Keys, self.ask("newest", group, size))

    def latest(self, group: str, count: int) -> Keys:
        """The last `count` of a list, oldest first."""
        return cast(Keys, self.ask("latest", group, count))

    def case(self, key: str) -> str:
        """The case that an appeal belongs to."""
        return str(self.ask("case", key))

    def until(self, day: date) -> bool:
        """True through `day`; the site is built anew when it ends."""
        return bool(self.ask("until", day.isoformat()))

    def shared(self, table: str, entries: Mapping[str, R], key: str) -> R:
        """An entry of shared data."""
        self.facets.add(("shared", table, key))
        return entries[key]

    def all_shared(self, table: str, entries: Mapping[str, R]) -> Mapping[str, R]:
        """A whole table of shared data."""
        self.facets.add(("shared", table))
        return entries
