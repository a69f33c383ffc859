"""Shared data: what items refer to by key, from the files under `data/`.

Every file is one table of entries; `ENTRY_TYPES` names the type of each. Words in several languages are
tables by language: `name = { en = "Women", fr = "Femmes" }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from tocsin.model.dates import Day, PartialDate
from tocsin.model.record import Fault, Record
from tocsin.model.text import CountryCode, CountryCode3, Email, LanguageCode, Line, Prose, WebAddress, line

Names = Annotated[dict[LanguageCode, Line], Field(min_length=1)]
Texts = dict[LanguageCode, Prose]


def fact_value(value: object) -> str | int:
    """A number or one line of text."""
    if isinstance(value, str):
        return line(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a number or one line of text")


FactValue = Annotated[str | int, PlainValidator(fact_value), WithJsonSchema({"type": ["string", "integer"]})]


class Term(Record):
    """An entry of a vocabulary: a theme, a violation."""

    name: Names = Field(description="name by language")
    about: Texts = Field(default_factory=dict, description="a few sentences on what it covers")


class Organisation(Record):
    """Who issues appeals and publishes reports."""

    name: Names = Field(description="name by language")
    short: Line | None = Field(None, description="abbreviation; not shown")
    about: Texts = Field(default_factory=dict, description="a few sentences on who it is; not shown")
    website: WebAddress | None = Field(None, description="where its name leads")


class Series(Record):
    """A series of portraits of `size` numbers."""

    title: Names = Field(description="name of the series, by language")
    intro: Texts = Field(description="what the series is about, for the page of all portraits")
    size: int = Field(
        ge=1, description="how many portraits it has in all, also where some are not on this site"
    )


class Region(Record):
    """A region as the network divides the world; `countries` maps ISO 3166-1 alpha-2 to alpha-3."""

    order: int = Field(description="place in lists of regions")
    name: Names = Field(description="name by language")
    countries: dict[CountryCode, CountryCode3] = Field(
        description="codes of its countries, two letters = three letters"
    )


class Country(Record):
    """A name that differs from CLDR's, as the network writes it."""

    name: Names = Field(description="name by language")


class Fact(Record):
    """A number or word that changes with time; `as_of` tells when it was true, `source` who says so."""

    value: FactValue = Field(description="a whole number, or one line of text")
    as_of: PartialDate = Field(description="when it was true")
    source: Line = Field(description="who says so; not published")


class DatedFacts(Record):
    """All values that a fact has had."""

    values: Annotated[tuple[Fact, ...], Field(min_length=1, description="every value that the fact has had")]

    @property
    def newest(self) -> Fact:
        """The value that holds now."""
        return max(self.values, key=lambda fact: fact.as_of)

    def on(self, when: str) -> Fact | None:
        """The value stated for exactly `when`, as the file writes it."""
        return next((fact for fact in self.values if fact.as_of.text == when), None)


class Addressee(Record):
    """An official to write to. `verified_on` is when the address was last known to be right."""

    office: Names = Field(description="what the office is called, by language")
    holder: Line | None = Field(None, description="who holds it now")
    salutation: Names = Field(description="how a letter begins, by language")
    address: tuple[Line, ...] = Field((), description="postal address, line by line")
    country: CountryCode = Field(description="country of the office")
    tel: tuple[Line, ...] = Field((), description="telephone numbers")
    fax: tuple[Line, ...] = Field((), description="fax numbers")
    email: tuple[Email, ...] = Field((), description="e-mail addresses")
    form: WebAddress | None = Field(None, description="address of a form on the web")
    languages: tuple[LanguageCode, ...] = Field((), description="languages that are read there, best first")
    verified_on: Day = Field(description="day on which an editor last found all this to be right")
    fictional: bool = Field(False, description="invented; readers are told that nobody reads there")

    def faults(self) -> Iterator[Fault]:
        if not (self.address or self.tel or self.fax or self.email or self.form):
            yield "address", "is missing; give one way to write: address, tel, fax, email or form"


class Office(Record):
    """An office of the network."""

    order: int = Field(description="place in the list of offices")
    name: Names = Field(description="name by language")
    address: tuple[Line, ...] = Field(description="postal address, line by line, without the country")
    country: CountryCode = Field(description="country of the office")
    tel: tuple[Line, ...] = Field((), description="telephone numbers")
    email: tuple[Email, ...] = Field((), description="e-mail addresses")
    website: WebAddress | None = Field(None, description="its own site")


ENTRY_TYPES: Mapping[str, type[Record]] = {
    "addressees": Addressee,
    "countries": Country,
    "facts": DatedFacts,
    "offices": Office,
    "organisations": Organisation,
    "regions": Region,
    "series": Series,
    "themes": Term,
    "violations": Term,
}
