"""Cards: what pages other than its own show of an item, and words in the best language there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tocsin.model import Appeal, Portrait, Report, Statement
from tocsin.model.items import AnyItem
from tocsin.model.shared import Names
from tocsin.model.site import Site, pick
from tocsin.pictures import Picture
from tocsin.render.offers import page_language, spoken_language
from tocsin.render.reading import Reading
from tocsin.render.said import Said, Spoken


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture with its description."""

    picture: Picture
    alt: Said
    credit: str


class Card(NamedTuple):
    """An item in a list. `address` leads to its page in `language`, which may not be the reader's.

    `day` is the day of issue, None for an archived item; `seen` says when its source page showed it. `form`
    is the stage of an appeal or the form of a report or statement; `status` is empty where none is known.
    """

    key: str
    kind: str
    title: Said
    summary: Said | None
    address: str
    language: str
    languages: tuple[str, ...]
    day: date | None
    seen: str | None
    countries: tuple[str, ...]
    themes: tuple[str, ...]
    form: str
    status: str
    is_open: bool
    deadline: date | None
    codes: tuple[str, ...]
    picture: PictureView | None
    fictional: bool
    corrected: bool
    number: int | None
    person: Said | None
    role: Said | None
    quote: Said | None


def speak(site: Site, item: AnyItem, language: str) -> Spoken:
    """The words of `item` for a reader of `language`, gaps filled from the original."""
    best = spoken_language(site, item, language)
    own, original = item.words[best], item.words[item.original]

    def find(name: str) -> Any:
        return _fill(getattr(own, name), best, getattr(original, name), item.original)

    return Spoken(best, type(original).model_fields, find)


def _fill(own: Any, language: str, original: Any, original_language: str) -> Any:
    if isinstance(original, dict):
        return {
            key: _fill((own or {}).get(key), language, value, original_language)
            for key, value in original.items()
        }
    if own is not None:
        return _say(own, language)
    return _say(original, original_language)


def _say(value: Any, language: str) -> Any:
    if isinstance(value, str):
        return Said(value, language)
    if hasattr(type(value), "model_fields"):
        return Spoken(language, type(value).model_fields, lambda name: _say(getattr(value, name), language))
    return value


def named(site: Site, names: Names, language: str) -> Said:
    """A name of shared data for a reader of `language`."""
    return Said(*pick(names, site.order_for(language, site.default_language)))


def card(reading: Reading, key: str) -> Card:
    """The card of an item for the reading's language, made once for all pages that show it."""
    made: Card = reading.once(reading.world.cards, (key, reading.language), lambda own: _card(own, key))
    return made


def _card(reading: Reading, key: str) -> Card:
    item = reading.carded(key)
    site, facts = reading.site, item.facts
    words = speak(site, item, reading.language)
    language = page_language(site, item, reading.language)
    state = _state(reading, item)
    return Card(
        key=item.key,
        kind=item.kind,
        title=words.title,
        summary=words.summary,
        address=reading.addresses_in(language).item(item),
        language=language,
        languages=item.languages,
        day=facts.issued,
        seen=facts.seen.text if facts.seen else None,
        countries=facts.countries,
        themes=facts.themes,
        form=getattr(facts, "stage", getattr(facts, "form", "")),
        status=state.status,
        is_open=state.is_open,
        deadline=state.deadline,
        codes=tuple(code.display for code in getattr(facts, "codes", ())),
        picture=picture_view(reading, item, words),
        fictional=facts.fictional,
        corrected=bool(facts.corrected),
        number=facts.number if isinstance(item, Portrait) else None,
        person=words.person if isinstance(item, Portrait) else None,
        role=words.role if isinstance(item, Portrait) else None,
        quote=words.quote if isinstance(item, Portrait) else None,
    )


def cards(reading: Reading, keys: Iterable[str]) -> list[Card]:
    """Cards in the order of `keys`."""
    return [card(reading, key) for key in keys]


def picture_view(reading: Reading, item: AnyItem, words: Spoken) -> PictureView | None:
    """The item's own picture, if it has one."""
    facts = item.facts.picture
    if facts is None or words.picture_alt is None:
        return None
    picture = reading.picture(item.key, facts.file)
    return PictureView(picture, words.picture_alt, facts.credit) if picture else None


def cover_view(reading: Reading, item: Report, language: str) -> PictureView | None:
    """The first page of the edition in a language, or of another; None for a report with its own picture."""
    files = [edition.file for edition in item.facts.editions if edition.file and edition.language == language]
    files += [edition.file for edition in item.facts.editions if edition.file]
    for file in files if item.facts.picture is None else ():
        picture = reading.picture(item.key, file)
        if picture is not None:
            return PictureView(picture, Said(reading.word("Cover of the report"), reading.language), "")
    return None


class _State(NamedTuple):
    """What can still be done: `deadline` is None where there is none, or an appeal's has passed."""

    status: str
    is_open: bool
    deadline: date | None


def _state(reading: Reading, item: AnyItem) -> _State:
    """The state of an appeal is that of its case, so one follow-up closes all that came before."""
    if isinstance(item, Statement) and item.facts.deadline:
        return _State("", reading.until(item.facts.deadline), item.facts.deadline)
    if not isinstance(item, Appeal) or item.facts.archived:
        return _State("", is_open=False, deadline=None)
    latest = reading.carded(reading.group(f"case:{reading.case(item.key)}")[-1]).facts
    before = latest.respond_before if latest.is_open and item.facts.id == latest.id else None
    return _State(latest.status, latest.is_open, before if before and reading.until(before) else None)
