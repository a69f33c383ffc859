"""`release`: build, check, sign; then it is the newest release, or it waits for whoever has to sign too."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin import forks
from tocsin.console.build import instant
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.preparing import Prepared, prepare
from tocsin.console.proving import prove
from tocsin.errors import ReleaseError
from tocsin.release import completing, waiting
from tocsin.release.editions import editions_of
from tocsin.release.making import Draft, Numbered, draft, numbered, same_files
from tocsin.release.manifest import Manifest, next_number
from tocsin.release.metadata import Role
from tocsin.reporting import Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at",
        type=instant,
        metavar="INSTANT",
        help="sign now what will be public at 2026-01-31T12:00Z; 'refresh' releases it then",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    begun = time.monotonic()
    now = datetime.now(UTC)
    with forks.uncollected(), Desk(root, the_site(root), reporter) as desk:
        check_can_release(desk)
        desk.ready(now)
        if options.at:
            told = schedule(desk, options.at, now)
        else:
            told = release(desk, now)
            schedule_again(desk, now)
    told["seconds"] = round(time.monotonic() - begun, 3)
    tell(told, as_json=options.json)
    return 0


def check_can_release(desk: Desk) -> None:
    """Raise `ReleaseError` where a release would be of sources that nobody else has, or not the newest."""
    if desk.is_demonstration:
        return
    if not desk.repository.is_there:
        raise ReleaseError(
            "a release says of which commit it was made, and this is no checkout of a git repository; "
            "run it in the editors' repository"
        )
    if changed := desk.repository.changed():
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise ReleaseError(
            f"{', '.join(changed[:3])}{more} are not committed, so nobody could make this release again; "
            "commit them, then run 'release' again"
        )
    check_is_newest(desk)


def check_is_newest(desk: Desk) -> None:
    """Raise `ReleaseError` where other editors have released since this checkout was brought up to date."""
    if not desk.is_demonstration and not desk.repository.check_is_newest(desk.folder.name):
        desk.reporter.detail(
            "the other editors' repository cannot be reached: whether they have released is not known"
        )


def release(desk: Desk, now: datetime) -> dict[str, object]:
    """Make the newest release, or what waits for signatures; what to tell of it."""
    workshop = desk.workshop
    current = workshop.state.current
    waits = waiting.read(desk.pending)
    past = workshop.manifest(current.release) if current else None
    at = datetime.fromisoformat(waits.as_of) if waits else now
    prepared = prepare(desk, desk.root / "output", at, past)
    if past and not waits and _is_the_same(desk, prepared, past, now):
        return {**about(past), "waits_for": 0, "waits_online": False, "is_new": False}
    if waits:
        made = _countersigned(desk, waits, prepared, past, now)
    else:
        number = next_number(current.release if current else "", now.date())
        made = make_draft(desk, prepared, numbered(number, now, desk.lifetimes), past, now)
    return finish(desk, made, past, now)


def _is_the_same(desk: Desk, prepared: Prepared, past: Manifest, now: datetime) -> bool:
    """True where a release would be that of before, signed by those who may, for long enough."""
    state = desk.workshop.state
    if replace(prepared.content, commit=past.content.commit) != past.content:
        return False
    if dict(past.addresses) != dict(sorted(desk.workshop.editions.items())):
        return False
    held = {name: Role(0, state.read(file) or b"") for name, file in state.living().items()}
    root = state.root.signed
    until = datetime.fromisoformat(f"{past.expires}T00:00:00Z")
    return until - now > timedelta(days=desk.lifetimes.targets) / 2 and not waiting.missing(root, held)


def make_draft(
    desk: Desk, prepared: Prepared, numbers: Numbered, past: Manifest | None, now: datetime
) -> Draft:
    """Sign a release with the keys at hand."""
    desk.reporter.step("Signing")
    return draft(desk.workshop, prepared.content, numbers, desk.editors, past, now, prepared.searched)


def _countersigned(
    desk: Desk, waits: waiting.Waiting, prepared: Prepared, past: Manifest | None, now: datetime
) -> Draft:
    """The release of another editor with this one's signature; raise `ReleaseError` where builds differ."""
    current = desk.workshop.state.current
    if waits.before != (current.release if current else ""):
        raise waiting.outdated(waits)
    own = draft(
        desk.workshop,
        prepared.content,
        waits.numbers,
        desk.editors,
        past,
        now,
        prepared.searched,
        signatures=waits.signatures,
    )
    roles = waits.all_roles(desk.workshop.state)
    theirs = {name: waiting.files_in(role) for name, role in roles.items()}
    if differing := same_files(own.manifest, theirs):
        more = f" and {len(differing) - 5} more" if len(differing) > 5 else ""
        raise ReleaseError(
            f"this build is not what release {waits.numbers.number} was signed for: "
            f"{', '.join(differing[:5])}{more} differ. Are both of you on commit {waits.commit[:12] or '?'}? "
            "If you are, one of the two machines cannot be trusted: sign nothing"
        )
    return Draft(own.manifest, waiting.signed(roles, waits.roles, [key.signer for key in desk.editors]))


