"""The results: JSON for machines, Markdown for people. The console draws the same rows on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.goals import Goal, goals
from bench.run import WHOLE, Run, machine
from bench.scenarios import SCENARIOS

Table = tuple[str, list[str], list[list[str]]]


def name_of(run: Run) -> str:
    """`documents-10000`: the size that was asked for, without a date."""
    return f"documents-{run.documents - run.documents % 100 if run.documents >= 100 else run.documents}"


def write(runs: Sequence[Run], folder: Path) -> list[Path]:
    """One JSON file and one Markdown page a size."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for run in runs:
        # What compares two sizes stands with each of them.
        found = goals(runs) if len(runs) > 1 else goals([run])
        record = run.as_record() | {"goals": [asdict(goal) | {"met": goal.met} for goal in found]}
        for ending, text in (("json", json.dumps(record, indent=1) + "\n"), ("md", markdown(run, found))):
            path = folder / f"{name_of(run)}.{ending}"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def tables(run: Run) -> Iterator[Table]:
    """The tables of a run: title, heads, rows."""
    names = [dialect.name for dialect in run.dialects]
    heads = [dialect.title for dialect in run.dialects]
    whole = {dialect.name for dialect in run.dialects if not dialect.incremental}
    present = [
        scenario for scenario in SCENARIOS.values() if any(run.of(name, scenario.name) for name in names)
    ]
    for title, of in (
        ("Wall time, median (least to most), seconds", _wall),
        ("User and system time, seconds", _cpu),
    ):
        rows = [
            [scenario.title, *(_cell(run, name, scenario.name, of, name in whole) for name in names)]
            for scenario in present
        ]
        yield title, ["", *heads], rows
    yield (
        "Peak memory of a cold build, MB",
        ["", *heads],
        [
            [what, *(_megabytes(run.median(name, "cold", value)) for name in names)]
            for what, value in (
                ("largest process", "largest"),
                ("all processes, shared pages once", "tree"),
                ("all processes, shared pages in each", "tree_resident"),
            )
        ],
    )
    kinds = list(run.corpus.plan)
    counted = [
        [kind, *(str(run.counts[name].kinds.get(kind, 0)) if name in run.counts else "" for name in names)]
        for kind in [*kinds, "other"]
    ]
    counted.append(
        ["all files", *(str(run.counts[name].files) if name in run.counts else "" for name in names)]
    )
    counted.append(
        ["words on an item's page", *(str(run.counts[n].words) if n in run.counts else "" for n in names)]
    )
    counted.append(
        ["bytes of an item's page", *(str(run.counts[n].page_size) if n in run.counts else "" for n in names)]
    )
    yield "Pages written", ["", *heads], counted


def _cell(run: Run, tool: str, scenario: str, of: object, is_whole: bool) -> str:
    if is_whole and scenario not in WHOLE:
        return "whole build"
    measures = run.of(tool, scenario)
    if not measures:
        return "–"
    assert callable(of)
    return str(of([found.wall for found in measures], [found.cpu for found in measures], run, tool, scenario))


def _wall(wall: list[float], cpu: list[float], run: Run, tool: str, scenario: str) -> str:
    return f"{run.median(tool, scenario):.2f} ({min(wall):.2f}–{max(wall):.2f})"


def _cpu(wall: list[float], cpu: list[float], run: Run, tool: str, scenario: str) -> str:
    return f"{run.median(tool, scenario, 'cpu'):.2f}"


def _megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value / 1e6:.0f}"


def notes(run: Run) -> list[str]:
    """What must be known to read the tables."""
    references = [timed.measure.reference for timed in run.timed]
    said = [
        f"{run.documents} documents, {len(run.corpus.items)} items in three languages; {run.rounds} rounds.",
        f"Noise: the reference loop took {min(references):.3f} to {max(references):.3f} s."
        if references
        else "Nothing was measured.",
    ]
    for dialect in run.dialects:
        reasons: dict[str, list[str]] = {}
        for difference in dialect.differences(run.corpus):
            reasons.setdefault(difference.reason, []).append(f"{difference.number} of kind {difference.kind}")
        said += [
            f"{dialect.title} writes {', '.join(numbers)}: {reason}." for reason, numbers in reasons.items()
        ]
        if dialect.leaner:
            said.append(f"{dialect.title}: {dialect.leaner}; its times are those of less work.")
        if not dialect.incremental:
            said.append(f"{dialect.title} builds everything at every run.")
    return said


def goal_rows(found: Sequence[Goal]) -> list[list[str]]:
    """One row a goal: what, found, limit, met."""
    words = {True: "yes", False: "NO", None: "not measured"}
    return [
        [
            goal.what,
            "–" if goal.found is None else f"{goal.found:.3g} {goal.unit}",
            f"{goal.limit:.3g} {goal.unit}",
            words[goal.met],
        ]
        for goal in found
    ]


def markdown(run: Run, found: Sequence[Goal]) -> str:
    """The page of one size."""
    on = machine()
    where = (
        f"{on['processors']} processors ({on['architecture']}), {on['memory_gigabytes']} GB, {on['system']}"
    )
    text = [
        f"# {run.documents} documents",
        "",
        f"{where}, Python {on['python']}. {'; '.join(run.versions.values())}.",
        "",
        *(f"* {note}" for note in notes(run)),
    ]
    for title, heads, rows in tables(run):
        text += ["", f"## {title}", "", *_grid(heads, rows)]
    if found:
        text += ["", "## Goals", "", *_grid(["what", "found", "at most", "met"], goal_rows(found))]
    return "\n".join(text) + "\n"


def _grid(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
