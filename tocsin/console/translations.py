"""`translations`: what is missing, what is out of date, and saying that a translation is current again."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from tocsin.console.quick import STATE
from tocsin.console.veil import Veil
from tocsin.errors import ContentError, Finding, TocsinError
from tocsin.files import write_atomically
from tocsin.library.faults import unknown
from tocsin.library.library import Library
from tocsin.library.loader import load_once
from tocsin.model.items import AnyItem
from tocsin.reporting import Reporter, SilentReporter

_SOURCE_REV = re.compile(r"^source_rev:[^\r\n]*", re.MULTILINE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", metavar="LANG", help="only this language")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.add_argument(
        "--current",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="these files now translate the present words of their originals: writes their source_rev",
    )


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    library = load_once(root, datetime.now(UTC), SilentReporter(), root / STATE, drafts=True)
    if options.language and options.language not in library.site.languages:
        raise TocsinError(unknown("language", options.language, library.site.languages))
    if options.current:
        # All of them are looked at before the first is written.
        for path, text in [(path, made_current(root, library, path)) for path in options.current]:
            write_atomically(path, text)
            reporter.detail(f"{path} is current")
        return 0
    rows = [row for row in work_list(library) if options.language in {None, row["language"]}]
    veil = Veil(root)
    rows = [{**row, "path": veil.text(row["path"]), "title": veil.text(row["title"])} for row in rows]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['state']:<8} {row['language']:<6} {row['path']}  {row['title']}")
    print(f"{sum(row['state'] == 'stale' for row in rows)} out of date, {len(rows)} in all")
    return 0


def work_list(library: Library) -> list[dict[str, str]]:
    """What translators could do, the out-of-date first, then what readers read most: newest first."""
    rows = []
    for entry in sorted(library.entries.values(), key=lambda entry: (entry.day, entry.slug), reverse=True):
        item = library.item(entry.key)
        for language in library.site.languages:
            if state := _state(item, language):
                path = f"{item.folder}/{language}.md"
                title = item.words[item.original].title
                rows.append({"state": state, "language": language, "path": path, "title": title})
    return sorted(rows, key=lambda row: row["state"] != "stale")


def _state(item: AnyItem, language: str) -> str:
    if item.kind == "member" or language == item.original:
        return ""
    if language not in item.words:
        return "missing"
    return "stale" if item.is_stale(language) else ""


def made_current(root: Path, library: Library, path: Path) -> bytes:
    """The text of a translation with the original's present revision in it."""
    shown = path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else str(path)
    folder, _, name = shown.rpartition("/")
    language = name.removesuffix(".md")
    key = next((entry.key for entry in library.entries.values() if entry.folder == folder), None)
    item = library.item(key) if key else None
    if item is None or language not in item.words or language == item.original:
        raise ContentError(
            [Finding(shown, 0, "is not a translation of an item of this site", "no-translation")]
        )
    text = path.read_bytes().decode()
    revised, found = _SOURCE_REV.subn(f"source_rev: {item.digests[item.original]}", text, count=1)
    if not found:
        raise ContentError(
            [Finding(shown, 1, "has no line 'source_rev: …'; add one to its front matter", "missing-key")]
        )
    return revised.encode()
