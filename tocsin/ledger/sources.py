"""Which files changed since the last build: stamps first, digests where a stamp differs.

A stamp is what the file system says of a file (time of change, of status change, size, number). Equal stamps
mean an equal file, unless the file was changed within the same tick of the clock as the build that looked at
it, or the clock went back: such *young* files are not trusted and are hashed the next time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Protocol

from tocsin.errors import ChangedMeanwhileError
from tocsin.ledger.register import NEVER, Stamp, stamp_of

# Nanoseconds. File systems stamp with a granularity of up to two seconds (FAT), most with milliseconds.
YOUNG = 2_000_000_000
# Paths of folders end so; their digest is that of the names in them.
FOLDER = "/"
# The digest of what cannot be read; whoever needs its content says so.
UNREADABLE = "unreadable"
# The digest of a file that need not be there and is not.
ABSENT = "absent"
# Bytes that a source may have. What is larger is not even read for its digest.
MAX_TEXT = 2_000_000
MAX_FILE = 100_000_000
_TEXTS = (".md", ".toml", ".po")


class Known(Protocol):
    """Stamps and digests of sources by path, as they were kept."""

    def get(self, path: str, /) -> tuple[Stamp, str] | None: ...

    def __contains__(self, path: str, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...


def digest_of(data: bytes) -> str:
    """The digest of a source: 32 hexadecimal digits of BLAKE2b."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def most_bytes(path: str) -> int:
    """How large a source may be, by its name."""
    return MAX_TEXT if path.endswith(_TEXTS) else MAX_FILE


def names_digest(folder: Path | str) -> str:
    """The digest of a folder: of the sorted names in it."""
    return digest_of(b"\0".join(sorted(map(os.fsencode, os.listdir(folder)))))  # noqa: PTH208 - names alone


def _file_digest(place: str) -> str:
    found = os.stat(place)  # noqa: PTH116 - a Path for each of 50,000 files costs a second
    if not stat.S_ISREG(found.st_mode):  # a pipe would never end, a device may do anything
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), place)
    if found.st_size > most_bytes(place):
        return f"{found.st_size} bytes"
    with FileIO(place) as file:
        return digest_of(file.readall())


def _digest_at(place: str, *, is_folder: bool) -> str:
    """The digest of a file or folder. A link is told from what it leads to: content may not have any."""
    value = names_digest(place) if is_folder else _file_digest(place)
    return f"link {value}" if os.path.islink(place) else value  # noqa: PTH114


def _seen(place: str) -> tuple[Stamp, str] | None:
    try:
        return stamp_of(os.stat(place)), _digest_at(place, is_folder=False)  # noqa: PTH116
    except OSError:
        return None


