"""Statements: press releases, open letters, calls for input, news from treaty bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from tocsin.model.dates import Day
from tocsin.model.items import Facts, Item, Kind, Words
from tocsin.model.report import Mechanism
from tocsin.model.text import Email, Key, Prose

StatementForm = Literal["press-release", "open-letter", "call-for-input", "treaty-body-news"]


class StatementFacts(Facts):
    """Facts of a statement. A call for input closes by itself the day after its `deadline`."""

    form: StatementForm
    issuers: tuple[Key, ...] = ()
    deadline: Day | None = None
    answers_to: Email | None = None
    mechanism: Mechanism | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.deadline and self.form != "call-for-input":
            raise ValueError("deadline: only a call for input has one")
        if self.form == "call-for-input" and not self.archived and self.deadline is None:
            raise ValueError("deadline: missing; a call for input ends on a day unless it is 'archived: true'")
        if not self.archived and self.issued is None:
            raise ValueError("issued: missing; a statement states its day unless it is 'archived: true'")
        return self

    def is_open(self, today: date) -> bool:
        """True for a call for input whose deadline has not passed on `today`."""
        return self.deadline is not None and today <= self.deadline


class StatementWords(Words):
    """Words of a statement; `answers_use` tells respondents how their answers are handled."""

    answers_use: Prose | None = None


@dataclass(frozen=True, slots=True)
class Statement(Item[StatementFacts, StatementWords]):
    """A statement."""

    kind: ClassVar[Kind] = "statement"
    facts_type: ClassVar[type[Facts]] = StatementFacts
    words_type: ClassVar[type[Words]] = StatementWords
