"""Portraits: one person of a numbered series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from tocsin.model.dates import Day
from tocsin.model.items import Consent, Facts, Item, Kind, Words
from tocsin.model.record import Fault
from tocsin.model.text import Key, Line, Prose


class PortraitFacts(Facts):
    """Facts of a portrait. `consent` is the person's, to being portrayed; the picture has its own."""

    series: Key = Field(description="series that the portrait belongs to")
    number: int = Field(ge=1, description="number in the series, each once")
    consent: Consent = Field(description="who agreed that the person is portrayed; not published")
    consent_on: Day | None = Field(None, description="day of that consent; not published")
    review_on: Day | None = Field(None, description="when the risk of showing the person is weighed again")
    at_risk: bool = Field(
        False, description="showing the person's face or whereabouts is a risk; not published"
    )

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        yield from self.lacking(["issued", "countries", "picture", "consent_on", "review_on"], "a portrait")


class PortraitWords(Words):
    """Words of a portrait. The title may add the series; `person` is the name alone."""

    person: Line = Field(description="name of the person, alone")
    role: Line | None = Field(None, description="who the person is, in a line")
    quote: Prose | None = Field(None, description="words of the person, set large")


@dataclass(frozen=True, slots=True)
class Portrait(Item[PortraitFacts, PortraitWords]):
    """A portrait."""

    kind: ClassVar[Kind] = "portrait"
    facts_type: ClassVar[type[Facts]] = PortraitFacts
    words_type: ClassVar[type[Words]] = PortraitWords
