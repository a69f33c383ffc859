"""Where a copy of the site is read from. A source reads and lists; it judges nothing.

Sizes are bounded here (docs/release-format.md, F21): nothing is read beyond what the lists state.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Protocol

from tocsin.errors import UnreadableError
from tocsin.signed.edition import File

_PIECE = 1 << 18
# A file as it is: not what a link in its place leads to, nor a pipe that nobody writes to.
_AS_IT_IS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
    _AS_IT_IS |= getattr(os, _name, 0)


class Source(Protocol):
    """One place. `address` is the one that it was fetched from, "" where every edition is at home (F25).

    `workers` says how many files may be read at once.
    """

    place: str
    address: str
    workers: int

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        """The bytes of a file, piece by piece; `most` are expected, and one more may come.

        Raises `UnreadableError`, also while pieces are taken.
        """
        ...

    def other_names(self, path: str) -> tuple[str, ...]:
        """Further names by which readers get the same file."""
        ...

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        """What is here and not among `files` (F23): path, and what is the case."""
        ...


def read(source: Source, path: str, most: int) -> bytes:
    """A whole file of at most so many bytes; raise `UnreadableError` for others."""
    data = bytearray()
    for piece in source.chunks(path, most):
        data += piece
        if len(data) > most:
            raise UnreadableError(f"is larger than the {most:,} bytes that it may have", is_absent=False)
    return bytes(data)


def measure(source: Source, path: str, most: int) -> File:
    """Digest and size of a file, of which no more than one byte beyond `most` is read."""
    digest, size = hashlib.sha256(), 0
    for piece in source.chunks(path, most):
        taken = piece[: most + 1 - size]
        digest.update(taken)
        size += len(taken)
        if size > most:
            break
    return File(digest.hexdigest(), size)


class FolderSource:
    """A folder of files. Links in it are not followed: they may lead anywhere."""

    address = ""
    workers = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.place = str(self.folder)

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        try:
            with open(os.open(f"{self.place}/{path}", _AS_IT_IS), "rb", buffering=0) as file:  # noqa: PTH123
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise UnreadableError("is no file", is_absent=False)
                left = most + 1
                while left and (piece := file.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece
        except (FileNotFoundError, NotADirectoryError):
            raise UnreadableError("is not there") from None
        except OSError as error:
            is_link = Path(self.place, path).is_symlink()
            detail = "is a link, which may lead anywhere" if is_link else f"cannot be read: {error.strerror}"
            raise UnreadableError(detail, is_absent=not is_link) from None

    def other_names(self, path: str) -> tuple[str, ...]:
        return ()

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        for folder, folders, names in os.walk(self.place):
            inside = Path(folder).relative_to(self.place).as_posix()
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in sorted([*names, *links]):
                path = name if inside == "." else f"{inside}/{name}"
                if path not in files:
                    yield path, "is not part of the release"
