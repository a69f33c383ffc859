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

    name: Names
    about: Texts = Field({}, description="a few sentences on what it covers")


class Organisation(Record):
    """Who issues appeals and publishes reports."""

    name: Names
    short: Line | None = None
    about: Texts = Field({}, description="a few sentences on who it is")
    website: WebAddress | None = None


class Series(Record):
    """A series of portraits of `size` numbers."""

    title: Names
    intro: Texts
    size: int = Field(ge=1)


class Region(Record):
    """A region as the network divides the world; `countries` maps ISO 3166-1 alpha-2 to alpha-3."""

    order: int
    name: Names
    countries: dict[CountryCode, CountryCode3]


class Country(Record):
    """A name that differs from CLDR's, as the network writes it."""

    name: Names


class Fact(Record):
    """A number or word that changes with time; `as_of` tells when it was true, `source` who says so."""

    value: FactValue
    as_of: PartialDate
    source: Line


class DatedFacts(Record):
    """All values that a fact has had."""

    values: Annotated[tuple[Fact, ...], Field(min_length=1)]

    @property
    def newest(self) -> Fact:
        """The value that holds now."""
        return max(self.values, key=lambda fact: fact.as_of)

    def on(self, when: str) -> Fact | None:
        """The value stated for exactly `when`, as the file writes it."""
        return next((fact for fact in self.values if fact.as_of.text == when), None)


class Addressee(Record):
    """An official to write to. `verified_on` is when the address was last known to be right."""

    office: Names
    holder: Line | None = None
    salutation: Names
    address: tuple[Line, ...] = ()
    country: CountryCode
    tel: tuple[Line, ...] = ()
    fax: tuple[Line, ...] = ()
    email: tuple[Email, ...] = ()
    form: WebAddress | None = None
    languages: tuple[LanguageCode, ...] = ()
    verified_on: Day
    fictional: bool = False

    def faults(self) -> Iterator[Fault]:
        if not (self.address or self.tel or self.fax or self.email or self.form):
            yield "address", "is missing; give one way to write: address, tel, fax, email or form"


class Office(Record):
    """An office of the network."""

    order: int
    name: Names
    address: tuple[Line, ...]
    country: CountryCode
    tel: tuple[Line, ...] = ()
    email: tuple[Email, ...] = ()
    website: WebAddress | None = None


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
