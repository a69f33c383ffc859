"""The next root: made from who shall sign, and left waiting for signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.errors import SigningError
from tocsin.files import remove_file, write_atomically
from tocsin.keys.folder import PENDING, SigningFolder, read_root
from tocsin.keys.root import ROOT, Signers, day_of, make_root, same_signers, say_root, serialized


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who shall sign, and for how many days a root holds."""

    root: Signers
    targets: Signers
    online: Signers
    days: int


def rotate(place: SigningFolder, wanted: Wanted, now: datetime, *, renew: bool = False) -> list[str]:
    """Let the next root wait for signatures; what happened, in sentences.

    One that waits already and names the same people stays, with its signatures. Raise `SigningError` where
    the newest root says the same and holds for long; `renew` makes another all the same.
    """
    old = place.root
    version = old.version + 1 if old else 1
    expires = (now + timedelta(days=wanted.days)).replace(microsecond=0)
    made = make_root(wanted.root, wanted.targets, wanted.online, version=version, expires=expires)
    is_same = old is not None and same_signers(old, made.signed)
    if old and is_same and not renew and old.expires - now > timedelta(days=wanted.days) / 2:
        raise SigningError(
            f"root {old.version} names the same people and holds until {day_of(old.expires)}, so there is "
            "nothing to change; 'keys rotate --renew' makes a new one all the same"
        )
    said = _clear(place, version)
    path = place.pending / f"{version}.{ROOT}.json"
    shown = f"{place.shown}/{PENDING}/{path.name}"
    if path.exists():
        waiting = read_root(path, shown, version)
        if same_signers(waiting.signed, made.signed) and waiting.signed.expires > now:
            return [*said, f"{shown} waits already and names the same people; it stays."]
        lost = sorted(place.people.by_id[one].name for one in waiting.signatures if one in place.people.by_id)
        said.append(f"{shown} names others now; signatures of {', '.join(lost) or 'nobody'} are lost.")
    write_atomically(path, serialized(made))
    text = "\n".join(say_root(old, made.signed, place.people))
    write_atomically(path.with_suffix(".txt"), f"{text}\n".encode())
    return [*said, f"{shown} waits for signatures."]


def _clear(place: SigningFolder, version: int) -> list[str]:
    """Throw away roots that waited for a turn that has passed."""
    said = []
    for path in place.waiting():
        if path.name.endswith(f".{ROOT}.json") and path.name != f"{version}.{ROOT}.json":
            remove_file(path)
            remove_file(path.with_suffix(".txt"))
            said.append(f"{place.shown}/{PENDING}/{path.name} is out of date and was thrown away.")
    return said
