"""Where renditions are kept between builds.

Beside the renditions of a picture lies one list of their SHA-256 sums, in the format of `sha256sum`, written
last. What is not listed or does not match is made again: a damaged cache costs time, never correctness. A
list for each picture, rather than one for all, lets many processes write at once without a lock.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tocsin.pictures.picture import Picture, Rendition

_TEMPORARY = ".new-"
_DIGEST_SIZE = hashlib.sha256().digest_size


class PictureCache:
    """A folder of renditions; it need not exist before something is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, rendition: Rendition) -> Path:
        """Where `rendition` is, or will be."""
        return self.folder / rendition.name

    def missing(self, picture: Picture) -> list[Rendition]:
        """The renditions of `picture` that are absent or damaged, in order. Reads them: 1 ms a MB."""
        sums = self._sums(picture)
        return [rendition for rendition in picture.renditions if not self._is_intact(rendition, sums)]

    def keep(self, picture: Picture, made: Mapping[Rendition, bytes]) -> list[Path]:
        """Write the `made` renditions of `picture`, each whole or not at all; return their paths."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sums = self._sums(picture)
        for rendition, content in made.items():
            _replace(self.path(rendition), content)
            sums[rendition.name] = hashlib.sha256(content).hexdigest()
        names = [rendition.name for rendition in picture.renditions if rendition.name in sums]
        _replace(self._list(picture), "".join(f"{sums[name]}  {name}\n" for name in names).encode("ascii"))
        return [self.path(rendition) for rendition in made]

    def prune(self, pictures: Iterable[Picture]) -> int:
        """Delete what belongs to none of `pictures`, so that nothing withdrawn stays; return how many."""
        if not self.folder.is_dir():
            return 0
        wanted = set()
        for picture in pictures:
            wanted.add(self._list(picture).name)
            wanted.update(rendition.name for rendition in picture.renditions)
        surplus = [path for path in self.folder.iterdir() if path.is_file() and path.name not in wanted]
        for path in surplus:
            path.unlink(missing_ok=True)
        return len(surplus)

    def _list(self, picture: Picture) -> Path:
        return self.folder / f"{picture.digest[:32]}.sums"

    def _sums(self, picture: Picture) -> dict[str, str]:
        try:
            lines = self._list(picture).read_text("ascii").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return {}
        return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}

    def _is_intact(self, rendition: Rendition, sums: Mapping[str, str]) -> bool:
        try:
            content = self.path(rendition).read_bytes()
        except FileNotFoundError:
            return False
        return sums.get(rendition.name) == hashlib.sha256(content).hexdigest()


class DrawnCache:
    """A folder of what was drawn or otherwise made here, under names made from all that it depends on.

    Behind each stands its SHA-256, so that a damaged one is noticed and drawn again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def last(self, group: str, name: str, make: Callable[[], bytes]) -> bytes:
        """The same where each replaces the one before of its group, which is then deleted."""
        own = self.folder / f"{group}.{name}"
        is_new = not own.exists()
        content = self.drawn(own.name, make)
        for path in self.folder.glob(f"{group}.*") if is_new else ():
            if path != own:
                path.unlink(missing_ok=True)
        return content

    def drop(self, group: str) -> None:
        """Delete what is kept of a group that is no more."""
        for path in self.folder.glob(f"{group}.*"):
            path.unlink(missing_ok=True)

    def drawn(self, name: str, draw: Callable[[], bytes]) -> bytes:
        """What is kept under that name, made if it is not here."""
        path = self.folder / name
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            kept = b""
        content, digest = kept[:-_DIGEST_SIZE], kept[-_DIGEST_SIZE:]
        if not content or hashlib.sha256(content).digest() != digest:
            content = draw()
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(path, content + hashlib.sha256(content).digest())
        return content

    def prune(self, published: Path) -> int:
        """Delete what is not in the folder `published`, so that nothing withdrawn stays; return how many."""
        if not self.folder.is_dir():
            return 0
        kept = {path.name for path in published.iterdir()} if published.is_dir() else set()
        surplus = [path for path in self.folder.iterdir() if path.name not in kept]
        for path in surplus:
            path.unlink(missing_ok=True)
        return len(surplus)


def _replace(path: Path, content: bytes) -> None:
    # Not forced to the disk: after a power cut the sums tell what arrived.
    handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
