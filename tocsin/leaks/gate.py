"""The leak gate: every file of an output is looked into before it is published.

Searched for are withheld terms, the words of items that are not public, and the names of source files; in
texts of any kind, in pictures' metadata, documents, archives, indexes, names of files and folders. Pictures
that tell where they were taken, times that tell when somebody worked, and files that cannot be looked into
are findings by themselves.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin import forks
from tocsin.errors import Finding
from tocsin.leaks.channels import UNKNOWN_RULE, look_into
from tocsin.leaks.looking import Text
from tocsin.leaks.matching import Matcher
from tocsin.leaks.searching import numbers_in, numbers_in_names
from tocsin.leaks.times import is_silent
from tocsin.leaks.words import Wanted, of_terms, of_unpublished
from tocsin.library.hidden import Unpublished
from tocsin.library.library import PREVIEW_MARK
from tocsin.library.withheld import Term

FILES_A_PIECE, PIECES_A_WORKER = 100, 4
Plain = tuple[str, str, str]  # path, message, rule: what workers send


@dataclass(frozen=True, slots=True)
class LeakReport:
    """How many files were looked into, what may not be published, a digest of all that was searched for."""

    files: int
    findings: tuple[Finding, ...]
    searched: str = ""


def gate(
    output: Path,
    terms: Iterable[Term],
    unpublished: Unpublished | None = None,
    *,
    workers: int = 1,
    file_times: bool = False,
) -> LeakReport:
    """Look into every file below `output`. `Search` says what the rest is, and does less at a time."""
    search = Search(output, terms, unpublished, workers, file_times=file_times)
    found = [plain for _, some in forks.run(search.look, search.pieces, workers) for plain in some]
    return search.report(found)


def _files(output: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """The files below a folder, sorted, and what is there that is neither file nor folder."""
    files: list[str] = []
    odd: list[tuple[str, str]] = []
    folders = [("", str(output))]
    for shown, folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    odd.append((f"{shown}{entry.name}", "is a link; put the file itself here"))
                elif entry.is_file():
                    files.append(f"{shown}{entry.name}")
                elif entry.is_dir():
                    folders.append((f"{shown}{entry.name}/", entry.path))
                else:
                    odd.append((f"{shown}{entry.name}", "is neither a file nor a folder; delete it"))
    return sorted(files), sorted(odd)


class Search:
    """What is searched for in the files of one output, for those who share out its `pieces` with other work:
    `look` looks into one, in any process, and `report` takes what that found in all.

    Where no others than `files` will be published, they are looked into alone. `since` are what was
    `searched` for at an earlier time, and the files that have not changed since: where it is the same that is
    searched for now, neither they nor their names are looked into again. `file_times` says that the times of
    the files themselves will be published, as they are by archives and by mirrors that copy them; an output
    that was just built has those of its building.
    """

    def __init__(
        self,
        output: Path,
        terms: Iterable[Term],
        unpublished: Unpublished | None = None,
        workers: int = 1,
        *,
        file_times: bool = False,
        since: tuple[str, Collection[str]] = ("", ()),
        files: Collection[str] | None = None,
    ) -> None:
        withheld, unpublished = list(of_terms(terms)), unpublished or Unpublished()
        self.output = output
        self.wanted: list[Wanted] = [*withheld, *of_unpublished(unpublished)]
        self.matcher = Matcher(one.pattern for one in self.wanted)
        self.veil = Matcher(one.pattern for one in withheld)
        self.instants: Collection[datetime] = unpublished.instants
        self.renditions = {
            name: f"is a picture of {item.folder}, which {item.reason}"
            for item in unpublished.hidden
            for name in item.renditions
        }
        self.file_times = file_times
        what = repr((sorted(map(repr, self.wanted)), sorted(self.renditions), sorted(self.instants)))
        # It is made from names: whoever keeps it keeps it where the names are.
        self.searched = hashlib.sha256(what.encode()).hexdigest()
        there, self.odd = _files(output) if files is None else (sorted(files), [])
        self.is_preview = PREVIEW_MARK in there
        known = frozenset(since[1] if since[0] == self.searched else ())
        self.unknown = [file for file in there if file not in known]
        # A release looks into sixty files, and one of them may be a feed of a megabyte.
        most = min(FILES_A_PIECE, max(1, len(self.unknown) // (PIECES_A_WORKER * workers)))
        self.pieces = [self.unknown[start : start + most] for start in range(0, len(self.unknown), most)]

    def report(self, looked: Iterable[Sequence[str]]) -> LeakReport:
        """Everything that may not be published: what `look` found in all pieces, and what names tell."""
        found: set[Plain] = {(name, message, UNKNOWN_RULE) for name, message in self.odd}
        found.update(self.names([*self.unknown, *(name for name, _ in self.odd)]))
        if self.is_preview:
            message = "says that this tree shows drafts; publish what 'build' makes without them"
            found.add((PREVIEW_MARK, message, "preview"))
        found.update((name, message, rule) for name, message, rule in looked)
        return LeakReport(len(self.unknown), tuple(sorted(self.veiled(found))), self.searched)

    def look(self, names: Iterable[str]) -> list[Plain]:
        """What is wrong with some of the files."""
        found: set[Plain] = set()
        for name in names:
            found.update((name, message, rule) for message, rule in self._file(name))
        return sorted(found)

    def _file(self, name: str) -> Iterator[tuple[str, str]]:
        path = self.output / name
        try:
            data = path.read_bytes()
        except OSError:  # whose text names the file
            yield (
                "cannot be looked into: it cannot be read; mend its permissions, or take it out",
                UNKNOWN_RULE,
            )
            return
        if self.file_times and not is_silent(
            datetime.fromtimestamp(path.stat().st_mtime, UTC), self.instants
        ):
            yield "has a time of day that no source states, and so tells when somebody worked", "time"
        basename = name.rpartition("/")[2]
        if basename in self.renditions:
            yield self.renditions[basename], "hidden-picture"
        for found in look_into(name, data, self.instants):
            if isinstance(found, Text):
                yield from self._text(*found)
            else:
                yield found.message, found.rule

    def _text(self, channel: str, text: str) -> Iterator[tuple[str, str]]:
        for one in (self.wanted[number] for number in numbers_in(self.matcher, text)):
            yield f"holds {one.message} in {channel}", one.rule

    def names(self, paths: Iterable[str]) -> set[Plain]:
        """What stands in the names of files and folders, told once for each."""
        found = ((path, self.wanted[number]) for path, number in numbers_in_names(self.matcher, paths))
        return {(path, f"holds {one.message} in its name", one.rule) for path, one in found}

    def veiled(self, found: Iterable[Plain]) -> Iterator[Finding]:
        """Findings in which no withheld term stands."""
        for path, message, rule in found:
            yield Finding(self.veil.masked(path), 0, self.veil.masked(message), rule)


def veiled(findings: Iterable[Finding], terms: Iterable[Term]) -> list[Finding]:
    """Findings of whatever kind, with no withheld term in their paths and messages."""
    veil = Matcher(one.pattern for one in of_terms(terms))
    return [
        Finding(veil.masked(one.path), one.line, veil.masked(one.message), one.rule, one.severity)
        for one in findings
    ]
