"""Appeals: an urgent call to write on behalf of someone, its follow-ups and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from tocsin.model.codes import CaseCode
from tocsin.model.dates import Day, PartialDate
from tocsin.model.items import Facts, Item, Kind, Words, before_issue
from tocsin.model.record import Fault, Record
from tocsin.model.text import Key, Line, Prose, Slug

Stage = Literal["first", "follow-up", "final", "closed"]
Status = Literal["open", "partly-resolved", "closed-released", "closed-died", "closed-other", "suspended"]
NameMode = Literal["full", "initials", "pseudonym", "withheld"]

ADULT = 18
OPEN_STATUSES: frozenset[str] = frozenset({"open", "partly-resolved"})


class PersonFacts(Record):
    """A person of the case. What is shown is in `names`, in each language; a withheld name is nowhere."""

    name_mode: NameMode
    age: int | None = Field(None, ge=0, le=120)
    minor: bool = False
    at_risk: bool = False

    def faults(self) -> Iterator[Fault]:
        if self.name_mode == "full" and (self.minor or (self.age is not None and self.age < ADULT)):
            yield "name_mode", "must not be 'full' for a minor; use initials, pseudonym or withheld"


class AppealFacts(Facts):
    """Facts of one appeal in a case's chain. `follows` names the slug of the appeal that it continues."""

    stage: Stage
    follows: Slug | None = None
    codes: tuple[CaseCode, ...] = ()
    status: Status = "open"
    event_date: PartialDate | None = None
    respond_before: Day | None = None
    issuers: tuple[Key, ...] = ()
    violations: tuple[Key, ...] = ()
    addressees: tuple[Key, ...] = ()
    persons: dict[Key, PersonFacts] = Field({}, description="how each is called stands in names")
    unnamed: int = Field(0, ge=0, description="persons of the case who are not named at all")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.stage == "first" and self.follows:
            yield "follows", "contradicts 'stage: first'; write 'stage: follow-up' or delete this"
        if self.stage != "first" and not self.follows and not self.archived:
            yield "follows", "is missing; name the folder of the appeal that this one continues"
        if sentence := before_issue(self.respond_before, self.issued):
            yield "respond_before", sentence
        needed = ["issued", "issuers", "countries", *(["addressees"] if self.is_open else [])]
        yield from self.lacking(needed, "an open appeal" if self.is_open else "an appeal")

    @property
    def is_open(self) -> bool:
        """True while letters are asked for."""
        return self.status in OPEN_STATUSES


class AppealWords(Words):
    """Words of an appeal. Entries of `actions`, `names` and `roles` are paired across languages by key."""

    dateline: Line | None = None
    changed: Prose | None = Field(None, description="what a follow-up brings, in a sentence or two")
    status_note: Prose | None = None
    actions: dict[Key, Prose] = Field({}, description="what the authorities are asked to do, in order")
    names: dict[Key, Line] = Field({}, description="how each of the persons is called")
    roles: dict[Key, Line] = Field({}, description="who each of the persons is")


@dataclass(frozen=True, slots=True)
class Appeal(Item[AppealFacts, AppealWords]):
    """An urgent appeal."""

    kind: ClassVar[Kind] = "appeal"
    facts_type: ClassVar[type[Facts]] = AppealFacts
    words_type: ClassVar[type[Words]] = AppealWords
