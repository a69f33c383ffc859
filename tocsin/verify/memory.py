"""What is remembered from one verification to the next, so that older releases are recognised (F20).

One folder for each site. It holds public things only; whoever takes it away takes the memory, not the trust,
which begins anew from the root that was given.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.files import write_atomically
from tocsin.signed.edition import File

FILE = "seen.json"
_FORM = 1
_NAME = re.compile(r"[a-z0-9.-]+(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one place served when it was last verified; `since` is when this release was first seen there."""

    timestamp: int
    snapshot: int
    release: str
    since: str


@dataclass(frozen=True, slots=True)
class Memory:
    """The newest of everything that was verified of one site, from whatever place.

    `roots` are by version. `editors` and `online` are ids of keys: where these have changed since, what was
    seen under the old ones binds nobody (TUF 5.3.11). `at` is the instant of the last verification.
    """

    roots: Mapping[int, bytes] = field(default_factory=dict)
    timestamp: bytes = b""
    snapshot: bytes = b""
    release: str = ""
    editors: tuple[str, ...] = ()
    online: tuple[str, ...] = ()
    at: str = ""
    places: Mapping[str, Seen] = field(default_factory=dict)

    def with_place(self, place: str, seen: Seen) -> Memory:
        """The same, and what a place served."""
        return replace(self, places={**self.places, place: seen})


class DamagedMemoryError(Exception):
    """What is remembered is not what was written."""


class MemoryFolder:
    """The folder in which a site is remembered."""

    def __init__(self, folder: Path, site: str) -> None:
        # A copy of the site says which site it is of: its word must not lead out of the folder.
        known = _NAME.fullmatch(site) and site.strip(".")
        self.folder = folder / (
            site.replace(":", "_") if known else hashlib.sha256(site.encode()).hexdigest()
        )

    def read(self) -> Memory | None:
        """What is remembered; None on a first visit. Raises `DamagedMemoryError`."""
        try:
            data = (self.folder / FILE).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedMemoryError(error.strerror) from None
        digest, _, rest = data.partition(b"\n")
        if hashlib.sha256(rest).hexdigest().encode() != digest:
            raise DamagedMemoryError
        try:
            return _from_record(json.loads(rest))
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise DamagedMemoryError from None

    def write(self, memory: Memory) -> None:
        """Remember."""
        rest = json.dumps(_record(memory), sort_keys=True).encode()
        data = hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest
        write_atomically(self.folder / FILE, data)

    def lists(self, edition: str) -> list[tuple[str, dict[str, File]]]:
        """Releases of an edition that were verified here, the newest first: number, files by path."""
        found = []
        for name in (f"{edition}.files", f"{edition}.before.files"):
            try:
                record = json.loads((self.folder / name).read_bytes())
                files = {path: File(str(one[0]), int(one[1])) for path, one in record["files"].items()}
                found.append((str(record["release"]), files))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
                continue
        return found

    def keep_list(self, edition: str, release: str, files: Mapping[str, File]) -> None:
        """Remember the files of a release; those of the one before stay beside them."""
        known = self.lists(edition)
        if known and known[0][0] != release:
            write_atomically(self.folder / f"{edition}.before.files", _list(*known[0]))
        write_atomically(self.folder / f"{edition}.files", _list(release, files))


def _list(release: str, files: Mapping[str, File]) -> bytes:
    record = {"release": release, "files": {path: [one.digest, one.size] for path, one in files.items()}}
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def default_folder() -> Path:
    """Where programs keep what they remember of their use (XDG Base Directory, `XDG_STATE_HOME`)."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "tocsin" / "trust"
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else Path.home() / ".local/state") / "tocsin" / "trust"


def instant_of(memory: Memory) -> datetime | None:
    """When the last verification was."""
    return datetime.fromisoformat(memory.at) if memory.at else None


def _record(memory: Memory) -> dict[str, Any]:
    return {
        **asdict(memory),
        "form": _FORM,
        "roots": {str(version): _text(data) for version, data in memory.roots.items()},
        "timestamp": _text(memory.timestamp),
        "snapshot": _text(memory.snapshot),
    }


def _from_record(record: dict[str, Any]) -> Memory:
    if record.pop("form") != _FORM:
        raise ValueError
    memory = Memory(
        **{
            **record,
            "roots": {int(version): base64.b64decode(text) for version, text in record["roots"].items()},
            "timestamp": base64.b64decode(record["timestamp"]),
            "snapshot": base64.b64decode(record["snapshot"]),
            "editors": tuple(record["editors"]),
            "online": tuple(record["online"]),
            "places": {place: Seen(**seen) for place, seen in record["places"].items()},
        }
    )
    instant_of(memory)
    return memory


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
