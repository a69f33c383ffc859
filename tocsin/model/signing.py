"""Who signs: the roles of a release, the people in each, and for how long their signatures hold."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from tocsin.model.record import Fault, Record
from tocsin.model.text import Key

_PEOPLE = "names of people, as in signing/people/NAME.pub"
_THRESHOLD = "how many of them have to sign"
_DAYS = "for how many days a signature holds"
# A year of 366 days and a month: whoever signs once a year may be late or early.
_MOST_DAYS = 400


class SigningRole(Record):
    """People of whom `threshold` have to sign."""

    people: tuple[Key, ...] = Field(min_length=1, description=_PEOPLE)
    threshold: int = Field(ge=1, description=_THRESHOLD)

    def faults(self) -> Iterator[Fault]:
        twice = sorted({name for name in self.people if self.people.count(name) > 1})
        for name in twice:
            yield "people", f"cannot hold '{name}' twice; a person has one key and signs once"
        count = len(set(self.people))
        if self.threshold > count:
            people = "person" if count == 1 else "people"
            said = f"cannot be {self.threshold}, since 'people' names {count} {people}"
            yield "threshold", f"{said}; name more, or ask for fewer signatures"


class RootRole(SigningRole):
    """Who decides who signs."""

    days: int = Field(365, ge=1, le=_MOST_DAYS, description=_DAYS)


class TargetsRole(SigningRole):
    """Who signs what is published."""

    days: int = Field(90, ge=1, le=_MOST_DAYS, description=_DAYS)


class OnlineRole(SigningRole):
    """The key that a timer holds; it says which release is the newest, and can change none."""

    threshold: int = Field(1, ge=1, description="always 1: each of these keys signs alone")
    days: int = Field(14, ge=1, le=_MOST_DAYS, description=_DAYS)

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.threshold != 1:
            yield "threshold", f"must be 1, not {self.threshold}: a timer signs alone"


class Signing(Record):
    """The roles of a release."""

    root: RootRole = Field(description="those who decide who signs, with keys that are never online")
    targets: TargetsRole = Field(description="the editors, who sign what is published")
    online: OnlineRole = Field(description="the key of the timer, which says daily what is the newest")

    def faults(self) -> Iterator[Fault]:
        for role, people in (("root", self.root.people), ("targets", self.targets.people)):
            for name in sorted(set(people) & set(self.online.people)):
                said = f"cannot hold '{name}', which is in '{role}' too: whoever breaks into the machine of"
                yield "online.people", f"{said} the timer would have that key; make a key for the timer alone"
