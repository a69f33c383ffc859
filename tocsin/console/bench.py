"""`bench`: Tocsin and its peers build the same corpus in turn; what was measured goes to `bench/results/`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import BuildError
from tocsin.reporting import Reporter

if TYPE_CHECKING:
    from bench.run import Run

QUICK, USUAL = 500, 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from bench.dialects import DIALECTS
    from bench.run import LEAST_ROUNDS
    from bench.scenarios import SCENARIOS

    parser.add_argument(
        "--documents",
        type=_positive,
        nargs="+",
        default=[USUAL],
        metavar="N",
        help=f"sizes to measure (default: {USUAL})",
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} documents, to see that it works")
    parser.add_argument(
        "--only", type=_names(DIALECTS), default=[*DIALECTS], metavar="TOOL,…", help=_list(DIALECTS)
    )
    parser.add_argument(
        "--scenarios", type=_names(SCENARIOS), default=[*SCENARIOS], metavar="NAME,…", help=_list(SCENARIOS)
    )
    parser.add_argument(
        "--repeat",
        type=_positive,
        default=LEAST_ROUNDS,
        metavar="N",
        help=f"rounds (default and least: {LEAST_ROUNDS})",
    )
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="where corpora are written (default: bench/.work)"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _list(known: Iterable[str]) -> str:
    return f"some of {', '.join(known)} (default: all)"


def _names(known: Collection[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",")]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return list(dict.fromkeys(names))

    return parse


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    if not sys.platform.startswith("linux"):
        raise BuildError("the bench reads /proc, which only Linux has")
    from bench import report
    from bench.counts import UnlikeWorkError
    from bench.dialects import make_dialects
    from bench.measure import MeasureError
    from bench.run import LEAST_ROUNDS, run_bench
    from bench.scenarios import MissedChangeError
    from bench.tools import get_tools

    rounds = max(options.repeat, LEAST_ROUNDS)
    work = (options.work or root / "bench" / ".work").resolve()
    tools = get_tools(root, options.only, reporter)
    runs: list[Run] = []
    try:
        for documents in [QUICK] if options.quick else options.documents:
            runs.append(
                run_bench(
                    documents,
                    lambda folder: make_dialects(options.only, folder, tools),
                    options.scenarios,
                    rounds,
                    work,
                    reporter,
                )
            )
    except (UnlikeWorkError, MeasureError, MissedChangeError) as error:
        raise BuildError(str(error)) from None
    written = report.write(runs, root / "bench" / "results")
    if options.json:
        print(json.dumps([found.as_record() for found in runs]))
    else:
        _show(runs)
        reporter.detail(f"written: {', '.join(path.relative_to(root).as_posix() for path in written)}")
    return 0


def _show(runs: Sequence[Run]) -> None:
    from rich.console import Console
    from rich.table import Table

    from bench import report
    from bench.goals import goals

    console = Console() if sys.stdout.isatty() else Console(width=140)

    def draw(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(title=title, title_justify="left")
        for place, head in enumerate(heads):
            table.add_column(head, justify="right" if place else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)

    for found in runs:
        console.print(f"\n[bold]{'; '.join(found.versions.values())}[/]")
        for note in report.notes(found):
            console.print(f"* {note}", highlight=False)
        for title, heads, rows in report.tables(found):
            draw(title, heads, rows)
    if judged := goals(runs):
        draw("Goals", ["what", "found", "at most", "met"], report.goal_rows(judged))
