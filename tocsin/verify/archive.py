"""A copy of the site in a ZIP archive, read where it lies: nothing is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Container, Iterator
from pathlib import Path

from tocsin.errors import UnreadableError, VerifyError
from tocsin.signed.paths import SUMS, fault_of_path

_PIECE = 1 << 18
# More than any release of ours, less than what would fill the memory of a small machine.
_MOST_ENTRIES = 500_000
_ENCRYPTED = 0x1


class ZipSource:
    """An archive of an edition. Where all of it lies in one folder, that folder is the edition."""

    address = ""
    workers = 1

    def __init__(self, file: Path) -> None:
        self.place = str(file.resolve())
        try:
            self.zip = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise VerifyError(f"{file.name} is no ZIP archive that can be opened: {error}") from None
        entries = self.zip.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise VerifyError(f"{file.name} lists {len(entries):,} files, more than any release has")
        # What another program would make of such a name is not known, so it is never looked up.
        self._odd = {one.filename for one in entries if _fault(one)}
        self._counts = Counter(one.filename for one in entries)
        self._top = _top_of(self._counts)
        self._files = {one.filename: one for one in entries if one.filename not in self._odd}

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        name = self._top + path
        entry = self._files.get(name)
        if entry is None:
            raise UnreadableError("is not there")
        if self._counts[name] > 1:
            raise UnreadableError(
                "is there twice, so that programs differ in which they unpack", is_absent=False
            )
        if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & _ENCRYPTED:
            raise UnreadableError("is a link or encrypted, and not a plain file", is_absent=False)
        try:
            with self.zip.open(entry) as file:
                left = most + 1  # whatever the archive says of its size: it may have been made to swell
                while left and (piece := file.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise UnreadableError(f"cannot be unpacked: {error}", is_absent=False) from None

    def other_names(self, path: str) -> tuple[str, ...]:
        return ()

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        for name in sorted(self._counts):
            if name in self._odd:
                yield name, f"{_fault(self.zip.getinfo(name))}; unpacking it may write outside the folder"
            elif not name.endswith("/") and name.removeprefix(self._top) not in files:
                yield name, "is not part of the release"


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """What is wrong with a name. `orig_filename` is what stands in the archive."""
    name = entry.orig_filename
    return fault_of_path(name.removesuffix("/") if entry.is_dir() else name)


def _top_of(names: Counter[str]) -> str:
    """The one folder that everything lies in, with `/`; empty where the edition is not in a folder."""
    tops = {name.partition("/")[0] for name in names}
    if SUMS in names or len(tops) != 1:
        return ""
    top = f"{tops.pop()}/"
    return top if f"{top}{SUMS}" in names else ""
