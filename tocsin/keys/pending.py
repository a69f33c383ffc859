"""What waits for signatures: who has signed, who is still needed, signing it, and taking in signatures."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import Metadata, Root, Targets

from tocsin.errors import SigningError
from tocsin.files import remove_file, write_atomically
from tocsin.keys.folder import PENDING, SigningFolder, read_file
from tocsin.keys.people import People
from tocsin.keys.root import ROOT, TARGETS, day_of, parsed, say_root, serialized
from tocsin.signed.edition import number_of

_NAME = re.compile(r"([1-9][0-9]*)\.([A-Za-z0-9-]+)\.json")
_ABOUT = "release/release.json"
_MOST_ABOUT = 1_000_000
_FEW = 4


@dataclass(frozen=True)
class Quorum:
    """People of whom some have to sign. `why` completes "2 of 3 …"."""

    why: str
    threshold: int
    signed: tuple[Key, ...]
    unsigned: tuple[Key, ...]

    @property
    def missing(self) -> int:
        """How many more have to sign."""
        return max(0, self.threshold - len(self.signed))


@dataclass(frozen=True)
class Pending:
    """A file that waits. Roots wait for two quorums, those of the root before and their own."""

    path: Path
    shown: str
    metadata: Metadata[Any]
    quorums: tuple[Quorum, ...]

    @property
    def is_root(self) -> bool:
        return isinstance(self.metadata.signed, Root)

    @property
    def is_complete(self) -> bool:
        """True where nobody needs to sign any more."""
        return all(quorum.missing == 0 for quorum in self.quorums)

    @property
    def signers(self) -> dict[str, Key]:
        """Everybody who may sign it, by id."""
        return {key.keyid: key for one in self.quorums for key in (*one.signed, *one.unsigned)}

    @property
    def signed(self) -> dict[str, Key]:
        """Everybody who has signed it, by id."""
        return {key.keyid: key for one in self.quorums for key in one.signed}

    def wanted(self, keyid: str) -> bool:
        """True for whoever may sign and has not: a signature more than needed does no harm."""
        return keyid in self.signers and keyid not in self.signed


def read_pending(place: SigningFolder) -> list[Pending]:
    """Everything that waits; raise `SigningError` for what is no such thing, or out of date."""
    return [_read(place, path) for path in place.waiting()]


def _read(place: SigningFolder, path: Path) -> Pending:
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise SigningError(
            f"{place.shown}/{PENDING}/ holds {path.name!a}, which is no VERSION.ROLE.json; delete it"
        )
    shown = f"{place.shown}/{PENDING}/{path.name}"
    metadata = parsed(read_file(path, shown), shown)
    is_root = isinstance(metadata.signed, Root)
    if (
        metadata.signed.version != int(named[1])
        or is_root != (named[2] == ROOT)
        or not isinstance(metadata.signed, Root | Targets)
    ):
        raise SigningError(f"{shown} holds something else than its name says; delete it")
    return Pending(path, shown, metadata, _quorums(place, metadata, shown))


def _quorums(place: SigningFolder, metadata: Metadata[Any], shown: str) -> tuple[Quorum, ...]:
    newest = place.root
    if not isinstance(metadata.signed, Root):
        if newest is None:
            raise SigningError(f"{shown} cannot be signed before there is a root; run 'keys rotate'")
        return (_quorum(newest, TARGETS, metadata, "of those who sign what is published"),)
    wanted = newest.version + 1 if newest else 1
    if metadata.signed.version != wanted:
        raise SigningError(
            f"{shown} is out of date, since root {wanted - 1} is there already; delete it, and if something "
            "still has to change run 'keys rotate'"
        )
    own = _quorum(metadata.signed, ROOT, metadata, "of those who will decide who signs")
    if newest is None:
        return (own,)
    return _quorum(newest, ROOT, metadata, "of those who decide now who signs"), own


def _quorum(root: Root, role: str, metadata: Metadata[Any], why: str) -> Quorum:
    result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    return Quorum(why, result.threshold, tuple(result.signed.values()), tuple(result.unsigned.values()))


def sign(waiting: Iterable[Pending], signer: Signer, name: str) -> list[str]:
    """Sign what the holder of a key may and has not signed; "NAME signed FILE" for each."""
    done = []
    for pending in waiting:
        if pending.wanted(signer.public_key.keyid):
            pending.metadata.sign(signer, append=True)
            write_atomically(pending.path, serialized(pending.metadata))
            done.append(pending.shown)
    return list(_signed_by(name, done))


def _signed_by(name: str, files: list[str]) -> Iterator[str]:
    """A release has dozens of lists; nobody reads a line for each."""
    if len(files) > _FEW:
        lists = [shown for shown in files if not shown.endswith(f".{ROOT}.json")]
        yield f"{name} signed {len(lists)} lists of a release"
        files = [shown for shown in files if shown not in lists]
    yield from (f"{name} signed {shown}" for shown in files)


def take_in(place: SigningFolder, other: SigningFolder) -> tuple[list[str], list[str]]:
    """Add the signatures of another place's pending files to the same files here.

    Returns whose signatures came, as "NAME signed FILE", and what was left out, with the reason. A signature
    counts if it is right and of somebody who may sign; the other place's roots and names are not believed.
    """
    left: list[str] = []
    came: dict[str, list[str]] = {}
    mine = {one.path.name: one for one in read_pending(place)}
    for path in other.waiting():
        if not _NAME.fullmatch(path.name):
            left.append(f"{other.shown}/{PENDING}/ holds {path.name!a}, which is no VERSION.ROLE.json")
            continue
        shown = f"{other.shown}/{PENDING}/{path.name}"
        theirs = parsed(read_file(path, shown), shown)
        here = mine.get(path.name)
        if here is None:
            left.append(f"{shown} is not among what waits here: it is done already, or not ours")
        elif here.metadata.signed_bytes != theirs.signed_bytes:
            left.append(f"{shown} is not the file that waits here under this name; carry it out anew")
        else:
            for name in _merge(place, here, theirs):
                came.setdefault(name, []).append(here.shown)
    return [line for name, files in sorted(came.items()) for line in _signed_by(name, files)], left


def _merge(place: SigningFolder, here: Pending, theirs: Metadata[Any]) -> list[str]:
    new = [keyid for keyid in sorted(theirs.signatures) if here.wanted(keyid)]
    trial = copy.copy(here.metadata)
    trial.signatures = {**here.metadata.signatures, **{one: theirs.signatures[one] for one in new}}
    good = {
        key.keyid: key
        for quorum in _quorums(place, trial, here.shown)
        for key in quorum.signed
        if key.keyid in new
    }
    here.metadata.signatures.update({keyid: theirs.signatures[keyid] for keyid in good})
    if good:
        write_atomically(here.path, serialized(here.metadata))
    return [place.people.name_of(key) for key in good.values()]


def accept(place: SigningFolder) -> list[int]:
    """Make roots that enough have signed the newest ones; their versions."""
    done = []
    for pending in read_pending(place):
        if pending.is_root and pending.is_complete:
            place.accept_root(pending.metadata, serialized(pending.metadata))
            remove_file(pending.path)
            remove_file(pending.path.with_suffix(".txt"))
            done.append(pending.metadata.signed.version)
    return done


def say(place: SigningFolder, waiting: Iterable[Pending]) -> list[str]:
    """What waits, in plain words: what signing it would mean, who has signed, who is needed."""
    lines: list[str] = []
    targets = []
    for pending in waiting:
        if pending.is_root:
            lines += [*say_root(place.root, pending.metadata.signed, place.people), ""]
            lines += [*say_quorums(pending, place.people), ""]
        else:
            targets.append(pending)
    if targets:
        lines += [*_say_release(place, targets), "", *say_quorums(targets[0], place.people), ""]
    return lines[:-1]


def say_quorums(pending: Pending, people: People) -> list[str]:
    """Who has signed and who could."""
    lines = []
    for quorum in pending.quorums:
        total = len(quorum.signed) + len(quorum.unsigned)
        signed = ", ".join(sorted(people.name_of(key) for key in quorum.signed)) or "nobody yet"
        lines.append(f"{quorum.threshold} of {total} {quorum.why} have to sign. Signed: {signed}.")
        if quorum.missing:
            could = ", ".join(sorted(people.name_of(key) for key in quorum.unsigned))
            lines.append(f"  {quorum.missing} more needed, of: {could}.")
    return lines


def _say_release(place: SigningFolder, targets: list[Pending]) -> list[str]:
    number, day = release_of(place)
    files = sum(len(one.metadata.signed.targets) for one in targets)
    until = min(one.metadata.signed.expires for one in targets)
    lists = "one list" if len(targets) == 1 else f"{len(targets)} lists"
    return [
        f"Release {number} of {day}: {files:,} files in {lists}, valid until {day_of(until)}.",
        "What is listed elsewhere already and did not change is not signed again.",
        "Sign only what your own machine has made as well: 'release' makes it and compares.",
    ]


def release_of(place: SigningFolder) -> tuple[str, str]:
    """Number and day of the release that waits, as its folder says; nobody has signed that."""
    try:
        numbers = json.loads(read_file(place.pending / _ABOUT, _ABOUT, _MOST_ABOUT))["numbers"]
        number_of(numbers["number"])
        return numbers["number"], day_of(datetime.fromisoformat(f"{numbers['date']}T00:00:00+00:00"))
    except (SigningError, ValueError, KeyError, TypeError):
        return "without a number", "an unknown day"
