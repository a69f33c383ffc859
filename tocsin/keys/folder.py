"""A signing folder holds what is to be signed beside who may sign it: `signing/`, or one on a stick.

    metadata/   public metadata of TUF; of roots all there ever were
    people/     NAME.pub, the public keys by name
    pending/    metadata that waits for signatures, as VERSION.ROLE.json

Whatever is read from one may come from strangers, and is checked: roots form a chain in which each is
signed by enough of those whom the root before named, and of those whom it names itself (TUF, 5.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from tuf.api.metadata import Metadata, Root

from tocsin.errors import SigningError
from tocsin.files import write_atomically
from tocsin.keys.people import People, read_people
from tocsin.keys.root import ROOT, parsed
from tocsin.signed.paths import METADATA

PEOPLE, PENDING = "people", "pending"
_ROOT_FILE = re.compile(r"([1-9][0-9]*)\.root\.json")
# What TUF's own client allows a root; nothing of a release is larger than the second.
_MOST_ROOT, _MOST = 512_000, 50_000_000


class SigningFolder:
    """A folder with `metadata/`, `people/` and `pending/`; `shown` is what messages call it."""

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown

    @cached_property
    def people(self) -> People:
        """The public keys by name."""
        return read_people(self.path / PEOPLE, f"{self.shown}/{PEOPLE}")

    @property
    def pending(self) -> Path:
        """Where what waits for signatures lies."""
        return self.path / PENDING

    def root_path(self, version: int) -> Path:
        """Where a root lies that is signed by enough."""
        return self.path / METADATA / f"{version}.{ROOT}.json"

    @cached_property
    def roots(self) -> tuple[Metadata[Root], ...]:
        """All roots, oldest first; raise `SigningError` at the first that the one before does not lead to."""
        folder = self.path / METADATA
        found = (_ROOT_FILE.fullmatch(path.name) for path in folder.glob("*.root.json"))
        versions = sorted(int(name[1]) for name in found if name)
        roots: list[Metadata[Root]] = []
        for number, version in enumerate(versions, 1):
            shown = f"{self.shown}/{METADATA}/{version}.root.json"
            if version != number:
                raise SigningError(
                    f"{self.shown}/{METADATA}/{number}.root.json is missing, and no root may ever be; "
                    "take it back from the repository"
                )
            roots.append(read_root(self.root_path(version), shown, version))
            check_root(roots[-1], roots[-2].signed if len(roots) > 1 else None, shown)
        return tuple(roots)

    @property
    def root(self) -> Root | None:
        """The newest root; None before the first."""
        return self.roots[-1].signed if self.roots else None

    def waiting(self) -> Iterator[Path]:
        """Every file that waits for signatures: roots first, then in the order of names."""
        paths = self.pending.glob("*.json")
        return iter(sorted(paths, key=lambda path: (not _ROOT_FILE.fullmatch(path.name), path.name)))

    def accept_root(self, metadata: Metadata[Root], data: bytes) -> None:
        """Put a root that is signed by enough among the others; it is the newest from now on."""
        check_root(metadata, self.root, f"{self.shown}/{PENDING}/{metadata.signed.version}.root.json")
        write_atomically(self.root_path(metadata.signed.version), data)
        del self.roots


def read_file(path: Path, shown: str, most: int = _MOST) -> bytes:
    """The bytes of a file; raise `SigningError` where it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise SigningError(f"{shown} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise SigningError(f"{shown} is larger than any such file can be; delete it")
    return data


def read_root(path: Path, shown: str, version: int) -> Metadata[Root]:
    """A root of the version that its name says; who signed it is not looked at."""
    metadata: Metadata[Any] = parsed(read_file(path, shown, _MOST_ROOT), shown)
    if not isinstance(metadata.signed, Root) or metadata.signed.version != version:
        raise SigningError(f"{shown} holds something else than its name says; take it back")
    return cast("Metadata[Root]", metadata)


def check_root(metadata: Metadata[Root], before: Root | None, shown: str) -> None:
    """Raise `SigningError` unless enough of the people of before, and of its own, signed a root."""
    result = metadata.signed.get_root_verification_result(before, metadata.signed_bytes, metadata.signatures)
    if not result.verified:
        raise SigningError(
            f"{shown} is not signed by enough of those who may sign it; somebody changed it, or "
            "put it there too early: take the folder back from the repository"
        )
