"""What is remembered of a mirror from one look to the next."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tocsin.files import write_atomically

FORM = 1
_FILE = "seen.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One mirror. Instants are RFC 3339, "" for never.

    `issuer` is that of the newest certificate. `kept` says that headers of ours were sent once. `away_since`
    is since when it has not been reached. `release` is the newest release that is known to the editors,
    `since` the instant at which it was first known here.
    """

    issuer: str = ""
    kept: bool = False
    away_since: str = ""
    release: str = ""
    since: str = ""


def recall(folder: Path) -> Remembered:
    """What is remembered; nothing where it is damaged: it is trusted for no more than a hint."""
    try:
        record = json.loads((folder / _FILE).read_bytes())
        if record.pop("form") != FORM:
            return Remembered()
        found = Remembered(**record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Remembered()
    texts = (found.issuer, found.away_since, found.release, found.since)
    return found if all(isinstance(text, str) for text in texts) else Remembered()


def remember(folder: Path, remembered: Remembered) -> None:
    """Remember it from now on."""
    record = {"form": FORM, **asdict(remembered)}
    write_atomically(folder / _FILE, json.dumps(record, sort_keys=True).encode() + b"\n")
