"""The page of an item and its print version, for every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tocsin.library.clock import months_after
from tocsin.library.entry import document_address
from tocsin.model import Appeal, Page, Portrait, Report, Statement
from tocsin.model.items import AnyItem
from tocsin.model.report import Edition
from tocsin.model.shared import Addressee
from tocsin.render.addresses import ROOT, root_of
from tocsin.render.body import set_body
from tocsin.render.cards import card, cover_view, picture_view, speak
from tocsin.render.finding import related
from tocsin.render.offers import spoken_language
from tocsin.render.reading import Reading
from tocsin.render.said import Said, Spoken
from tocsin.render.sheets import Sheet, page_of
from tocsin.render.social import preview

PRINT_TEMPLATE = "print.html"


def item_sheets(reading: Reading, key: str) -> Iterator[Sheet]:
    """The page of an item in the reading's language, then its print version."""
    item = reading.item(key)
    site, language = reading.site, reading.language
    words = speak(site, item, language)
    address = reading.addresses.item(item)
    in_languages = {
        code: reading.addresses_in(code).item(item) for code in site.languages if code in item.words
    }
    is_fallback = language not in item.words
    printed = reading.addresses.printed(address)
    values = {**item_values(reading, item, words), **set_texts(reading, item, words)}
    # An offline edition may be in other languages than the text that it falls back to.
    canonical = in_languages.get(spoken_language(site, item, language), address) if is_fallback else address
    page = page_of(
        reading,
        address,
        section=item.kind,
        title=words.title,
        description=words.summary or "",
        in_languages=in_languages,
        canonical=canonical,
        printed=printed,
        content_language=words.language,
        is_fallback=is_fallback,
        og_type="article",
        preview=preview(reading, key, words.language),
    )
    yield Sheet(page, f"{item.kind}.html", {**values, "related": related(reading, key)})
    on_paper = page._replace(address=printed, root=root_of(printed), printed=None)
    yield Sheet(on_paper, PRINT_TEMPLATE, {**values, "original_address": address})


def set_texts(reading: Reading, item: AnyItem, words: Spoken) -> dict[str, Any]:
    """The texts of the item with their links resolved."""
    fragments = reading.fragments(item.key, words.language)
    texts = {name: set_body(reading, item, html, words.language, ROOT) for name, html in fragments.items()}
    return {"body": texts["body"], "texts": texts}


def item_values(reading: Reading, item: AnyItem, words: Spoken) -> dict[str, Any]:
    """What the templates of an item use, whatever its kind; `more` is what its kind adds."""
    return {**_own_values(reading, item, words), **_more(reading, item, words)}


def item_notes(reading: Reading, item: AnyItem, words: Spoken) -> dict[str, Any]:
    """What feeds use: what the item states in one language, nothing of its case or of the time of day."""
    shared, facts = reading.world.library.shared, item.facts
    addressees = [
        (key, reading.shared("addressees", shared.addressees, key))
        for key in getattr(facts, "addressees", ())
    ]
    own = _own_values(reading, item, words)
    del own["item"]  # it knows what it says in other languages
    return {
        **own,
        "kind": item.kind,
        # The date of the check is shown; whether it is long ago is the clock's to say.
        "addressees": [(key, addressee, True) for key, addressee in addressees],
        "asks_letters": isinstance(item, Appeal) and facts.is_open and not facts.archived,
        "editions": _editions(item),
        "takes_answers": getattr(facts, "deadline", None) is not None,
    }


def _own_values(reading: Reading, item: AnyItem, words: Spoken) -> dict[str, Any]:
    return {
        "item": item,
        "facts": item.facts,
        "words": words,
        "picture": picture_view(reading, item, words),
        "is_stale": words.language != item.original and item.is_stale(words.language),
        "translation_state": words.state,
        "original_card": _original(reading, item, words),
        "corrections": _corrections(item, words),
    }


def _original(reading: Reading, item: AnyItem, words: Spoken) -> tuple[str, str] | None:
    """Language and address of the original, for the page of a translation."""
    if words.language == item.original and reading.language == item.original:
        return None
    return item.original, reading.addresses_in(item.original).item(item)


def _corrections(item: AnyItem, words: Spoken) -> list[tuple[date, Said]]:
    """Corrections, newest first."""
    dated = [
        (day, words.corrections[key]) for key, day in item.facts.corrected.items() if key in words.corrections
    ]
    return sorted(dated, key=lambda entry: entry[0], reverse=True)


def _more(reading: Reading, item: AnyItem, words: Spoken) -> Mapping[str, Any]:
    if isinstance(item, Appeal):
        return _appeal(reading, item)
    if isinstance(item, Report):
        return {
            "cover": cover_view(reading, item, words.language),
            "publishers": _organisations(reading, item.facts.publishers),
            "partners": _organisations(reading, item.facts.partners),
            "editions": _editions(item),
        }
    if isinstance(item, Statement):
        deadline = item.facts.deadline
        return {
            "issuers": _organisations(reading, item.facts.issuers),
            "takes_answers": deadline is not None and reading.until(deadline),
        }
    if isinstance(item, Portrait):
        return _portrait(reading, item)
    if isinstance(item, Page):
        return {"blocks": _blocks(reading, item)}
    return {}


def _editions(item: AnyItem) -> list[tuple[Edition, str | None]]:
    """The editions of a report and the address of each that can be downloaded; other kinds have none."""
    editions = getattr(item.facts, "editions", ())
    return [(edition, document_address(item, edition) if edition.file else None) for edition in editions]


def _organisations(reading: Reading, keys: tuple[str, ...]) -> list[Any]:
    table = reading.world.library.shared.organisations
    return [reading.shared("organisations", table, key) for key in keys]


def _appeal(reading: Reading, item: Appeal) -> Mapping[str, Any]:
    case = reading.case(item.key)
    chain = [card(reading, key) for key in reading.group(f"case:{case}")]
    is_open = chain[-1].is_open
    before = item.facts.respond_before
    return {
        "case": case,
        "case_address": reading.addresses.case(case),
        "chain": chain,
        "is_latest": chain[-1].key == item.key,
        "latest": chain[-1],
        "case_status": chain[-1].status,
        "is_open": is_open,
        "asks_letters": is_open and chain[-1].key == item.key and (before is None or reading.until(before)),
        "issuers": _organisations(reading, item.facts.issuers),
        "addressees": [_addressee(reading, key) for key in item.facts.addressees],
    }


def _addressee(reading: Reading, key: str) -> tuple[str, Addressee, bool]:
    """An addressee with its key, and whether its address was checked recently enough."""
    addressee = reading.shared("addressees", reading.world.library.shared.addressees, key)
    limit = months_after(addressee.verified_on, reading.site.lists.addressee_months)
    return key, addressee, reading.until(limit - timedelta(days=1))


def _portrait(reading: Reading, item: Portrait) -> Mapping[str, Any]:
    before, after = reading.ask("around", f"series:{item.facts.series}", item.key)
    return {
        "series": reading.shared("series", reading.world.library.shared.series, item.facts.series),
        "previous": card(reading, before) if before else None,
        "next": card(reading, after) if after else None,
    }


def _blocks(reading: Reading, item: Page) -> Mapping[str, Any]:
    """The blocks that a page of the network shows below its text, by name."""
    shared = reading.world.library.shared
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
