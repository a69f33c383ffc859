"""Pages for those who look for something: case codes in any spelling, names from A to Z; what is related."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.model.codes import compact
from tocsin.render.cards import Card, card, cards, named
from tocsin.render.list_pages import Count, member_rows, own_page
from tocsin.render.reading import Reading
from tocsin.render.said import Said
from tocsin.render.sheets import Sheet


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A case code, the same without anything but letters and digits, and the appeal that bears it.

    Several appeals can bear one code; links to it lead to the first.
    """

    code: str
    compact: str
    card: Card
    is_first: bool


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A name, where it leads, in which language that is, and what kind of thing it names."""

    name: str
    address: str
    language: str
    kind: str


def codes_sheets(reading: Reading) -> Iterator[Sheet]:
    """The countries whose letters case codes begin with."""
    by_letters = _alpha2(reading)
    counts = []
    for alpha3 in reading.ask("codes"):
        name = reading.speech.country(by_letters[alpha3]) if alpha3 in by_letters else alpha3
        address = reading.addresses.country_codes(alpha3)
        counts.append(Count(alpha3, name, address, reading.ask("count", f"code:{alpha3}")))
    counts.sort(key=lambda count: reading.speech.sort_key(count.name))
    page = own_page(reading, reading.addresses.codes, "codes", reading.word("Case codes"))
    yield Sheet(page, "codes.html", {"countries": counts, "rows": [], "letters": None})


def country_codes_sheets(reading: Reading, alpha3: str) -> Iterator[Sheet]:
    """Every code that begins with the letters of a country, and the appeal that it stands for."""
    shown = cards(reading, reading.group(f"code:{alpha3}"))
    borne = [(code, found) for found in shown for code in found.codes if code.startswith(alpha3)]
    rows, seen = [], set[str]()
    for code, found in sorted(borne, key=lambda row: (row[0], row[1].key)):
        rows.append(CodeRow(code, compact(code), found, compact(code) not in seen))
        seen.add(compact(code))
    alpha2 = _alpha2(reading).get(alpha3)
    country = f": {reading.speech.country(alpha2)}" if alpha2 else ""
    title = f"{reading.word('Case codes')}{country}"
    page = own_page(reading, reading.addresses.country_codes(alpha3), "codes", title)
    yield Sheet(page, "codes.html", {"countries": [], "rows": rows, "letters": alpha3})


def _alpha2(reading: Reading) -> dict[str, str]:
    """ISO 3166-1 alpha-2 by alpha-3."""
    reading.all_shared("regions", reading.world.library.shared.regions)
    return {long: code for code, long in reading.world.library.shared.alpha3.items()}


def index_sheets(reading: Reading) -> Iterator[Sheet]:
    """Countries, themes, portrayed persons, members that may be named, and pages, from A to Z."""
    letters: dict[str, list[IndexEntry]] = {}
    for entry in sorted(_entries(reading), key=lambda entry: reading.speech.index_key(entry.name)):
        letters.setdefault(reading.speech.letter(entry.name), []).append(entry)
    own = _script(reading.speech.own_name)
    # The reader's own letters first: names of persons and organisations stay in theirs.
    ordered = sorted(letters.items(), key=lambda found: (_script(found[0]) != own, found[0]))
    page = own_page(reading, reading.addresses.index, "index", reading.word("A to Z"))
    yield Sheet(page, "index.html", {"letters": ordered})


def _script(text: str) -> str:
    """The script of the first letter, as Unicode names it: `LATIN`, `ARABIC`."""
    return unicodedata.name(text[:1], "").partition(" ")[0]


def _entries(reading: Reading) -> Iterator[IndexEntry]:
    own, language = reading.addresses, reading.language
    for code in reading.ask("countries"):
        yield IndexEntry(reading.speech.country(code), own.country(code), language, "country")
    shared = reading.world.library.shared
    for key, theme in reading.all_shared("themes", shared.themes).items():
        yield IndexEntry(named(reading.site, theme.name, language), own.theme(key), language, "theme")
    for found in cards(reading, reading.group("kind:portrait")):
        yield _named_by_card(found.person or found.title, found, "portrait")
    for key, *_ in reading.ask("menu"):
        found = card(reading, key)
        yield _named_by_card(found.title, found, "page")
    for row in member_rows(reading):
        yield IndexEntry(row.name, f"{own.members}#{row.slug}", language, "member")


def _named_by_card(name: Said, found: Card, kind: str) -> IndexEntry:
    return IndexEntry(name, found.address, found.language, kind)


def related(reading: Reading, key: str) -> list[Card]:
    """Earlier items of the same country, first of all of the same theme; never of the same case."""
    return cards(reading, reading.ask("related", key))
