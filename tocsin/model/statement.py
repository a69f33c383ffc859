"""Statements: press releases, open letters, calls for input, news from treaty bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from tocsin.model.dates import Day
from tocsin.model.items import Facts, Item, Kind, Words, before_issue
from tocsin.model.record import Fault
from tocsin.model.report import Mechanism
from tocsin.model.text import Email, Key, Prose

StatementForm = Literal["press-release", "open-letter", "call-for-input", "treaty-body-news"]


class StatementFacts(Facts):
    """Facts of a statement. A call for input closes by itself the day after its `deadline`."""

    form: StatementForm = Field(description="kind of statement")
    issuers: tuple[Key, ...] = Field((), description="who issues the statement")
    deadline: Day | None = Field(None, description="last day of a call for input; the call closes by itself")
    answers_to: Email | None = Field(
        None, description="e-mail address for answers, shown while the call is open"
    )
    mechanism: Mechanism | None = Field(None, description="UN or regional body that it is about")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.deadline and self.form != "call-for-input":
            yield "deadline", "belongs to calls for input; delete it or write 'form: call-for-input'"
        if sentence := before_issue(self.deadline, self.issued):
            yield "deadline", sentence
        is_call = self.form == "call-for-input"
        needed = ["issued", "deadline"] if is_call else ["issued"]
        yield from self.lacking(needed, "a call for input" if is_call else "a statement")

    def is_open(self, today: date) -> bool:
        """True for a call for input whose deadline has not passed on `today`."""
        return self.deadline is not None and today <= self.deadline


class StatementWords(Words):
    """Words of a statement; `answers_use` tells respondents how their answers are handled."""

    answers_use: Prose | None = Field(None, description="how answers are handled, for those who answer")


@dataclass(frozen=True, slots=True)
class Statement(Item[StatementFacts, StatementWords]):
    """A statement."""

    kind: ClassVar[Kind] = "statement"
    facts_type: ClassVar[type[Facts]] = StatementFacts
    words_type: ClassVar[type[Words]] = StatementWords
