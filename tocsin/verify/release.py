"""A release that was verified: what the editors signed, as against what some place serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, asdict, dataclass
from datetime import datetime
from typing import Any

from tocsin.signed.edition import About, File

_SEAL = object()


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """The files of one edition with their digests, as the editors signed them, metadata included.

    Made by `verify` alone. `versions` are those of TUF by role, empty for the offline edition; `expires` is
    the instant until which it is confirmed, None for the offline edition, which has a day in `about`.
    """

    about: About
    files: Mapping[str, File]
    versions: Mapping[str, int]
    expires: datetime | None
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a VerifiedRelease comes from verifying one")

    def as_record(self) -> dict[str, Any]:
        """What it is, without its files, as plain data."""
        expires = self.expires.isoformat() if self.expires else None
        versions = {name: self.versions[name] for name in sorted(self.versions)}
        return {
            **asdict(self.about),
            "confirmed_until": expires,
            "versions": versions,
            "files": len(self.files),
        }


def sealed(
    about: About, files: Mapping[str, File], versions: Mapping[str, int], expires: datetime | None
) -> VerifiedRelease:
    """For `verifying.py` and `offline.py`, which have verified all this."""
    return VerifiedRelease(about, files, versions, expires, _SEAL)
