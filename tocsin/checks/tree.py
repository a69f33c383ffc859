"""The files of a built tree."""

from __future__ import annotations

import os
from pathlib import Path


def files_below(root: Path) -> set[str]:
    """The paths of all files below a folder, with `/` between their parts."""
    found: set[str] = set()
    for folder, _, names in os.walk(root):
        inside = os.path.relpath(folder, root).replace(os.sep, "/")  # noqa: PTH - of ten thousands of folders
        found.update(names if inside == "." else (f"{inside}/{name}" for name in names))
    return found
