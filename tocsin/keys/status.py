"""Who must sign what, and by when: in plain words, for machines, and for a calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tuf.api.metadata import Metadata, Root, Targets

from tocsin.keys.folder import SigningFolder, read_file
from tocsin.keys.pending import Pending, read_pending, release_of
from tocsin.keys.root import ROOT, TARGETS, TIMESTAMP, day_of, parsed
from tocsin.signed.paths import METADATA

_NAMED = re.compile(r"(?:([1-9][0-9]*)\.)?([A-Za-z0-9-]+)\.json")
# From this part of a lifetime on, somebody should think of signing.
_LAST_PART = 3


@dataclass(frozen=True)
class Duty:
    """Something that people have to sign. `by` is the instant from which it fails, None where none is known.

    `version` counts how often it was signed; `days` is how long a signature holds.
    """

    kind: str
    what: str
    by: datetime | None
    who: tuple[str, ...]
    threshold: int
    command: str
    is_overdue: bool
    version: int = 0
    days: int = 0

    def is_near(self, now: datetime) -> bool:
        """True in the last third of a lifetime."""
        return self.by is not None and self.by - now < timedelta(days=self.days) / _LAST_PART

    def sentence(self, now: datetime) -> str:
        """`by 22 November 2027: sign the root of trust anew: 2 of ana, bo, chen ('keys rotate')`"""
        mark = "OVERDUE " if self.is_overdue else "soon    " if self.is_near(now) else "        "
        when = f"{'since' if self.is_overdue else 'by'} {day_of(self.by)}: " if self.by else ""
        return f"{mark}{when}{self.what}: {self.who_signs} ('{self.command}')"

    @property
    def who_signs(self) -> str:
        """`2 of ana, bo, chen`"""
        names = ", ".join(self.who)
        return names if self.threshold >= len(self.who) else f"{self.threshold} of {names}"

    def as_record(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        return {
            "kind": self.kind,
            "what": self.what,
            "by": self.by.isoformat() if self.by else None,
            "who": list(self.who),
            "threshold": self.threshold,
            "command": self.command,
            "overdue": self.is_overdue,
        }


def duties(place: SigningFolder, days: Mapping[str, int], now: datetime) -> list[Duty]:
    """All that people have to sign, the most urgent first. `days` are lifetimes of root, targets, online."""
    root = place.root
    found = list(_waiting(place))
    if root is None:
        return found or [
            Duty("root", "make the first root of trust", None, ("whoever begins",), 1, "keys rotate", True)
        ]
    found.append(_root_expires(place, root, days["root"], now))
    found += _metadata_duties(place, root, days, now)
    return sorted(found, key=lambda one: (not one.is_overdue, one.by is not None, one.by or now, one.what))


def _names(place: SigningFolder, root: Root, role: str) -> tuple[str, ...]:
    return tuple(sorted(place.people.name_of(root.keys[keyid]) for keyid in root.roles[role].keyids))


def _waiting(place: SigningFolder) -> Iterator[Duty]:
    """Each root that waits, and the release that does: of its lists the one that lacks most."""
    lists = []
    for pending in read_pending(place):
        if pending.is_root:
            yield _waits(place, pending, f"root {pending.metadata.signed.version}", "keys sign")
        else:
            lists.append(pending)
    if lists:
        worst = max(lists, key=lambda pending: pending.quorums[0].missing)
        yield _waits(place, worst, f"release {release_of(place)[0]}", "release")


def _waits(place: SigningFolder, pending: Pending, what: str, command: str) -> Duty:
    worst = max(pending.quorums, key=lambda quorum: quorum.missing)
    who = tuple(sorted(place.people.name_of(key) for key in worst.unsigned))
    if worst.missing == 0:
        return Duty(
            "pending", f"{what} is signed by enough", None, ("an editor",), 1, command, is_overdue=False
        )
    said = f"{what} waits for {worst.missing} more"
    return Duty("pending", said, None, who, worst.missing, command, is_overdue=False)


def _root_expires(place: SigningFolder, root: Root, days: int, now: datetime) -> Duty:
    return Duty(
        "root",
        "sign the root of trust anew",
        root.expires,
        _names(place, root, ROOT),
        root.roles[ROOT].threshold,
        "keys rotate",
        is_overdue=root.expires <= now,
        version=root.version,
        days=days,
    )


def _metadata_duties(
    place: SigningFolder, root: Root, days: Mapping[str, int], now: datetime
) -> Iterator[Duty]:
    files = list(_newest(place).values())
    targets = [one for one in files if isinstance(one.signed, Targets)]
    online = [one for one in files if not isinstance(one.signed, Targets)]
    wanted = (
        ("targets", TARGETS, targets, "sign what is published", "release"),
        ("online", TIMESTAMP, online, "say what is the newest", "refresh"),
    )
    for kind, role, signed, what, command in wanted:
        if not signed:
            continue
        by = min(one.signed.expires for one in signed)
        is_signed = all(
            _is_signed(root, role if kind == "targets" else one.signed.type, one) for one in signed
        )
        yield Duty(
            kind,
            f"{what} anew" if is_signed else f"{what} anew, since those who signed may do so no more",
            by if is_signed else None,
            _names(place, root, role),
            root.roles[role].threshold,
            command,
            is_overdue=by <= now or not is_signed,
            version=max(one.signed.version for one in signed),
            days=days[kind],
        )


def _is_signed(root: Root, role: str, metadata: Metadata[Any]) -> bool:
    """Roles of targets are all signed by those whom root names for targets (F10)."""
    return bool(root.get_verification_result(role, metadata.signed_bytes, metadata.signatures))


def _newest(place: SigningFolder) -> dict[str, Metadata[Any]]:
    """The newest metadata of each role but root."""
    versions: dict[str, tuple[int, str]] = {}
    for path in (place.path / METADATA).glob("*.json"):
        named = _NAMED.fullmatch(path.name)
        if named and named[2] != ROOT:
            versions[named[2]] = max(versions.get(named[2], (0, "")), (int(named[1] or 0), path.name))
    return {
        role: parsed(read_file(place.path / METADATA / name, f"{place.shown}/{METADATA}/{name}"), name)
        for role, (_, name) in sorted(versions.items())
    }
