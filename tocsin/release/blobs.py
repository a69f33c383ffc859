"""Files by their SHA-256: what releases are manifests over. The same bytes are kept once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from tocsin.files import remove_file, write_atomically
from tocsin.signed.edition import File

STORE = "store"


class DamagedBlobError(OSError):
    """Kept bytes that are no longer what their name says, or that are gone."""

    def __init__(self, digest: str, reason: str) -> None:
        super().__init__(f"{digest[:16]}… of the store of releases {reason}; 'release' makes it anew")
        self.digest = digest


def digest_of(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Blobs:
    """A folder of files, each named by its digest, in 256 folders by its first two digits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: set[str] | None = None

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:]

    def _digests(self) -> Iterator[str]:
        if self.folder.is_dir():
            for part in os.scandir(self.folder):
                yield from (part.name + one.name for one in os.scandir(part.path) if "." not in one.name)

    @property
    def known(self) -> set[str]:
        """The digests of all that is kept: looked up once, for thousands are asked for."""
        if self._known is None:
            self._known = set(self._digests())
        return self._known

    def __contains__(self, digest: str) -> bool:
        return digest in self.known

    def put(self, data: bytes) -> str:
        """Keep some bytes; their digest."""
        digest = digest_of(data)
        if digest not in self.known:
            write_atomically(self._path(digest), data)
            self.known.add(digest)
        return digest

    def put_all(self, made: Mapping[str, bytes]) -> dict[str, File]:
        """Keep files by name; what they are."""
        return {name: File(self.put(data), len(data)) for name, data in made.items()}

    def read(self, digest: str) -> bytes:
        """The bytes of a digest; raise `DamagedBlobError` where they are gone or others."""
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise DamagedBlobError(digest, "is gone") from None
        if digest_of(data) != digest:
            raise DamagedBlobError(digest, "was changed")
        return data

    def drop(self, digest: str) -> None:
        """Forget what was found damaged, so that it can be kept again."""
        remove_file(self._path(digest))
        self.known.discard(digest)

    def prune(self, wanted: Collection[str]) -> int:
        """Throw away what no release names any more; how many that were."""
        gone = self.known - set(wanted)
        for digest in gone:
            remove_file(self._path(digest))
        self._known = None
        return len(gone)
