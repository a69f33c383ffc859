"""`publish`: put the newest release on every mirror, and tell how it went at each."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from tocsin.console.facts import RELEASES, offline_archive, signing_folder, the_site
from tocsin.console.server import served_here
from tocsin.errors import ReleaseError
from tocsin.files import write_atomically
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.faults import unknown
from tocsin.mirrors.certificate import certificate
from tocsin.mirrors.configured import FOLDER, Reached, load_reached
from tocsin.mirrors.directory import Directory
from tocsin.mirrors.everywhere import place_of, publish_everywhere
from tocsin.mirrors.looking import look
from tocsin.mirrors.publishing import Manner, Moment, Outcome
from tocsin.release.blobs import STORE, Blobs
from tocsin.release.editions import editions_of
from tocsin.release.manifest import Manifest, kept_manifest
from tocsin.release.state import State
from tocsin.reporting import Reporter
from tocsin.signed.edition import OFFLINE, Edition

CERTIFICATES = f"{FOLDER}/certificates"
_STATES = {
    "published": "published",
    "current": "had it already",
    "planned": "would get",
    "failed": "FAILED",
    "differs": "DIFFERS",
}
_STOPPED = "Stopped. Readers get the last release, or whole files of this one; 'publish' goes on from there."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mirrors", nargs="*", metavar="MIRROR", help="publish to these only")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    parser.add_argument(
        "--audit", action="store_true", help="ask each mirror what it has, whatever is remembered"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    state = State(signing_folder(root, the_site(root)))
    manifest = _newest(root, state)
    editions = editions_of(manifest, state.newest(), Blobs(root / RELEASES / STORE))
    chosen = choose(load_reached(root), options.mirrors)
    if any(one.mirror.edition == OFFLINE for one in chosen):
        editions |= _handed_on(root, manifest.number, reporter)
    return publish_editions(
        root,
        editions,
        chosen,
        reporter,
        is_dry=options.dry_run,
        audit=options.audit,
        as_json=options.json,
    )


def _newest(root: Path, state: State) -> Manifest:
    """The newest release; raise `ReleaseError` where there is none, or where it is not here."""
    current = state.current
    if current is None:
        raise ReleaseError("there is no release yet that could be published; run 'release' first")
    manifest = kept_manifest(root / RELEASES, current.release)
    if manifest is None:
        raise ReleaseError(
            f"release {current.release} was made on another machine, and its files are not here; "
            "run 'release' here, or 'publish' there"
        )
    return manifest


def _handed_on(root: Path, number: str, reporter: Reporter) -> dict[str, Edition]:
    """The offline edition of a release, for places that can recall nothing; none where it was not made."""
    import zipfile

    from tocsin.offline.archive import edition_in

    try:
        return {OFFLINE: edition_in(offline_archive(root, number))}
    except (OSError, ValueError, zipfile.BadZipFile):
        reporter.detail(f"there is no offline edition of release {number} here; 'offline' makes it")
        return {}


def choose(mirrors: Sequence[Reached], names: Sequence[str]) -> tuple[Reached, ...]:
    """Those that were named, or all; raise `ReleaseError` for a name that no mirror has."""
    known = [one.mirror.name for one in mirrors]
    if wrong := [name for name in names if name not in known]:
        raise ReleaseError("; ".join(unknown("mirror", name, known, MIRRORS_FILE) for name in wrong))
    return tuple(one for one in mirrors if not names or one.mirror.name in names)


def publish_editions(
    root: Path,
    editions: Mapping[str, Edition],
    mirrors: Sequence[Reached],
    reporter: Reporter,
    *,
    is_dry: bool = False,
    audit: bool = False,
    as_json: bool = False,
) -> int:
    """Publish editions, by id, to mirrors and tell how it went; the exit code is 1 where it went wrong."""
    begun = time.monotonic()
    manner = Manner(verify=look, is_dry=is_dry, audit=audit)
    try:
        with served_here(_folders(root, mirrors), None), Board(mirrors, reporter) as board:
            outcomes = publish_everywhere(root, mirrors, editions, manner, board.hear)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_STOPPED) from None
    seconds = time.monotonic() - begun
    if not is_dry and (told := _certify(root, outcomes, mirrors)):
        reporter.detail(f"what the withdrawal has reached is told in {told}")
    if as_json:
        print(json.dumps({"mirrors": [_record(one) for one in outcomes], "seconds": round(seconds, 3)}))
    else:
        for line in _lines(outcomes, seconds):
            print(line)
    return 0 if all(one.is_good for one in outcomes) else 1


def _folders(root: Path, mirrors: Sequence[Reached]) -> Iterator[tuple[str, Path]]:
    """Mirrors that are folders of this machine, with their addresses."""
    for reached in mirrors:
        place = place_of(reached, root)
        if isinstance(place, Directory):
            yield reached.mirror.address, place.folder


def _certify(root: Path, outcomes: Sequence[Outcome], mirrors: Sequence[Reached]) -> str:
    """Write the certificate of a withdrawal; its path, or an empty text where nothing was withdrawn."""
    left = {one.mirror.name: place_of(one, root).abilities.left for one in mirrors}
    text = certificate(outcomes, left, datetime.now(UTC))
    if not text:
        return ""
    name = f"{CERTIFICATES}/{outcomes[0].release}.txt"
    write_atomically(root / name, text.encode())
    return name


def _record(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.mirror.name,
        "state": outcome.state,
        "release": outcome.release,
        "put": outcome.put,
        "deleted": outcome.deleted,
        "bytes": outcome.size,
        "seconds": round(outcome.seconds, 3),
        "withdrawn": len(outcome.withdrawn),
        "recalled": outcome.recalled,
        "faults": list(outcome.faults),
        "notes": list(outcome.notes),
    }


def _lines(outcomes: Sequence[Outcome], seconds: float) -> Iterator[str]:
    width = max((len(one.mirror.name) for one in outcomes), default=0)
    for one in outcomes:
        counts = f"{one.put} files ({_size(one.size)}), {one.deleted} deleted, {one.seconds:.1f} s"
        yield f"{one.mirror.name:<{width}}  {_STATES[one.state]}: {counts}"
        yield from (f"  {fault}" for fault in one.faults)
        yield from (f"  {note}" for note in one.notes)
    good = sum(1 for one in outcomes if one.is_good)
    yield f"{good} of {len(outcomes)} mirrors are as they should be ({seconds:.1f} s)"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.1f} kB"


class Board:
    """A table that shows what each mirror is doing; lines where there is no terminal to draw on."""

    def __init__(self, mirrors: Sequence[Reached], reporter: Reporter, stream: TextIO | None = None) -> None:
        self.reporter = reporter
        self.stream = stream or sys.stderr
        self.moments = {one.mirror.name: Moment(one.mirror.name, "planning") for one in mirrors}
        self._said: dict[str, str] = {}
        self._live: Any = None

    def __enter__(self) -> Board:
        self.reporter.step(f"Publishing to {', '.join(self.moments)}")
        if self.stream.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(self._table(), console=Console(file=self.stream), transient=True)
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def hear(self, moment: Moment) -> None:
        """Show what happened."""
        self.moments[moment.mirror] = moment
        if moment.said:
            self._said[moment.mirror] = moment.said
        if self._live is not None:
            self._live.update(self._table())
        elif moment.said:
            self.reporter.detail(f"{moment.mirror}: {moment.said}")

    def _table(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for heading in ("mirror", "", "files", ""):
            table.add_column(heading)
        for name, moment in self.moments.items():
            bar = ProgressBar(total=max(moment.total, 1), completed=moment.done, width=24)
            table.add_row(name, f"{moment.stage:<9}", f"{moment.done} of {moment.total}", bar)
            if said := self._said.get(name):
                table.add_row("", said, "", "")
        return table
