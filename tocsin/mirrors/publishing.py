"""One mirror from plan to account: push what is new, push the pointer, prune, look, remember.

Every step is noted before and after, so a publisher that is killed anywhere goes on from there the next time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Literal, TypeVar

from tocsin.errors import BuildError, ReleaseError
from tocsin.mirrors.account import Account
from tocsin.mirrors.configured import Mirror
from tocsin.mirrors.looking import Verdict, Verify, Wanted
from tocsin.mirrors.outset import learn
from tocsin.mirrors.place import STOPPED, Place, PlaceError
from tocsin.mirrors.plan import Plan, Step, plan_of
from tocsin.signed.edition import OFFLINE, Edition, Turn
from tocsin.signed.paths import METADATA

T = TypeVar("T")
State = Literal["published", "current", "planned", "failed", "differs"]
Stage = Literal["planning", "sending", "switching", "deleting", "looking", "done"]
# Seconds before a step is tried again: doubled each time.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Seconds between the last change and deletions: whoever has just loaded a page gets its pictures.
LINGER = 3.0
# How many files that are gone are asked for. All of them, where something was withdrawn.
MOST_GONE = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened at a mirror: `done` of `total` files, and a sentence where there is one."""

    mirror: str
    stage: Stage
    done: int = 0
    total: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went at one mirror. `faults` and `notes` are sentences; `seconds` is how long it took until the
    mirror was seen to serve the release.

    `withdrawn` are paths that had to go, `recalled` says whether they are known to be gone.
    """

    mirror: Mirror
    state: State
    release: str
    put: int = 0
    deleted: int = 0
    size: int = 0
    seconds: float = 0.0
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    recalled: bool = False

    @property
    def is_good(self) -> bool:
        """True unless somebody has to do something."""
        return self.state in {"published", "current", "planned"}


@dataclass(slots=True)
class Manner:
    """How a publish is to be done. `tell` hears what happens, `stop` ends it and the programs at work."""

    verify: Verify
    tell: Callable[[Moment], None] = lambda moment: None
    stop: Event = field(default_factory=Event)
    is_dry: bool = False
    audit: bool = False
    linger: float = LINGER
    pause: float = FIRST_PAUSE


class Publishing:
    """Puts one edition on one mirror."""

    def __init__(self, place: Place[Any], account: Account, edition: Edition, manner: Manner) -> None:
        self.place, self.account, self.edition, self.manner = place, account, edition, manner
        self.mirror = place.reached.mirror
        place.stop = manner.stop
        self.notes: list[str] = []
        self._done = 0
        self._total = 0
        self._begun = time.monotonic()
        self._served = 0.0

    def run(self) -> Outcome:
        """Publish; whatever goes wrong at this mirror is in the outcome."""
        plan = Plan((), 0, frozenset())
        try:
            self._fits()
            plan = self._plan()
            if self.manner.is_dry:
                return self._outcome("planned", plan)
            return self._carry_out(plan)
        except (PlaceError, BuildError, ReleaseError, OSError) as error:
            return self._outcome("failed", plan, (str(error),))

    def _fits(self) -> None:
        about, mirror = self.edition.about, self.mirror
        if about.edition != mirror.edition:
            raise PlaceError(f"is to serve the edition {mirror.edition}, and was given {about.edition}")
        if about.edition != OFFLINE and about.address != mirror.address:
            raise PlaceError(f"has another address than its edition, {about.address}; release again")
        if mirror.kind == "ipfs" and about.edition != OFFLINE:
            raise PlaceError("can recall nothing, so it takes the offline edition only")

    def _plan(self) -> Plan:
        self._tell("planning")
        self._tried(self.place.check)
        if said := self._tried(
            lambda: learn(self.place, self.account, self.edition, audit=self.manner.audit)
        ):
            self.notes.append(said)
        plan = plan_of(self.edition, self.account)
        self._total = len(plan.put) + len(plan.gone)
        return plan

    def _carry_out(self, plan: Plan) -> Outcome:
        if plan.steps:
            self.account.aim_at(self.edition.about.release, plan.withdrawn)
        if self.place.abilities.is_whole:
            verdict = self._whole(plan)
        else:
            verdict = self._by_steps(plan)
        if plan.is_withdrawal or _of_readers(plan.gone):
            self.notes += filter(None, [self._tried(self.place.purge)])
        self.notes += self.place.said
        if verdict.is_good:
            self.account.settle(self.edition.about.release)
        else:  # to be put or deleted again next time
            self.account.begin(verdict.wrong)
        self._tell("done")
        state: State = "published" if plan.steps else "current"
        return self._outcome(state if verdict.is_good else "differs", plan, verdict.faults)

    def _by_steps(self, plan: Plan) -> Verdict:
        late = [step for step in plan.steps if step.turn is Turn.GONE and not step.is_urgent]
        for step in plan.steps:
            if step not in late:
                self._do(step)
        verdict = self._looked(plan, plan.put, self._withdrawn(plan))
        self._served = time.monotonic() - self._begun
        gone = [path for step in late for path in step.gone]
        if _of_readers(gone):
            self._rest(self.manner.linger)
        for step in late:
            self._do(step)
        if not gone or not verdict.is_good:
            return verdict
        # What was put has been seen; once more a few of all files, since something was deleted.
        seen = self._looked(plan, (), gone if plan.is_withdrawal else gone[:MOST_GONE])
        return Verdict(verdict.looked + seen.looked, seen.faults, seen.wrong)

    def _do(self, step: Step) -> None:
        """One step: noted as begun, done, noted as done."""
        paths = (*step.put, *step.gone)
        stage: Stage = "deleting" if step.turn is Turn.GONE else "sending"
        self._tell("switching" if step.turn is Turn.POINTER else stage)
        self.account.begin(paths)
        if step.put:
            self._tried(lambda: self.place.put(self.edition, step.put, step.turn))
        if step.gone:
            self._tried(lambda: self.place.delete(step.gone, step.emptied))
        self.account.done({path: self.edition.files[path].digest for path in step.put}, step.gone)
        self._done += len(paths)
        self._tell(stage)

    def _whole(self, plan: Plan) -> Verdict:
        if plan.steps:
            self._tell("sending")
            self.account.begin((*plan.put, *plan.gone))
            note = self._tried(
                lambda: self.place.replace(self.edition, plan.put, plan.gone, self.account.note)
            )
            self.account.note = note
            self.account.done({path: self.edition.files[path].digest for path in plan.put}, plan.gone)
            self._done = self._total
        self._served = time.monotonic() - self._begun
        gone = plan.gone if plan.is_withdrawal else plan.gone[:MOST_GONE]
        return self._looked(plan, plan.put, [*gone, *self._withdrawn(plan)])

    def _withdrawn(self, plan: Plan) -> list[str]:
        """What has to be gone, also where an earlier publish deleted it and could not see that it was."""
        return sorted(path for path in plan.withdrawn if path not in self.edition.files)

    def _looked(self, plan: Plan, put: Sequence[str], gone: Sequence[str]) -> Verdict:
        """What the public address serves; asked again where it takes a moment to change."""
        if not self.place.abilities.is_served:
            return Verdict(0)
        self._tell("looking")
        proxy, surely = self.place.reached.proxy, sorted(plan.withdrawn)
        wanted = Wanted(self.mirror.address, self.edition, put, gone, proxy, surely)
        pause = self.manner.pause
        verdict = self.manner.verify(wanted)
        for _ in range(1, self.place.reached.attempts):
            if verdict.is_good or self.manner.stop.is_set():
                break
            self._rest(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            verdict = self.manner.verify(wanted)
        return verdict

    def _tried(self, work: Callable[[], T]) -> T:
        """Do something, and again after a pause where that may help."""
        pause = self.manner.pause
        for left in reversed(range(self.place.reached.attempts)):
            if self.manner.stop.is_set():
                raise PlaceError(STOPPED, is_final=True)
            try:
                return work()
            except PlaceError as error:
                if error.is_final or not left:
                    raise
                self._tell("sending", f"{error}; trying again in {pause:.0f} s")
                self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        raise AssertionError("unreachable")

    def _rest(self, seconds: float) -> None:
        self.manner.stop.wait(seconds)

    def _tell(self, stage: Stage, said: str = "") -> None:
        self.manner.tell(Moment(self.mirror.name, stage, self._done, self._total, said))

    def _outcome(self, state: State, plan: Plan, faults: Sequence[str] = ()) -> Outcome:
        recalls = self.place.abilities.recalls
        is_carried_out = state in {"published", "current"}
        return Outcome(
            mirror=self.mirror,
            state=state,
            release=self.edition.about.release,
            put=len(plan.put),
            deleted=len(plan.gone),
            size=plan.size,
            seconds=self._served or time.monotonic() - self._begun,
            faults=tuple(faults),
            notes=tuple(self.notes),
            withdrawn=tuple(sorted(plan.withdrawn)),
            recalled=plan.is_withdrawal and is_carried_out and recalls,
        )


def _of_readers(paths: Sequence[str]) -> bool:
    """True where some are not metadata, which programs read that know what to do without it."""
    return any(not path.startswith(f"{METADATA}/") for path in paths)
