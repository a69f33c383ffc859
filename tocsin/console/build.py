"""`build`: from the sources to the output tree."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from collections.abc import Callable
from pathlib import Path

from tocsin import forks
from tocsin.errors import ContentError
from tocsin.files import Output
from tocsin.library.library import Library, languages_of
from tocsin.library.loader import load_library
from tocsin.make.engine import Result
from tocsin.model.dates import parse_instant
from tocsin.pictures import Picture, PictureCache, encode_all
from tocsin.render.pictures import FOLDER
from tocsin.reporting import Reporter

STATE = ".tocsin"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clean", action="store_true", help="make everything anew")
    parser.add_argument("--at", type=instant, metavar="INSTANT", help="build as of 2026-01-31T12:00Z (default: now)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to build (default: output/)")
    parser.add_argument("--drafts", action="store_true", help="include drafts, into preview/ unless --output is given")
    parser.add_argument("--jobs", type=count, metavar="N", help="how many processes (default: one per processor)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    begun = time.monotonic()
    output = options.output or root / ("preview" if options.drafts else "output")
    library, result = build_site(
        root,
        output.resolve(),
        at=options.at or datetime.now(UTC),
        workers=options.jobs or forks.processors(),
        reporter=reporter,
        drafts=options.drafts,
    )
    _tell(library, result, time.monotonic() - begun, reporter, as_json=options.json)
    return 0


def build_site(
    root: Path, output: Path, *, at: datetime, workers: int, reporter: Reporter, drafts: bool = False
) -> tuple[Library, Result]:
    """Read everything, then build everything; raises before anything is written where a source has a fault."""
    tree = Output(output)
    with tree.locked():
        if tree.recover():
            reporter.detail("completed a build that was interrupted")
        library = load_library(root, at, reporter, drafts=drafts)
        copies = _pictures(root, library, workers, reporter)
        # Pelican and what it brings take a fifth of a second to import; a fault in the sources is told sooner.
        from plugins.build import Build
        from plugins.run import run_pelican

        result = run_pelican(Build(root, library, tree, copies, reporter, workers))
    return library, result


def _pictures(root: Path, library: Library, workers: int, reporter: Reporter) -> dict[str, Path]:
    """Encode what is not yet encoded; the files to copy into the output, by their path there."""
    cache = PictureCache(root / STATE / "pictures")
    jobs: list[tuple[str, Callable[[], bytes], Picture]] = []
    for (key, name), picture in sorted(library.pictures.items()):
        path = f"{library.items[key].folder}/{name}"
        jobs.append((path, (root / path).read_bytes, picture))
    faults = encode_all(jobs, cache, workers, lambda done, total, label: reporter.progress("pictures", done, total))
    if faults:
        raise ContentError(faults)
    return {f"{FOLDER}/{r.name}": cache.path(r) for p in library.pictures.values() for r in p.renditions}


def _tell(library: Library, result: Result, seconds: float, reporter: Reporter, *, as_json: bool) -> None:
    pages = sum(1 for path in result.outputs if path.endswith(".html"))
    feeds = sum(1 for path in result.outputs if path.endswith((".rss", ".atom")))
    numbers = {
        "items": len(library.items),
        "texts": languages_of(library.items.values()),
        "pages": pages,
        "languages": len(library.site.languages),
        "feeds": feeds,
        "files": len(result.outputs),
        "changed": len(result.changed),
        "deleted": len(result.deleted),
    }
    if library.next_change:
        reporter.detail(f"the site next changes by itself at {library.next_change:%Y-%m-%d %H:%M} UTC")
    if as_json:
        next_change = library.next_change.isoformat() if library.next_change else None
        more = {"as_of": library.as_of.isoformat(), "next_change": next_change, "seconds": round(seconds, 3)}
        print(json.dumps(numbers | more))
        return
    close = getattr(reporter, "close", None)
    if close:
        close()
    print(
        "Built {items} items as {pages} pages in {languages} languages with {feeds} feeds; "
        "{changed} files written, {deleted} deleted".format(**numbers) + f" ({seconds:.1f} s)",
        file=sys.stdout,
    )
