"""The one module that writes files.

An output tree is replaced only when everything that will stand in it exists: new files are *staged* beside
it, then a *journal* of replaces and deletions is written and applied with `os.replace`. A crash before the
journal leaves the old tree untouched; a crash after it is completed by the next build (`Output.recover`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import BuildError

JOURNAL = "journal.json"


def check_path(path: str) -> str:
    """Return `path` if it is a plain relative path below a tree; raise `BuildError` otherwise."""
    parts = path.split("/")
    if not path or "\\" in path or "\0" in path or any(part in {"", ".", ".."} for part in parts):
        raise BuildError(f"'{path}' is not a path inside the output")
    return path


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Output:
    """An output tree and the place beside it where its next state is prepared."""

    root: Path
    _made: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def stage(self) -> Path:
        """On the same file system as the tree, so that `os.replace` is a rename."""
        return self.root.parent / f".{self.root.name}.stage"

    @property
    def journal(self) -> Path:
        return self.stage / JOURNAL

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the tree against a second build; raise `BuildError` at once where one is under way."""
        self.root.parent.mkdir(parents=True, exist_ok=True)
        lock = self.root.parent / f".{self.root.name}.lock"
        with lock.open("a") as handle:
            if not _lock(handle.fileno()):
                raise BuildError(f"another build is writing {self.root.name}/; wait until it is done")
            yield

    def recover(self) -> bool:
        """Complete what a crashed build began to replace; True where there was something to complete."""
        if not self.journal.is_file():
            shutil.rmtree(self.stage, ignore_errors=True)
            return False
        self._apply()
        return True

    def begin(self) -> None:
        """Make an empty stage."""
        self._made.clear()
        shutil.rmtree(self.stage, ignore_errors=True)
        self.stage.mkdir(parents=True)

    def put(self, path: str, data: bytes) -> None:
        """Stage one file."""
        target = f"{self.stage}/{check_path(path)}"
        folder = target.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - a Path for each of 25,000 files costs a second
            self._made.add(folder)
        with open(target, "wb", buffering=0) as file:  # noqa: PTH123
            file.write(data)

    def read(self, path: str) -> bytes | None:
        """The present content of a file of the tree."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def files(self) -> Iterator[str]:
        """The paths of all files of the tree."""
        for folder, _, names in os.walk(self.root):
            inside = Path(folder).relative_to(self.root).as_posix()
            for name in names:
                yield name if inside == "." else f"{inside}/{name}"

    def commit(self, replaced: Iterable[str], deleted: Iterable[str]) -> None:
        """Make the staged files the tree's, and delete what no longer belongs to it."""
        plan = {"replace": sorted(replaced), "delete": sorted(deleted)}
        if not self.root.exists() and not plan["delete"]:
            self.stage.rename(self.root)
            return
        write_atomically(self.journal, json.dumps(plan).encode())
        self._apply()

    def abandon(self) -> None:
        """Throw the stage away; the tree is as it was."""
        if not self.journal.is_file():
            shutil.rmtree(self.stage, ignore_errors=True)

    def _apply(self) -> None:
        plan = json.loads(self.journal.read_bytes())
        self.root.mkdir(parents=True, exist_ok=True)
        for path in plan["delete"]:
            self._delete(check_path(path))
        for path in plan["replace"]:
            self._replace(check_path(path))
        shutil.rmtree(self.stage)

    def _replace(self, path: str) -> None:
        source, target = self.stage / path, self.root / path
        try:
            source.replace(target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            if not source.exists():
                return  # done before the crash that this run completes
            _make_room(self.root, target)
            source.replace(target)

    def _delete(self, path: str) -> None:
        target = self.root / path
        try:
            target.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        parent = target.parent
        while parent != self.root:
            try:
                parent.rmdir()
            except OSError:
                return
            parent = parent.parent


def _make_room(root: Path, target: Path) -> None:
    """Make the folders above `target`; a file or an empty folder in the way belongs to the old tree."""
    for parent in reversed([p for p in target.parents if p != root and root in p.parents]):
        if parent.is_file():
            parent.unlink()
        parent.mkdir(exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: two builds at once are not noticed
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
