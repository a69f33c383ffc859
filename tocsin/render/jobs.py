"""Jobs: the units in which a site is made.

A job is a name such as `("item", "fr", "appeal:x")`. Its function reads the library through a `Reading` and
returns the outputs that it makes; nothing else can reach a page, so the facets of the reading and the
templates that were used say exactly when the job must be done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.library.library import PREVIEW_MARK, Library
from tocsin.library.lists import DATED_KINDS
from tocsin.pictures.icon import icon
from tocsin.render import (
    elsewhere,
    feed_lists,
    feeds,
    finding,
    front,
    item_pages,
    list_pages,
    search,
    series_pages,
    served,
    sitemap,
    social,
    withdrawal,
    world_picture,
)
from tocsin.render.offers import page_language
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet
from tocsin.render.typeset import Typesetter
from tocsin.render.world import Facet, World, full_pages, sitemap_years

Job = tuple[str, ...]
SHARD = "shard"


@dataclass(frozen=True, slots=True)
class Made:
    """A finished output: text that may hold the sentinel of stamped files, or bytes that were made."""

    path: str
    text: str | bytes


def plan(library: Library) -> Iterator[Job]:
    """Every job of the site, in a fixed order: what one item needs stands together."""
    default = library.site.default_language
    yield from (("style", default), ("sitemap", default), ("robots", default), ("not-found", default))
    yield from (("icon", default), ("world", default), ("address-pictures", default), ("servers", default))
    if library.site.security is not None:
        yield ("security", default)
    if library.with_drafts:
        yield ("preview", default)
    yield from _search(library)
    yield from (("sitemap-part", default, year) for year in sitemap_years(library))
    for language in library.site.languages:
        yield from ((name, language) for name in _SINGLE)
        yield from feed_lists.planned(library, language)
        yield from _lists(library, language)
    cases = sorted(set(library.cases.values()))
    yield from (("case", language, slug) for slug in cases for language in library.site.languages)
    yield from (("tombstone", *place) for place in withdrawal.tombstones(library))
    yield from _items(library)


def plan_offline(library: Library) -> Iterator[Job]:
    """Every job of an offline edition: pages and what they show, nothing that needs a server or a feed."""
    yield from (("start", language) for language in library.site.languages)
    yield from (job for job in plan(library) if job[0] in _OFFLINE)


def _search(library: Library) -> Iterator[Job]:
    """First of what takes long, so that no worker is left alone with it at the end."""
    if library.site.search.enabled:
        yield from (("script", library.site.default_language), ("engine", library.site.default_language))
        names = search.shards(library.years, library.group)
        for language in library.site.languages:
            yield from ((SHARD, language, name) for name in names)
            yield ("search", language)


def _lists(library: Library, language: str) -> Iterator[Job]:
    for kind in DATED_KINDS:
        yield from _pages(library, ("section", language, kind), f"kind:{kind}")
        yield from (("year", language, kind, year) for year in library.years(kind))
    for code in library.countries:
        yield from _pages(library, ("country", language, code), f"country:{code}")
    yield from (("series", language, key) for key in library.shared.series if library.group(f"series:{key}"))
    yield from (("codes-of", language, alpha3) for alpha3 in library.lists.letters)
    for key in library.shared.themes:
        yield from _pages(library, ("theme", language, key), f"theme:{key}")
    yield from _pages(library, ("cases", language), "open")


def _pages(library: Library, front: Job, group: str) -> Iterator[Job]:
    """The front page of a list and its numbered pages."""
    yield front
    full = full_pages(len(library.group(group)), library.site.lists.per_page)
    yield from ((*front, str(number + 1)) for number in range(full))


def _items(library: Library) -> Iterator[Job]:
    for key, entry in library.entries.items():
        if entry.kind != "member":
            for language in library.site.languages:
                if page_language(library.site, entry, language) == language:
                    yield ("item", language, key)
                if library.site.social.cards and language in entry.languages:
                    yield ("social", language, key)


def _number(text: str = "0") -> int:
    return int(text)


_SHEETS: Mapping[str, Callable[..., Iterator[Sheet]]] = {
    "item": item_pages.item_sheets,
    "home": front.home_sheets,
    "network": front.network_sheets,
    "start": front.start_sheets,
    "feeds": front.feeds_sheets,
    "not-found": front.not_found_sheets,
    "tombstone": front.tombstone_sheets,
    "section": lambda reading, kind, *page: list_pages.section_sheets(reading, kind, _number(*page)),
    "year": list_pages.year_sheets,
    "countries": list_pages.countries_sheets,
    "country": lambda reading, code, *page: list_pages.country_sheets(reading, code, _number(*page)),
    "themes": list_pages.themes_sheets,
    "theme": lambda reading, key, *page: list_pages.theme_sheets(reading, key, _number(*page)),
    "cases": lambda reading, *page: list_pages.cases_sheets(reading, _number(*page)),
    "case": list_pages.case_sheets,
    "portraits": series_pages.gallery_sheets,
    "series": series_pages.printed_series_sheets,
    "members": list_pages.members_sheets,
    "elsewhere": elsewhere.elsewhere_sheets,
    "codes": finding.codes_sheets,
    "codes-of": finding.country_codes_sheets,
    "index": finding.index_sheets,
    "search": search.search_sheets,
}
_SINGLE = (
    "home",
    "network",
    "feeds",
    "countries",
    "themes",
    "portraits",
    "members",
    "elsewhere",
    "codes",
    "index",
)

# What an offline edition is made of.
_SERVED = frozenset({"elsewhere", "feeds", "not-found", "search", "tombstone"})
_OFFLINE = frozenset(_SHEETS) - _SERVED | {"style", "icon"}

_TEXTS: Mapping[str, Callable[..., tuple[str, str]]] = {
    "sitemap": sitemap.sitemap,
    "sitemap-part": sitemap.part,
    "robots": sitemap.robots,
    "security": served.security,
    "preview": lambda reading: (PREVIEW_MARK, "A preview that shows drafts. It must never be published.\n"),
    "style": lambda reading: (reading.ask("style"), reading.world.theme.style),
    "script": lambda reading: (reading.ask("script"), reading.world.theme.script),
}

_FEEDS: Mapping[str, Callable[..., Iterator[tuple[str, str]]]] = {
    "feed": feeds.feed,
    "archive": feeds.archive,
    "opml": feeds.list_of_feeds,
}

_FILES: Mapping[str, Callable[..., Iterator[tuple[str, bytes]]]] = {
    "social": social.social_files,
    "world": world_picture.world_files,
    "address-pictures": elsewhere.picture_files,
    "engine": search.engine_files,
    SHARD: search.shard_files,
    "servers": served.server_files,
    "icon": lambda reading: iter([("favicon.ico", icon())]),
}


def do(job: Job, world: World, setter: Typesetter) -> tuple[list[Made], set[Facet]]:
    """The outputs of a job, and the facets that they were made from."""
    name, language, *rest = job
    reading = Reading(world, language)
    if name in _TEXTS:
        made = [Made(*_TEXTS[name](reading, *rest))]
    elif name in _FEEDS:
        made = [Made(*text) for text in _FEEDS[name](reading, setter, *rest)]
    elif name in _FILES:
        made = [Made(path, data) for path, data in _FILES[name](reading, *rest)]
    else:
        made = [Made(sheet.path, setter.set(reading, sheet)) for sheet in _SHEETS[name](reading, *rest)]
    return made, reading.facets
