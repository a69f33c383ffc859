"""What the public metadata of the newest release is: a folder of TUF metadata that goes with the repository.

So any editor can continue where another stopped. Beside `metadata/` lies `release.json`, which says which
release that is, and which was before: the timestamp, which is written last, points to one of the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tocsin.errors import ReleaseError
from tocsin.files import remove_file, write_atomically
from tocsin.signed.paths import METADATA

if TYPE_CHECKING:  # python-tuf takes a tenth of a second to import, and whoever publishes needs none of it
    from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

T = TypeVar("T")
TIMESTAMP = "timestamp.json"
TARGETS = "targets"
CURRENT = "release.json"


@dataclass(frozen=True, slots=True)
class Current:
    """The newest release: its number, the instant of its content, the commit, the version of its snapshot."""

    release: str
    as_of: str
    commit: str
    snapshot: int


class State:
    """A folder of public metadata. Names of files are those of F7, without `metadata/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metadata = folder / METADATA

    def read(self, name: str) -> bytes | None:
        """A file of metadata; None where there is none."""
        try:
            return (self.metadata / name).read_bytes()
        except FileNotFoundError:
            return None

    @property
    def current(self) -> Current | None:
        """Which release the metadata is of; None before the first."""
        pointed = self._pointed
        if pointed is None:
            return None
        try:
            record = json.loads((self.folder / CURRENT).read_bytes())
            found = [Current(**one) for one in (record["newest"], record["before"]) if one]
        except (OSError, ValueError, KeyError, TypeError):
            found = []
        for one in found:
            if one.snapshot == pointed:
                return one
        raise ReleaseError(
            f"{self.folder.name}/{CURRENT} is damaged, perhaps by a merge of two releases; take back the "
            "version of the one that was published, then run 'release' again"
        )

    @property
    def roots(self) -> list[str]:
        """The names of all roots, the first first; raise `ReleaseError` where there is none."""
        names = [path.name for path in self.metadata.glob("*.root.json")]
        if not names:
            raise ReleaseError(f"{self.folder.name}/ holds no root of trust; make one by 'keys rotate'")
        return sorted(names, key=lambda name: int(name.partition(".")[0]))

    @property
    def root(self) -> Metadata[Root]:
        """The newest root."""
        return cast("Metadata[Root]", self._parsed(self.roots[-1]))

    def timestamp(self) -> Metadata[Timestamp] | None:
        """The timestamp; None before the first release."""
        return cast("Metadata[Timestamp] | None", self._parsed(TIMESTAMP))

    def snapshot(self) -> Metadata[Snapshot] | None:
        """The snapshot that the timestamp states."""
        timestamp = self.timestamp()
        if timestamp is None:
            return None
        return cast(
            "Metadata[Snapshot] | None",
            self._parsed(f"{timestamp.signed.snapshot_meta.version}.snapshot.json"),
        )

    def roles(self) -> dict[str, str]:
        """The names of the newest metadata of targets by role; of roles that are no more, the last."""
        pointed = self._pointed
        meta = None if pointed is None else self._told(f"{pointed}.snapshot.json", _versions)
        return {name.removesuffix(".json"): f"{version}.{name}" for name, version in (meta or {}).items()}

    def living(self) -> dict[str, str]:
        """The same without those that are no more: nobody delegates to them."""
        names = self.roles()
        delegated = self._told(names[TARGETS], _delegated) if TARGETS in names else None
        return {name: file for name, file in names.items() if name == TARGETS or name in (delegated or ())}

    def newest(self) -> dict[str, bytes]:
        """All roots, and the newest of all other metadata, by name (F13)."""
        names = [*self.roots, *self.living().values()]
        if (pointed := self._pointed) is not None:
            names += [f"{pointed}.snapshot.json", TIMESTAMP]
        found = {name: self.read(name) for name in names}
        if missing := sorted(name for name, data in found.items() if data is None):
            raise ReleaseError(
                f"{self.folder.name}/{METADATA}/ lacks {', '.join(missing)}; take it back from the repository"
            )
        return {name: data for name, data in found.items() if data is not None}

    @property
    def _pointed(self) -> int | None:
        """The version of the snapshot that the timestamp states; None before the first release."""
        return self._told(TIMESTAMP, lambda signed: int(signed["meta"]["snapshot.json"]["version"]))

    def _told(self, name: str, what: Callable[[Mapping[str, Any]], T]) -> T | None:
        """What a file of metadata says; None where there is none."""
        data = self.read(name)
        if data is None:
            return None
        try:
            return what(json.loads(data)["signed"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._damaged(name) from None

    def _parsed(self, name: str) -> Metadata[Any] | None:
        from tuf.api.metadata import Metadata
        from tuf.api.serialization import DeserializationError

        data = self.read(name)
        if data is None:
            return None
        try:
            return Metadata.from_bytes(data)
        except DeserializationError:
            raise self._damaged(name) from None

    def _damaged(self, name: str) -> ReleaseError:
        return ReleaseError(
            f"{self.folder.name}/{METADATA}/{name} is damaged; take it back from the repository"
        )

    def adopt(self, metadata: Mapping[str, bytes], current: Current) -> None:
        """Make this the newest metadata: what is new first, the pointer last, then what nobody needs goes."""
        before = self.current
        for name, data in sorted(metadata.items()):
            if name != TIMESTAMP and self.read(name) != data:
                write_atomically(self.metadata / name, data)
        record = {"newest": asdict(current), "before": asdict(before) if before else None}
        written = json.dumps(record, sort_keys=True, indent=1).encode() + b"\n"
        write_atomically(self.folder / CURRENT, written)
        write_atomically(self.metadata / TIMESTAMP, metadata[TIMESTAMP])
        for path in self.metadata.glob("*.json"):
            if path.name not in metadata and not path.name.endswith(".root.json"):
                remove_file(path)


def _versions(snapshot: Mapping[str, Any]) -> dict[str, int]:
    """Versions by the name of a role and `.json`, as a snapshot states them."""
    return {name: int(one["version"]) for name, one in snapshot["meta"].items()}


def _delegated(targets: Mapping[str, Any]) -> set[str]:
    """The roles that top targets delegate to."""
    return {one["name"] for one in targets.get("delegations", {}).get("roles", ())}


def targets_of(data: bytes) -> Metadata[Targets]:
    """Metadata of a role of targets; raise `DeserializationError` for anything else."""
    from tuf.api.metadata import Metadata

    return cast("Metadata[Targets]", Metadata.from_bytes(data))
