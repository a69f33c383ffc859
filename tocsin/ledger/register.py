"""A register: files by path, each with the stamp that was seen and a note, in pieces.

To look at all files of a site is most of what a build with nothing to do does, so stamps are kept as numbers
in a row and compared as bytes, without an object for each. Paths and stamps of a piece lie together; the
notes, which only those want who know what changed, lie apart.

All of one folder lies in one piece, so that an edit touches few. Piece 0 holds what is not below the folder
`spread`: little, and wanted together.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any

from tocsin.ledger.store import shard

Stamp = tuple[int, int, int, int]
# What no file has: it is never equal to a stamp.
NEVER: Stamp = (2**64 - 1,) * 4
PIECES = 64
Read = Callable[[str, Any], Any]
Look = Callable[[str], os.stat_result]
_OF_STATUS = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_BYTES = 32


def stamp_of(status: os.stat_result) -> Stamp:
    """What the file system says of a file: time of change, of status change, size, number."""
    stamp: Stamp = _OF_STATUS(status)
    # Times before 1970 and after 2554 are nobody's: such a file is looked at each time.
    return stamp if min(stamp) >= 0 and max(stamp) < 2**64 else NEVER


@contextmanager
def below(root: str | os.PathLike[str], *, is_link_followed: bool) -> Iterator[Look]:
    """How to look at files by their paths below a folder.

    The system walks from that folder, where it can: with 40,000 files the way there is a third of the time.
    """
    look = os.stat if is_link_followed else os.lstat
    try:
        folder = os.open(root, os.O_RDONLY) if os.stat in os.supports_dir_fd else -1
    except OSError:
        folder = -1
    if folder < 0:
        yield lambda path: look(f"{root}{os.sep}{path}")
        return
    try:
        yield partial(os.stat, dir_fd=folder, follow_symlinks=is_link_followed)
    finally:
        os.close(folder)


class _Piece:
    """One piece as it is changed; `notes` is None where they were not asked for."""

    __slots__ = ("are_notes_new", "are_stamps_new", "notes", "stamps")

    def __init__(self, stamps: dict[str, Stamp]) -> None:
        self.stamps = stamps
        self.notes: dict[str, Any] | None = None
        self.are_stamps_new = False
        self.are_notes_new = False


class Register:
    """Files of `name`; `read` gives the pieces that were kept."""

    def __init__(self, name: str, read: Read, spread: str = "") -> None:
        self._name = name
        self._read = read
        self._spread = spread
        self._pieces: dict[int, _Piece] = {}
        self._names: dict[int, frozenset[str]] = {}

    def _number(self, path: str) -> int:
        if not path.startswith(self._spread):
            return 0
        return 1 + shard(path.rpartition("/")[0], PIECES - 1)

    def _rows(self, number: int) -> tuple[list[str], bytes]:
        """The paths of a piece, and their stamps in a row, as they were kept."""
        joined, row = self._read(f"{self._name}:{number}", ("", b""))
        return joined.split("\0") if joined else [], row

    def _piece(self, number: int) -> _Piece:
        if number not in self._pieces:
            paths, row = self._rows(number)
            numbers = iter(array("Q", row))
            stamps = zip(numbers, numbers, numbers, numbers, strict=True)
            self._pieces[number] = _Piece(dict(zip(paths, stamps, strict=True)))
        return self._pieces[number]

    def _notes(self, number: int) -> dict[str, Any]:
        piece = self._piece(number)
        if piece.notes is None:
            kept = self._read(f"{self._name}-notes:{number}", ())
            piece.notes = dict(zip(piece.stamps, kept, strict=True))
        return piece.notes

    def differing(self, look: Look, pieces: Iterable[int] = range(PIECES)) -> list[str]:
        """The kept files of some pieces that are missing or that have another stamp than `look` gives."""
        found: list[str] = []
        for number in pieces:
            paths, row = self._rows(number)
            try:
                if array("Q", chain.from_iterable(map(_OF_STATUS, map(look, paths)))).tobytes() == row:
                    continue
            except (OSError, OverflowError):
                pass
            stamps = [row[start : start + _BYTES] for start in range(0, len(row), _BYTES)]
            found += (path for path, stamp in zip(paths, stamps, strict=True) if _row_of(path, look) != stamp)
        return found

    def __iter__(self) -> Iterator[str]:
        """Every path."""
        for number in range(PIECES):
            yield from self._piece(number).stamps if number in self._pieces else self._rows(number)[0]

    def __contains__(self, path: str) -> bool:
        number = self._number(path)
        if number in self._pieces:
            return path in self._pieces[number].stamps
        if number not in self._names:
            self._names[number] = frozenset(self._rows(number)[0])
        return path in self._names[number]

    def get(self, path: str) -> tuple[Stamp, Any] | None:
        """The stamp and the note of a file; None for one that is not kept."""
        number = self._number(path)
        stamp = self._piece(number).stamps.get(path)
        return None if stamp is None else (stamp, self._notes(number)[path])

    def set(self, path: str, stamp: Stamp, note: Any) -> None:
        """Keep a file."""
        number = self._number(path)
        notes, piece = self._notes(number), self._piece(number)
        if path not in notes or notes[path] != note:
            piece.are_notes_new = True
        if piece.stamps.get(path) != stamp:
            piece.are_stamps_new = True
        piece.stamps[path], notes[path] = stamp, note

    def remove(self, path: str) -> None:
        """Keep a file no longer."""
        number = self._number(path)
        notes, piece = self._notes(number), self._piece(number)
        if piece.stamps.pop(path, None) is not None:
            del notes[path]
            piece.are_notes_new = piece.are_stamps_new = True

    def paths_outside(self) -> list[str]:
        """The paths that do not lie below `spread`."""
        return list(self._piece(0).stamps)

    def changed(self) -> Iterable[tuple[str, Any]]:
        """The pieces to keep: those that are not as they were read."""
        for number, piece in sorted(self._pieces.items()):
            if piece.are_stamps_new:
                row = array("Q", chain.from_iterable(piece.stamps.values())).tobytes()
                yield f"{self._name}:{number}", ("\0".join(piece.stamps), row)
            if piece.are_notes_new:
                notes = self._notes(number)
                yield f"{self._name}-notes:{number}", [notes[path] for path in piece.stamps]


def _row_of(path: str, look: Look) -> bytes:
    """The stamp of a file as a row has it; empty where there is none."""
    try:
        return array("Q", _OF_STATUS(look(path))).tobytes()
    except (OSError, OverflowError):
        return b""
