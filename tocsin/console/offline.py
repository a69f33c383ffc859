"""`offline`: archives of the newest release to hand on, with what nobody may have to call back."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tocsin import forks
from tocsin.console.desk import Desk
from tocsin.console.facts import offline_archive, the_site
from tocsin.console.offline_edition import Wanted, make_offline
from tocsin.errors import ReleaseError
from tocsin.files import write_atomically
from tocsin.offline.archive import signed_files
from tocsin.release.manifest import Manifest
from tocsin.reporting import Reporter
from tocsin.signed.archive import pack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--languages", metavar="CODES", help="such as fr,ar: only these (default: all of the site)"
    )
    parser.add_argument("--each", action="store_true", help="one more archive for each of the languages")
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where the archives go (default: beside the release)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    begun = time.monotonic()
    with Desk(root, the_site(root), reporter) as desk:
        languages = chosen(options.languages, tuple(desk.site.languages))
        desk.ready(datetime.now(UTC))
        manifest = _newest(desk)
        folder = (options.to or desk.releases / manifest.number).resolve()
        sets = [languages, *([one] for one in languages if options.each and len(languages) > 1)]
        made = [_archive(desk, manifest, one, folder) for one in sets]
    _tell(manifest.number, made, time.monotonic() - begun, as_json=options.json)
    return 0


def chosen(words: str | None, known: Sequence[str]) -> Sequence[str]:
    """The languages of an option, in the order of the site; raise `ReleaseError` for others."""
    wanted = words.split(",") if words is not None else known
    if unknown := [f"'{one}'" for one in wanted if one not in known]:
        has = ", ".join(known)
        raise ReleaseError(f"the site has no language {', '.join(unknown)}; write some of {has}, as in fr,ar")
    return [one for one in known if one in wanted]


def _newest(desk: Desk) -> Manifest:
    """The newest release; raise `ReleaseError` where the sources are no longer what it was made from."""
    current = desk.workshop.state.current
    manifest = desk.workshop.manifest(current.release) if current else None
    if manifest is None:
        raise ReleaseError("there is no release here that copies could be made of; run 'release' first")
    if not desk.is_demonstration and not desk.repository.has_sources_of(manifest.content.commit):
        raise ReleaseError(
            f"the sources are not those of release {manifest.number}, so copies would hold something else "
            "than was released; run 'release' first"
        )
    return manifest


def _archive(desk: Desk, manifest: Manifest, languages: Sequence[str], folder: Path) -> dict[str, object]:
    """Make and write one archive; what to tell of it."""
    wanted = Wanted(
        languages=tuple(languages),
        release=manifest.number,
        as_of=datetime.fromisoformat(manifest.content.as_of),
        signed=date.fromisoformat(manifest.date),
        expires=date.fromisoformat(manifest.expires),
        people=tuple(desk.people),
    )
    if not desk.editors:
        raise ReleaseError("nobody's key is at hand to sign a copy; 'keys status' says whose is needed")
    made, editor = make_offline(desk.root, wanted, forks.processors(), desk.reporter), desk.editors[0]
    files = signed_files(made.files, made.about, editor.minisign, editor.sshsig)
    data = pack(files, files.__getitem__)
    is_whole = len(languages) == len(desk.site.languages)
    name = offline_archive(desk.root, manifest.number).name
    path = folder / (name if is_whole else f"{name.removesuffix('.zip')}-{'-'.join(languages)}.zip")
    write_atomically(path, data)
    return {"path": str(path), "languages": list(languages), "files": len(files), "bytes": len(data)}


def _tell(number: str, made: Sequence[dict[str, object]], seconds: float, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"release": number, "archives": made, "seconds": round(seconds, 3)}))
        return
    for one in made:
        print(f"{one['path']}: {one['files']} files, {one['bytes']} bytes")
    print(f"Copies of release {number} to hand on; each says in START-HERE what it is ({seconds:.1f} s)")
