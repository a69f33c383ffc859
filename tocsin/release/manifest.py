"""A manifest: everything that one release consists of, as plain data over the store of files by digest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.errors import ReleaseError
from tocsin.signed.edition import File, number_of
from tocsin.signed.paths import Roles

FORM = 1
MANIFEST = "manifest.json"
Stamps = tuple[tuple[int, bool], ...]


class StampedFile(NamedTuple):
    """A stamped file as the build left it: its digest, its size, and the places of the base address in it."""

    digest: str
    size: int
    stamps: Stamps


@dataclass(frozen=True, slots=True)
class Content:
    """What a build made: files that are the same everywhere, and files that name the address `base` (F3).

    `languages` are those of the site, the default one first. `commit` is what the sources were; "" where
    they were in no repository, or not as it has them.
    """

    site: str
    base: str
    as_of: str
    languages: tuple[str, ...]
    commit: str
    common: Mapping[str, File]
    stamped: Mapping[str, StampedFile]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release: its content; of each edition the address and the files of its own; metadata by name.

    `own` are the files of an edition that are not common, as they are served; those that are not stamped from
    the content (list, signatures, `edition.json`) lie in the store. `searched` is a digest of what the leak
    gate looked for, so that files that were looked into for the same need not be again.
    """

    number: str
    date: str
    expires: str
    content: Content
    addresses: Mapping[str, str]
    own: Mapping[str, Mapping[str, File]]
    metadata: Mapping[str, File] = field(default_factory=dict)
    searched: str = ""

    @property
    def roles(self) -> Roles:
        return Roles(self.content.languages[1:], self.addresses)

    def as_json(self) -> bytes:
        """The manifest's file."""
        record = {name: getattr(self, name) for name in self.__slots__}
        content = {name: getattr(self.content, name) for name in self.content.__slots__}
        return json.dumps({"form": FORM, **record, "content": content}, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Raise `ReleaseError` for what is not such a file."""
        try:
            record = json.loads(data)
            if record.pop("form") != FORM:
                raise ReleaseError("a manifest of another version of Tocsin cannot be read")
            content = record.pop("content")
            return cls(
                **{
                    **record,
                    "content": _content(content),
                    "own": {edition: _files(files) for edition, files in record["own"].items()},
                    "metadata": _files(record["metadata"]),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ReleaseError("a manifest in releases/ is damaged; 'release' makes a new release") from None

    def digests(self) -> Iterator[str]:
        """Everything in the store that this release needs."""
        yield from (file.digest for file in self.content.common.values())
        yield from (file.digest for file in self.content.stamped.values())
        yield from (file.digest for file in self.metadata.values())
        for files in self.own.values():
            yield from (file.digest for path, file in files.items() if path not in self.content.stamped)


def _content(record: Mapping[str, Any]) -> Content:
    stamped = {
        path: StampedFile(digest, size, tuple((offset, is_base) for offset, is_base in stamps))
        for path, (digest, size, stamps) in record["stamped"].items()
    }
    values = {**record, "languages": tuple(record["languages"]), "common": _files(record["common"])}
    return Content(**{**values, "stamped": stamped})


def _files(record: Mapping[str, tuple[str, int]]) -> dict[str, File]:
    return {path: File(*file) for path, file in record.items()}


def kept_manifest(releases: Path, number: str) -> Manifest | None:
    """A release that was made on this machine and is kept in a folder; None for one that was not."""
    try:
        return Manifest.from_json((releases / number / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def next_number(last: str, day: date) -> str:
    """The number of a release that is signed on `day`, after the release `last` ("" for none) (F6)."""
    today = (day.year, day.month, day.day)
    before = number_of(last) if last else (0, 0, 0, 0)
    year, month, dom = max(today, before[:3])
    count = before[3] + 1 if (year, month, dom) == before[:3] else 1
    return f"{year:04}.{month:02}.{dom:02}.{count}"
