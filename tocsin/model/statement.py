"""Statements: press releases, open letters, calls for input, news from treaty bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from tocsin.model.dates import Day
from tocsin.model.items import Facts, Item, Kind, Words, before_issue, stated
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
            raise ValueError(
                "deadline: belongs to calls for input; delete it or write 'form: call-for-input'"
            )
        if not self.archived and self.form == "call-for-input":
            stated({"issued": self.issued, "deadline": self.deadline}, "a call for input")
        elif not self.archived:
            stated({"issued": self.issued}, "a statement")
        if self.issued and self.deadline and self.deadline < self.issued:
            raise ValueError(f"deadline: {before_issue(self.deadline, self.issued)}")
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
