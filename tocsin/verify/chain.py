"""Metadata of TUF from a source, verified by python-tuf (docs/release-format.md, F7 to F13, F19 to F22).

Authenticity fails hard and freshness soft here: what has expired is asked of it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, cast

from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Delegations, Metadata, MetaFile, Root, Signed, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from tocsin.errors import UnreadableError
from tocsin.signed.canonical import canonical
from tocsin.signed.edition import is_edition_id
from tocsin.signed.paths import METADATA, TIMESTAMP, TOP_ROLES
from tocsin.verify.sources import Source, read
from tocsin.verify.trusted import Accepted, TrustedSet
from tocsin.verify.verdicts import Found, Verdict

# F21. Root and timestamp have nothing above them that states their length.
MOST_ROOT, MOST_TIMESTAMP, MOST_SNAPSHOT, MOST_TARGETS = 512_000, 16_384, 2_000_000, 50_000_000
MOST_ROOTS = 1024
_FORM = JSONSerializer(compact=True)
_HOSTILE = (RepositoryError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


class RefusedError(Exception):
    """Metadata that is not accepted; nothing below it can be said."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.detail)
        self.found = found


@dataclass(slots=True)
class Chain:
    """What was verified: the roots climbed by version, all metadata by path, the roles of targets by name.

    `refused` are roles that are missing or not accepted; without them part of the release is not known.
    """

    trusted: TrustedSet
    roots: dict[int, bytes]
    metadata: dict[str, bytes] = field(default_factory=dict)
    roles: dict[str, Targets] = field(default_factory=dict)
    refused: list[Found] = field(default_factory=list)

    @property
    def root(self) -> Root:
        return self.trusted.root

    @property
    def delegations(self) -> Delegations:
        return self.trusted.targets.delegations or Delegations({}, {})

    @property
    def versions(self) -> dict[str, int]:
        """Versions by role."""
        top = {name: self.trusted[name].version for name in TOP_ROLES}
        return top | {name: role.version for name, role in self.roles.items()}

    @property
    def editors(self) -> tuple[str, ...]:
        """The ids of the keys that may sign targets, sorted."""
        return tuple(sorted(self.root.roles[Targets.type].keyids))

    @property
    def online(self) -> tuple[str, ...]:
        """The ids of the keys that may sign snapshot and timestamp, sorted."""
        return tuple(sorted({*self.root.roles["snapshot"].keyids, *self.root.roles["timestamp"].keyids}))

    def expired(self, at: datetime) -> list[tuple[str, datetime]]:
        """Roles whose signatures have ended, with the instants at which they did."""
        all_roles = {name: self.trusted[name] for name in TOP_ROLES}
        ended = {name: one for name, one in (all_roles | self.roles).items() if one.is_expired(at)}
        return sorted((name, one.expires) for name, one in ended.items())


def begin(anchor: bytes, accepted: Accepted | None = None) -> TrustedSet:
    """Trust in a root that was given (F19); raise `ValueError` where it is none."""
    try:
        return TrustedSet(anchor, accepted)
    except _HOSTILE as error:
        raise ValueError(f"is no root of trust: {error}") from None


def climb(anchor: bytes, known: dict[int, bytes], source: Source, accepted: Accepted | None = None) -> Chain:
    """From the root that was given to the newest that the source offers, through every number between.

    `known` are later roots that were verified before: a source that withholds one hides nothing.
    """
    trusted = begin(anchor, accepted)
    chain = Chain(trusted, {trusted.root.version: anchor})
    while len(chain.roots) < MOST_ROOTS:
        version = trusted.root.version + 1
        path = f"{METADATA}/{version}.root.json"
        data = known.get(version)
        if data is None:
            try:
                data = read(source, path, MOST_ROOT)
            except UnreadableError as error:
                if error.is_absent:
                    break
                raise RefusedError(Found(Verdict.ALTERED, path, str(error))) from None
        _accept(path, data, trusted.root, Root.type, trusted.update_root)
        chain.roots[version] = data
    return chain


def load(chain: Chain, source: Source) -> None:
    """Timestamp, snapshot and top targets into a chain that has climbed; raise `RefusedError`."""
    trusted, root = chain.trusted, chain.root
    data = _read(source, TIMESTAMP, MOST_TIMESTAMP)
    _accept(TIMESTAMP, data, root, Timestamp.type, trusted.update_timestamp)
    chain.metadata[TIMESTAMP] = data
    meta = trusted.timestamp.snapshot_meta
    path = f"{METADATA}/{meta.version}.snapshot.json"
    snapshot = _read(source, path, _bound(path, meta, MOST_SNAPSHOT))
    _accept(path, snapshot, root, Snapshot.type, trusted.update_snapshot)
    chain.metadata[path] = snapshot
    load_role(chain, source, Targets.type)


