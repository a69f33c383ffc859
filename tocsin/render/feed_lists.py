"""Which feeds there are, what each is called, and how pages link to it.

A feed is named by a family and a key: `("all", "")`, `("section", "appeal")`, `("country", "CM")`,
`("theme", "defenders")`, `("case", "ken-arrest")`. `[feeds] lists` in
`site.toml` says which families there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tocsin.library.library import Library
from tocsin.library.lists import DATED_KINDS
from tocsin.render import windows, withdrawal
from tocsin.render.addresses import SECTIONS, Addresses
from tocsin.render.cards import card, named
from tocsin.render.labels import LABELS
from tocsin.render.reading import Reading
from tocsin.render.sheets import FeedLink

# Label and media type of each format, by the ending of its files.
FORMATS: Mapping[str, tuple[str, str]] = {
    "rss": ("RSS", "application/rss+xml"),
    "atom": ("Atom", "application/atom+xml"),
    "json": ("JSON Feed", "application/feed+json"),
}
# Cases are many, so theirs are in one format; archives (RFC 5005) are defined for two.
CASE_FORMATS = ("atom",)
ARCHIVE_FORMATS = ("rss", "atom")
FEED_SECTIONS = (*DATED_KINDS, "portrait")

_FOLDERS = {"country": "countries", "theme": "themes", "case": "cases"}


class FeedRow(NamedTuple):
    """A feed in a list of feeds: its title, the page that it belongs to, its formats."""

    title: str
    page: str
    links: tuple[FeedLink, ...]


def name_of(family: str, key: str) -> str:
    """The path of a feed below `feeds/`, without ending; the same in every language."""
    if family == "section":
        return SECTIONS[key]  # type: ignore[index]
    return f"{_FOLDERS[family]}/{key.lower()}" if family in _FOLDERS else "all"


def group_of(family: str, key: str, language: str) -> str:
    """The group of items that a feed shows."""
    prefix = "kind" if family == "section" else family
    return f"{prefix}:{key}" if key else windows.everything(language)


def planned(library: Library, language: str) -> Iterator[tuple[str, ...]]:
    """The jobs of a language's feeds; those that share most items stand together."""
    yield from (("feed", language, family, key) for family, key in _feeds(library))
    yield ("opml", language)
    yield from (
        ("archive", language, str(number + 1)) for number in range(windows.archives(library, language))
    )
    for slug in sorted(windows.cases_with_feed(library)):
        if language in windows.languages_of_case(library, slug):
            yield ("feed", language, "case", slug)
    yield from (("feed", language, *feed) for feed in withdrawal.feeds_kept(library, language))


def _feeds(library: Library) -> Iterator[tuple[str, str]]:
    """Family and key of every feed that each language has."""
    keys = {"section": FEED_SECTIONS, "theme": tuple(library.shared.themes), "country": library.countries}
    yield ("all", "")
    for family, own in keys.items():
        yield from ((family, key) for key in own if family in library.site.feeds.lists)


def title_of(reading: Reading, family: str, key: str) -> str:
    """What a feed is about; the name of the site for the feed of everything."""
    if family == "section":
        return reading.word(LABELS["section"][key])
    if family == "country":
        return reading.country(key)
    if family == "theme":
        theme = reading.shared("themes", reading.world.library.shared.themes, key)
        return named(reading.site, theme.name, reading.language)
    if family == "case":
        chain = reading.group(f"case:{key}")
        return card(reading, chain[0]).title if chain else reading.word("Withdrawn")
    return named(reading.site, reading.site.identity.name, reading.language)


_PAGES: Mapping[str, Callable[[Addresses, str], str]] = {
    "all": lambda own, key: own.home,
    "section": lambda own, key: own.section(key),  # type: ignore[arg-type]
    "country": Addresses.country,
    "theme": Addresses.theme,
    "case": Addresses.case,
}


def page_of_feed(reading: Reading, family: str, key: str) -> str:
    """The address of the page that a feed belongs to; the home page's for one that outlived its page."""
    if family in {"country", "case"} and not reading.ask("has-page", family, key):
        return reading.addresses.home
    return _PAGES[family](reading.addresses, key)


def feed_links(reading: Reading, family: str, key: str = "") -> tuple[FeedLink, ...]:
    """The links to a feed, one for each format; empty where there is no such feed."""
    if family == "case":
        is_there = reading.ask("case-feed", key, reading.language)
    else:
        is_there = family in ("all", *reading.site.feeds.lists)
    is_there = is_there and reading.world.offline is None
    formats = CASE_FORMATS if family == "case" else tuple(FORMATS)
    name = name_of(family, key)
    return tuple(
        FeedLink(*FORMATS[ending], reading.addresses.feed(name, ending)) for ending in formats if is_there
    )


def row(reading: Reading, family: str, key: str) -> FeedRow:
    """A feed in a list of feeds."""
    title, page = title_of(reading, family, key), page_of_feed(reading, family, key)
    return FeedRow(title, page, feed_links(reading, family, key))


def rows(reading: Reading, family: str) -> list[FeedRow]:
    """All feeds of a family, in the order in which readers look for them."""
    shared = reading.world.library.shared
    if family not in ("all", *reading.site.feeds.lists):
        return []
    if family == "section":
        return [row(reading, family, key) for key in FEED_SECTIONS]
    if family == "all":
        return [row(reading, family, "")]
    keys = reading.ask("countries") if family == "country" else reading.all_shared("themes", shared.themes)
    found = [row(reading, family, key) for key in keys]
    return sorted(found, key=lambda entry: reading.speech.sort_key(entry.title))
