"""`build`: from the sources to the output tree."""

from __future__ import annotations

import argparse
import json
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin import forks
from tocsin.console.quick import Look, look
from tocsin.errors import ChangedMeanwhileError, DamagedStoreError, TocsinError
from tocsin.reporting import Reporter

# How often a build begins again because a file was saved meanwhile, or what was remembered is damaged.
ATTEMPTS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clean", action="store_true", help="make everything anew")
    parser.add_argument(
        "--at", type=instant, metavar="INSTANT", help="build as of 2026-01-31T12:00Z (default: now)"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to build (default: output/)")
    parser.add_argument(
        "--drafts", action="store_true", help="include drafts, into preview/ unless --output is given"
    )
    parser.add_argument(
        "--jobs", type=count, metavar="N", help="how many processes (default: one per processor)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def instant(text: str) -> datetime:
    """An instant of the command line."""
    from tocsin.model.instants import parse_instant  # the answer "nothing changed" is waited for

    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def count(text: str) -> int:
    """A number of processes."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    begun = time.monotonic()
    output = (options.output or root / ("preview" if options.drafts else "output")).resolve()
    if options.drafts and output == root / "output":
        raise TocsinError(
            "drafts never go into output/, which is what is published; leave --output out, or name "
            "another folder"
        )
    numbers = build_site(
        root,
        output,
        at=options.at or datetime.now(UTC),
        workers=options.jobs or forks.processors(),
        reporter=reporter,
        drafts=options.drafts,
        clean=options.clean,
    )
    _tell(numbers, time.monotonic() - begun, as_json=options.json)
    return 0


def build_site(
    root: Path,
    output: Path,
    *,
    at: datetime,
    workers: int,
    reporter: Reporter,
    drafts: bool = False,
    clean: bool = False,
) -> dict[str, Any]:
    """Build what changed; the numbers of the whole site and of this build."""
    for attempt in range(1, ATTEMPTS + 1):
        seen = Look(time.time_ns()) if clean else look(root, output, at, drafts=drafts, workers=workers)
        with closing(seen):
            if seen.numbers is not None:
                return {**seen.numbers, "changed": 0, "deleted": 0}
            # What reads, checks and sets pages takes a while to import: not for a build without work.
            from tocsin.console.making import make_site

            try:
                return make_site(root, output, at, workers, reporter, seen, drafts=drafts, clean=clean)
            except DamagedStoreError:
                if attempt == ATTEMPTS:
                    raise
                reporter.detail("what was remembered from earlier builds is damaged; everything is made anew")
                clean = True
            except ChangedMeanwhileError as error:
                if attempt == ATTEMPTS:
                    raise
                reporter.detail(f"{error.path} was changed during the build; beginning again")
    raise AssertionError("the last attempt returns or raises")


def _tell(numbers: dict[str, Any], seconds: float, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**numbers, "seconds": round(seconds, 3)}))
        return
    did = "nothing had changed"
    if numbers["changed"] or numbers["deleted"]:
        did = f"{numbers['changed']} files written, {numbers['deleted']} deleted"
    print(
        "{items} items, {pages} pages, {languages} languages, {feeds} feeds: ".format(**numbers)
        + f"{did} ({seconds:.1f} s)"
    )
    if numbers["embargoed"]:
        end = datetime.fromisoformat(numbers["next_embargo"])
        items = "1 item is" if numbers["embargoed"] == 1 else f"{numbers['embargoed']} items are"
        print(f"{items} under embargo; the next becomes public by a build after {end:%Y-%m-%d %H:%M} UTC")
