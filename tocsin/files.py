"""The one module that writes files.

An output tree is replaced only when everything that will stand in it exists: new files are *staged* beside
it, then a *journal* of replaces and deletions is written and applied with `os.replace`. A crash before the
journal leaves the old tree untouched; a crash after it is completed by the next build (`Output.recover`).

A tree bears a *mark*, which says which build left it. It is taken off before anything is replaced, so whoever
remembers something of the tree can tell whether it is still the one that is remembered.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tocsin.errors import BuildError

JOURNAL = "journal.json"
# From so many files on it is worth while to prepare for many.
MANY = 500
_AT_ONCE = 4
# Of Linux: AT_FDCWD and RENAME_EXCHANGE.
_HERE, _EXCHANGE = -100, 2
# A file of the tree as it is: not what a link in its place leads to, nor a pipe that nobody writes to.
_AS_IT_IS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
    _AS_IT_IS |= getattr(os, _name, 0)


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


def remove_file(path: Path) -> None:
    """Delete a file; one that is gone already is as good."""
    path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it; one that is there already is as good."""
    path.mkdir(parents=True, exist_ok=True)


def fill_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Make a folder anew, of files by path: for a program to read, so it may be seen half made."""
    remove_folder(folder)
    for path, data in files:
        target = folder / check_path(path)
        make_folder(target.parent)
        target.write_bytes(data)


def remove_folder(path: Path) -> None:
    """Delete a folder with all that is in it; one that is gone already is as good."""
    with suppress(FileNotFoundError):
        _clear(path)


def _clear(folder: Path, *, ignore_errors: bool = False) -> None:
    """Delete a folder with all that is in it."""
    import shutil  # costs as much as asking 1,000 files: not for a build with nothing to do

    shutil.rmtree(folder, ignore_errors=ignore_errors)


def remove_below(root: Path, path: str) -> None:
    """Delete a file of a tree, and folders above it that have become empty. A link on the way is deleted."""
    if not _unlinked(root, root / check_path(path)):
        Output(root).remove(path)


def put_below(root: Path, path: str, data: bytes) -> None:
    """Write a file of a tree at once; what stands in the way is replaced, and no link is followed."""
    target = root / check_path(path)
    _unlinked(root, target)
    # Beside the tree: what a killed process leaves must not lie among files that are served.
    staged = Output(root).stage / hashlib.blake2b(path.encode(), digest_size=16).hexdigest()
    write_atomically(staged, data)
    try:
        staged.replace(target)
    except (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError):
        root.mkdir(parents=True, exist_ok=True)
        _make_room(root, target)
        staged.replace(target)


def _unlinked(root: Path, target: Path) -> bool:
    """Delete a link in the place of a folder above `target`: whoever put it there has us write elsewhere."""
    for parent in reversed([folder for folder in target.parents if root in folder.parents]):
        if parent.is_symlink():
            parent.unlink()
            return True
    return False


@contextmanager
def held(path: Path, busy: str) -> Iterator[None]:
    """Hold a file against another process; raise `BuildError` with `busy` at once where one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        if not _lock(handle.fileno()):
            raise BuildError(busy)
        yield


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that its owner alone may read, at no moment anybody else; it is on the disk on return.

    Raise `FileExistsError` where there is one. A folder that is made for it is closed to others too.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class Output:
    """An output tree and the place beside it where its next state is prepared.

    Where there is no tree yet, its files are staged as one, which becomes it by one rename. Otherwise they
    are staged side by side in one folder: making and removing 20,000 folders for a change of the theme would
    take longer than setting its pages.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._is_first = False
        self._made: set[str] = set()

    @property
    def stage(self) -> Path:
        """On the same file system as the tree, so that `os.replace` is a rename."""
        return self.root.parent / f".{self.root.name}.stage"

    @property
    def journal(self) -> Path:
        """What is to be replaced and deleted; it stands only while that is being done."""
        return self.stage / JOURNAL

    @property
    def fresh(self) -> Path:
        """Where staged files lie."""
        return self.stage / "tree"

    def staged(self, path: str) -> str:
        """Where the file that will have a path is staged: its name in `fresh`."""
        return path if self._is_first else hashlib.blake2b(path.encode(), digest_size=16).hexdigest()

    @property
    def lock(self) -> Path:
        """The file that is locked by whoever writes the tree, and that holds the tree's mark."""
        return self.root.parent / f".{self.root.name}.lock"

    @property
    def mark(self) -> str:
        """The mark of the build that left the tree; empty where none came to its end."""
        try:
            return self.lock.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def set_mark(self, mark: str) -> None:
        """Mark the tree. The file stays the same one, since it may be locked."""
        self.lock.write_text(mark, encoding="utf-8")

    def check_is_ours(self) -> None:
        """Raise `BuildError` for a folder with files that no build made: a build would delete them."""
        if self.root.exists() and not self.root.is_dir():
            raise BuildError(f"{self.root.name} is a file; name a folder to build into")
        if not self.lock.exists() and self.root.exists() and any(self.root.iterdir()):
            raise BuildError(
                f"{self.root.name}/ holds files that no build has made, and a build would delete them; "
                "name an empty folder, or one that does not exist"
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the tree against a second build; raise `BuildError` at once where one is under way."""
        with held(self.lock, f"another build is writing {self.root.name}/; wait until it is done"):
            yield

    def recover(self) -> bool:
        """Complete what a crashed build began to replace; True where there was something to complete."""
        if not self.journal.is_file():
            _clear(self.stage, ignore_errors=True)
            return False
        try:
            self._apply()
        except (ValueError, KeyError, TypeError):  # a damaged journal: the tree without a mark is made again
            _clear(self.stage)
        return True

    def begin(self) -> None:
        """Make an empty stage."""
        self._is_first = not self.root.exists()
        self._made.clear()
        _clear(self.stage, ignore_errors=True)
        self.fresh.mkdir(parents=True)

    def put(self, path: str, data: bytes) -> None:
        """Stage one file."""
        target = f"{self.fresh}/{self.staged(check_path(path))}"
        if self._is_first and (folder := target.rpartition("/")[0]) not in self._made:
            _make_folder(folder)
            self._made.add(folder)
        with open(target, "wb", buffering=0) as file:  # noqa: PTH123
            rest = memoryview(data)
            while rest:  # a disk that is nearly full takes a part
                rest = rest[file.write(rest) :]

    def read(self, path: str) -> bytes | None:
        """The present content of a file of the tree; None where there is none, or it cannot be read."""
        place = f"{self.root}/{check_path(path)}"
        try:
            with open(os.open(place, _AS_IT_IS), "rb") as file:  # noqa: PTH123
                return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
        except OSError:
            return None

    def files(self) -> Iterator[str]:
        """The paths of all files of the tree."""
        for folder, _, names in os.walk(self.root):
            inside = Path(folder).relative_to(self.root).as_posix()
            for name in names:
                yield name if inside == "." else f"{inside}/{name}"

    def commit(self, replaced: Iterable[str], deleted: Iterable[str]) -> None:
        """Make the staged files the tree's, and delete what no longer belongs to it."""
        replaced, deleted = sorted(replaced), sorted(deleted)
        self.set_mark("")
        if self._is_first and not self.root.exists() and not deleted:
            self.fresh.rename(self.root)
            _clear(self.stage)
            return
        staged = ((path, self.staged(path)) for path in replaced)
        plan = {
            "replace": [(path, name, os.stat(f"{self.fresh}/{name}").st_ino) for path, name in staged],  # noqa: PTH116
            "delete": deleted,
        }
        write_atomically(self.journal, json.dumps(plan).encode())
        self._apply()

    def abandon(self) -> None:
        """Throw the stage away; the tree is as it was."""
        if not self.journal.is_file():
            _clear(self.stage, ignore_errors=True)

    def remove(self, path: str) -> None:
        """Delete a file that nobody builds, at once."""
        self._delete(path)

    def _apply(self) -> None:
        plan = json.loads(self.journal.read_bytes())
        self.root.mkdir(parents=True, exist_ok=True)
        for path in plan["delete"]:
            self._delete(path)
        is_much = len(plan["replace"]) > MANY
        put = _exchange() if is_much else os.replace
        for path, staged, number in plan["replace"]:
            self._replace(check_path(path), f"{self.fresh}/{check_path(staged)}", number, put)
        if is_much and self.fresh.is_dir():
            _empty(f"{self.fresh}")
        _clear(self.stage)

    def _replace(self, path: str, source: str, number: int, put: Callable[[str, str], None]) -> None:
        """Put a staged file, known by the file system's number for it, into its place."""
        target = f"{self.root}/{path}"
        try:
            # Otherwise it was done before the crash that this run completes: the old file lies there.
            if os.lstat(source).st_ino == number:
                put(source, target)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            if not Path(source).exists():
                return
            _make_room(self.root, Path(target))
            Path(source).replace(target)

    def _delete(self, path: str) -> None:
        check_path(path.replace("\\", "/"))  # a stranger's file may have a name that none of ours has
        target = self.root / path
        try:
            target.unlink()
        except FileNotFoundError:
            pass  # deleted before the crash that this run completes, but perhaps not the folders above it
        except NotADirectoryError:
            return
        except (IsADirectoryError, PermissionError):
            if target.is_dir():  # of the new tree, where this run completes one that crashed; or a stranger's
                return
            raise
        self._prune(target.parent)

    def _prune(self, folder: Path) -> None:
        """Take away a folder that has become empty, and those above it."""
        while folder != self.root:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent


def _exchange() -> Callable[[str, str], None]:
    """What puts a file in the place of another, which is left in its own, in one step (Linux, `renameat2`).

    Where a file replaces another, ext4 writes it out at once, and what was there has to be freed before
    anything else is done: 10 s for 25,000 files, in which readers get pages of two states of the site. It
    takes half a second to exchange them. `os.replace`, where the system or the file system cannot do it.
    """
    try:
        import ctypes

        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError):
        return os.replace

    def exchange(source: str, target: str) -> None:
        if rename(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _EXCHANGE) != 0:
            os.replace(source, target)  # noqa: PTH105 - which also says what is wrong, if anything is

    return exchange


def _empty(folder: str) -> None:
    """Delete the files of a folder, as far as they can be: freeing a file is mostly waiting for the disk."""
    names = os.listdir(folder)  # noqa: PTH208

    def delete(start: int) -> None:
        for name in names[start::_AT_ONCE]:
            with suppress(OSError):
                os.unlink(f"{folder}/{name}")  # noqa: PTH108

    threads = [threading.Thread(target=delete, args=(start,)) for start in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _make_folder(folder: str) -> None:
    """Make a folder and those above it; most often only the last is missing."""
    try:
        os.mkdir(folder)  # noqa: PTH102 - a Path for each of 25,000 files costs a second
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    except FileExistsError:
        pass


def _make_room(root: Path, target: Path) -> None:
    """Make the folders above `target`; a file or an empty folder in the way belongs to the old tree."""
    for parent in reversed([p for p in target.parents if p != root and root in p.parents]):
        if not parent.is_dir():
            parent.unlink(missing_ok=True)
        parent.mkdir(exist_ok=True)
    if target.is_dir():
        _clear(target)


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
