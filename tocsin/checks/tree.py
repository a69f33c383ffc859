"""The files of a built tree."""

from __future__ import annotations

import os
from pathlib import Path


def files_below(root: Path) -> set[str]:
    """The paths of all files below a folder, with `/` between their parts."""
    found: set[str] = set()
    folders = [("", str(root))]
    for shown, folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((f"{shown}{entry.name}/", entry.path))
                elif entry.is_file():
                    found.add(f"{shown}{entry.name}")
    return found
