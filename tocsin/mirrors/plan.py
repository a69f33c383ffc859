"""What is to be done to a mirror, in an order in which no reader is led to what is not there.

New files first, pictures before pages before feeds; then what replaces others; then the pointer,
`timestamp.json`; deletions after that. A withdrawal comes before everything: its pages are replaced and its
files deleted first, whatever may lead to them.

A step costs the start of a program, or a login. So new metadata, to which the pointer alone leads, goes with
the last of the other new files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from tocsin.signed.edition import Edition, File, Turn, turn_of
from tocsin.signed.paths import METADATA

# An empty file beside what was withdrawn; it makes servers answer 410 (docs/adr/0030-withdrawal.md).
GONE_MARK = ".gone"
# A step is done to its end or not at all, as far as we know: small ones lose little to a failure.
MOST_FILES, MOST_BYTES = 1000, 64_000_000
_PAGES, _LISTS = (".html",), (".xml", ".json", ".opml", ".txt")


class Had(Protocol):
    """What a mirror had."""

    @property
    def files(self) -> Mapping[str, str]: ...

    @property
    def unsure(self) -> Collection[str]: ...

    @property
    def withdrawing(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Step:
    """Files that are put together, or deleted together. `emptied` are folders that then hold nothing."""

    turn: Turn
    put: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is to be done to a mirror, in order. `size` is in bytes."""

    steps: tuple[Step, ...]
    size: int
    withdrawn: frozenset[str]

    @property
    def put(self) -> tuple[str, ...]:
        """All files that are put."""
        return tuple(path for step in self.steps for path in step.put)

    @property
    def gone(self) -> tuple[str, ...]:
        """All files that are deleted."""
        return tuple(path for step in self.steps for path in step.gone)

    @property
    def is_withdrawal(self) -> bool:
        """True where something is withdrawn that the mirror had."""
        return bool(self.withdrawn)


def plan_of(edition: Edition, had: Had) -> Plan:
    """What makes `edition` of what the mirror had. Withdrawn is what the edition newly marks as such."""
    stale = [path for path, file in edition.files.items() if _is_due(path, file, had)]
    gone = {path for path in (*had.files, *had.unsure) if path not in edition.files}
    withdrawn = _withdrawn(stale, had)
    # Files of what is withdrawn are not known by name, but they are among those that go.
    urgent_gone = {path for path in gone if not path.startswith(f"{METADATA}/")} if withdrawn else set()
    urgent = {path for path in stale if path.removesuffix(GONE_MARK) in withdrawn}
    steps = [*_put(edition, Turn.CHANGED, urgent, urgent=True)]
    steps += _deleted(urgent_gone, edition.files, urgent=True)
    for turn, paths in _waves([path for path in stale if path not in urgent], had):
        steps += _put(edition, turn, paths)
    steps += _deleted(gone - urgent_gone, edition.files)
    size = sum(edition.files[path].size for path in stale)
    return Plan(tuple(steps), size, frozenset(withdrawn | urgent_gone))


def _withdrawn(stale: Iterable[str], had: Had) -> set[str]:
    marked = {path.removesuffix(GONE_MARK) for path in stale if path.endswith(GONE_MARK)}
    return (marked & {*had.files, *had.unsure}) | set(had.withdrawing)


def _is_due(path: str, file: File, had: Had) -> bool:
    return had.files.get(path) != file.digest or path in had.unsure


def _waves(stale: Iterable[str], had: Had) -> Iterator[tuple[Turn, list[str]]]:
    """What is put together, in order."""
    waves: dict[tuple[Turn, int], list[str]] = {}
    unnamed: list[str] = []
    for path in stale:
        turn = turn_of(path, is_there=path in had.files)
        if turn is Turn.NEW and path.startswith(f"{METADATA}/"):
            unnamed.append(path)
        else:
            waves.setdefault((turn, _wave(path) if turn is Turn.NEW else 0), []).append(path)
    if unnamed:
        last = max((wave for turn, wave in waves if turn is Turn.NEW), default=0)
        waves.setdefault((Turn.NEW, last), []).extend(unnamed)
    for (turn, _), paths in sorted(waves.items()):
        yield turn, paths


def _wave(path: str) -> int:
    """What is led to comes before what leads to it."""
    return 1 if path.endswith(_PAGES) else 2 if path.endswith(_LISTS) else 0


def _put(edition: Edition, turn: Turn, paths: Iterable[str], *, urgent: bool = False) -> Iterator[Step]:
    batch: list[str] = []
    size = 0
    for path in sorted(paths):
        if batch and (len(batch) == MOST_FILES or size + edition.files[path].size > MOST_BYTES):
            yield Step(turn, tuple(batch), is_urgent=urgent)
            batch, size = [], 0
        batch.append(path)
        size += edition.files[path].size
    if batch:
        yield Step(turn, tuple(batch), is_urgent=urgent)


def _deleted(gone: Collection[str], left: Collection[str], *, urgent: bool = False) -> Iterator[Step]:
    if not gone:
        return
    paths = sorted(gone)
    emptied = emptied_folders(paths, left)
    for start in range(0, len(paths), MOST_FILES):
        is_last = start + MOST_FILES >= len(paths)
        batch = tuple(paths[start : start + MOST_FILES])
        yield Step(Turn.GONE, gone=batch, emptied=emptied if is_last else (), is_urgent=urgent)


def emptied_folders(gone: Iterable[str], left: Iterable[str]) -> tuple[str, ...]:
    """The topmost folders that hold none of the files that are left, by path. An empty one tells its name."""
    full = {folder for path in left for folder in _above(path)}
    empty = {folder for path in gone for folder in _above(path)} - full
    return tuple(sorted(folder for folder in empty if folder.rpartition("/")[0] not in empty))


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