def finish(desk: Desk, made: Draft, past: Manifest | None, now: datetime) -> dict[str, object]:
    """Complete a release that follows `past`, where that was made here, or let it wait."""
    workshop, manifest = desk.workshop, made.manifest
    current = workshop.state.current
    before = current.release if current else ""
    missing = waiting.missing(workshop.state.root.signed, made.roles)
    if missing or desk.online is None:
        completing.write_manifest(workshop, manifest, {})
        waiting.put(desk.pending, made, before, workshop.state, workshop.blobs)
        desk.record(f"Release {manifest.number} waits for signatures")
        return {**about(manifest), "waits_for": missing, "waits_online": desk.online is None}
    metadata = completing.finished(workshop, made.roles, desk.online, now)
    desk.reporter.step("Verifying what was signed")
    prove(editions_of(manifest, metadata, workshop.blobs), metadata, past, now, desk.reporter)
    completing.write_manifest(workshop, manifest, metadata)
    completing.adopt(workshop.state, metadata, manifest)
    completing.prune(workshop)
    waiting.remove(desk.pending)
    desk.record(f"Release {manifest.number}")
    return {**about(manifest), "waits_for": 0, "waits_online": False, "is_new": True}


def _record(desk: Desk, message: str) -> None:
    if desk.is_demonstration:
        return
    if not desk.repository.record("signing", message) and desk.repository.upstream:
        desk.reporter.detail(
            "recorded, but the other editors' repository cannot be reached: type 'git push' later"
        )


def about(manifest: Manifest) -> dict[str, object]:
    """What is told of a release."""
    content = manifest.content
    return {
        "release": manifest.number,
        "as_of": content.as_of,
        "commit": content.commit,
        "files": len(content.common) + len(content.stamped),
        "editions": len(manifest.addresses),
        "expires": manifest.expires,
    }


def schedule(desk: Desk, at: datetime, now: datetime) -> dict[str, object]:
    """Sign what will be public at `at` and let it wait where nobody sees it."""
    if at <= now:
        raise ReleaseError(f"{at:%Y-%m-%d %H:%M} UTC has passed; leave '--at' out")
    workshop = desk.workshop
    current = workshop.state.current
    if current is None:
        raise ReleaseError(
            "there is no release yet that this one could follow; run 'release' without '--at' first"
        )
    past = workshop.manifest(current.release)
    prepared = prepare(desk, desk.scheduled / "output", at, past)
    number = next_number(current.release, at.date())
    made = make_draft(desk, prepared, numbered(number, now, desk.lifetimes), past, now)
    folder = scheduled_folder(desk, at)
    waiting.put(folder, made, current.release, workshop.state, workshop.blobs)
    completing.write_scheduled(folder, made.manifest)
    missing = waiting.missing(workshop.state.root.signed, made.roles)
    return {**about(made.manifest), "waits_for": missing, "waits_until": at.isoformat()}


def schedule_again(desk: Desk, now: datetime) -> None:
    """Sign again what waits for its instant: it has to follow the newest release. What is due is in that."""
    for at in scheduled_instants(desk):
        if at <= now:
            waiting.remove(scheduled_folder(desk, at))
        else:
            schedule(desk, at, now)


def scheduled_folder(desk: Desk, at: datetime) -> Path:
    """Where a release waits for an instant."""
    return desk.scheduled / f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def scheduled_instants(desk: Desk) -> list[datetime]:
    """The instants for which releases are prepared, the first first."""
    found = []
    for path in sorted(desk.scheduled.glob("*T*Z")):
        found.append(datetime.strptime(path.name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    return found


def tell(told: Mapping[str, object], *, as_json: bool) -> None:
    """Print what became of a release."""
    if as_json:
        print(json.dumps(told))
        return
    number = told["release"]
    if not told.get("is_new", True):
        print(f"Nothing has changed since release {number}; 'refresh' confirms that it is the newest.")
        return
    print(f"Release {number}: {told['files']} files, {told['editions']} editions ({told['seconds']:.1f} s)")
    if told.get("waits_until"):
        print(f"It is private until {told['waits_until']}; 'refresh' makes it the newest then.")
    if told["waits_for"]:
        people = "1 more person has" if told["waits_for"] == 1 else f"{told['waits_for']} more people have"
        print(f"{people} to sign it: they get this commit and run 'release' too ('keys status' says who).")
    elif told.get("waits_online"):
        print("It waits for the online key: 'refresh' on the machine that holds it completes it.")
