"""An edition: what one mirror serves, and in which order it may be put there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import NamedTuple

from tocsin.signed.paths import METADATA, TIMESTAMP

FORM = 1
OFFLINE = "offline"
_ID = re.compile(r"[a-z2-7]{10}")
_NUMBER = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})\.([1-9]\d*)")


class File(NamedTuple):
    """One file of an edition: SHA-256 in hexadecimal, and size in bytes."""

    digest: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> File:
        """The file that holds these bytes."""
        return cls(hashlib.sha256(data).hexdigest(), len(data))


class Turn(IntEnum):
    """When a file is put on a mirror: whatever is there at any moment leads only to what is there already."""

    NEW = 1  # nobody is led to it yet: new paths, numbered metadata
    CHANGED = 2  # a path that the mirror serves already: a list, a corrected page
    POINTER = 3  # timestamp.json, which makes the release the current one
    GONE = 4  # deletions


@dataclass(frozen=True, slots=True)
class About:
    """`release/edition.json` (F5). `as_of` is an instant in UTC, `date` and `expires` are days."""

    site: str
    edition: str
    address: str
    release: str
    as_of: str
    date: str
    expires: str
    languages: tuple[str, ...]

    def as_json(self) -> bytes:
        """The file's bytes."""
        record = {**asdict(self), "format": FORM}
        return json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> About:
        """Raise `ValueError` for what is not such a file."""
        record = json.loads(data)
        if not isinstance(record, dict) or record.pop("format", None) != FORM:
            raise ValueError(f"is not of format {FORM}")
        languages = record.pop("languages", None)
        if not isinstance(languages, list) or set(record) != set(cls.__slots__) - {"languages"}:
            raise ValueError("does not have the keys of format 1")
        if not all(isinstance(value, str) for value in (*record.values(), *languages)):
            raise ValueError("has a value that is no text")
        return cls(**record, languages=tuple(languages))

    @property
    def comment(self) -> str:
        """The trusted comment of minisign (F15)."""
        names = ("site", "release", "edition", "date", "expires")
        return " ".join(f"{name}={getattr(self, name)}" for name in names)


@dataclass(frozen=True, slots=True)
class Edition:
    """All files that one mirror is to serve, metadata included, and a way to read each.

    `read` raises `OSError` where the bytes are no longer those of `files`.
    """

    about: About
    files: Mapping[str, File]
    read: Callable[[str], bytes]


def turn_of(path: str, *, is_there: bool) -> Turn:
    """When a file is to be put on a mirror that already serves (`is_there`) another one at its path."""
    if path == TIMESTAMP:
        return Turn.POINTER
    return Turn.CHANGED if is_there and not path.startswith(f"{METADATA}/") else Turn.NEW


def is_edition_id(text: str) -> bool:
    """True for ten characters of base32 (F4)."""
    return _ID.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """True for the number of a release (F6)."""
    return _NUMBER.fullmatch(text) is not None


def number_of(release: str) -> tuple[int, int, int, int]:
    """A release's number to compare (F6); raise `ValueError` where it is none."""
    found = _NUMBER.fullmatch(release)
    if found is None:
        raise ValueError(f"'{release}' is not the number of a release")
    year, month, day, count = map(int, found.groups())
    return year, month, day, count
