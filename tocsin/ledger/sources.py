"""Which files changed since the last build: stamps first, digests where a stamp differs.

A stamp is what the file system says of a file (time of change, of status change, size, number). Equal stamps
mean an equal file, unless the file was changed within the same tick of the clock as the build that looked at
it, or the clock went back: such *young* files are not trusted and are hashed the next time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import ChangedMeanwhileError

Stamp = tuple[int, int, int, int]
Known = Mapping[str, tuple[Stamp, str]]

# Nanoseconds. File systems stamp with a granularity of up to two seconds (FAT), most with milliseconds.
YOUNG = 2_000_000_000
NEVER: Stamp = (-1, -1, -1, -1)
# Paths of folders end so; their digest is that of the names in them.
FOLDER = "/"
# The digest of what cannot be read; whoever needs its content says so.
UNREADABLE = "unreadable"


def stamp_of(status: os.stat_result) -> Stamp:
    """What a stamp is made of."""
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def digest_of(data: bytes) -> str:
    """The digest of a source: 32 hexadecimal digits of BLAKE2b."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def names_digest(folder: Path) -> str:
    """The digest of a folder: of the sorted names in it."""
    return digest_of(b"\0".join(sorted(map(os.fsencode, os.listdir(folder)))))  # noqa: PTH208 - names alone


def _digest_at(place: Path, *, is_folder: bool) -> str:
    """The digest of a file or folder. A link is told from what it leads to: content may not have any."""
    value = names_digest(place) if is_folder else digest_of(place.read_bytes())
    return f"link {value}" if place.is_symlink() else value


@dataclass(slots=True)
class Sources:
    """The files that a build is made from, as `known` from the last one, and as they are now.

    Paths are relative to `root`, with forward slashes. `now` is filled by what is asked for.
    """

    root: Path
    known: Known
    begun: int  # time of the build's beginning in nanoseconds
    now: dict[str, tuple[Stamp, str]] = field(default_factory=dict)

    def digest(self, path: str) -> str:
        """The digest of a file, read only where its stamp is not the known one."""
        if path in self.now:
            return self.now[path][1]
        place = f"{self.root}{os.sep}{path}"
        try:
            stamp = stamp_of(os.stat(place))  # noqa: PTH116 - a Path for each of 50,000 files costs a second
            known = self.known.get(path, (NEVER, ""))
            value = known[1] if known[0] == stamp else _digest_at(Path(place), is_folder=False)
        except FileNotFoundError:
            raise ChangedMeanwhileError(path) from None
        except OSError:
            stamp, value = NEVER, UNREADABLE
        self.now[path] = (stamp, value)
        return value

    def folder(self, path: str) -> None:
        """Remember a folder, so that files that appear in it or vanish are noticed."""
        target = self.root / path
        try:
            self.now[path + FOLDER] = (stamp_of(target.stat()), _digest_at(target, is_folder=True))
        except (FileNotFoundError, NotADirectoryError):
            raise ChangedMeanwhileError(path) from None

    def changed(self, paths: Iterable[str]) -> str:
        """The first of `paths` that is no longer what was looked at; empty where all are."""
        for path in paths:
            stamp, value = self.now[path]
            if not unchanged(self.root, [(path, (self._trusted(stamp), value))]):
                return path
        return ""

    def to_keep(self) -> dict[str, tuple[Stamp, str]]:
        """What the next build may rely on; the stamps of young files are not among it."""
        return {path: (self._trusted(stamp), value) for path, (stamp, value) in self.now.items()}

    def _trusted(self, stamp: Stamp) -> Stamp:
        return stamp if max(stamp[0], stamp[1]) < self.begun - YOUNG else NEVER


def unchanged(root: Path, known: Iterable[tuple[str, tuple[Stamp, str]]]) -> bool:
    """True where every known file and folder has its stamp still, or at least its digest."""
    top = f"{root}{os.sep}"
    stat = os.stat
    for path, (stamp, value) in known:
        try:
            status = stat(top + path)
        except OSError:
            return False
        if (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino) == stamp:
            continue
        try:
            if _digest_at(Path(top + path), is_folder=path.endswith(FOLDER)) != value:
                return False
        except OSError:
            return False
    return True
