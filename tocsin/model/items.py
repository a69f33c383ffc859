"""Items: what has an identity, an address and words in one or more languages.

An item has **facts**, stated once by its original, and **words**, stated by each language. Every front-matter
key is wholly one or the other, so a translation cannot contradict the original about a fact. The kinds
(`appeal.py`, `report.py` …) add their own facts and words to the ones here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import AfterValidator, Field

from tocsin.model.dates import Day, Instant, PartialDate
from tocsin.model.record import Fault, Record
from tocsin.model.text import (
    INVISIBLE,
    CountryCode,
    ItemId,
    Key,
    LanguageCode,
    Line,
    Prose,
    Revision,
    is_device,
)

Kind = Literal["appeal", "report", "statement", "portrait", "page", "member"]

# The folder of each kind below content/, which is also its section of the site.
FOLDERS: Mapping[Kind, str] = {
    "appeal": "appeals",
    "report": "reports",
    "statement": "statements",
    "portrait": "portraits",
    "page": "network",
    "member": "network/members",
}

TranslationState = Literal["machine", "draft", "reviewed", "approved"]
Consent = Literal["given", "by-family", "public-source", "not-needed"]
# Rules for the safety of persons, which an editor may set aside for one item, with a reason.
SafetyRule = Literal["review-passed", "minor-in-full", "shown-at-risk"]

_NOT_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|\t\n\r]')


def file_name(value: str) -> str:
    """The name of a file in the item's own folder, on every system."""
    if (
        _NOT_IN_FILE_NAMES.search(value)
        or value != value.strip(" .")
        or not value
        or is_device(value)
        or INVISIBLE.search(value)
    ):
        raise ValueError(f"'{value}' cannot be used; write the name of a file in the item's own folder")
    return value


def before_issue(day: date | None, issued: date | None) -> str:
    """A sentence about a day that can only come after the day of issue; empty where it does."""
    if day is None or issued is None or day >= issued:
        return ""
    return f"is {day}, before the day of issue {issued}; one of the two is wrong"


FileName = Annotated[str, AfterValidator(file_name)]


class PictureFacts(Record):
    """A picture beside the item; its description (`picture_alt`) is words."""

    file: FileName = Field(description="name of the file, which lies beside the text")
    credit: Line = Field(description="who made the picture; shown below it")
    consent: Consent = Field(description="who agreed that the picture is shown; not published")
    consent_on: Day | None = Field(None, description="day of that consent; not published")


class Facts(Record):
    """What is true of an item in every language."""

    id: ItemId = Field(description="identity, made by 'new' and never changed or used again")
    original: bool = Field(
        False, description="this file is the original; needed where there are translations"
    )
    issued: Day | None = Field(None, description="day of publication")
    archived: bool = Field(False, description="only what a source page states is known")
    seen: PartialDate | None = Field(None, description="when the source page of an archived item showed it")
    fictional: bool = Field(False, description="invented for demonstration; readers are told")
    countries: tuple[CountryCode, ...] = Field((), description="countries that the item is about")
    themes: tuple[Key, ...] = Field((), description="themes that the item is about")
    picture: PictureFacts | None = Field(None, description="picture of the item itself")
    pinned: bool = Field(False, description="shown first on the home page")
    lead: bool = Field(False, description="shown with excerpt and picture on the home page")
    embargo: Instant | None = Field(None, description="nothing of the item is public before this instant")
    draft: bool = Field(False, description="built only with --drafts")
    corrected: dict[Key, Day] = Field(
        default_factory=dict, description="day of each correction; the text is in corrections"
    )
    withdrawn: Instant | None = Field(
        None, description="nothing of the item is public any more; the instant at which that was decided"
    )
    withdrawn_languages: dict[LanguageCode, Instant] = Field(
        default_factory=dict,
        description="languages whose text is public no more, each with the instant of that decision",
    )
    withdrawn_files: dict[FileName, Instant] = Field(
        default_factory=dict,
        description="pictures and documents that are public no more, each with that instant",
    )
    tombstone: bool = Field(
        True,
        description="'false': nothing stands at a withdrawn page's address, as the address tells too much",
    )
    permanent: bool | None = Field(
        None,
        description="whether copies that nobody can take back may hold the item; where it is not said, "
        "its kind decides ([permanent] in site.toml)",
    )
    exceptions: dict[SafetyRule, Line] = Field(
        default_factory=dict,
        description="safety rules that do not hold for this item, each with the reason; not published",
    )

    def faults(self) -> Iterator[Fault]:
        if self.archived and self.seen is None:
            yield "seen", "is missing; an archived item tells when its source page showed it"
        if self.seen is not None and not self.archived:
            yield "seen", "belongs to archived items; write 'issued', or add 'archived: true'"
        if self.archived and self.fictional:
            yield "fictional", "contradicts 'archived'; delete one, as archived items are real"

    def lacking(self, names: Iterable[str], whose: str) -> Iterator[Fault]:
        """One fault for all of `names` that a live item of this kind needs and does not state."""
        is_free = self.archived or self.draft or self.withdrawn
        absent = [] if is_free else [name for name in names if not getattr(self, name)]
        if self.withdrawn_files and "picture" in absent:
            absent.remove("picture")
        if not absent:
            return
        others = ", ".join(f"'{name}'" for name in absent[1:])
        also = f", and so {'is' if len(absent) == 2 else 'are'} {others}" if others else ""
        these = "this" if len(absent) == 1 else "these"
        sentence = (
            f"is missing{also}; {whose} needs {these}, unless only a source page is known ('archived: true')"
        )
        yield absent[0], sentence

    @property
    def sorted_on(self) -> date:
        """The day by which lists are ordered; the earliest day for items that have none."""
        if self.issued is not None:
            return self.issued
        return self.seen.first if self.seen is not None else date.min


