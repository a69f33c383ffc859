"""A folder of this machine, or one that is mounted here: the kind that needs nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.errors import BuildError
from tocsin.files import Output, put_below, remove_below, remove_folder
from tocsin.mirrors.place import Abilities, Place, PlaceError, S, disk_said
from tocsin.model.mirrors import DirectorySettings
from tocsin.signed.edition import Edition, Turn


class Tree(Place[S]):
    """A tree of files on this machine: each file is replaced by a rename, so nobody reads half of one."""

    abilities = Abilities(lists=True, headers=True)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        raise NotImplementedError

    def put(self, edition: Edition, paths: Sequence[str], turn: Turn) -> None:
        """Write files."""
        path = ""
        try:
            for path in paths:
                put_below(self.folder, path, edition.read(path))
        except OSError as error:
            raise PlaceError(f"{path}: {disk_said(error)}", is_final=True) from None
        except BuildError as error:
            raise PlaceError(str(error), is_final=True) from None
        finally:
            remove_folder(Output(self.folder).stage)

    def delete(self, paths: Sequence[str], emptied: Sequence[str]) -> None:
        """Delete files; the folders go with the last file in them."""
        for path in paths:
            try:
                remove_below(self.folder, path)
            except OSError as error:
                raise PlaceError(f"{path}: {disk_said(error)}", is_final=True) from None

    def listed(self) -> Mapping[str, str]:
        """All files with what they hold."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                file = Path(folder, name)
                path = file.relative_to(self.folder).as_posix()
                is_plain = file.is_file() and not file.is_symlink()
                found[path] = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" if is_plain else ""
        return found


class Directory(Tree[DirectorySettings]):
    """A folder as the settings name it."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.path(self.settings.folder)
