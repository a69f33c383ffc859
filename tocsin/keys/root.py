"""Root metadata: who may sign what. Making it, and saying in plain words what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from tocsin.errors import SigningError
from tocsin.keys.people import People
from tocsin.keys.public import PublicKey

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = "root", "targets", "snapshot", "timestamp"
# What people call the roles; snapshot and timestamp are always held by the same keys.
_CALLED = {
    ROOT: "decides who signs (root)",
    TARGETS: "signs what is published (targets)",
    TIMESTAMP: "says what is the newest (online)",
}
_COMPACT = JSONSerializer(compact=True)


@dataclass(frozen=True, slots=True)
class Signers:
    """Keys of which `threshold` have to sign."""

    keys: tuple[PublicKey, ...]
    threshold: int = 1


def make_root(
    root: Signers, targets: Signers, online: Signers, *, version: int, expires: datetime
) -> Metadata[Root]:
    """Root metadata that nobody has signed yet (F7). `expires` is an instant in UTC, to the second."""
    made = Root(version=version, expires=expires, consistent_snapshot=True)
    for role, signers in ((ROOT, root), (TARGETS, targets), (SNAPSHOT, online), (TIMESTAMP, online)):
        for key in sorted(signers.keys, key=lambda key: key.tuf.keyid):
            made.add_key(key.tuf, role)
        made.roles[role].threshold = signers.threshold
    return Metadata(made)


def same_signers(old: Root, new: Root) -> bool:
    """True where the same keys sign the same with the same thresholds."""

    def told(root: Root) -> dict[str, tuple[frozenset[str], int]]:
        return {name: (frozenset(role.keyids), role.threshold) for name, role in root.roles.items()}

    return told(old) == told(new)


def serialized(metadata: Metadata[Any]) -> bytes:
    """A file of metadata without white space; the same whoever of its people signed first."""
    metadata.signatures = dict(sorted(metadata.signatures.items()))
    return metadata.to_bytes(_COMPACT)


def parsed(data: bytes, shown: str) -> Metadata[Any]:
    """Metadata of any role; raise `SigningError` that names the file as `shown`."""
    try:
        return Metadata.from_bytes(data)
    except DeserializationError:
        raise SigningError(
            f"{shown} is damaged; take it back from the repository, or from whom you have it"
        ) from None


def day_of(instant: datetime) -> str:
    """An instant as people say it: `22 November 2026`, in UTC."""
    instant = instant.astimezone(UTC)
    return f"{instant.day} {instant:%B %Y}"


def say_root(old: Root | None, new: Root, people: People) -> list[str]:
    """What signing a root means, a line for each thing: who comes, who goes, thresholds, until when."""
    lines = [
        f"Root of trust, version {new.version}, valid until {day_of(new.expires)}.",
        "Whoever holds these keys can speak for the site. Compare each fingerprint with its holder.",
    ]
    for role, called in _CALLED.items():
        lines += ["", f"Who {called}: {_how_many(new, role)}", *_members(old, new, role, people)]
    if old and same_signers(old, new):
        lines += ["", "Nobody comes and nobody goes; only the day is new."]
    return lines


def _how_many(root: Root, role: str) -> str:
    count, threshold = len(root.roles[role].keyids), root.roles[role].threshold
    if count == 1:
        return "one person"
    return f"{threshold} of {count}" if threshold < count else f"all {count}"


def _members(old: Root | None, new: Root, role: str, people: People) -> Iterator[str]:
    before = set(old.roles[role].keyids) if old else set()
    now = set(new.roles[role].keyids)
    keys = {**(old.keys if old else {}), **new.keys}
    for keyid in sorted(before | now, key=lambda one: people.described(keys[one])):
        sign = " " if keyid in before & now or old is None else "+" if keyid in now else "-"
        word = {" ": "", "+": ", who is new", "-": ", who goes"}[sign]
        yield f"{sign} {people.described(keys[keyid])}{word}"
    if old and old.roles[role].threshold != new.roles[role].threshold:
        yield f"  Before, {_how_many(old, role)}."


def signers_of(
    people: People, roles: Mapping[str, tuple[tuple[str, ...], int]], shown: str
) -> dict[str, Signers]:
    """Keys by role from names and thresholds; raise `SigningError` with every name that has no key."""
    missing = sorted({name for names, _ in roles.values() for name in names} - people.by_name.keys())
    if missing:
        files = ", ".join(f"{shown}/{name}.pub" for name in missing)
        raise SigningError(
            f"site.toml names people whose public keys are missing: {files}; each of them runs "
            "'python3 tasks.py keys new NAME' and sends the file that this makes"
        )
    return {
        role: Signers(tuple(people.by_name[name] for name in names), threshold)
        for role, (names, threshold) in roles.items()
    }
