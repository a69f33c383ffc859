"""`diff`: what a release would make public, change and take away, in words that an editor understands."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tocsin.console.build import instant
from tocsin.console.quick import STATE
from tocsin.console.veil import Veil
from tocsin.errors import ContentError, Severity, TocsinError
from tocsin.files import check_path
from tocsin.library.library import Library
from tocsin.library.loader import load_once
from tocsin.render.outward import Change, compare, outward
from tocsin.reporting import Reporter, SilentReporter

_HEADINGS = {
    ("name", "new"): "Names that become public",
    ("name", "gone"): "Names that are public no more",
    ("picture", "new"): "Pictures that become public",
    ("picture", "gone"): "Pictures that are public no more",
    ("document", "new"): "Documents that become public",
    ("document", "gone"): "Documents that are public no more",
    ("page", "new"): "New pages",
    ("page", "changed"): "Pages that change",
    ("page", "gone"): "Pages that vanish",
}
_SOURCES = ("content", "data", "site.toml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--against", metavar="COMMIT", help="compare with what a commit made public (default: with nothing)"
    )
    parser.add_argument(
        "--at",
        type=instant,
        metavar="INSTANT",
        help="what is public at 2026-01-31T12:00Z (default: now)",
    )
    parser.add_argument("--json", action="store_true", help="print the changes as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    now = load_once(root, options.at or datetime.now(UTC), SilentReporter(), root / STATE)
    before = library_of(root, options.against) if options.against else None
    old = outward(before) if before else {}
    veil = Veil(root)
    changes = [
        change._replace(
            name=veil.text(change.name), address=veil.text(change.address), detail=veil.text(change.detail)
        )
        for change in compare(old, outward(now))
    ]
    if options.json:
        print(json.dumps([change._asdict() for change in changes], ensure_ascii=False))
        return 0
    at = f"{now.as_of:%Y-%m-%d %H:%M} UTC"
    print(f"What would be public as of {at}, compared with {_past(options.against)}:")
    _tell(changes)
    if now.embargoes:
        count, end = len(now.embargoes), datetime.fromisoformat(now.embargoes[0])
        items = "1 item under embargo stays" if count == 1 else f"{count} items under embargo stay"
        print(f"\n{items} out; the next ends {end:%Y-%m-%d %H:%M} UTC.")
    return 0


def _past(commit: str | None) -> str:
    return f"commit {commit}" if commit else "nothing, as there is no release yet"


def _tell(changes: Iterable[Change]) -> None:
    by_kind: dict[tuple[str, str], list[Change]] = {key: [] for key in _HEADINGS}
    for change in changes:
        by_kind[change.what, change.way].append(change)
    for key, found in by_kind.items():
        if not found:
            continue
        print(f"\n{_HEADINGS[key]} ({len(found)})")
        for change in found:
            detail = f": {change.detail}" if change.detail else ""
            print(f"  {change.name}  /{change.address}{detail}")
    if not any(by_kind.values()):
        print("\nNothing that readers see of any item would change.")


def library_of(root: Path, commit: str) -> Library:
    """What the sources of a commit made public when it was made."""
    with tempfile.TemporaryDirectory(prefix="tocsin-diff-") as folder:
        made = _git(root, "show", "--no-patch", "--format=%cI", f"{commit}^{{commit}}").decode().strip()
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", commit, *_SOURCES))) as archive:
            _unpack(archive, Path(folder))
        try:
            at = datetime.fromisoformat(made).astimezone(UTC)
            library = load_once(Path(folder), at, SilentReporter(), root / STATE)
        except ContentError as error:
            faults = sorted(found for found in error.findings if found.severity is Severity.ERROR)
            those = "fault is an error" if len(faults) == 1 else "faults are errors"
            raise TocsinError(
                f"the sources of {commit} cannot be compared: {len(faults)} {those} now; "
                f"the first is {faults[0]}"
            ) from None
    # What was read is kept by digest: the folder is not needed any more.
    return library


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the files of an archive. Links are left out: content may have none, and one could lead anywhere.

    The filters of `tarfile` came with a third number of Python's that distributions may not have.
    """
    for member in archive:
        data = archive.extractfile(member) if member.isfile() else None
        if data is not None:
            target = folder / check_path(member.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data.read())


def _git(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except FileNotFoundError:
        raise TocsinError("git is not installed, and 'diff --against' needs it: apt install git") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise TocsinError(f"git cannot give the sources of that commit ({said})")
    return done.stdout
