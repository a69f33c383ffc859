"""What each mirror last had, as far as we know: so that one page can be sent without listing 30,000 files.

A file of a mirror is *held*, with a digest, or *unsure*: it was being put there or deleted when the last word
came, so it may be the old one, the new one or gone. Before anything is done to a file it is noted as unsure;
so a publisher that is killed leaves nothing on a mirror that we do not know of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tocsin.errors import ReleaseError
from tocsin.files import held, remove_file, write_atomically

FORM = 1
# Changes are kept beside the whole until so many have gathered: the whole of a large mirror is megabytes.
MOST_CHANGES = 2000


def locked(folder: Path, edition: str, name: str) -> AbstractContextManager[None]:
    """Hold an account, before it is read, against a second publisher; raise `BuildError` for one."""
    busy = f"another process is publishing to '{name}'; wait until it is done"
    return held(folder / f".{edition}.lock", busy)


class Account:
    """What one mirror had. `folder` keeps the accounts of all; `edition` is the name of this one.

    `files` are SHA-256 digests by path; `release` is the number of the last that was put there to its end,
    `aim` of the last that was begun;
    `withdrawing` are files of a withdrawal that did not come to its end; `note` is what the kind of place
    wants to know next time.
    """

    def __init__(self, folder: Path, edition: str) -> None:
        self.edition = edition
        self._whole = folder / f"{edition}.json"
        self._changes = folder / f"{edition}.changes.json"
        self.exists = self._whole.exists() or self._changes.exists()
        whole, changes = self._read(self._whole), self._read(self._changes)
        self._turn: int = whole.get("turn", 0)
        if changes.get("turn") != self._turn:  # they are in the whole already, which was written after them
            changes = {}
        self.files: dict[str, str] = dict(whole.get("files", {}))
        self._put: dict[str, str] = changes.get("put", {})
        self._gone: set[str] = set(changes.get("gone", ()))
        self.files.update(self._put)
        for path in self._gone:
            self.files.pop(path, None)
        newest = {**whole, **changes}
        self.unsure: set[str] = set(newest.get("unsure", ()))
        self.withdrawing: set[str] = set(newest.get("withdrawing", ()))
        self.release: str = newest.get("release", "")
        self.aim: str = newest.get("aim", "")
        self.note: str = newest.get("note", "")

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads(path.read_bytes())
            if not isinstance(found, dict) or found.get("format") != FORM:
                raise ValueError("is of another form")
        except FileNotFoundError:
            return {}
        except ValueError:
            raise ReleaseError(
                f"what is known of a mirror cannot be read: {path.name} is damaged; delete it, "
                "and publish with --audit, which looks at what the mirror has"
            ) from None
        return found

    @property
    def known(self) -> set[str]:
        """Every path that may be on the mirror."""
        return {*self.files, *self.unsure}

    def begin(self, paths: Iterable[str]) -> None:
        """Something is about to be done to files."""
        self.unsure.update(paths)
        self._keep()

    def done(self, put: Mapping[str, str], gone: Iterable[str]) -> None:
        """It has been done: `put` are digests by path."""
        lost = set(gone)
        self.files.update(put)
        self._put.update(put)
        for path in lost:
            self.files.pop(path, None)
            self._put.pop(path, None)
        self._gone = (self._gone - put.keys()) | lost
        self.unsure -= put.keys() | lost
        self._keep()

    def aim_at(self, release: str, withdrawn: Iterable[str]) -> None:
        """A release is going to be put there, and with it a withdrawal is under way until it is settled."""
        self.aim = release
        self.withdrawing.update(withdrawn)
        self._keep()

    def settle(self, release: str) -> None:
        """A release has been put to its end."""
        self.release = release
        self.withdrawing.clear()
        self._keep()

    def correct(self, paths: Mapping[str, str], unsure: Iterable[str] = ()) -> None:
        """This is what the mirror has. An empty digest is that of unknown bytes."""
        self.files = dict(paths)
        self.unsure = set(unsure)
        self._write_whole()

    def _keep(self) -> None:
        if not self._whole.exists() or len(self._put) + len(self._gone) > MOST_CHANGES:
            self._write_whole()
            return
        changes = {"turn": self._turn, "put": self._put, "gone": sorted(self._gone), **self._state()}
        write_atomically(self._changes, _json(changes))

    def _write_whole(self) -> None:
        self._turn += 1
        write_atomically(self._whole, _json({"turn": self._turn, "files": self.files, **self._state()}))
        remove_file(self._changes)
        self._put, self._gone = {}, set()
        self.exists = True

    def _state(self) -> dict[str, Any]:
        return {
            "unsure": sorted(self.unsure),
            "withdrawing": sorted(self.withdrawing),
            "release": self.release,
            "aim": self.aim,
            "note": self.note,
        }


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps({"format": FORM, **value}, sort_keys=True, separators=(",", ":")).encode() + b"\n"
