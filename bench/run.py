"""One run of the bench: write the corpus for every tool, build in turn, check the output, keep every number.

In turn means: every tool does a scenario before any tool does the next, and all of that again for each round,
so that what else the machine does falls on all of them alike.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.corpus import Corpus, make_corpus
from bench.counts import Counted, check, compare, count
from bench.dialects import Dialect
from bench.measure import Measure, measure
from bench.scenarios import SCENARIOS, Scenario, check_places
from tocsin.reporting import Reporter

LEAST_ROUNDS = 3
# What a tool that builds everything each time is measured in; any other scenario is the same build to it.
WHOLE = ("cold", "body")
Measuring = Callable[..., Measure]


@dataclass(frozen=True, slots=True)
class Timed:
    """One measured build."""

    round: int
    scenario: str
    tool: str
    measure: Measure


@dataclass
class Run:
    """All that a run of one size found."""

    corpus: Corpus
    rounds: int
    dialects: Sequence[Dialect]
    versions: dict[str, str] = field(default_factory=dict)
    counts: dict[str, Counted] = field(default_factory=dict)
    timed: list[Timed] = field(default_factory=list)

    @property
    def documents(self) -> int:
        return self.corpus.documents

    def of(self, tool: str, scenario: str) -> list[Measure]:
        return [timed.measure for timed in self.timed if (timed.tool, timed.scenario) == (tool, scenario)]

    def median(self, tool: str, scenario: str, name: str = "wall") -> float | None:
        """The median of a number of `Measure` over the rounds; None where it was not measured."""
        values = [getattr(found, name) for found in self.of(tool, scenario)]
        return float(statistics.median(values)) if values else None

    def whole_build(self, tool: str) -> float | None:
        """The wall time of a tool that builds everything each time."""
        return self.median(tool, "cold")

    def as_record(self) -> dict[str, Any]:
        """Everything, as plain data. `as_record` of the goals is added by the report."""
        return {
            "documents": self.documents,
            "items": len(self.corpus.items),
            "rounds": self.rounds,
            "taken": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": machine(),
            "tools": self.versions,
            "plan": self.corpus.plan,
            "counts": {
                dialect.name: asdict(self.counts[dialect.name])
                | {
                    "differences": [asdict(found) for found in dialect.differences(self.corpus)],
                    "leaner": dialect.leaner,
                }
                for dialect in self.dialects
                if dialect.name in self.counts
            },
            "medians": {
                dialect.name: {
                    scenario: {
                        name: self.median(dialect.name, scenario, name)
                        for name in ("wall", "cpu", "largest", "tree", "tree_resident")
                    }
                    for scenario in SCENARIOS
                    if self.of(dialect.name, scenario)
                }
                for dialect in self.dialects
            },
            "runs": [
                {"round": timed.round, "scenario": timed.scenario, "tool": timed.tool} | asdict(timed.measure)
                for timed in self.timed
            ],
        }


def machine() -> dict[str, Any]:
    """What the numbers were taken on, without anything that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": len(os.sched_getaffinity(0)),
        "architecture": platform.machine(),
        "memory_gigabytes": round(memory / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def run_bench(
    documents: int,
    dialects_in: Callable[[Path], Sequence[Dialect]],
    scenarios: Sequence[str],
    rounds: int,
    work: Path,
    reporter: Reporter,
    *,
    measuring: Measuring = measure,
) -> Run:
    """Measure every tool in every scenario; raise where the tools did not do the same work."""
    corpus = make_corpus(documents)
    dialects = dialects_in(work / f"documents-{documents}")
    run = Run(corpus, rounds, dialects, {dialect.name: dialect.version() for dialect in dialects})
    _write(corpus, dialects, reporter)
    wanted = [SCENARIOS["cold"], *(SCENARIOS[name] for name in scenarios if name != "cold")]
    for number in range(1, rounds + 1):
        for place, scenario in enumerate(wanted):
            for dialect in dialects:
                if dialect.incremental or scenario.name in WHOLE:
                    _build(run, number, place, scenario, dialect, reporter, measuring)
        for dialect in dialects:
            dialect.restore()
    for dialect in dialects:
        dialect.end()
    return run


def _write(corpus: Corpus, dialects: Sequence[Dialect], reporter: Reporter) -> None:
    reporter.step(
        f"Writing {corpus.documents} documents for {', '.join(dialect.title for dialect in dialects)}"
    )
    for dialect in dialects:
        dialect.begin(corpus)
    for done, (item, texts) in enumerate(corpus.each(), start=1):
        for dialect in dialects:
            dialect.add(item, texts)
        reporter.progress("items", done, len(corpus.items))


def _build(
    run: Run,
    number: int,
    place: int,
    scenario: Scenario,
    dialect: Dialect,
    reporter: Reporter,
    measuring: Measuring,
) -> None:
    if scenario.cold:
        dialect.forget()
    places = scenario.run(dialect, run.corpus, f"Mark{number}{place}")
    found = measuring(dialect.command(), dialect.folder, dialect.environment())
    check_places(dialect.title, scenario.title, places)
    run.timed.append(Timed(number, scenario.name, dialect.name, found))
    said = f"{found.wall:.2f} s wall, {found.cpu:.2f} s work, {found.tree / 1e6:.0f} MB"
    noise = f"reference {found.reference:.3f} s, load {found.load:.1f}"
    reporter.detail(f"round {number}, {scenario.title}, {dialect.title}: {said}; {noise}")
    if scenario.cold and dialect.name not in run.counts:
        _count(run, dialect, reporter)


def _count(run: Run, dialect: Dialect, reporter: Reporter) -> None:
    """Count what the first cold build wrote, and refuse it at once where it is unlike."""
    counted = count(dialect.tree)
    reporter.detail(f"{dialect.title} wrote {counted.files} files")
    check(dialect.title, run.corpus, counted, dialect.differences(run.corpus))
    run.counts[dialect.name] = counted
    full = {
        other.title: run.counts[other.name]
        for other in run.dialects
        if other.name in run.counts and not other.leaner
    }
    compare(full)


def sizes(runs: Sequence[Run]) -> Mapping[int, Run]:
    """Runs by the size that was asked for."""
    return {run.documents: run for run in runs}
