"""Which jobs to do: new ones, those whose facets have other answers now, those whose files are gone."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.ledger.register import NEVER, Register, Stamp, stamp_of
from tocsin.ledger.store import digest
from tocsin.make.state import Facet, Job, State

Answer = Callable[[Facet], Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different since the state was saved.

    `everything`: the code, the site's settings or the past itself; no answer of before can be used.
    `items`: keys of items that came, went or changed. `kinds`: kinds of facets to answer anew besides.
    """

    everything: bool
    items: frozenset[str]
    item_facets: Callable[[str], Iterable[Facet]]
    kinds: frozenset[str]

    def may_differ(self, facet: Facet) -> bool:
        """True where the answer to a facet may be another than last time."""
        about_changed_item = len(facet) > 1 and facet[1] in self.items
        return self.everything or facet[0] in self.kinds or about_changed_item


@dataclass(frozen=True, slots=True)
class Selection:
    """The jobs to do, in an order that is the same each time, and those that are no more.

    `plan` holds all jobs of the site, or is None where it is the one of last time.
    """

    plan: tuple[Job, ...] | None
    todo: tuple[Job, ...]
    gone: tuple[Job, ...] = ()


def select(
    state: State, plan: Iterable[Job], changes: Changes, answer: Answer, altered: Iterable[Job]
) -> Selection:
    """Compare the plan and the answers with what the state remembers; `altered` jobs lost a file."""
    planned = tuple(plan)
    last = state.value("plan", ())
    before, present = frozenset(last), frozenset(planned)
    gone = tuple(sorted(before - present))
    if changes.everything:
        return Selection(planned, planned, gone)
    dirty = {*(present - before), *(job for job in altered if job in present)}
    dirty |= _asked_anew(state, changes, answer)
    return Selection(
        None if planned == last else planned, tuple(job for job in planned if job in dirty), gone
    )


def select_as_planned(state: State, changes: Changes, answer: Answer, altered: Iterable[Job]) -> Selection:
    """As `select`, where the plan is known to be the one of last time, which is not read then."""
    return Selection(None, tuple(sorted({*altered, *_asked_anew(state, changes, answer)})))


def _asked_anew(state: State, changes: Changes, answer: Answer) -> set[Job]:
    """The jobs that got an answer which is another now."""
    dirty: set[Job] = set()
    for facet, last in _candidates(state, changes):
        if digest(answer(facet)) != last:
            dirty |= state.askers(facet)
    return dirty


def _candidates(state: State, changes: Changes) -> Iterable[tuple[Facet, bytes]]:
    """The facets that may have another answer than before, with the digest of that."""
    for key in sorted(changes.items):
        for facet in changes.item_facets(key):
            last = state.answer(facet)
            if last is not None:
                yield facet, last
    for kind in sorted(changes.kinds):
        yield from state.answers(kind).items()


def altered_jobs(root: Path, files: Register, touched: Iterable[str], state: State) -> set[Job]:
    """The jobs of which one of the `touched` files is not what they made.

    A file that was given to another owner, linked or copied back still has its bytes: it is as it was, and is
    taken down as it is now.
    """
    altered: set[Job] = set()
    for path in touched:
        known = files.get(path)
        if known is None:
            continue
        job: Job = known[1]
        stamp = _stamp_at(f"{root}/{path}")
        done = state.done(job)
        made = {output[0]: output[1] for output in done[0]} if done else {}
        if stamp is not None and _sha256(root / path) == made.get(path):
            files.set(path, stamp, job)
        else:
            altered.add(job)
    return altered


def take_down(
    root: Path, files: Register, outputs: Iterable[tuple[str, Job]], sure: Collection[str] = ()
) -> None:
    """Take down files that were just written or found to be right.

    Those that are `sure` were neither written nor read, and keep their stamps: whoever changed one meanwhile
    is noticed the next time.
    """
    top = f"{root}/"
    for path, job in outputs:
        known = files.get(path) if path in sure else None
        # A file that a stranger takes away at this very moment is missed the next time.
        files.set(path, known[0] if known else _stamp_at(f"{top}{path}") or NEVER, job)


def _stamp_at(place: str) -> Stamp | None:
    """The stamp of a file; None where it is none, or a link."""
    try:
        status = os.lstat(place)
    except OSError:
        return None
    return stamp_of(status) if stat.S_ISREG(status.st_mode) else None


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
