"""Portraits: one person of a numbered series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import Field, model_validator

from tocsin.model.dates import Day
from tocsin.model.items import Consent, Facts, Item, Kind, Words, stated
from tocsin.model.text import Key, Line, Prose


class PortraitFacts(Facts):
    """Facts of a portrait. `consent` is the person's, to being portrayed; the picture has its own."""

    series: Key
    number: int = Field(ge=1)
    consent: Consent
    consent_on: Day | None = None
    review_on: Day | None = Field(None, description="when the risk of showing the person is weighed again")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.archived:
            return self
        needed = {"issued": self.issued, "countries": self.countries, "picture": self.picture}
        needed |= {"consent_on": self.consent_on, "review_on": self.review_on}
        stated(needed, "a portrait")
        return self


class PortraitWords(Words):
    """Words of a portrait. The title may add the series; `person` is the name alone."""

    person: Line
    role: Line | None = None
    quote: Prose | None = None


@dataclass(frozen=True, slots=True)
class Portrait(Item[PortraitFacts, PortraitWords]):
    """A portrait."""

    kind: ClassVar[Kind] = "portrait"
    facts_type: ClassVar[type[Facts]] = PortraitFacts
    words_type: ClassVar[type[Words]] = PortraitWords
