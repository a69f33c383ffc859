"""Feeds: the newest items of a language in full, as RSS 2.0 and as Atom (RFC 4287).

An entry's id is made from the item's own id, its language and the authority in `site.toml` (RFC 4151), never
from host, title, address or date: a subscriber who moves to another mirror keeps what he has read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from tocsin.library.clock import BEGINNING, start_of
from tocsin.model.items import AnyItem
from tocsin.model.site import Site
from tocsin.render.body import set_body
from tocsin.render.cards import named, speak
from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE

ENDINGS = ("rss", "atom")


def entry_id(site: Site, item: AnyItem, language: str) -> str:
    """The identity of an item in one language, for ever: `tag:authority,date:kind/id/language`."""
    return f"tag:{site.feeds.authority},{site.feeds.date}:{item.kind}/{item.facts.id}/{language}"


def feed_id(site: Site, name: str, language: str) -> str:
    """The identity of a feed, the same on every mirror."""
    return f"tag:{site.feeds.authority},{site.feeds.date}:feed/{name}/{language}"


def changed(item: AnyItem) -> datetime:
    """When readers last had reason to read the item again: its issue or its last correction."""
    days: list[date] = [day for day in (item.facts.issued, *item.facts.corrected.values()) if day]
    return start_of(max(days)) if days else start_of(item.facts.sorted_on)


def newest(reading: Reading) -> list[AnyItem]:
    """The items of the main feed: those written in the language, newest first."""
    keys = reading.latest(f"feed:{reading.language}", reading.site.feeds.items)
    return [reading.item(key) for key in reversed(keys)]


def feed(reading: Reading, ending: str) -> tuple[str, str]:
    """The main feed of the reading's language: its path and its text, with the sentinel as base address."""
    from tocsin.render.feedgen_net import new_feed

    items = newest(reading)
    address = reading.addresses.feed("all", ending)
    made = new_feed()
    _describe(made, reading, address, ending, items)
    for item in items:
        _add(made.add_entry(order="append"), reading, item)
    data: bytes = made.rss_str(pretty=True) if ending == "rss" else made.atom_str(pretty=True)
    return address, data.decode()


def _describe(made: Any, reading: Reading, address: str, ending: str, items: Sequence[AnyItem]) -> None:
    site, language = reading.site, reading.language
    made.id(feed_id(site, "all", language))
    made.title(named(site, site.identity.name, language))
    made.description(named(site, site.identity.strapline, language))
    made.language(language)
    made.generator("Tocsin")
    made.updated(max((changed(item) for item in items), default=BEGINNING))
    made.author({"name": named(site, site.identity.name, site.default_language)})
    kind = "application/rss+xml" if ending == "rss" else "application/atom+xml"
    made.link(href=SENTINEL_BASE + address, rel="self", type=kind)
    # The last link is the one that RSS shows as the channel's.
    made.link(href=SENTINEL_BASE + reading.addresses.home, rel="alternate", hreflang=language)


def _add(entry: Any, reading: Reading, item: AnyItem) -> None:
    site, language = reading.site, reading.language
    words, address = speak(site, item, language), SENTINEL_BASE + reading.addresses.item(item)
    entry.id(entry_id(site, item, language))
    entry.guid(entry_id(site, item, language), permalink=False)
    entry.title(title(reading, item, words.title))
    entry.link(href=address, rel="alternate")
    entry.published(start_of(item.facts.sorted_on))
    entry.updated(changed(item))
    if words.summary:
        entry.summary(words.summary)
    entry.content(content(reading, item, words), type="html")
    for theme in item.facts.themes:
        entry.category(term=theme, label=_theme(reading, theme))
    entry.net.language = language
    entry.net.links = ({"rel": "alternate", "href": address, "hreflang": language, "type": "text/html"},)
    entry.net.creators = tuple(creators(reading, item))
    entry.net.updated = changed(item).isoformat()


def title(reading: Reading, item: AnyItem, words: str) -> str:
    """`Country: Title`, as the network has always headed its items."""
    countries = [reading.country(code) for code in item.facts.countries]
    return f"{reading.speech.joined(countries)}: {words}" if countries and item.kind != "portrait" else words


def content(reading: Reading, item: AnyItem, words: Any) -> str:
    """The whole text, its direction stated, every link absolute to the mirror that serves the feed."""
    page = SENTINEL_BASE + reading.addresses.item(item)
    # Left as it is, the link of a footnote would lead into the feed reader's own page.
    html = reading.fragments(item.key, words.language)["body"].replace('href="#', f'href="{page}#')
    body: str = set_body(reading, item, html, words.language, SENTINEL_BASE)
    # Footnotes: a reader's program shows several texts on one page, or none.
    page = SENTINEL_BASE + reading.addresses.item(item)
    body = str(body).replace('href="#', f'href="{page}#')
    return f'<div lang="{words.language}" dir="{reading.speeches[words.language].direction}">{body}</div>'


def creators(reading: Reading, item: AnyItem) -> Iterable[str]:
    """Who speaks: the issuers or publishers, else the network."""
    table = reading.world.library.shared.organisations
    for key in getattr(item.facts, "issuers", getattr(item.facts, "publishers", ())):
        organisation = reading.shared("organisations", table, key)
        yield named(reading.site, organisation.name, reading.language)


def _theme(reading: Reading, key: str) -> str:
    theme = reading.shared("themes", reading.world.library.shared.themes, key)
    return named(reading.site, theme.name, reading.language)
