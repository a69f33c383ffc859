"""What other sites show of a link to an item: its social card, and how pages name it (Open Graph)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.pictures import social
from tocsin.pictures.social import SocialCard
from tocsin.render.cards import Card, card, named
from tocsin.render.labels import LABELS
from tocsin.render.pictures import FOLDER
from tocsin.render.reading import Reading
from tocsin.render.said import Said


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture that a page names for other sites; `alt` says in words what stands on it."""

    address: str
    width: int
    height: int
    alt: Said


def preview(reading: Reading, key: str, language: str) -> Preview | None:
    """The card of an item in the language of its text, for its page; None where there is none.

    A page that shows a text in another language than its own names the card of that other language.
    """
    if not reading.site.social.cards:
        return None
    own = Reading(reading.world, language)
    made = social_card(own, key)
    reading.facets.update(own.facets)
    if made is None:
        return None
    alt = ": ".join(words for words in (made.about, made.title) if words)
    return Preview(f"{FOLDER}/{made.name}", social.WIDTH, social.HEIGHT, Said(alt, language))


def social_files(reading: Reading, key: str) -> Iterator[tuple[str, bytes]]:
    """The card of an item in the reading's language, as path and content."""
    made = social_card(reading, key)
    if made is not None:
        yield f"{FOLDER}/{made.name}", reading.world.drawn(made.name, lambda: social.draw(made))


def social_card(reading: Reading, key: str) -> SocialCard | None:
    """What stands on a card: words that lists show of the item; None where no font can write them."""
    shown = card(reading, key)
    return social.written(
        SocialCard(
            key=key,
            language=reading.language,
            is_rtl=reading.speech.direction == "rtl",
            network=named(reading.site, reading.site.identity.name, reading.language),
            about=_dotted(reading.place(shown.countries), *_kind(reading, shown)),
            title=shown.title,
            # First of all, so that it is never cut off: nobody may take what was invented for an alarm.
            date=_dotted(reading.word("Fictional") if shown.fictional else "", _date(reading, shown)),
            code=next(iter(shown.codes), ""),
            state=_state(reading, shown),
            is_open=shown.is_open,
        )
    )


def _dotted(*words: str) -> str:
    return " · ".join(word for word in words if word)


def _kind(reading: Reading, shown: Card) -> Iterator[str]:
    """What lists call the item; the network's own pages are called nothing."""
    if shown.kind == "appeal":
        yield reading.word(LABELS["kind"]["appeal"])
        yield reading.word(LABELS["stage"][shown.form])
    elif shown.form:
        yield reading.word(LABELS["form"][shown.form])
    elif shown.kind != "page":
        yield reading.word(LABELS["kind"][shown.kind])


def _date(reading: Reading, shown: Card) -> str:
    if shown.day is not None:
        return reading.speech.day(shown.day)
    if shown.seen is None:
        return ""
    when = " – ".join(reading.speech.part(end) for end in shown.seen.split("/"))
    return reading.word("as of %(when)s") % {"when": when}


def _state(reading: Reading, shown: Card) -> str:
    """The state of the case; of what else can be open, that it is."""
    status = shown.status or ("open" if shown.is_open else "")
    return reading.word(LABELS["status"][status]) if status else ""
