"""Reports: fact-finding, trial observation, joint submissions to treaty bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from tocsin.model.dates import PartialDate
from tocsin.model.items import Facts, FileName, Item, Kind, Words
from tocsin.model.numbers import Isbn, Issn
from tocsin.model.record import Fault, Record
from tocsin.model.text import Key, LanguageCode, Line, Prose

ReportForm = Literal["fact-finding", "preliminary-findings", "trial-observation", "joint-submission"]
Mechanism = Literal[
    "UPR", "CAT", "SPT", "CCPR", "CESCR", "CRC", "CEDAW", "CERD", "CED", "CMW", "CRPD", "ACHPR", "IACHR"
]


class Edition(Record):
    """One form in which the report can be had. Without `file` it exists, but not here."""

    language: LanguageCode
    format: Literal["pdf", "print", "epub"]
    file: FileName | None = None
    pages: int | None = Field(None, ge=1)
    isbn: Isbn | None = None
    issn: Issn | None = None


class Recommendation(Record):
    """What is recommended to one addressee; `text` may be a Markdown list."""

    to: Line
    text: Prose


class ReportFacts(Facts):
    """Facts of a report. `mission` is when the mission was; `mechanism` is whom a submission is made to."""

    form: ReportForm
    publishers: tuple[Key, ...] = ()
    partners: tuple[Key, ...] = ()
    mission: PartialDate | None = None
    mechanism: Mechanism | None = None
    session: int | None = Field(None, ge=1)
    session_on: PartialDate | None = None
    chapter_pages: dict[Key, int] = Field({}, description="page on which each of the chapters begins")
    editions: tuple[Edition, ...] = ()

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.form == "joint-submission" and self.mechanism is None:
            yield "mechanism", "is missing; a joint submission names the body that it is made to"
        yield from self.lacking(["issued"], "a report")


class ReportWords(Words):
    """Words of a report. `chapters` and `recommendations` are paired across languages by key."""

    subtitle: Line | None = None
    chapters: dict[Key, Line] = Field({}, description="titles of the chapters, in order")
    recommendations: dict[Key, Recommendation] = Field({}, description="one for each addressee, in order")


@dataclass(frozen=True, slots=True)
class Report(Item[ReportFacts, ReportWords]):
    """A report or a submission."""

    kind: ClassVar[Kind] = "report"
    facts_type: ClassVar[type[Facts]] = ReportFacts
    words_type: ClassVar[type[Words]] = ReportWords
