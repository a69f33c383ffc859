"""Pages that list items: sections and their years, countries, themes, cases, portraits, members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tocsin.library.lists import DATED_KINDS
from tocsin.model import Member
from tocsin.model.items import Kind
from tocsin.model.network import NAMED
from tocsin.render.addresses import numbered
from tocsin.render.cards import Card, card, cards, named, speak
from tocsin.render.feed_lists import feed_links
from tocsin.render.labels import LABELS
from tocsin.render.reading import Reading
from tocsin.render.said import Said, Spoken
from tocsin.render.sheets import FeedLink, Page, Sheet, page_of
from tocsin.render.world_picture import world_picture

# A count below this could point to one organisation; it is not shown (and no total that contains it).
SMALLEST_COUNT = 3
# Open cases that the front page of a country or theme shows; the page of all cases has them all.
OPEN_CASES = 50
# Cases that are over and still listed on the page of all cases; older ones are found by country and year.
ENDED_CASES = 50


@dataclass(frozen=True, slots=True)
class Count:
    """An entry of an index: its name, where it leads, and how many items it holds."""

    key: str
    name: str
    address: str
    count: int
    open_cases: int = 0


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: its first appeal, its latest, and how many there are."""

    slug: str
    address: str
    first: Card
    latest: Card
    appeals: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A listed member; `website` and `about` only where it is listed in full."""

    slug: str
    name: Said
    acronym: str | None
    country: str
    website: str | None
    about: Said | None
    fictional: bool


def own_page(
    reading: Reading,
    address: str,
    section: str,
    title: str,
    description: str = "",
    feeds: tuple[FeedLink, ...] = (),
) -> Page:
    """The `Page` of an address that exists in every language of the site; `feeds` are those of this page."""
    tail = address.removeprefix(reading.addresses.home)
    everywhere = {code: reading.addresses_in(code).home + tail for code in reading.site.languages}
    return page_of(
        reading,
        address,
        section=section,
        title=title,
        description=description,
        in_languages=everywhere,
        feeds=feeds,
    )


def heading(reading: Reading, section: str) -> str:
    """The name of a section in the reader's language."""
    return reading.word(LABELS["section"][section])


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a long list: its keys, newest first, its number (None on the front page), its neighbours.

    Pages are numbered from the oldest, so that a new item changes the front page alone, or with it the one
    page that became full.
    """

    keys: tuple[str, ...]
    number: int | None
    older: str | None
    newer: str | None


def front_slice(reading: Reading, group: str, address: str) -> Slice:
    """The newest items of a list, for its front page at `address`."""
    size = reading.site.lists.per_page
    keys = reading.newest(group, size)
    full = reading.ask("pages", group, size)
    return Slice(tuple(reversed(keys)), None, numbered(address, full) if full else None, None)


def numbered_slice(reading: Reading, group: str, address: str, number: int) -> Slice:
    """Page `number` of a list whose front page is at `address`; 1 is the oldest."""
    size = reading.site.lists.per_page
    keys = reading.ask("slice", group, size, number)
    is_last = not reading.ask("more", group, size, number)
    return Slice(
        tuple(reversed(keys)),
        number,
        numbered(address, number - 1) if number > 1 else None,
        address if is_last else numbered(address, number + 1),
    )


def section_sheets(reading: Reading, kind: Kind, number: int = 0) -> Iterator[Sheet]:
    """A section: its newest items and its years, or a numbered page of older ones."""
    front, group = reading.addresses.section(kind), f"kind:{kind}"
    pager = numbered_slice(reading, group, front, number) if number else front_slice(reading, group, front)
    address = numbered(front, number) if number else front
    yield Sheet(
        own_page(reading, address, kind, heading(reading, kind), feeds=feed_links(reading, "section", kind)),
        "list.html",
        {
            "cards": cards(reading, pager.keys),
            "kind": kind,
            "year": None,
            "pager": pager,
            "years": () if number else years(reading, kind),
        },
    )


def years(reading: Reading, kind: Kind) -> tuple[tuple[str, str], ...]:
    """The years of a section and their addresses, newest first."""
    return tuple((year, reading.addresses.year(kind, year)) for year in reading.ask("years", kind))


def year_sheets(reading: Reading, kind: Kind, year: str) -> Iterator[Sheet]:
    """All items of one kind and year."""
    keys = reading.group(f"year:{kind}:{year}")
    title = f"{heading(reading, kind)} {year}"
    yield Sheet(
        own_page(
            reading,
            reading.addresses.year(kind, year),
            kind,
            title,
            feeds=feed_links(reading, "section", kind),
        ),
        "list.html",
        {
            "cards": cards(reading, reversed(keys)),
            "kind": kind,
            "year": year,
            "pager": Slice((), None, None, None),
            "years": years(reading, kind),
        },
    )


def countries_sheets(reading: Reading) -> Iterator[Sheet]:
    """All countries that have a page, by region."""
    regions = reading.all_shared("regions", reading.world.library.shared.regions)
    listed: list[tuple[Said, list[Count]]] = []
    with_page = frozenset(reading.ask("countries"))
    for key in sorted(regions, key=lambda name: regions[name].order):
        counts = [_country_count(reading, code) for code in regions[key].countries if code in with_page]
        counts.sort(key=lambda count: reading.speech.sort_key(count.name))
        if counts:
            listed.append((named(reading.site, regions[key].name, reading.language), counts))
    page = own_page(reading, reading.addresses.countries, "country", heading(reading, "country"))
    yield Sheet(page, "countries.html", {"regions": listed, "world": world_picture(reading)})


def _country_count(reading: Reading, code: str) -> Count:
    count, open_cases = (reading.ask("count", f"{prefix}country:{code}") for prefix in ("", "open:"))
    return Count(code, reading.speech.country(code), reading.addresses.country(code), count, open_cases)


def country_sheets(reading: Reading, code: str, number: int = 0) -> Iterator[Sheet]:
    """A country: its open cases, its newest items by kind, its listed members; or a page of older items."""
    front, group, name = reading.addresses.country(code), f"country:{code}", reading.speech.country(code)
    pager = numbered_slice(reading, group, front, number) if number else front_slice(reading, group, front)
    address, feeds = numbered(front, number) if number else front, feed_links(reading, "country", code)
    yield Sheet(
        own_page(reading, address, "country", name, feeds=feeds),
        "country.html",
        {
            "code": code,
            "name": name,
            "pager": pager,
            "by_kind": by_kind(reading, pager.keys),
            "cases": [] if number else open_cases(reading, group),
            "members": [] if number else [row for row in member_rows(reading) if row.country == code],
            "member_count": None if number else member_count(reading, code),
        },
    )


def by_kind(reading: Reading, keys: Sequence[str]) -> list[tuple[str, list[Card]]]:
    """Cards grouped by kind, in the order of the sections; empty kinds left out."""
    grouped: list[tuple[str, list[Card]]] = []
    for kind in (*DATED_KINDS, "portrait"):
        own = [card(reading, key) for key in keys if key.startswith(f"{kind}:")]
        if own:
            grouped.append((kind, own))
    return grouped


def case_rows(reading: Reading, keys: Sequence[str]) -> list[CaseRow]:
    """The cases that the appeals among `keys` belong to, in the order of `keys`, each once."""
    slugs = dict.fromkeys(reading.case(key) for key in keys if key.startswith("appeal:"))
    return [case_row(reading, slug) for slug in slugs]


def open_cases(reading: Reading, group: str) -> list[CaseRow]:
    """The open cases of a country or theme, the last heard of first."""
    return case_rows(reading, tuple(reversed(reading.latest(f"open:{group}", OPEN_CASES))))


def case_row(reading: Reading, slug: str) -> CaseRow:
    """One case for a list."""
    chain = reading.group(f"case:{slug}")
    latest = card(reading, chain[-1])
    return CaseRow(
        slug, reading.addresses.case(slug), card(reading, chain[0]), latest, len(chain), latest.is_open
    )


def themes_sheets(reading: Reading) -> Iterator[Sheet]:
    """All themes with the number of their items."""
    themes = reading.all_shared("themes", reading.world.library.shared.themes)
    counts = []
    for key, theme in themes.items():
        count, address = reading.ask("count", f"theme:{key}"), reading.addresses.theme(key)
        name = named(reading.site, theme.name, reading.language)
        about = named(reading.site, theme.about, reading.language) if theme.about else None
        counts.append((Count(key, name, address, count), about))
    counts.sort(key=lambda entry: reading.speech.sort_key(entry[0].name))
    page = own_page(reading, reading.addresses.themes, "theme", heading(reading, "theme"))
    yield Sheet(page, "themes.html", {"themes": counts})


def theme_sheets(reading: Reading, key: str, number: int = 0) -> Iterator[Sheet]:
    """A theme: its open cases and its newest items by kind; or a page of older items."""
    theme = reading.shared("themes", reading.world.library.shared.themes, key)
    front, group = reading.addresses.theme(key), f"theme:{key}"
    pager = numbered_slice(reading, group, front, number) if number else front_slice(reading, group, front)
    name = named(reading.site, theme.name, reading.language)
    address, feeds = numbered(front, number) if number else front, feed_links(reading, "theme", key)
    yield Sheet(
        own_page(reading, address, "theme", name, feeds=feeds),
        "theme.html",
        {
            "name": name,
            "about": named(reading.site, theme.about, reading.language)
            if theme.about and not number
            else None,
            "pager": pager,
            "by_kind": by_kind(reading, pager.keys),
            "cases": [] if number else open_cases(reading, group),
        },
    )


def cases_sheets(reading: Reading, number: int = 0) -> Iterator[Sheet]:
    """The open cases, the last heard of first, and on the front page the cases that ended last."""
    front = reading.addresses.cases
    pager = numbered_slice(reading, "open", front, number) if number else front_slice(reading, "open", front)
    ended = () if number else tuple(reversed(reading.latest("ended", ENDED_CASES)))
    yield Sheet(
        own_page(reading, numbered(front, number) if number else front, "case", heading(reading, "case")),
        "cases.html",
        {"open": case_rows(reading, pager.keys), "pager": pager, "ended": case_rows(reading, ended)},
    )


def case_sheets(reading: Reading, slug: str) -> Iterator[Sheet]:
    """The whole chain of one case, newest first, with what each appeal brought."""
    keys = reading.group(f"case:{slug}")
    steps = [(card(reading, key), _spoken(reading, key)) for key in reversed(keys)]
    codes = tuple(dict.fromkeys(code for shown, _ in steps for code in shown.codes))
    row = case_row(reading, slug)
    page = own_page(
        reading,
        reading.addresses.case(slug),
        "case",
        row.first.title,
        row.latest.summary or "",
        feed_links(reading, "case", slug),
    )
    values = {"row": row, "steps": steps, "codes": codes, "violations": _violations(reading, keys)}
    yield Sheet(page, "case.html", values)


def _spoken(reading: Reading, key: str) -> Spoken:
    return speak(reading.site, reading.item(key), reading.language)


def _violations(reading: Reading, keys: Sequence[str]) -> tuple[str, ...]:
    """The violations of a whole case, each once, in order of appearance."""
    return tuple(dict.fromkeys(v for key in keys for v in reading.item(key).facts.violations))


def members_sheets(reading: Reading) -> Iterator[Sheet]:
    """The directory: listed members by region and country, and by first letter."""
    rows = member_rows(reading)
    title = reading.word("Member organisations")
    values = {"regions": _members_by_region(reading, rows), "letters": _members_by_letter(reading, rows)}
    yield Sheet(own_page(reading, reading.addresses.members, "page", title), "members.html", values)


def members(reading: Reading) -> list[Member]:
    """Every present member, listed or not."""
    keys = [key for key, _ in reading.ask("members")]
    found = [cast(Member, reading.world.library.item(key)) for key in keys]
    return [member for member in found if not member.facts.left]


def member_rows(reading: Reading) -> list[MemberRow]:
    """Every member that may be named, by name."""
    rows = [_member_row(reading, m) for m in members(reading) if m.facts.listing in NAMED]
    return sorted(rows, key=lambda row: reading.speech.sort_key(row.name))


def _member_row(reading: Reading, member: Member) -> MemberRow:
    words = speak(reading.site, member, reading.language)
    full = member.facts.listing == "full"
    return MemberRow(
        slug=member.slug,
        name=words.title,
        acronym=member.facts.acronym,
        country=member.facts.countries[0],
        website=member.facts.website if full else None,
        about=words.about if full else None,
        fictional=member.facts.fictional,
    )


def member_count(reading: Reading, code: str) -> int | None:
    """How many members a country has, counting those that may only be counted; None where that says too much.

    Unlisted members are never counted, so a number cannot betray one of them. A small number is never shown,
    also where all are named: were it shown then, its absence elsewhere would betray one who is not.
    """
    counted = [m for m in members(reading) if m.facts.listing != "unlisted" and code in m.facts.countries]
    return len(counted) if len(counted) >= SMALLEST_COUNT else None


def _members_by_region(
    reading: Reading, rows: Sequence[MemberRow]
) -> list[tuple[Said, list[tuple[str, int | None, list[MemberRow]]]]]:
    """Region, then its countries with count and named members. A country without a named member is absent."""
    regions = reading.all_shared("regions", reading.world.library.shared.regions)
    listed = []
    for key in sorted(regions, key=lambda name: regions[name].order):
        codes = {row.country for row in rows} & set(regions[key].countries)
        ordered = sorted(codes, key=lambda code: reading.speech.sort_key(reading.speech.country(code)))
        countries = [
            (code, member_count(reading, code), [r for r in rows if r.country == code]) for code in ordered
        ]
        if countries:
            listed.append((named(reading.site, regions[key].name, reading.language), countries))
    return listed


def _members_by_letter(reading: Reading, rows: Sequence[MemberRow]) -> list[tuple[str, list[MemberRow]]]:
    letters: dict[str, list[MemberRow]] = {}
    for row in rows:
        letters.setdefault(reading.speech.letter(row.name), []).append(row)
    return sorted(letters.items())


def network_values(reading: Reading) -> Mapping[str, object]:
    """What the front page of the network section shows."""
    keys = [key for key, menu, *_ in reading.ask("menu") if menu == "main"]
    return {"cards": [card(reading, key) for key in keys]}
