"""Where a publish begins: is what we know of the mirror still what it has?

Another editor may have published from another machine. The mirror's own `release/edition.json` tells; then
the place lists what it has, or its `SHA256SUMS` is read. A mirror that lies there gains nothing: what it
serves is looked at afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tocsin.mirrors.account import Account
from tocsin.mirrors.looking import fetched
from tocsin.mirrors.place import Place
from tocsin.signed.edition import About, Edition
from tocsin.signed.paths import EDITION_FILE, METADATA, SUMS, TIMESTAMP, UNLISTED
from tocsin.signed.sums import read_sums

_MOST_ABOUT, _MOST_METADATA, _MOST_SUMS = 100_000, 2_000_000, 50_000_000


def learn(place: Place[Any], account: Account, edition: Edition, *, audit: bool) -> str:
    """Bring the account up to date where it is not; what was found, as a sentence, or an empty text."""
    if place.abilities.is_whole:
        return ""
    lists = place.abilities.lists
    if audit:
        if not lists:
            return _from_sums(place, account) or "cannot list what it has, and serves no list of it"
        return _listed(place, account, edition)
    try:
        served = _served_release(place)
    except OSError:
        return ""  # it says nothing now, which is no reason to doubt what we know
    if account.exists and (served is None or served in {account.release, account.aim}):
        return ""
    if not account.exists and served is None and not lists:
        return ""
    return _listed(place, account, edition) if lists else _from_sums(place, account)


def _served_release(place: Place[Any]) -> str | None:
    if not place.abilities.is_served:
        return None
    mirror = place.reached.mirror
    data = fetched(mirror.address, EDITION_FILE, _MOST_ABOUT, place.reached.proxy)
    try:
        return About.from_json(data).release if data else None
    except ValueError:
        return ""


def _listed(place: Place[Any], account: Account, edition: Edition) -> str:
    seen = place.listed()
    found = {path: _digest(path, told, account, edition) for path, told in seen.items()}
    foreign = sum(1 for path in found if path not in account.known and path not in edition.files)
    lost = sum(1 for path in account.files if path not in found)
    other = sum(1 for path, digest in found.items() if account.files.get(path, digest) != digest)
    was_known = account.exists
    account.correct(found)
    if not was_known:
        return f"had {len(found)} files that nothing was known of" if found else ""
    said = [
        f"{count} {what}"
        for count, what in ((foreign, "that are not ours"), (lost, "missing"), (other, "changed"))
        if count
    ]
    return f"was listed: {', '.join(said)}" if said else "was listed: it has what it should"


def _digest(path: str, told: str, account: Account, edition: Edition) -> str:
    """The SHA-256 of what was listed, where that can be known."""
    form, _, value = told.partition(":")
    if form == "sha256":
        return value
    if form == "md5" and path in edition.files:
        same = hashlib.md5(edition.read(path), usedforsecurity=False).hexdigest() == value
        return edition.files[path].digest if same else ""
    return ""


def _from_sums(place: Place[Any], account: Account) -> str:
    """What the mirror itself says that it has; what we knew beside that may be there too."""
    try:
        sums = _fetched(place, SUMS, _MOST_SUMS)
        found: dict[str, str] = read_sums(sums) if sums else {}
        if found:
            found |= dict.fromkeys((*UNLISTED, *_metadata(place)), "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "cannot tell what it has; what another machine put there may stay"
    if not found:
        return ""
    account.correct(found, [path for path in account.known if path not in found])
    return "was last published to from another machine; what it has was read from its own list"


def _fetched(place: Place[Any], path: str, most: int) -> bytes | None:
    return fetched(place.reached.mirror.address, path, most, place.reached.proxy)


def _metadata(place: Place[Any]) -> Iterator[str]:
    """The names of the metadata that the mirror's timestamp leads to (F7, F11)."""
    timestamp = json.loads(_fetched(place, TIMESTAMP, _MOST_METADATA) or b"{}")
    yield TIMESTAMP
    version = timestamp["signed"]["meta"]["snapshot.json"]["version"]
    snapshot = f"{METADATA}/{int(version)}.snapshot.json"
    yield snapshot
    meta = json.loads(_fetched(place, snapshot, _MOST_METADATA) or b"{}")["signed"]["meta"]
    for name, one in meta.items():
        if "/" not in name:
            yield f"{METADATA}/{int(one['version'])}.{name}"
