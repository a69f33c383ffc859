"""Jobs: the units in which a site is made.

A job is a name such as `("item", "fr", "appeal:x")`. Its function reads the library through a `Reading` and
returns the outputs that it makes; nothing else can reach a page, so the facets of the reading and the
templates that were used say exactly when the job must be done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.library.library import Library
from tocsin.model.items import Kind
from tocsin.render import feeds, front, item_pages, list_pages, sitemap
from tocsin.render.languages import Speech
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet
from tocsin.render.theme import Theme
from tocsin.render.typeset import Typesetter

Job = tuple[str, ...]
SECTION_KINDS: tuple[Kind, ...] = ("appeal", "report", "statement")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished output: text that may hold the sentinel of stamped files."""

    path: str
    text: str


def plan(library: Library) -> Iterator[Job]:
    """Every job of the site, in a fixed order."""
    yield ("style", library.site.default_language)
    yield ("sitemap", library.site.default_language)
    yield ("robots", library.site.default_language)
    yield ("not-found", library.site.default_language)
    for language in library.site.languages:
        yield from ((name, language) for name in _SINGLE)
        yield from _lists(library, language)
        yield from _items(library, language)


def _lists(library: Library, language: str) -> Iterator[Job]:
    size = library.site.lists.per_page
    for kind in SECTION_KINDS:
        yield ("section", language, kind)
        full = list_pages.number_of_pages(len(library.group(f"kind:{kind}")), size)
        yield from (("section-page", language, kind, str(number + 1)) for number in range(full))
        yield from (("year", language, kind, str(year)) for year in library.by_years(kind))
    yield from (("country", language, code) for code in list_pages.countries_with_page(library))
    yield from (("theme", language, key) for key in library.shared.themes)
    yield from (("case", language, slug) for slug in sorted(set(library.cases.values())))
    yield from (("feed", language, ending) for ending in feeds.ENDINGS)


def _items(library: Library, language: str) -> Iterator[Job]:
    for key in sorted(library.items):
        item = library.items[key]
        if item.kind != "member" and item_pages.page_language(library.site, item, language) == language:
            yield ("item", language, key)


_SHEETS: Mapping[str, Callable[..., Iterator[Sheet]]] = {
    "item": item_pages.item_sheets,
    "home": front.home_sheets,
    "network": front.network_sheets,
    "feeds": front.feeds_sheets,
    "not-found": front.not_found_sheets,
    "section": list_pages.section_sheets,
    "section-page": lambda reading, kind, number: list_pages.section_page_sheets(reading, kind, int(number)),
    "year": lambda reading, kind, year: list_pages.year_sheets(reading, kind, int(year)),
    "countries": list_pages.countries_sheets,
    "country": list_pages.country_sheets,
    "themes": list_pages.themes_sheets,
    "theme": list_pages.theme_sheets,
    "cases": list_pages.cases_sheets,
    "case": list_pages.case_sheets,
    "portraits": list_pages.gallery_sheets,
    "members": list_pages.members_sheets,
}
_SINGLE = ("home", "network", "feeds", "countries", "themes", "cases", "portraits", "members")

_TEXTS: Mapping[str, Callable[..., tuple[str, str]]] = {
    "feed": feeds.feed,
    "sitemap": sitemap.sitemap,
    "robots": sitemap.robots,
}


def do(
    job: Job, library: Library, speeches: Mapping[str, Speech], setter: Typesetter, theme: Theme
) -> tuple[list[Made], set[str]]:
    """The outputs of a job, and the facets that they were made from."""
    name, language, *rest = job
    reading = Reading(library, speeches, language)
    if name == "style":
        return [Made(theme.style_address, theme.style)], set()
    if name in _TEXTS:
        made = [Made(*_TEXTS[name](reading, *rest))]
    else:
        made = [Made(sheet.path, setter.set(reading, sheet)) for sheet in _SHEETS[name](reading, *rest)]
    return made, reading.facets
