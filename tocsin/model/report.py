"""Reports: fact-finding, trial observation, joint submissions to treaty bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from tocsin.model.dates import PartialDate
from tocsin.model.items import Facts, FileName, Item, Kind, Words
from tocsin.model.numbers import Isbn, Issn
from tocsin.model.record import Fault, Record
from tocsin.model.text import Key, LanguageCode, Line, Prose

ReportForm = Literal["fact-finding", "preliminary-findings", "trial-observation", "joint-submission"]
EditionFormat = Literal["pdf", "print", "epub", "odt", "docx", "mp3", "mp4"]
# What a server says of a file, by its format (IANA, media types).
MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
Mechanism = Literal[
    "UPR", "CAT", "SPT", "CCPR", "CESCR", "CRC", "CEDAW", "CERD", "CED", "CMW", "CRPD", "ACHPR", "IACHR"
]


class Edition(Record):
    """One form in which the report can be had. Without `file` it exists, but not here."""

    language: LanguageCode = Field(description="language of the edition")
    format: EditionFormat = Field(description="form of the edition")
    file: FileName | None = Field(
        None,
        description="its file beside the text; it is published without what it tells of its makers",
    )
    pages: int | None = Field(None, ge=1, description="how many pages it has")
    isbn: Isbn | None = Field(None, description="ISBN of 13 or 10 digits; its check digit is checked")
    issn: Issn | None = Field(None, description="ISSN; its check digit is checked")


class Recommendation(Record):
    """What is recommended to one addressee; `text` may be a Markdown list."""

    to: Line = Field(description="who is to act")
    text: Prose = Field(description="what is recommended; may be a Markdown list")


class ReportFacts(Facts):
    """Facts of a report. `mission` is when the mission was; `mechanism` is whom a submission is made to."""

    form: ReportForm = Field(description="kind of report")
    publishers: tuple[Key, ...] = Field((), description="who publishes the report")
    partners: tuple[Key, ...] = Field((), description="organisations that worked on it beside the publishers")
    mission: PartialDate | None = Field(None, description="when the mission was")
    mechanism: Mechanism | None = Field(None, description="body that a submission is made to")
    session: int | None = Field(None, ge=1, description="number of that body's session")
    session_on: PartialDate | None = Field(None, description="when that session is or was")
    chapter_pages: dict[Key, int] = Field(
        default_factory=dict, description="page on which each of the chapters begins"
    )
    editions: tuple[Edition, ...] = Field((), description="forms in which the report can be had")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.form == "joint-submission" and self.mechanism is None:
            yield "mechanism", "is missing; a joint submission names the body that it is made to"
        yield from self.lacking(["issued"], "a report")
        with_files = [(edition.language, edition.format) for edition in self.editions if edition.file]
        if len(set(with_files)) < len(with_files):
            yield "editions", "has two files of one language and format; each is downloaded by these two"


class ReportWords(Words):
    """Words of a report. `chapters` and `recommendations` are paired across languages by key."""

    subtitle: Line | None = Field(None, description="second line of the heading")
    chapters: dict[Key, Line] = Field(default_factory=dict, description="titles of the chapters, in order")
    recommendations: dict[Key, Recommendation] = Field(
        default_factory=dict, description="one for each addressee, in order"
    )


@dataclass(frozen=True, slots=True)
class Report(Item[ReportFacts, ReportWords]):
    """A report or a submission."""

    kind: ClassVar[Kind] = "report"
    facts_type: ClassVar[type[Facts]] = ReportFacts
    words_type: ClassVar[type[Words]] = ReportWords
