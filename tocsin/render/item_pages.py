"""The page of an item and its print version, for every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tocsin.library.clock import months_after
from tocsin.model import Appeal, Page, Portrait, Report, Statement
from tocsin.model.items import AnyItem
from tocsin.model.shared import Addressee
from tocsin.render.addresses import root_of
from tocsin.render.body import set_body
from tocsin.render.cards import Card, card, page_language, picture_view, speak, spoken_language
from tocsin.render.reading import Reading
from tocsin.render.said import Said, Spoken
from tocsin.render.sheets import Sheet, page_of

PRINT_TEMPLATE = "print.html"


def languages_with_page(reading: Reading, item: AnyItem) -> tuple[str, ...]:
    """The languages under whose address the item has a page."""
    site = reading.site
    return tuple(code for code in site.languages if page_language(site, item, code) == code)


def item_sheets(reading: Reading, key: str) -> Iterator[Sheet]:
    """The page of an item in the reading's language, then its print version."""
    item = reading.item(key)
    site, language = reading.site, reading.language
    words = speak(site, item, language)
    address = reading.addresses.item(item)
    in_languages = {code: reading.addresses_in(code).item(item) for code in site.languages if code in item.words}
    is_fallback = language not in item.words
    printed = reading.addresses.printed(address)
    values = item_values(reading, item, words)
    common: dict[str, Any] = {
        "section": item.kind,
        "title": words.title,
        "description": words.summary or "",
        "in_languages": in_languages,
        "content_language": words.language,
        "is_fallback": is_fallback,
        "og_type": "article",
    }
    canonical = in_languages[spoken_language(site, item, language)] if is_fallback else address
    yield Sheet(
        page_of(reading, address, printed=printed, canonical=canonical, **common),
        f"{item.kind}.html",
        {**values, **_body(reading, item, words, address), "alone": True},
    )
    yield Sheet(
        page_of(reading, printed, canonical=canonical, **common),
        PRINT_TEMPLATE,
        {**values, **_body(reading, item, words, printed), "original_address": address},
    )


def _body(reading: Reading, item: AnyItem, words: Spoken, address: str) -> dict[str, Any]:
    """The texts of the item with their links made good for a page at `address`."""
    fragments, root = reading.fragments(item.key, words.language), root_of(address)
    texts = {name: set_body(reading, item, html, words.language, root) for name, html in fragments.items()}
    return {"body": texts["body"], "texts": texts}


def item_values(reading: Reading, item: AnyItem, words: Spoken) -> dict[str, Any]:
    """What the templates of an item use, whatever its kind; `more` is what its kind adds."""
    values = {
        "item": item,
        "facts": item.facts,
        "words": words,
        "picture": picture_view(reading, item, words),
        "is_stale": words.language != item.original and item.is_stale(words.language),
        "translation_state": words.state,
        "original_card": _original(reading, item, words),
        "corrections": _corrections(item, words),
    }
    return {**values, **_more(reading, item, words)}


def _original(reading: Reading, item: AnyItem, words: Spoken) -> tuple[str, str] | None:
    """Language and address of the original, for the page of a translation."""
    if words.language == item.original and reading.language == item.original:
        return None
    return item.original, reading.addresses_in(item.original).item(item)


def _corrections(item: AnyItem, words: Spoken) -> list[tuple[date, Said]]:
    """Corrections, newest first."""
    dated = [(day, words.corrections[key]) for key, day in item.facts.corrected.items() if key in words.corrections]
    return sorted(dated, key=lambda entry: entry[0], reverse=True)


def _more(reading: Reading, item: AnyItem, words: Spoken) -> Mapping[str, Any]:
    if isinstance(item, Appeal):
        return _appeal(reading, item)
    if isinstance(item, Report):
        return {
            "publishers": _organisations(reading, item.facts.publishers),
            "partners": _organisations(reading, item.facts.partners),
        }
    if isinstance(item, Statement):
        deadline = item.facts.deadline
        return {
            "issuers": _organisations(reading, item.facts.issuers),
            "takes_answers": deadline is not None and item.facts.is_open(reading.today),
        }
    if isinstance(item, Portrait):
        return _portrait(reading, item)
    if isinstance(item, Page):
        return {"blocks": _blocks(reading, item)}
    return {}


def _organisations(reading: Reading, keys: tuple[str, ...]) -> list[Any]:
    table = reading.library.shared.organisations
    return [reading.shared("organisations", table, key) for key in keys]


def _appeal(reading: Reading, item: Appeal) -> Mapping[str, Any]:
    case = reading.library.cases[item.key]
    chain = [card(reading, key) for key in reading.group(f"case:{case}")]
    latest = reading.item(reading.group(f"case:{case}")[-1])
    is_open = latest.facts.is_open and not item.facts.archived
    before = item.facts.respond_before
    return {
        "case": case,
        "case_address": reading.addresses.case(case),
        "chain": chain,
        "is_latest": latest.key == item.key,
        "latest": chain[-1],
        "case_status": latest.facts.status,
        "is_open": is_open,
        "asks_letters": is_open and latest.key == item.key and (before is None or reading.today <= before),
        "issuers": _organisations(reading, item.facts.issuers),
        "addressees": [_addressee(reading, key) for key in item.facts.addressees],
    }


def _addressee(reading: Reading, key: str) -> tuple[Addressee, bool]:
    """An addressee, and whether its address was checked recently enough."""
    addressee = reading.shared("addressees", reading.library.shared.addressees, key)
    limit = months_after(addressee.verified_on, reading.site.lists.addressee_months)
    return addressee, reading.today < limit


def _portrait(reading: Reading, item: Portrait) -> Mapping[str, Any]:
    keys = reading.group(f"series:{item.facts.series}")
    place = keys.index(item.key)
    return {
        "series": reading.shared("series", reading.library.shared.series, item.facts.series),
        "previous": card(reading, keys[place - 1]) if place else None,
        "next": card(reading, keys[place + 1]) if place + 1 < len(keys) else None,
    }


def _blocks(reading: Reading, item: Page) -> Mapping[str, Any]:
    """The blocks that a page of the network shows below its text, by name."""
    shared = reading.library.shared
    blocks: dict[str, Any] = {}
    for name in item.facts.shows:
        if name == "offices":
            offices = reading.all_shared("offices", shared.offices)
            blocks[name] = sorted(offices.values(), key=lambda office: office.order)
        elif name == "keys":
            blocks[name] = reading.site.keys
        elif name == "addresses":
            blocks[name] = [reading.site.address]
        else:
            blocks[name] = True
    return blocks


__all__ = ["Card", "item_sheets", "item_values", "languages_with_page"]