def load_role(chain: Chain, source: Source, name: str) -> None:
    """One role of targets; raise `RefusedError`."""
    trusted = chain.trusted
    is_top = name == Targets.type
    meta = trusted.snapshot.meta.get(f"{name}.json")
    if meta is None:
        path = f"{METADATA}/{trusted.snapshot.version}.snapshot.json"
        raise RefusedError(
            Found(Verdict.ALTERED, path, f"does not state the role '{name}', which is delegated")
        )
    path = f"{METADATA}/{meta.version}.{name}.json"
    data = _read(source, path, _bound(path, meta, MOST_TARGETS))
    delegator: Root | Targets = trusted.root if is_top else trusted.targets
    above = Root.type if is_top else Targets.type
    update = partial(trusted.update_delegated_targets, role_name=name, delegator_name=above)
    _accept(path, data, delegator, name, update)
    chain.metadata[path] = data
    if not is_top:
        chain.roles[name] = cast("Targets", trusted[name])


def load_edition(chain: Chain, source: Source, edition: str) -> None:
    """All roles that answer for the files of an edition: its own, and those that all editions share (F13)."""
    for name in roles_of(chain, edition):
        try:
            load_role(chain, source, name)
        except RefusedError as error:
            chain.refused.append(error.found)


def roles_of(chain: Chain, edition: str) -> list[str]:
    """The delegated roles of an edition, in the order of the delegations."""
    names = chain.delegations.roles or {}
    return [name for name in names if not is_edition_id(owner := name.partition("-")[0]) or owner == edition]


def older_roots(chain: Chain, source: Source) -> Iterator[Found]:
    """Roots below the first that was trusted: others climb from them (F13), so they must lead here too."""
    first = min(chain.roots)
    trusted: TrustedSet | None = None
    for version in range(1, first + 1):
        path = f"{METADATA}/{version}.root.json"
        try:
            data = read(source, path, MOST_ROOT)
            if trusted is None:
                trusted = begin(data)
            else:
                trusted.update_root(data)
        except UnreadableError as error:
            yield Found(Verdict.INCOMPLETE if error.is_absent else Verdict.ALTERED, path, str(error))
            return
        except _HOSTILE:
            yield Found(Verdict.ALTERED, path, "does not follow from the root before it")
            return
        chain.metadata[path] = data
        if version == first and data != chain.roots[first]:
            yield Found(Verdict.ALTERED, path, "is not the root of trust that was given")


def _read(source: Source, path: str, most: int) -> bytes:
    try:
        return read(source, path, most)
    except UnreadableError as error:
        verdict = Verdict.INCOMPLETE if error.is_absent else Verdict.ALTERED
        raise RefusedError(Found(verdict, path, str(error))) from None


def _bound(path: str, meta: MetaFile, most: int) -> int:
    if meta.length is not None and meta.length > most:
        detail = f"is said to have {meta.length:,} bytes, more than the {most:,} that it may have"
        raise RefusedError(Found(Verdict.ALTERED, path, detail))
    return meta.length or most


def _accept(
    path: str, data: bytes, delegator: Root | Targets, role: str, update: Callable[[bytes], Signed]
) -> None:
    """Let python-tuf judge; what it refuses becomes a fact about the file."""
    try:
        update(data)
    except UnsignedMetadataError:
        raise RefusedError(_unsigned(path, data, delegator, role)) from None
    except _HOSTILE as error:
        said = str(error).partition("\n")[0][:200]
        detail = f"is not what the editors signed: {said}" if said else "is no metadata"
        raise RefusedError(Found(Verdict.ALTERED, path, detail)) from None
    # Signatures are of what a file means. Where no list above states its digest, its form counts as well.
    if role in {Root.type, Timestamp.type} and Metadata.from_bytes(data).to_bytes(_FORM) != data:
        raise RefusedError(Found(Verdict.ALTERED, path, "is not of the form of F7, though it means the same"))


def _unsigned(path: str, data: bytes, delegator: Root | Targets, role: str) -> Found:
    """Signatures of trusted keys that do not hold: changed. Those of others, or too few: a stranger's."""
    metadata: Metadata[Any] = Metadata.from_bytes(data)
    signed = canonical(metadata.signed.to_dict())
    result = delegator.get_verification_result(role, signed, metadata.signatures)
    if any(
        keyid in metadata.signatures and metadata.signatures[keyid].signature for keyid in result.unsigned
    ):
        return Found(Verdict.ALTERED, path, "was changed after it was signed")
    count = len(result.signed)
    if count >= result.threshold:  # a root that the root before it allows, and that does not allow itself
        return Found(Verdict.UNKNOWN_SIGNER, path, "is not signed by those whom it names")
    return Found(
        Verdict.UNKNOWN_SIGNER,
        path,
        f"is signed by {count} of the {result.threshold} trusted keys that it needs",
    )