class Words(Record):
    """What an item says in one language. Its body is kept apart, converted."""

    title: Line = Field(description="heading of the page, and name of the item in lists and feeds")
    summary: Prose | None = Field(
        None, description="one or two sentences, for lists, feeds and search engines"
    )
    picture_alt: Line | None = Field(None, description="what the picture shows, for those who do not see it")
    corrections: dict[Key, Prose] = Field(
        default_factory=dict, description="what was corrected; the days are in corrected"
    )
    # Of translations only:
    translator: Line | None = Field(None, description="who translated; shown to readers")
    state: TranslationState | None = Field(
        None, description="how far the translation was checked; readers are warned of the first two"
    )
    source_rev: Revision | None = Field(None, description="revision of the original that this translates")


TRANSLATION_KEYS = frozenset({"translator", "state", "source_rev"})


F = TypeVar("F", bound=Facts)
W = TypeVar("W", bound=Words)


@dataclass(frozen=True, slots=True)
class Item(Generic[F, W]):
    """One item in all its languages. `digests` tells, per language, the revision of its words."""

    kind: ClassVar[Kind]
    facts_type: ClassVar[type[Facts]]
    words_type: ClassVar[type[Words]]

    slug: str
    folder: str
    original: LanguageCode
    facts: F
    words: Mapping[LanguageCode, W]
    digests: Mapping[LanguageCode, str]

    def __post_init__(self) -> None:
        if self.original not in self.words:
            raise ValueError(f"{self.folder}: there are no words in the original language {self.original}")

    @property
    def key(self) -> str:
        """`kind:slug`, as authors write links and as everything inside Tocsin refers to the item."""
        return f"{self.kind}:{self.slug}"

    @property
    def languages(self) -> tuple[LanguageCode, ...]:
        """The languages that the item exists in, the original first."""
        others = sorted(code for code in self.words if code != self.original)
        return (self.original, *others)

    def is_stale(self, language: LanguageCode) -> bool:
        """True where `language` translates words that the original no longer has."""
        return language != self.original and self.words[language].source_rev != self.digests[self.original]

    @classmethod
    def words_keys(cls) -> frozenset[str]:
        """The front-matter keys that every language states for itself."""
        return frozenset(cls.words_type.model_fields)

    @classmethod
    def facts_keys(cls) -> frozenset[str]:
        """The front-matter keys that only the original states."""
        return frozenset(cls.facts_type.model_fields)


AnyItem = Item[Any, Any]
