"""The world that pages are made from, and its facets.

A *facet* is a question about the world that a page may ask, with its arguments: `("newest", "kind:appeal",
20)`. `World.answer` gives the answer as plain data. A page is made only from answers (see `reading`), so it
must be made again exactly when the answer to one of its facets is another than before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from tocsin.ledger.store import Store, digest
from tocsin.library.entry import Entry
from tocsin.library.library import Library
from tocsin.render import windows, withdrawal
from tocsin.render.languages import Speech
from tocsin.render.offers import page_language, spoken_language
from tocsin.render.theme import Theme

Facet = tuple[Any, ...]
# Facets that concern one item only; all others are answered anew when any entry has changed.
# How many related items a page shows, and among how many it chooses them.
RELATED = 3
RELATED_AMONG = 40
ITEM_FACETS = frozenset({"item", "card", "text"})


def _draw(_: str, draw: Callable[[], bytes]) -> bytes:
    return draw()


def _unknown(_: str, __: str, ___: str) -> int:
    return 0


def _index(_: str, __: str, make: Callable[[], bytes]) -> bytes:
    return make()


class Offline(NamedTuple):
    """What an offline edition says of itself: its release, the day of signing, the day signatures end."""

    release: str
    signed: date
    expires: date


@dataclass(frozen=True)
class World:
    """A library, the languages that it is shown in, and the theme that shows it."""

    library: Library
    speeches: Mapping[str, Speech]
    theme: Theme
    # Cards by item and language, with the facets that each was made from (see `cards.card`).
    cards: dict[tuple[str, str], tuple[Any, frozenset[Facet]]] = field(default_factory=dict, repr=False)
    # Entries of feeds in the same way (see `feed_entries.feed_entry`).
    feed_entries: dict[tuple[str, str], tuple[Any, frozenset[Facet]]] = field(
        default_factory=dict, repr=False
    )
    # Gives the picture of a name, and draws it where it is not kept. The name says all that is drawn.
    drawn: Callable[[str, Callable[[], bytes]], bytes] = field(default=_draw, repr=False, compare=False)
    # The same for indexes: of a group, such as one shard, only the last is kept.
    indexed: Callable[[str, str, Callable[[], bytes]], bytes] = field(
        default=_index, repr=False, compare=False
    )
    # Where entries of feeds are kept for the next build, and what these depend on beside facets: see
    # `kept_entries`.
    store: Store | None = field(default=None, repr=False, compare=False)
    version: str = field(default="", repr=False, compare=False)
    # The size of a document as it is published, by path, digest and format of its source.
    bytes_of: Callable[[str, str, str], int] = field(default=_unknown, repr=False, compare=False)

    # Of an offline edition; pages of such a world name their links in full (see `typeset`).
    offline: Offline | None = None

    @cached_property
    def sitemap(self) -> Mapping[str, tuple[Any, ...]]:
        """What each part of the sitemap shows of its items, gone through once for all parts."""
        parts: dict[str, list[Any]] = {}
        for key in sorted(self.library.entries):
            entry = self.library.entries[key]
            if entry.kind != "member":
                parts.setdefault(sitemap_year(entry), []).append((key, entry.languages, entry.changed))
        return {year: tuple(items) for year, items in parts.items()}

    @cached_property
    def places(self) -> dict[str, dict[str, int]]:
        """The place of each item in the lists whose neighbours were asked for."""
        return {}

    @cached_property
    def cases_with_feed(self) -> frozenset[str]:
        """The cases that have a feed."""
        return windows.cases_with_feed(self.library)

    def answer(self, facet: Facet) -> Any:
        """The present answer to a facet: plain data, equal exactly when what a page shows of it is equal."""
        return ANSWERS[facet[0]](self, *facet[1:])


def full_pages(count: int, size: int) -> int:
    """Numbered pages of a list; the newest items, from `size` to `2 * size - 1`, stand on its front."""
    return max(count // size - 1, 0)


def _item(world: World, key: str) -> Any:
    entry = world.library.entries.get(key)
    return entry and entry.digest


def _text(world: World, key: str, language: str) -> Any:
    entry = world.library.entries.get(key)
    return entry and dict(entry.texts).get(language)


def _card(world: World, key: str, language: str) -> Any:
    entry, site = world.library.entries.get(key), world.library.site
    if entry is None:
        return None
    shown = spoken_language(site, entry, language)
    return (shown, page_language(site, entry, language), entry.card(shown), entry.languages)


def _newest(world: World, group: str, size: int) -> tuple[str, ...]:
    keys = world.library.group(group)
    return keys[full_pages(len(keys), size) * size :]


def _latest(world: World, group: str, count: int) -> tuple[str, ...]:
    return world.library.group(group)[-count:]


def _slice(world: World, group: str, size: int, number: int) -> tuple[str, ...]:
    return world.library.group(group)[(number - 1) * size : number * size]


def _places(world: World, group: str) -> dict[str, int]:
    """The place of each item in a group."""
    if group not in world.places:
        world.places[group] = {key: place for place, key in enumerate(world.library.group(group))}
    return world.places[group]


def _around(world: World, group: str, key: str) -> tuple[str | None, str | None]:
    keys = world.library.group(group)
    place = _places(world, group).get(key, -2)
    before = keys[place - 1] if place > 0 else None
    return before, keys[place + 1] if 0 <= place < len(keys) - 1 else None


def _window(world: World, group: str, language: str) -> tuple[str, ...]:
    if group == windows.everything(language):
        return windows.whole_window(world.library, language)
    return windows.window(world.library, group, language)


def _case_feed(world: World, slug: str, language: str) -> bool:
    spoken = windows.languages_of_case(world.library, slug)
    return slug in world.cases_with_feed and language in spoken


def _has_page(world: World, family: str, key: str) -> bool:
    library = world.library
    return key in library.countries if family == "country" else bool(library.group(f"case:{key}"))


def _related(world: World, key: str) -> tuple[str, ...]:
    """Items of the same country from before this one, of a common theme first, the nearest in time first.

    Only earlier ones, so that a new item changes nothing on the pages of those that came before it.
    """
    entry, library = world.library.entries.get(key), world.library
    if entry is None or not entry.countries:
        return ()
    cases, entries = library.cases, library.entries
    case, themes = cases.get(key, ""), frozenset(entry.themes)
    alike: list[str] = []
    others: list[str] = []
    group = f"country:{entry.countries[0]}"
    place = _places(world, group).get(key, 0)
    for other in reversed(library.group(group)[max(place - RELATED_AMONG, 0) : place]):
        if case and cases.get(other) == case:
            continue
        if themes.isdisjoint(entries[other].themes):
            others.append(other)
        else:
            alike.append(other)
            if len(alike) == RELATED:
                break
    return tuple([*alike, *others][:RELATED])


def _size(world: World, key: str, address: str) -> int:
    """The bytes of a document that readers download; 0 where that is not known."""
    entry = world.library.entries.get(key)
    for own, name, digest_ in entry.documents if entry else ():
        if own == address:
            return world.bytes_of(f"{entry.folder}/{name}", digest_, address.rpartition(".")[2])  # type: ignore[union-attr]
    return 0


def _menu(world: World) -> Any:
    entries = (world.library.entries[key] for key in world.library.pages)
    return tuple((entry.key, entry.menu, entry.languages, entry.cards) for entry in entries)


def _mirrors(world: World) -> Any:
    """The mirrors that readers are told of: address, kind, tier, label, onion."""
    mirrors = world.library.mirrors.values()
    return tuple((one.address, one.kind, one.tier, one.label, one.onion) for one in mirrors)


def sitemap_year(entry: Entry) -> str:
    """The part of the sitemap that an item belongs to: its year, or the part of undated pages."""
    return "pages" if entry.kind == "page" else entry.year


def sitemap_years(library: Library) -> tuple[str, ...]:
    """The parts of the sitemap."""
    entries = library.entries.values()
    return tuple(sorted({sitemap_year(entry) for entry in entries if entry.kind != "member"}))


def _shared(world: World, table: str, key: str = "") -> Any:
    entries = world.library.shared.tables.get(table, {})
    return digest(repr(entries.get(key)) if key else repr(list(entries.items())))  # their order may show


ANSWERS: Mapping[str, Callable[..., Any]] = {
    "item": _item,
    "card": _card,
    "text": _text,
    "newest": _newest,
    "latest": _latest,
    "slice": _slice,
    "around": _around,
    "more": lambda world, group, size, number: full_pages(len(world.library.group(group)), size) > number,
    "window": _window,
    "archives": lambda world, language: windows.archives(world.library, language),
    "archive": lambda world, language, number: windows.archive(world.library, language, number),
    "archived-after": lambda world, language, number: windows.archives(world.library, language) > number,
    "case-feed": _case_feed,
    "withdrawn": lambda world, group, language: withdrawal.in_feed(world.library, group, language),
    "has-page": _has_page,
    "size": _size,
    "gone": lambda world: withdrawal.gone(world.library),
    "group": lambda world, group: world.library.group(group),
    "count": lambda world, group: len(world.library.group(group)),
    "pages": lambda world, group, size: full_pages(len(world.library.group(group)), size),
    "codes": lambda world: world.library.lists.letters,
    "related": _related,
    "years": lambda world, kind: world.library.years(kind),
    "countries": lambda world: world.library.countries,
    "members": lambda world: tuple((key, world.library.entries[key].digest) for key in world.library.members),
    "case": lambda world, key: world.library.cases.get(key),
    "menu": _menu,
    "mirrors": _mirrors,
    "sitemap": lambda world, year: world.sitemap.get(year, ()),
    "sitemap-years": lambda world: tuple(sorted(world.sitemap)),
    "shared": _shared,
    "site": lambda world, name: repr(getattr(world.library.site, name)),
    "until": lambda world, day: world.library.today <= date.fromisoformat(day),
    "word": lambda world, language, message: world.speeches[language].catalogue.gettext(message),
    "template": lambda world, name, language: world.theme.fingerprint(name, world.speeches[language]),
    "speech": lambda world, language: world.speeches[language].names_digest,
    "style": lambda world: world.theme.style_address,
    "script": lambda world: world.theme.script_address,
}
