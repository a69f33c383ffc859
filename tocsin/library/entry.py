"""Entries: what the whole library knows of an item at all times, as plain data.

A site of thirty years has tens of thousands of items; lists, checks and plans are made from entries alone,
and an item itself is read when its own page is made. Days and instants are ISO 8601 text, which sorts well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tocsin.ledger.store import digest
from tocsin.library.clock import start_of
from tocsin.library.intake import ItemRecord
from tocsin.library.risks import review_of
from tocsin.model import Appeal, Member, Page, Portrait, Statement
from tocsin.model.items import FOLDERS, AnyItem
from tocsin.model.report import Edition
from tocsin.pictures import Picture, Rendition

PlainPicture = tuple[str, int, int, tuple[tuple[Any, ...], ...]]

# What a card shows of an item's facts and words (see `render.cards`).
# fmt: off
_CARD_FACTS = (
    "id", "issued", "seen", "archived", "fictional", "countries", "themes", "picture", "corrected", "stage",
    "form", "status", "codes", "deadline", "respond_before", "number", "listing", "website", "acronym",
    "menu",
)
_CARD_WORDS = ("title", "summary", "picture_alt", "person", "role", "quote", "menu_title", "about")
# fmt: on


class Entry(NamedTuple):
    """One item. `digest` changes with anything in its folder.

    By language, `cards` change with what cards show, `texts` with what the item says in that language alone.
    """

    key: str
    kind: str
    slug: str
    folder: str
    original: str
    languages: tuple[str, ...]
    digest: str
    cards: tuple[tuple[str, bytes], ...]
    texts: tuple[tuple[str, bytes], ...]
    id: str
    day: str
    changed: str
    issued: str
    embargo: str
    turns: tuple[str, ...]
    draft: bool
    archived: bool
    pinned: bool
    lead: bool
    countries: tuple[str, ...]
    themes: tuple[str, ...]
    follows: str
    is_open: bool
    codes: tuple[tuple[str, int], ...]
    series: str
    number: int
    listing: str
    order: int
    menu: str
    links: tuple[str, ...]
    pictures: tuple[tuple[str, PlainPicture], ...]
    documents: tuple[tuple[str, str, str], ...]  # address, name of the source file, its digest
    withdrawn: str
    withdrawn_languages: tuple[tuple[str, str], ...]
    withdrawn_documents: tuple[str, ...]  # addresses
    withdrawn_files: tuple[str, ...]  # names of files beside the item; not published
    tombstone: bool
    permanent: bool | None  # None: as its kind is
    review: str  # the first day on which somebody has to look again; not published

    @property
    def year(self) -> str:
        return self.day[:4]

    @property
    def withdrawals(self) -> tuple[tuple[str, str], ...]:
        """Every language of which the text was withdrawn, and when."""
        if self.withdrawn:
            return tuple((language, self.withdrawn) for language in self.languages)
        return self.withdrawn_languages

    def card(self, language: str) -> bytes:
        """The digest of what a card of the item shows in a language that it exists in."""
        return dict(self.cards)[language]


def entry_of(item: AnyItem, record: ItemRecord, revision: str) -> Entry:
    """The entry of an item; `revision` is the digest of its folder."""
    facts = item.facts
    days = [day.isoformat() for day in (facts.issued, *facts.corrected.values()) if day]
    return Entry(
        key=item.key,
        kind=item.kind,
        slug=item.slug,
        folder=item.folder,
        original=item.original,
        languages=item.languages,
        digest=revision,
        cards=tuple(_card_digests(item, record)),
        texts=_text_digests(item, record),
        id=facts.id,
        day=facts.sorted_on.isoformat(),
        changed=max(days, default=""),
        issued=facts.issued.isoformat() if facts.issued else "",
        embargo=facts.embargo.isoformat() if facts.embargo else "",
        turns=_turns(item),
        draft=facts.draft,
        archived=facts.archived,
        pinned=facts.pinned,
        lead=facts.lead,
        countries=facts.countries,
        themes=facts.themes,
        follows=(facts.follows or "") if isinstance(item, Appeal) else "",
        is_open=isinstance(item, Appeal) and facts.is_open and not facts.archived,
        codes=tuple((code.stem, code.follow_up) for code in getattr(facts, "codes", ())),
        series=facts.series if isinstance(item, Portrait) else "",
        number=facts.number if isinstance(item, Portrait) else 0,
        listing=_listing(item) if isinstance(item, Member) else "",
        order=facts.order if isinstance(item, Page) else 0,
        menu=facts.menu if isinstance(item, Page) else "",
        links=tuple(dict.fromkeys(f"{link.kind}:{link.name}" for link in record.links)),
        pictures=tuple((name, plain_picture(picture)) for name, picture in record.pictures.items()),
        documents=tuple(_documents(item, record)),
        **_safety(item, record),
    )


def _documents(item: AnyItem, record: ItemRecord) -> Iterator[tuple[str, str, str]]:
    for edition in getattr(item.facts, "editions", ()):
        if edition.file and not item.facts.withdrawn:
            yield document_address(item, edition), edition.file, record.documents[edition.file]


def _safety(item: AnyItem, record: ItemRecord) -> dict[str, Any]:
    """What an entry says of withdrawal, of copies that cannot be taken back, and of review."""
    facts, languages = item.facts, sorted(item.facts.withdrawn_languages.items())
    return {
        "withdrawn": facts.withdrawn.isoformat() if facts.withdrawn else "",
        "withdrawn_languages": tuple(
            (language, instant.isoformat()) for language, instant in languages if language != item.original
        ),
        "withdrawn_documents": tuple(_withdrawn_documents(item, record)),
        "withdrawn_files": tuple(sorted(record.withdrawn_files)),
        "tombstone": facts.tombstone,
        "permanent": facts.permanent,
        "review": review_of(item),
    }


def document_address(item: AnyItem, edition: Edition) -> str:
    """Where an edition is downloaded: named after the item, never after the source file."""
    return _document_address(item, edition.language, edition.format)


def _document_address(item: AnyItem, language: str, form: str) -> str:
    return f"{FOLDERS[item.kind]}/{item.slug}/{item.slug}-{language}.{form}"


def _withdrawn_documents(item: AnyItem, record: ItemRecord) -> Iterator[str]:
    for language, form in record.withdrawn_editions:
        yield _document_address(item, language, form)
    for edition in getattr(item.facts, "editions", ()) if item.facts.withdrawn else ():
        if edition.file:
            yield document_address(item, edition)


def _listing(member: Member) -> str:
    """A member that has left is no longer listed, whatever it agreed to."""
    return "unlisted" if member.facts.left else member.facts.listing


def _card_digests(item: AnyItem, record: ItemRecord) -> Iterator[tuple[str, bytes]]:
    """Facts and the words of the original count for each language, which is filled from these."""
    facts = [(name, record.facts.get(name)) for name in _CARD_FACTS]
    pictures = [plain_picture(picture) for picture in record.pictures.values()]
    shown = {
        language: [(name, words.get(name)) for name in _CARD_WORDS]
        for language, words in record.words.items()
    }
    languages, original = sorted(record.words), shown[record.original]
    for language in item.languages:
        yield language, digest((record.slug, facts, shown[language], original, languages, pictures))


def _text_digests(item: AnyItem, record: ItemRecord) -> tuple[tuple[str, bytes], ...]:
    """Facts, words and files count for each language, which is filled from others; its text for it alone."""
    pictures = [(name, plain_picture(picture)) for name, picture in record.pictures.items()]
    common = digest((record.slug, record.original, record.facts, record.words, pictures, record.documents))
    return tuple(
        (language, digest((common, record.fragments[language], item.is_stale(language))))
        for language in item.languages
    )


def _turns(item: AnyItem) -> tuple[str, ...]:
    """The instants at which the item changes by itself."""
    turns: list[datetime] = [item.facts.embargo] if item.facts.embargo else []
    last_day = None
    if isinstance(item, Appeal):
        last_day = item.facts.respond_before
    elif isinstance(item, Statement):
        last_day = item.facts.deadline
    if last_day:
        turns.append(start_of(last_day + timedelta(days=1)))
    if review := review_of(item):
        turns.append(start_of(date.fromisoformat(review) + timedelta(days=1)))
    return tuple(turn.isoformat() for turn in turns)


def plain_picture(picture: Picture) -> PlainPicture:
    """A picture as plain data."""
    renditions = tuple((r.name, r.format, r.width, r.height) for r in picture.renditions)
    return (picture.digest, picture.width, picture.height, renditions)


def picture_of(plain: PlainPicture) -> Picture:
    """The picture of `plain_picture`."""
    digest_, width, height, renditions = plain
    return Picture(digest_, width, height, tuple(Rendition(*rendition) for rendition in renditions))
