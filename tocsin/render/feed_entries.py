"""What feeds show of an item in one language, made once for all feeds and formats.

An entry is made from the item alone, and from shared data that it refers to: neither from the clock nor from
other items of its case, since an entry that readers have must not change without a correction. All addresses
in it begin with the sentinel of stamped files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol

from tocsin.library.clock import BEGINNING, start_of
from tocsin.library.entry import document_address
from tocsin.model.items import AnyItem
from tocsin.model.report import MEDIA_TYPES
from tocsin.model.site import Site
from tocsin.render.addresses import ROOT
from tocsin.render.body import set_body
from tocsin.render.cards import named, speak
from tocsin.render.item_pages import item_notes
from tocsin.render.labels import LABELS
from tocsin.render.offers import page_language
from tocsin.render.pictures import FOLDER, MIME, middle, plain_picture_markup
from tocsin.render.reading import Reading
from tocsin.render.said import Spoken
from tocsin.render.sheets import page_of
from tocsin.render.stamps import SENTINEL_BASE
from tocsin.render.world import Facet, World

TEMPLATE = "feed-entry.html"
# How many entries are kept for other feeds of the language: the newest stand in most of them.
KEPT = 500


class Setter(Protocol):
    """Sets a template that is no page (see `typeset`)."""

    def fragment(self, reading: Reading, template: str, values: dict[str, Any]) -> str: ...


class Category(NamedTuple):
    """A subject: `term` within `scheme` (a `tag:` URI), and its name for readers."""

    term: str
    scheme: str
    label: str


class Enclosure(NamedTuple):
    """A document to download, in one language; `size` in bytes, 0 where it is not known."""

    address: str
    type: str
    language: str
    size: int = 0


class FeedPicture(NamedTuple):
    """A picture of middle size, in pixels."""

    address: str
    type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed. `content` is HTML with its language and direction, the rest plain text.

    `replies_to` is the id and the address of the entry that this one continues. An entry without an address
    stands for one that was withdrawn. `texts` keeps the entry as it was written, by format.
    """

    id: str
    title: str
    address: str
    language: str
    published: datetime
    updated: datetime
    summary: str
    content: str
    categories: tuple[Category, ...] = ()
    creators: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    picture: FeedPicture | None = None
    replies_to: tuple[str, str] | None = None
    texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


def tag(site: Site, specific: str) -> str:
    """A `tag:` URI (RFC 4151) of the site's authority; it stays valid when the domain is lost."""
    return f"tag:{site.feeds.authority},{site.feeds.date}:{specific}"


def entry_id(site: Site, kind: str, identity: str, language: str) -> str:
    """The identity of an item in one language, for ever: `tag:authority,date:kind/id/language`."""
    return tag(site, f"{kind}/{identity}/{language}")


def feed_entry(reading: Reading, setter: Setter, key: str) -> FeedEntry:
    """The entry of an item that exists in the reading's language."""
    kept = entries_of(reading.world, reading.language)
    place = (key, reading.language)
    has_room = place in kept or len(kept) < KEPT
    entry: FeedEntry = reading.once(
        kept if has_room else {}, place, lambda own: _make(own, setter, own.spoken(key))
    )
    return entry


def entries_of(world: World, language: str) -> dict[tuple[str, str], tuple[Any, frozenset[Facet]]]:
    """The entries that were made for feeds of a language; those of another one are not needed any more."""
    kept = world.feed_entries
    if kept and next(iter(kept))[1] != language:
        kept.clear()
    return kept


def _make(reading: Reading, setter: Setter, item: AnyItem) -> FeedEntry:
    site, language, facts = reading.site, reading.language, item.facts
    words = speak(site, item, language)
    picture = _picture(reading, item)
    return FeedEntry(
        id=entry_id(site, item.kind, facts.id, language),
        title=_title(reading, item, words.title),
        address=SENTINEL_BASE + reading.addresses.item(item),
        language=language,
        published=_instant(facts.sorted_on),
        updated=_changed(item),
        summary=words.summary or "",
        content=_content(reading, setter, item, words),
        categories=tuple(_categories(reading, item)),
        creators=tuple(_creators(reading, item)),
        enclosures=tuple(sorted(_enclosures(reading, item), key=lambda file: file.language != language)),
        picture=picture,
        replies_to=_replies_to(reading, getattr(facts, "follows", None)),
    )


def _instant(day: date) -> datetime:
    """The beginning of a day; of none where nothing states one, so that its year has four digits."""
    return start_of(day) if day > date.min else BEGINNING


def _changed(item: AnyItem) -> datetime:
    """When readers last had reason to read the item: its issue or its last correction."""
    return _instant(max((item.facts.sorted_on, *item.facts.corrected.values())))


def _title(reading: Reading, item: AnyItem, words: str) -> str:
    """`Country: Title`, as the network has always headed its items."""
    countries = item.facts.countries
    return f"{reading.place(countries)}: {words}" if countries and item.kind != "portrait" else words


