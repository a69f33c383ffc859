"""`revert`: what an earlier release held becomes the newest one, under a new number."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tocsin import forks
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.preparing import Prepared
from tocsin.console.quick import STATE
from tocsin.console.release import check_can_release, finish, make_draft, schedule_again, tell
from tocsin.errors import ContentError, ReleaseError, Severity
from tocsin.files import write_atomically
from tocsin.leaks import gate, veiled
from tocsin.library.hidden import collect_unpublished
from tocsin.library.withheld import read_terms
from tocsin.release.making import numbered
from tocsin.release.manifest import Manifest, next_number
from tocsin.reporting import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", help="the number of the release to go back to")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    begun = time.monotonic()
    now = datetime.now(UTC)
    with Desk(root, the_site(root), reporter) as desk:
        check_can_release(desk)
        desk.ready(now)
        told = revert(desk, options.release, now)
        schedule_again(desk, now)
    told["seconds"] = round(time.monotonic() - begun, 3)
    tell(told, as_json=options.json)
    if not options.json:
        print("The sources are as they were: the next 'release' brings back what they say.")
    return 0


def revert(desk: Desk, number: str, now: datetime) -> dict[str, object]:
    """Release again what `number` held; raise `ContentError` for what may not come back."""
    workshop = desk.workshop
    current = workshop.state.current
    old = workshop.manifest(number)
    if old is None:
        made = workshop.numbers[-5:]
        known = f"; here are {', '.join(made)}" if made else ""
        raise ReleaseError(
            f"release {number} was not made on this machine{known}. Check out its commit and run 'release'"
        )
    if current is None or current.release == number:
        raise ReleaseError(f"release {number} is the newest already")
    searched = _check(desk, old, now)
    prepared = Prepared(old.content, searched)
    past = workshop.manifest(current.release)
    numbers = numbered(next_number(current.release, now.date()), now, desk.lifetimes)
    return finish(desk, make_draft(desk, prepared, numbers, past, now), past, now)


def _check(desk: Desk, old: Manifest, now: datetime) -> str:
    """Look into all files of an old release for what was withdrawn or withheld since."""
    desk.reporter.step("Searching what comes back for what was withdrawn since")
    content, blobs = old.content, desk.workshop.blobs
    terms = read_terms(desk.root) or ()
    unpublished = collect_unpublished(desk.root, now, desk.root / STATE)
    with tempfile.TemporaryDirectory(prefix="tocsin-revert-") as folder:
        for files in (content.common, content.stamped):
            for path, file in files.items():
                write_atomically(Path(folder) / path, blobs.read(file.digest))
        leaks = gate(Path(folder), terms, unpublished, workers=forks.processors())
    found = [one for one in veiled(leaks.findings, terms) if one.severity is Severity.ERROR]
    if found:
        raise ContentError(found)
    return leaks.searched
