"""`refresh`: what a timer does: complete what is due, and sign the timestamp again."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.release import check_is_newest, finish, scheduled_folder, scheduled_instants
from tocsin.errors import ReleaseError
from tocsin.release import completing, waiting
from tocsin.release.making import Draft
from tocsin.reporting import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    now = datetime.now(UTC)
    with Desk(root, the_site(root), reporter) as desk:
        check_is_newest(desk)
        desk.ready(now)
        told = refresh(desk, now)
    if options.json:
        print(json.dumps(told))
        return 0
    for number in told["released"]:
        print(f"Release {number} is the newest now.")
    for number in told["waiting"]:
        print(f"Release {number} still waits for signatures of people; 'keys status' says whose.")
    print(f"The timestamp of release {told['release']} holds until {told['until']}.")
    return 0


def refresh(desk: Desk, now: datetime) -> dict[str, list[str] | str]:
    """Complete what is due, then sign the timestamp again; what to tell of it."""
    state = desk.workshop.state
    if desk.online is None:
        raise ReleaseError(
            "the online key is not on this machine; run 'refresh' where it is ('keys status' says whose)"
        )
    released, waits = _due(desk, now)
    current = state.current
    if current is None:
        raise ReleaseError("there is no release yet whose timestamp could be signed; run 'release' first")
    if not released:
        metadata = completing.refreshed(state, desk.online, now, desk.lifetimes)
        snapshot = completing.snapshot_version(metadata)
        state.adopt(metadata, replace(current, snapshot=snapshot))
        desk.record(f"Release {current.release} confirmed")
    timestamp = state.timestamp()
    until = f"{timestamp.signed.expires:%Y-%m-%d %H:%M} UTC" if timestamp else ""
    return {"released": released, "waiting": waits, "release": current.release, "until": until}


def _due(desk: Desk, now: datetime) -> tuple[list[str], list[str]]:
    """Complete releases that waited; those that became the newest, and those that still wait for people."""
    released, waits = [], []
    folders = [desk.pending]
    folders += [scheduled_folder(desk, at) for at in scheduled_instants(desk) if at <= now]
    for folder in folders:
        found = waiting.read(folder)
        if found is None:
            continue
        current = desk.workshop.state.current
        if found.before != (current.release if current else ""):
            raise waiting.outdated(found)
        roles = found.all_roles(desk.workshop.state)
        if waiting.missing(desk.workshop.state.root.signed, roles):
            waits.append(found.numbers.number)
            continue
        manifest = desk.workshop.manifest(found.numbers.number)
        if folder != desk.pending:
            manifest = completing.read_scheduled(folder)
        if manifest is None:
            raise ReleaseError(
                f"release {found.numbers.number} is signed, but its files are not on this machine: type "
                "'release', which makes them from the same commit and completes it"
            )
        past = desk.workshop.manifest(found.before) if found.before else None
        finish(desk, Draft(manifest, roles), past, now)
        waiting.remove(folder)
        released.append(found.numbers.number)
    return released, waits
