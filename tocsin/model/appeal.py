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
_MINOR = (
    "must not be 'full' for a minor; use initials, pseudonym or withheld, "
    "or give the reason under 'exceptions.minor-in-full'"
)
OPEN_STATUSES: frozenset[str] = frozenset({"open", "partly-resolved"})


class PersonFacts(Record):
    """A person of the case. What is shown is in `names`, in each language; a withheld name is nowhere."""

    name_mode: NameMode = Field(description="how the person is named; 'withheld' shows no name at all")
    age: int | None = Field(None, ge=0, le=120, description="age in years")
    minor: bool = Field(False, description="under 18, where no age is given")
    at_risk: bool = Field(
        False, description="showing the person's face or whereabouts is a risk; not published"
    )
    review_on: Day | None = Field(
        None, description="when the risk of naming the person is weighed again; not published"
    )

    @property
    def is_minor(self) -> bool:
        return self.minor or (self.age is not None and self.age < ADULT)


class AppealFacts(Facts):
    """Facts of one appeal in a case's chain. `follows` names the slug of the appeal that it continues."""

    stage: Stage = Field(description="place in the chain of appeals of the case")
    follows: Slug | None = Field(None, description="folder name of the appeal that this one continues")
    codes: tuple[CaseCode, ...] = Field((), description="codes of the case, as printed on the appeal")
    status: Status = Field("open", description="state of the case; the latest appeal decides for all")
    event_date: PartialDate | None = Field(None, description="when it happened")
    respond_before: Day | None = Field(None, description="last day on which letters are asked for")
    issuers: tuple[Key, ...] = Field((), description="who issues the appeal")
    violations: tuple[Key, ...] = Field((), description="what is reported, in the order to be printed")
    addressees: tuple[Key, ...] = Field((), description="officials to write to")
    persons: dict[Key, PersonFacts] = Field(
        default_factory=dict, description="how each is called stands in names"
    )
    unnamed: int = Field(0, ge=0, description="persons of the case who are not named at all")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.stage == "first" and self.follows:
            yield "follows", "contradicts 'stage: first'; write 'stage: follow-up' or delete this"
        if self.stage != "first" and not self.follows and not self.archived:
            yield "follows", "is missing; name the folder of the appeal that this one continues"
        if sentence := before_issue(self.respond_before, self.issued):
            yield "respond_before", sentence
        for name, person in self.persons.items():
            if person.name_mode == "full" and person.is_minor and "minor-in-full" not in self.exceptions:
                yield f"persons.{name}.name_mode", _MINOR
        needed = ["issued", "issuers", "countries", *(["addressees"] if self.is_open else [])]
        yield from self.lacking(needed, "an open appeal" if self.is_open else "an appeal")

    @property
    def is_open(self) -> bool:
        """True while letters are asked for."""
        return self.status in OPEN_STATUSES


class AppealWords(Words):
    """Words of an appeal. Entries of `actions`, `names` and `roles` are paired across languages by key."""

    dateline: Line | None = Field(None, description="place and day of issue, as printed below the text")
    changed: Prose | None = Field(None, description="what a follow-up brings, in a sentence or two")
    status_note: Prose | None = Field(None, description="what became of the case, in a sentence or two")
    actions: dict[Key, Prose] = Field(
        default_factory=dict, description="what the authorities are asked to do, in order"
    )
    names: dict[Key, Line] = Field(default_factory=dict, description="how each of the persons is called")
    roles: dict[Key, Line] = Field(default_factory=dict, description="who each of the persons is")


@dataclass(frozen=True, slots=True)
class Appeal(Item[AppealFacts, AppealWords]):
    """An urgent appeal."""

    kind: ClassVar[Kind] = "appeal"
    facts_type: ClassVar[type[Facts]] = AppealFacts
    words_type: ClassVar[type[Words]] = AppealWords
