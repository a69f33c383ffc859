"""What the newest release no longer has: does the mirror, or a cache before it, still give it out?"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from tocsin.probing.faults import Fault, Found
from tocsin.probing.wire import SilenceError, Wire
from tocsin.serving.policy import GONE_MARK
from tocsin.signed.edition import Edition, File
from tocsin.signed.paths import METADATA

# Lists, style sheets and scripts show nobody.
_HARMLESS = (f"{METADATA}/", "s/", "server/")
_INDEX = "index.html"


def digests_before(known: Sequence[Edition]) -> dict[str, dict[str, str]]:
    """Of every path that earlier releases had, their digests there with the number of the release.

    `known` are editions of one address, the newest first.
    """
    found: dict[str, dict[str, str]] = {}
    for edition in known[1:]:
        for path, file in edition.files.items():
            found.setdefault(path, {}).setdefault(file.digest, edition.about.release)
    return found


def to_look_for(known: Sequence[Edition], most: int | None) -> list[str]:
    """Paths where nothing may be, or only what tells of a withdrawal; those first, at most so many others."""
    if not known:
        return []
    newest = known[0].files
    before = digests_before(known)
    marked = sorted(path for path in before if f"{path}{GONE_MARK}" in newest)
    rest = sorted(path for path in before if path not in newest and path not in marked and _is_served(path))
    if most is not None and len(rest) > most:
        rest = sorted(random.SystemRandom().sample(rest, most))
    return [*marked, *rest]


def look_for_gone(
    wire: Wire, paths: Sequence[str], known: Sequence[Edition], age: timedelta, grace: timedelta
) -> Iterator[Found]:
    """What is still given out of these. `age` is for how long the newest release has been known."""
    before, newest = digests_before(known), known[0].files
    for path in paths:
        for name in (path, path.removesuffix(_INDEX)) if path.endswith(_INDEX) else (path,):
            now = newest.get(path)
            where = _where(wire, name, before[path], now)
            if where is None:
                continue
            fault = Fault.LEFT_OVER if path.startswith(_HARMLESS) else Fault.WITHDRAWN
            if age <= grace and not now:
                fault = Fault.IN_TRANSIT
            yield Found(fault, name, where)
            break


def _where(wire: Wire, path: str, before: Mapping[str, str], now: File | None) -> str | None:
    """How the old file is still given out; None where it is not."""
    plain = _release(wire, path, {}, before, now)
    fresh = _release(wire, f"{path}?{secrets.token_hex(8)}", {"Cache-Control": "no-cache"}, before, now)
    if fresh:
        return f"is still given out, {fresh}"
    return f"is still given out by a cache, {plain}; the mirror itself has it no more" if plain else None


def _release(
    wire: Wire, path: str, headers: Mapping[str, str], before: Mapping[str, str], now: File | None
) -> str | None:
    """Which release an answer is of; None for a refusal, and for what is there now."""
    try:
        answer = wire.ask(path, 50_000_000, headers)
    except SilenceError:
        return None
    if not 200 <= answer.status < 300:
        return None
    found = File.of(answer.body)
    if found.digest in before and found != now:
        return f"as in release {before[found.digest]}"
    # What takes its place is not it: a server that answers everything is told of by another name.
    return None


def _is_served(path: str) -> bool:
    """Some files are for servers, and servers keep them to themselves."""
    return not any(part.startswith(".") and part != ".well-known" for part in path.split("/"))