@dataclass(slots=True)
class Sources:
    """The files that a build is made from, as `known` from the last one, and as they are now.

    Paths are relative to `root`, with forward slashes. `now` is filled by what is asked for. `differing` are
    the known files whose stamps were found to be others after `begun`; all others are as they are known. None
    means that nobody has looked.
    """

    root: Path
    known: Known
    begun: int  # time of the build's beginning in nanoseconds
    differing: Collection[str] | None = None
    now: dict[str, tuple[Stamp, str]] = field(default_factory=dict)
    _touched: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._touched = frozenset(path.rpartition("/")[0] for path in self.differing or ())

    def digest(self, path: str) -> str:
        """The digest of a file, read only where its stamp is not the known one."""
        if path in self.now:
            return self.now[path][1]
        known = self.known.get(path)
        if known is not None and self.differing is not None and path not in self.differing:
            self.now[path] = known
            return known[1]
        place = f"{self.root}{os.sep}{path}"
        try:
            stamp = stamp_of(os.stat(place))  # noqa: PTH116 - a Path for each of 50,000 files costs a second
            is_known = known is not None and known[0] == stamp != NEVER
            value = known[1] if known and is_known else _digest_at(place, is_folder=False)
        except FileNotFoundError:
            if known is None or known[1] != ABSENT:
                raise ChangedMeanwhileError(path) from None
            stamp, value = NEVER, ABSENT
        except OSError:
            stamp, value = NEVER, UNREADABLE
        self.now[path] = (stamp, value)
        return value

    def unknown(self, paths: Iterable[str]) -> list[str]:
        """Those of which there is neither a digest now nor one from the last build."""
        return [path for path in paths if path not in self.now and self.known.get(path) is None]

    def see(self, paths: Iterable[str]) -> list[tuple[Stamp, str] | None]:
        """Stamps and digests of files, None for one that cannot be read, to be handed to `take_in`."""
        return [_seen(f"{self.root}{os.sep}{path}") for path in paths]

    def take_in(self, paths: Iterable[str], seen: Iterable[tuple[Stamp, str] | None]) -> None:
        """Take over what another process has seen. Whoever asks for another file is told what is wrong."""
        self.now.update((path, found) for path, found in zip(paths, seen, strict=True) if found)

    def digest_if_there(self, path: str) -> str:
        """The same of a file that need not be there, so that its coming is noticed."""
        if (self.root / path).exists():
            return self.digest(path)
        self.now[path] = (NEVER, ABSENT)
        return ABSENT

    def folder(self, path: str) -> None:
        """Remember a folder, so that files that appear in it or vanish are noticed."""
        name = path + FOLDER
        if self.differing is not None and name not in self.differing and name in self.known:
            return
        target = self.root / path
        try:
            self.now[name] = (stamp_of(target.stat()), _digest_at(str(target), is_folder=True))
        except (FileNotFoundError, NotADirectoryError):
            raise ChangedMeanwhileError(path) from None

    def is_as_known(self, folder: str) -> bool:
        """True where a known folder has the files that it had, with the stamps that they had."""
        return self.differing is not None and folder not in self._touched and folder + FOLDER in self.known

    def folders_with_folders(self) -> frozenset[str]:
        """The known folders that hold others."""
        folders = (path.removesuffix(FOLDER) for path in self.known if path.endswith(FOLDER))
        return frozenset(folder.rpartition("/")[0] for folder in folders)

    def look_again(self, path: str) -> bool:
        """Take down a known path as it is now; True where it is what it was, whatever its stamp says."""
        known = self.known.get(path)
        if path.endswith(FOLDER):
            self.folder(path.removesuffix(FOLDER))
            value = self.now[path][1]
        else:
            value = self.digest(path)
        return known is not None and known[1] == value != UNREADABLE

    def take_over(self, paths: Iterable[str]) -> None:
        """Count known paths that nobody saw change among what was looked at."""
        for path in paths:
            known = self.known.get(path)
            if known is not None and self.differing is not None and path not in self.differing:
                self.now.setdefault(path, known)

    def vanished(self, known: Iterable[str]) -> Iterable[str]:
        """Of all paths that are known those that are no more, once everything has been asked for."""
        gone = known if self.differing is None else self.differing
        return [path for path in gone if path not in self.now]

    def changed(self, paths: Iterable[str]) -> str:
        """The first of `paths` that is no longer what was looked at; empty where all are."""
        for path in paths:
            stamp, value = self.now[path]
            if not is_unchanged(self.root, path, self._trusted(stamp), value):
                return path
        return ""

    def to_keep(self) -> dict[str, tuple[Stamp, str]]:
        """What the next build may rely on; the stamps of young files are not among it."""
        return {path: (self._trusted(stamp), value) for path, (stamp, value) in self.now.items()}

    def _trusted(self, stamp: Stamp) -> Stamp:
        return stamp if max(stamp[0], stamp[1]) < self.begun - YOUNG else NEVER


def is_unchanged(root: Path, path: str, stamp: Stamp, value: str) -> bool:
    """True where a file or folder has its stamp still, or at least its digest."""
    place = f"{root}{os.sep}{path}"
    try:
        if stamp_of(os.stat(place)) == stamp != NEVER:  # noqa: PTH116
            return True
        return _digest_at(place.removesuffix(FOLDER), is_folder=path.endswith(FOLDER)) == value
    except FileNotFoundError:
        return value == ABSENT
    except OSError:
        return False
