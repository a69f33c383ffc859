"""`mirrors`: what every mirror really serves, seen from outside; a table, and pages for everybody."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.quick import STATE
from tocsin.console.status_pages import Told, check_place, comment_of, status_record, write_status
from tocsin.console.watching import WATCH, Watched, look_at, subjects
from tocsin.errors import Finding, Severity, SigningError
from tocsin.ledger.store import Store
from tocsin.library.shared import load_shared
from tocsin.probing.faults import WORDS, Fault, State
from tocsin.probing.history import read_history, write_history
from tocsin.probing.probe import Depth, Manner, Outcome
from tocsin.probing.readers import LOST, STATES
from tocsin.render.languages import load_speeches
from tocsin.render.theme import Theme
from tocsin.reporting import Reporter
from tocsin.verify.pinned import pinned
from tocsin.verify.verdicts import shown

STATUS = "status"
_HISTORY = "history.json"
_MOST_SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "addresses", nargs="*", metavar="ADDRESS", help="look at these too, whoever runs them"
    )
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument("--full", action="store_true", help="compare every byte")
    depth.add_argument(
        "--deep", action="store_true", help="compare every byte, and search for what does not belong there"
    )
    parser.add_argument("--to", type=Path, metavar="FOLDER", help=f"write the status there ({STATUS}/)")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    at, site = datetime.now(UTC), the_site(root)
    folder = options.to or root / STATUS
    check_place(folder, root)
    depth = Depth.DEEP if options.deep else Depth.FULL if options.full else Depth.QUICK
    with Desk(root, site, reporter) as desk:
        trust = pinned(root, None, ()).trust
        watched = subjects(desk, options.addresses)
        reporter.step(f"Looking at {len(watched)} mirrors")
        outcomes = look_at(watched, trust, Manner(at, depth), root, site, reporter)
        _publish(desk, folder, at, list(zip(watched, outcomes, strict=True)))
    close = getattr(reporter, "close", None)
    if close:
        close()
    print(json.dumps(as_record(outcomes, at)) if options.json else told(outcomes))
    return max((one.state for one in outcomes), default=State.GOOD)


def _publish(desk: Desk, folder: Path, at: datetime, seen: Sequence[tuple[Watched, Outcome]]) -> None:
    """Write the status of the mirrors of the list; signed where the online key is at hand."""
    listed = [(one.mirror, outcome) for one, outcome in seen if one.mirror]
    file = desk.root / WATCH / _HISTORY
    states = [(mirror.name, outcome.state) for mirror, outcome in listed]
    history = read_history(file).after(states, at)
    current = desk.workshop.state.current
    status = Told(desk.site, current.release if current else "", at, listed, history)
    theme = Theme(desk.root / "theme")
    with closing(Store(desk.root / STATE / "items.sqlite")) as store:
        speeches = load_speeches(theme.locale, desk.site, load_shared(desk.root)[0], store)
    write_status(folder, status, theme, speeches, _signature(desk, status))
    write_history(file, history)


def _signature(desk: Desk, status: Told) -> bytes | None:
    """By the online key; None where it is not here, or nobody can open it."""
    try:
        key = desk.online_key
    except SigningError as error:
        text = f"is not signed: {error}"
        desk.reporter.finding(Finding("status.json", 0, text, "unsigned-status", Severity.WARNING))
        return None
    if key is None:
        text = "is not signed: the online key is not on this machine; run 'mirrors' where it is"
        desk.reporter.finding(Finding("status.json", 0, text, "unsigned-status", Severity.WARNING))
        return None
    return key.minisign(status_record(status), comment_of(status))


def as_record(outcomes: Sequence[Outcome], at: datetime) -> dict[str, Any]:
    """Everything that was found, for machines of the editors: it names files."""
    return {
        "at": at.isoformat(),
        "state": max((one.state for one in outcomes), default=State.GOOD).name.lower(),
        "mirrors": [_record(one) for one in outcomes],
    }


def _record(outcome: Outcome) -> dict[str, Any]:
    certificate = outcome.certificate
    return {
        "name": outcome.name,
        "address": outcome.address,
        "listed": outcome.is_listed,
        "state": outcome.state.name.lower(),
        "faults": [
            {"fault": str(one.fault), "path": one.path, "detail": one.detail} for one in outcome.found
        ],
        "release": outcome.release or None,
        "looked": str(outcome.depth),
        "files": outcome.files,
        "bytes": outcome.bytes,
        "protections": {str(one.protection): one.is_kept for one in outcome.kept},
        "certificate": {"issuer": certificate.issuer, "ends": certificate.ends.isoformat()}
        if certificate
        else None,
    }


def told(outcomes: Sequence[Outcome]) -> str:
    """The table, then what was found at each mirror, what it means and what to do."""
    parts = [_table(outcomes)]
    for outcome in outcomes:
        lines = [line for fault in outcome.faults for line in _lines(outcome, fault)]
        lost = [LOST[one.protection] for one in outcome.kept if one.is_kept is False]
        if lost:
            lines += ["  What this host does not protect readers from:", *(f"    {one}" for one in lost)]
        if lines:
            parts.append("\n".join([shown(outcome.name), *lines]))
    if not outcomes:
        parts = ["There is no mirror to look at; write mirrors.toml, or name an address."]
    return "\n\n".join(parts)


def _table(outcomes: Sequence[Outcome]) -> str:
    """rich is loaded here alone: whoever wants JSON does without."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="")
    for name in ("MIRROR", "STATE", "RELEASE", "LOOKED", "FILES", "FOUND"):
        table.add_column(name, overflow="fold", justify="right" if name == "FILES" else "left")
    for one in outcomes:
        found = ", ".join(one.faults) or "nothing"
        row = (one.name, STATES[one.state].name, one.release or "-", str(one.depth), f"{one.files:,}", found)
        table.add_row(*(Text(shown(text)) for text in row))
    console = Console(width=140, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _lines(outcome: Outcome, fault: Fault) -> list[str]:
    """One fault: places, what it means, what to do."""
    found = [one for one in outcome.found if one.fault is fault]
    lines = [f"  {str(fault).capitalize()}:"]
    for one in found[:_MOST_SHOWN]:
        path = one.path or ("" if one.detail[:1].isupper() else "the home page")
        lines.append(f"    {shown(f'{path}: ' if path else '')}{shown(one.detail)}")
    if len(found) > _MOST_SHOWN:
        lines.append(f"    … and {len(found) - _MOST_SHOWN} more; --json lists all")
    words = WORDS[fault]
    return [*lines, f"    What this means: {words.means}", f"    What to do: {words.remedy}"]
