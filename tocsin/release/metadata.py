"""Metadata of TUF for a release (specification 1.0.34; docs/release-format.md, F7 to F13).

python-tuf and securesystemslib do the forms and the signatures. Here is decided which roles there are, what
is signed again and what may stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from securesystemslib.signer import Signer
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from tocsin.errors import ReleaseError
from tocsin.keys.root import serialized
from tocsin.release.blobs import digest_of
from tocsin.release.manifest import Manifest
from tocsin.release.state import TARGETS, State, targets_of
from tocsin.signed.canonical import CanonicalForm
from tocsin.signed.edition import File
from tocsin.signed.paths import SIGNED, Roles, target_of


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """For how many days signatures of targets, and of snapshot and timestamp, hold (F12)."""

    targets: int = 90
    online: int = 14


@dataclass(frozen=True, slots=True)
class Role:
    """The metadata of one role of targets: version and bytes."""

    version: int
    data: bytes

    def file(self, name: str) -> str:
        """The name of its file."""
        return f"{self.version}.{name}.json"


def listing(manifest: Manifest) -> dict[str, dict[str, File]]:
    """What each delegated role lists: targets by role (F8, F9)."""
    roles = manifest.roles
    lists: dict[str, dict[str, File]] = {name: {} for name, _ in roles.delegations()}
    for path, file in manifest.content.common.items():
        lists[roles.of_common(path)][path] = file
    for edition, files in manifest.own.items():
        for path, file in files.items():
            lists[roles.of_stamped(edition, path)][target_of(edition, path, is_stamped=True)] = file
    return lists


class Signing:
    """The roles of targets of one release. `editors` sign; `root` says who may; what `state` has may stay."""

    def __init__(
        self, state: State, root: Root, editors: Sequence[Signer], now: datetime, lifetimes: Lifetimes
    ) -> None:
        self.state = state
        self.root = root
        self.editors = editors
        self.now = now
        self.expires = (now + timedelta(days=lifetimes.targets)).replace(microsecond=0)
        self.renew = now + timedelta(days=lifetimes.targets) / 2
        self.old = state.roles()

    def roles(self, lists: Mapping[str, Mapping[str, File]], roles: Roles) -> dict[str, Role]:
        """Top targets and all delegated roles, signed again where they differ or will not hold long."""
        signed = {name: self._delegated(name, files) for name, files in lists.items()}
        return {TARGETS: self._top(roles), **signed}

    def _delegated(self, name: str, files: Mapping[str, File]) -> Role:
        wanted = {
            path: {"hashes": {"sha256": file.digest}, "length": file.size} for path, file in files.items()
        }
        version, data = self._past(name)
        if data is not None:
            past = json.loads(data)
            if past["signed"]["targets"] == wanted and self._holds(past):
                return Role(version, data)
        targets = {path: TargetFile(file.size, {"sha256": file.digest}, path) for path, file in files.items()}
        return self._sign(Targets(version + 1, expires=self.expires, targets=targets))

    def _top(self, roles: Roles) -> Role:
        role = self.root.roles[TARGETS]
        delegated = {
            name: DelegatedRole(name, list(role.keyids), role.threshold, terminating=True, paths=list(paths))
            for name, paths in roles.delegations()
        }
        keys = {keyid: self.root.keys[keyid] for keyid in role.keyids}
        delegations = Delegations(keys, delegated)
        version, data = self._past(TARGETS)
        if data is not None:
            past = targets_of(data)
            if past.signed.delegations == delegations and self._holds(json.loads(data)):
                return Role(version, data)
        return self._sign(Targets(version + 1, expires=self.expires, targets={}, delegations=delegations))

    def _past(self, name: str) -> tuple[int, bytes | None]:
        file = self.old.get(name)
        return (int(file.partition(".")[0]), self.state.read(file)) if file else (0, None)

    def _holds(self, past: Mapping[str, Any]) -> bool:
        """True where it was signed by enough of those who may sign now, and for long enough."""
        until = datetime.fromisoformat(past["signed"]["expires"])
        return not _missing(self.root, past) and until > self.renew

    def _sign(self, targets: Targets) -> Role:
        metadata = Metadata(targets)
        for signer in self.editors:
            metadata.sign(signer, append=True, signed_serializer=CanonicalForm())
        return Role(targets.version, serialized(metadata))


def missing_signatures(root: Root, role: Role) -> int:
    """How many more of the people whom root names for targets have to sign.

    Counted are signatures by whom they say they are: that they hold is found out when a release is proved.
    """
    return _missing(root, json.loads(role.data))


def _missing(root: Root, record: Mapping[str, Any]) -> int:
    signers = {one["keyid"] for one in record["signatures"] if one["sig"]}
    named = root.roles[TARGETS]
    return max(0, named.threshold - len(signers & set(named.keyids)))


class Online:
    """Snapshot and timestamp, by the one key that a timer may hold."""

    def __init__(self, state: State, root: Root, signer: Signer, now: datetime, lifetimes: Lifetimes) -> None:
        self.state = state
        self.root = root
        self.signer = signer
        self.now = now
        self.expires = (now + timedelta(days=lifetimes.online)).replace(microsecond=0)
        self.renew = now + timedelta(days=lifetimes.online) / 2

    def snapshot(self, roles: Mapping[str, Role]) -> Role:
        """A snapshot of these roles; that of before where it is of the same, signed by the same key.

        What a snapshot has stated once, all later ones state: clients take one that forgets a role, such as
        that of a mirror that is no more, for an older one (TUF, 5.5.5).
        """
        past = self.state.snapshot()
        meta = dict(past.signed.meta) if past else {}
        meta |= {
            f"{name}.json": MetaFile(role.version, len(role.data), {"sha256": digest_of(role.data)})
            for name, role in sorted(roles.items())
        }
        if past and past.signed.meta == meta and past.signed.expires > self.renew and self._is_ours(past):
            name = f"{past.signed.version}.snapshot.json"
            return Role(past.signed.version, self.state.read(name) or b"")
        version = past.signed.version if past else 0
        return self._signed(Snapshot(version + 1, expires=self.expires, meta=meta))

    def timestamp(self, snapshot: Role) -> Role:
        """The pointer to a snapshot."""
        past = self.state.timestamp()
        meta = MetaFile(snapshot.version, len(snapshot.data), {"sha256": digest_of(snapshot.data)})
        version = past.signed.version if past else 0
        signed = Timestamp(version + 1, expires=self.expires, snapshot_meta=meta)
        signed.unrecognized_fields[SIGNED] = f"{self.now:%Y-%m-%d}"
        return self._signed(signed)

    def _signed(self, signed: Snapshot | Timestamp) -> Role:
        metadata: Metadata[Any] = Metadata(signed)
        metadata.sign(self.signer)
        if not self._is_ours(metadata):
            raise ReleaseError(
                "the online key on this machine is not the one that the root of trust names; 'keys status' "
                "says which is"
            )
        return Role(signed.version, serialized(metadata))

    def _is_ours(self, metadata: Metadata[Any]) -> bool:
        try:
            self.root.verify_delegate(metadata.signed.type, metadata.signed_bytes, metadata.signatures)
        except UnsignedMetadataError:
            return False
        return True


def pointers(online: Online, roles: Mapping[str, Role], state: State) -> dict[str, bytes]:
    """All metadata of a release by name: its roles, snapshot and timestamp, and every root."""
    snapshot = online.snapshot(roles)
    timestamp = online.timestamp(snapshot)
    files = {role.file(name): role.data for name, role in roles.items()}
    for name in state.roots:
        files[name] = state.read(name) or b""
    return {**files, snapshot.file("snapshot"): snapshot.data, "timestamp.json": timestamp.data}
