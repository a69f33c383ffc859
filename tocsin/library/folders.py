"""Where things lie: the files of each item below `content/`, in an order that no machine changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import Finding
from tocsin.model.items import FOLDERS, Kind
from tocsin.model.text import slug as check_slug

CONTENT = "content"


@dataclass(frozen=True, slots=True)
class ItemFolder:
    """One item's folder: `path` below the checkout, its language files and the other files beside them."""

    kind: Kind
    slug: str
    path: str
    languages: tuple[str, ...]  # names without .md, sorted
    others: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.slug}"


def item_folders(root: Path) -> tuple[list[ItemFolder], list[Finding]]:
    """Every item folder below `content/`, sorted by path, and what lies where nothing belongs."""
    found: list[ItemFolder] = []
    findings: list[Finding] = []
    content = root / CONTENT
    if not content.is_dir():
        findings.append(Finding(CONTENT, 0, "is missing; it holds what the site says", "no-content"))
        return found, findings
    for entry in _sorted(content):
        kind = _kind_of_section(entry.name)
        if kind is None or not entry.is_dir(follow_symlinks=False):
            allowed = ", ".join(sorted({folder.split("/")[0] for folder in FOLDERS.values()}))
            findings.append(
                Finding(f"{CONTENT}/{entry.name}", 0, f"is not a section; content/ holds {allowed}", "misplaced")
            )
            continue
        _walk(entry.path, f"{CONTENT}/{entry.name}", kind, found, findings)
    found.sort(key=lambda folder: folder.path)
    return found, findings


def _kind_of_section(name: str) -> Kind | None:
    sections: Mapping[str, Kind] = {folder: kind for kind, folder in FOLDERS.items()}
    return sections.get(name)


def _sorted(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)


def _walk(folder: str, shown: str, kind: Kind, found: list[ItemFolder], findings: list[Finding]) -> None:
    languages: list[str] = []
    others: list[str] = []
    for entry in _sorted(folder):
        place = f"{shown}/{entry.name}"
        if entry.is_symlink():
            findings.append(Finding(place, 0, "is a link; put the file itself here", "link-in-content"))
        elif entry.is_dir():
            inner: Kind = "member" if place == f"{CONTENT}/{FOLDERS['member']}" else kind
            _walk(entry.path, place, inner, found, findings)
        elif not entry.is_file():
            findings.append(Finding(place, 0, "is not a file; delete it", "misplaced"))
        elif entry.name.endswith(".md"):
            languages.append(entry.name.removesuffix(".md"))
        else:
            others.append(entry.name)
    if languages:
        _add(ItemFolder(kind, shown.rpartition("/")[2], shown, tuple(languages), tuple(others)), found, findings)
    elif others:
        message = "lies in a folder without any text; put it beside the item that uses it, or delete it"
        findings += [Finding(f"{shown}/{name}", 0, message, "misplaced") for name in others]


def _add(folder: ItemFolder, found: list[ItemFolder], findings: list[Finding]) -> None:
    if folder.path == f"{CONTENT}/{FOLDERS[folder.kind]}":
        for language in folder.languages:
            message = f"must lie in a folder of its own, such as {folder.path}/a-short-name/{language}.md"
            findings.append(Finding(f"{folder.path}/{language}.md", 0, message, "misplaced"))
        return
    try:
        check_slug(folder.slug)
    except ValueError as error:
        findings.append(Finding(folder.path, 0, f"the folder name {error}", "bad-slug"))
        return
    found.append(folder)
