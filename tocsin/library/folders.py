"""Where things lie: the files of each item below `content/`, in an order that no machine changes."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import Finding
from tocsin.library.faults import Findings, did_you_mean, one_of
from tocsin.model.items import FOLDERS, Kind
from tocsin.model.text import is_device
from tocsin.model.text import slug as check_slug

CONTENT = "content"
MEMBERS = f"{CONTENT}/{FOLDERS['member']}"
MAX_FILES = 1_000
MAX_LEVELS = 12
# What no file's name may hold on Windows; a blank or a full stop at its end is lost there.
_NOT_ON_WINDOWS = re.compile(r'[\\:*?"<>|]|[ .]$')


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


def item_folders(
    root: Path,
    looked_into: Callable[[str], None] = lambda path: None,
    known: Callable[[str], ItemFolder | None] = lambda path: None,
) -> tuple[list[ItemFolder], list[Finding]]:
    """Every item folder below `content/`, sorted by path, and what lies where nothing belongs.

    `looked_into` is told of every folder whose entries decided the result. `known` gives those that are as
    they were; nobody looks into them.
    """
    walk = _Walk(looked_into, known)
    content = root / CONTENT
    if content.is_dir():
        walk.sections(content)
    else:
        walk.findings.error(CONTENT, 0, "is missing; make this folder for what the site says", "no-content")
    walk.found.sort(key=lambda folder: folder.path)
    return walk.found, walk.findings


def item_folder(root: Path, path: str) -> ItemFolder | None:
    """The item folder at `path` below `root`; None where there is something to say of it, or is none."""
    section = path.removeprefix(f"{CONTENT}/").partition("/")[0]
    kind = next((kind for kind, folder in FOLDERS.items() if folder == section), None)
    if kind is None or not (root / path).is_dir():
        return None
    walk = _Walk(lambda path: None)
    walk.folder(str(root / path), path, "member" if path.startswith(f"{MEMBERS}/") else kind)
    return None if walk.findings else next((found for found in walk.found if found.path == path), None)


def _sorted(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)


def _escaped(name: str) -> str:
    return name.encode("unicode_escape", "surrogatepass").decode("ascii")


def _fault_of(entry: os.DirEntry[str]) -> tuple[str, str] | None:
    """Why nothing is read from a file or folder, and the rule."""
    if not entry.name.isprintable():
        return "has a name with invisible characters; rename it", "bad-name"
    if entry.is_symlink():
        return "is a link; put the file itself here", "link-in-content"
    if is_device(entry.name):
        return "has a name that Windows keeps for itself; rename it", "bad-name"
    if _NOT_ON_WINDOWS.search(entry.name):
        return "has a name that Windows cannot hold; rename it", "bad-name"
    if not entry.is_dir() and not entry.is_file():
        return "is neither a file nor a folder; delete it", "misplaced"
    return None


class _Walk:
    """The way through `content/`; gathers folders and findings."""

    def __init__(
        self,
        looked_into: Callable[[str], None],
        known: Callable[[str], ItemFolder | None] = lambda path: None,
    ) -> None:
        self.looked_into = looked_into
        self.known = known
        self.found: list[ItemFolder] = []
        self.findings = Findings()

    def sections(self, content: Path) -> None:
        sections: Mapping[str, Kind] = {folder: kind for kind, folder in FOLDERS.items()}
        for entry in self._usable(content, CONTENT):
            kind = sections.get(entry.name)
            if kind is not None and entry.is_dir():
                self.folder(entry.path, f"{CONTENT}/{entry.name}", kind)
                continue
            allowed = [name for name in sections if "/" not in name]
            hint = did_you_mean(entry.name, allowed) if entry.is_dir() else ""
            message = f"is not a section{hint or f'; {CONTENT}/ holds only {one_of(sorted(allowed))}'}"
            self.findings.error(f"{CONTENT}/{entry.name}", 0, message, "misplaced")

    def _usable(self, folder: str | Path, shown: str) -> Iterator[os.DirEntry[str]]:
        """The entries of a folder, without what would lead out of it or could not be held on every system."""
        self.looked_into(shown)
        folded: dict[str, str] = {}
        for entry in _sorted(folder):
            name = entry.name if entry.name.isprintable() else _escaped(entry.name)
            twin = folded.setdefault(unicodedata.normalize("NFC", entry.name).casefold(), entry.name)
            if twin != entry.name:
                message = f"has the name of '{twin}' on systems where A is a; rename one of the two"
                self.findings.error(f"{shown}/{name}", 0, message, "bad-name")
            if fault := _fault_of(entry):
                self.findings.error(f"{shown}/{name}", 0, *fault)
            else:
                yield entry

    def folder(self, folder: str, shown: str, kind: Kind) -> None:
        """Look into a folder of a section, and into those in it."""
        known = self.known(shown)
        if known is not None:
            self.found.append(known)
            return
        if shown.count("/") > MAX_LEVELS:
            message = f"lies more than {MAX_LEVELS} folders deep; move it up"
            self.findings.error(shown, 0, message, "misplaced")
            return
        languages: list[str] = []
        others: list[str] = []
        for entry in self._usable(folder, shown):
            place = f"{shown}/{entry.name}"
            if entry.is_dir():
                self.folder(entry.path, place, "member" if place == MEMBERS else kind)
            elif entry.name.endswith(".md"):
                languages.append(entry.name.removesuffix(".md"))
            elif entry.name.lower().endswith((".md", ".markdown")):
                better = f"{entry.name.rpartition('.')[0].lower()}.md"
                self.findings.error(place, 0, f"is not read; rename it to {better}", "bad-name")
            else:
                others.append(entry.name)
        if len(languages) + len(others) > MAX_FILES:
            message = f"has {len(languages) + len(others)} files; the limit is {MAX_FILES}"
            self.findings.error(shown, 0, f"{message}; delete those that no text uses", "too-many")
            return
        if languages:
            slug = shown.rpartition("/")[2]
            self._item(ItemFolder(kind, slug, shown, tuple(languages), tuple(others)))
        for name in () if languages else others:
            message = "lies in a folder without any text; put it beside the item that uses it, or delete it"
            self.findings.error(f"{shown}/{name}", 0, message, "misplaced")

    def _item(self, folder: ItemFolder) -> None:
        if folder.path == f"{CONTENT}/{FOLDERS[folder.kind]}":
            for language in folder.languages:
                message = f"needs a folder of its own; move it to {folder.path}/a-short-name/{language}.md"
                self.findings.error(f"{folder.path}/{language}.md", 0, message, "misplaced")
            return
        try:
            check_slug(folder.slug)
        except ValueError as error:
            self.findings.error(folder.path, 0, f"has a wrong name: {error}", "bad-slug")
            return
        self.found.append(folder)
