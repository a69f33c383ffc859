"""Is what a place serves older than what is known (F20)? And can the clock that says so be trusted?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tuf.api.exceptions import BadVersionNumberError, EqualVersionNumberError, RepositoryError

from tocsin.signed.edition import About, number_of
from tocsin.signed.paths import METADATA, SIGNED, TIMESTAMP
from tocsin.verify.chain import Chain, begin
from tocsin.verify.memory import Memory, Seen, instant_of
from tocsin.verify.verdicts import Found, Note, Verdict

# Metadata lives for a year at most; what seems to hold for longer is seen by a clock that is behind.
_LONGEST = timedelta(days=400)
_APART = timedelta(hours=24)
REFUSALS = (RepositoryError,)


@dataclass(frozen=True, slots=True)
class Witness:
    """Timestamp and snapshot that were verified at another time or place: `where` names it."""

    where: str
    timestamp: bytes
    snapshot: bytes


@dataclass(slots=True)
class Age:
    """What is known about age: whether anything newer is known, facts and notes."""

    is_older: bool
    found: list[Found]
    notes: list[Note]


def age_of(chain: Chain, place: str, memory: Memory | None, witnesses: Iterable[Witness]) -> Age:
    """Compare a chain with what is known of other times and places. python-tuf decides what is older."""
    known = begin(chain.roots[max(chain.roots)])
    notes: list[Note] = []
    held = [one for one in witnesses if one.timestamp]
    accepted = []
    for witness in held:
        try:
            known.update_timestamp(witness.timestamp)
        except EqualVersionNumberError:
            pass
        except BadVersionNumberError:
            continue
        except RepositoryError:
            text = (
                f"The online keys were exchanged since {witness.where}; what was seen under the old ones no "
                "longer counts."
            )
            notes.append(Note("trust", text))
            continue
        accepted.append(witness)
    if not accepted:
        return Age(False, [], notes)
    newest = known.timestamp.version
    seen = memory.places.get(place) if memory and memory.online == chain.online else None
    try:
        known.update_timestamp(chain.metadata[TIMESTAMP])
    except EqualVersionNumberError:
        same = [one.timestamp for one in accepted if chain.metadata[TIMESTAMP] == one.timestamp]
        if not same and newest == chain.trusted.timestamp.version:
            detail = "differs from another one of the same version: the online key was used twice, or stolen"
            return Age(True, [Found(Verdict.ALTERED, TIMESTAMP, detail)], notes)
    except RepositoryError:
        return Age(
            True, *_older(chain, known.timestamp.snapshot_meta.version, seen, accepted[-1].where, notes)
        )
    return Age(False, [], notes) if _accepts_snapshot(known, chain, accepted) else _backwards(chain, notes)


def _accepts_snapshot(known: object, chain: Chain, accepted: list[Witness]) -> bool:
    """A new timestamp may lead to a snapshot that takes roles back: python-tuf compares them one by one."""
    for witness in accepted:
        try:
            known.update_snapshot(witness.snapshot, trusted=True)  # type: ignore[attr-defined]
        except RepositoryError:
            continue  # kept for comparing all the same, where it is only no longer the newest
    path = f"{METADATA}/{chain.trusted.snapshot.version}.snapshot.json"
    try:
        known.update_snapshot(chain.metadata[path])  # type: ignore[attr-defined]
    except RepositoryError:
        return False
    return True


def _backwards(chain: Chain, notes: list[Note]) -> Age:
    path = f"{METADATA}/{chain.trusted.snapshot.version}.snapshot.json"
    detail = "takes back versions of roles that were seen before; only the online key can have signed this"
    return Age(True, [Found(Verdict.ROLLED_BACK, path, detail)], notes)


def _older(
    chain: Chain, newest_snapshot: int, seen: Seen | None, where: str, notes: list[Note]
) -> tuple[list[Found], list[Note]]:
    """Older than what is known: rolled back where this place itself served the newer, else behind."""
    own = chain.trusted.timestamp.version
    if seen and seen.timestamp > own:
        detail = (
            f"is of version {own}; this place served version {seen.timestamp} before, release {seen.release}"
        )
        return [Found(Verdict.ROLLED_BACK, TIMESTAMP, detail)], notes
    if chain.trusted.snapshot.version == newest_snapshot:
        text = f"The release is the newest that is known; {where} has a later confirmation of it."
        return [], [*notes, Note("trust", text)]
    detail = f"is of version {own}; a newer release is known from {where}"
    return [Found(Verdict.STALE, TIMESTAMP, detail)], notes


def older_release(about: About, chain: Chain, memory: Memory | None) -> Iterator[Found]:
    """The release's number is compared too: it is signed by editors, versions of snapshots are not."""
    known = memory.release if memory and memory.editors == chain.editors else ""
    if known and number_of(about.release) < number_of(known):
        detail = f"This is release {about.release}; release {known} was verified before."
        yield Found(Verdict.ROLLED_BACK, "", detail)


def freshness(chain: Chain, about: About, at: datetime) -> Iterator[Found]:
    """F22: what has expired, as one fact."""
    ended = chain.expired(at)
    if ended:
        name, first = min(ended, key=lambda one: one[1])
        day = str(chain.trusted.timestamp.unrecognized_fields.get(SIGNED, about.date))[:10]
        detail = (
            f"Authentic, not confirmed since {day}: the signature of {name} ended on {first:%Y-%m-%d}. "
            f"The release was signed on {about.date}."
        )
        yield Found(Verdict.STALE, "", detail)


def clock(at: datetime, date: str, expires: datetime, memory: Memory | None) -> Iterator[tuple[str, bool]]:
    """What shows that the clock here is wrong, and whether freshness can be judged all the same."""
    signed = datetime.fromisoformat(date).replace(tzinfo=UTC)
    if at < signed:
        yield (
            f"It is {at:%Y-%m-%d} here, and the release was signed on {date}: the clock here is behind",
            False,
        )
    elif expires - at > _LONGEST:
        yield f"It is {at:%Y-%m-%d} here, and signatures seem to hold until {expires:%Y-%m-%d}", False
    last = instant_of(memory) if memory else None
    if last and at < last - _APART:
        yield f"It is {at:%Y-%m-%d} here, and on {last:%Y-%m-%d} this site was verified already", False


def clocks_apart(at: datetime, server: datetime | None) -> Iterator[str]:
    """A server's clock is no authority; that it differs is worth knowing."""
    if server and abs(server - at) > _APART:
        yield f"It is {at:%Y-%m-%d %H:%M} here and {server:%Y-%m-%d %H:%M} at the server, in UTC"
