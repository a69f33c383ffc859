"""The goals for speed and memory, and whether a run meets them.

Times are medians of wall time. Memory is judged twice: the largest process, and all processes together with
shared pages counted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.run import Run

SMALL, LARGE = 10_000, 50_000


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: what was found (None where it was not measured), what it may be, and in which unit."""

    what: str
    found: float | None
    limit: float
    unit: str

    @property
    def met(self) -> bool | None:
        return None if self.found is None else self.found <= self.limit


def goals(runs: Sequence[Run]) -> list[Goal]:
    """Every goal that the sizes of these runs can speak about."""
    small = next((run for run in runs if abs(run.documents - SMALL) < 10), None)
    large = next((run for run in runs if abs(run.documents - LARGE) < 10), None)
    found: list[Goal] = []
    if small:
        found += _small(small)
    if large:
        found += _large(large)
    if small and large:
        ratio = _ratio(large.median("tocsin", "cold"), small.median("tocsin", "cold"))
        found.append(Goal("cold build of 50,000 documents against 10,000", ratio, 5.5, "times"))
    return found


def _small(run: Run) -> Iterator[Goal]:
    cold, hugo = run.median("tocsin", "cold"), run.whole_build("hugo")
    body = run.median("tocsin", "body")
    yield Goal("cold build against Hugo's", _ratio(cold, hugo), 0.8, "times")
    yield Goal("one body edited", body, 1.0, "s")
    yield Goal("one body edited against Hugo's build", _ratio(body, hugo), 1 / 20, "times")
    yield Goal("a new item on top", run.median("tocsin", "new"), 1.3, "s")
    yield Goal("nothing changed", run.median("tocsin", "unchanged"), 0.2, "s")
    yield Goal("theme changed", run.median("tocsin", "theme"), 4.0, "s")
    yield from _memory(run, 300)


def _large(run: Run) -> Iterator[Goal]:
    yield Goal("one body edited, 50,000 documents", run.median("tocsin", "body"), 1.5, "s")
    yield from _memory(run, 1000)


def _memory(run: Run, limit: float) -> Iterator[Goal]:
    for name, what in (("largest", "largest process"), ("tree", "all processes")):
        found = run.median("tocsin", "cold", name)
        megabytes = None if found is None else found / 1e6
        yield Goal(f"peak memory of a cold build, {run.documents} documents, {what}", megabytes, limit, "MB")


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