def _content(reading: Reading, setter: Setter, item: AnyItem, words: Spoken) -> str:
    """The whole item, its direction stated, every link absolute to the mirror that serves the feed."""
    address = reading.addresses.item(item)
    page = page_of(reading, address, section=item.kind, title=words.title)
    texts = {
        name: set_body(reading, item, html, words.language, ROOT, plain_picture_markup)
        for name, html in reading.own_fragments(item.key).items()
    }
    values = {**item_notes(reading, item, words), "page": page, "texts": texts, "body": texts["body"]}
    html = setter.fragment(reading, TEMPLATE, values)
    # A reader's program shows several texts on one page, or none: the links of footnotes lead to ours.
    return html.replace('href="#', f'href="{ROOT}{address}#').replace(ROOT, SENTINEL_BASE)


def _categories(reading: Reading, item: AnyItem) -> Iterable[Category]:
    site, facts = reading.site, item.facts
    yield Category(item.kind, tag(site, "kind"), reading.word(LABELS["kind"][item.kind]))
    for code in facts.countries:
        yield Category(code, tag(site, "country"), reading.country(code))
    themes = reading.world.library.shared.themes
    for key in facts.themes:
        name = reading.shared("themes", themes, key).name
        yield Category(key, tag(site, "theme"), named(site, name, reading.language))


def _creators(reading: Reading, item: AnyItem) -> Iterable[str]:
    """Who speaks: the issuers or publishers, if the item names any."""
    table = reading.world.library.shared.organisations
    for key in getattr(item.facts, "issuers", getattr(item.facts, "publishers", ())):
        organisation = reading.shared("organisations", table, key)
        yield named(reading.site, organisation.name, reading.language)


def _enclosures(reading: Reading, item: AnyItem) -> Iterable[Enclosure]:
    for edition in getattr(item.facts, "editions", ()):
        if edition.file:
            address = document_address(item, edition)
            size = reading.ask("size", item.key, address)
            kind = MEDIA_TYPES[edition.format]
            yield Enclosure(SENTINEL_BASE + address, kind, edition.language, size)


def _picture(reading: Reading, item: AnyItem) -> FeedPicture | None:
    picture = reading.picture(item.key, item.facts.picture.file) if item.facts.picture else None
    if picture is None:
        return None
    shown = middle(picture)
    address = f"{SENTINEL_BASE}{FOLDER}/{shown.name}"
    return FeedPicture(address, MIME[shown.format], shown.width, shown.height)


def _replies_to(reading: Reading, follows: str | None) -> tuple[str, str] | None:
    """The entry that an update of a case replies to (RFC 4685), in the language in which readers have it."""
    before = reading.find(f"appeal:{follows}") if follows else None
    if before is None:
        return None
    language = page_language(reading.site, before, reading.language)
    address = SENTINEL_BASE + reading.addresses_in(language).item(before)
    return entry_id(reading.site, before.kind, before.id, language), address


def addresses_entry(reading: Reading, setter: Setter) -> FeedEntry:
    """The entry that says where else the site can be reached: its id is fixed, its text kept up to date."""
    site, language = reading.site, reading.language
    reach = reachable(site)
    values = {"page": page_of(reading, reading.addresses.feeds, section="feeds", title=""), "reach": reach}
    html = setter.fragment(reading, "feed-addresses.html", values)
    return FeedEntry(
        id=tag(site, f"addresses/{language}"),
        title=reading.word("Where else to find this site"),
        address=SENTINEL_BASE + reading.addresses.feeds,
        language=language,
        published=start_of(site.feeds.date),
        updated=start_of(reach.changed),
        summary="",
        content=html.replace(ROOT, SENTINEL_BASE),
    )


class Reach(NamedTuple):
    """The public addresses of the site, the canonical one first, and the day on which they last changed."""

    addresses: tuple[str, ...]
    changed: date


def reachable(site: Site) -> Reach:
    """Where the site can be reached. Public mirrors are added here, each once."""
    return Reach((site.address,), max(site.feeds.moved or site.feeds.date, site.feeds.date))


def withdrawn_entry(reading: Reading, setter: Setter, identity: str, when: str) -> FeedEntry:
    """What stands in place of an entry that was withdrawn at the instant `when` (ISO 8601)."""
    instant = datetime.fromisoformat(when).astimezone(UTC).replace(microsecond=0)
    values = {"page": page_of(reading, reading.addresses.home, section="feeds", title="")}
    html = setter.fragment(reading, "feed-withdrawn.html", values)
    return FeedEntry(
        id=identity,
        title=reading.word("Withdrawn"),
        address="",
        language=reading.language,
        published=instant,
        updated=instant,
        summary="",
        content=html.replace(ROOT, SENTINEL_BASE),
    )
