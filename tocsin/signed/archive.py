"""An edition as one file (docs/release-format.md, F27)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from io import BytesIO

# The first instant that a ZIP can state; a later one would tell when somebody worked.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16


def pack(paths: Iterable[str], read: Callable[[str], bytes]) -> bytes:
    """A ZIP of files, the same bytes for the same files, whatever machine or library writes it.

    Entries are stored as they are: what a compressor makes of them differs between the versions of zlib.
    """
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(paths, key=str.encode):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, read(path))
    return made.getvalue()
