"""Which protection of readers a mirror keeps, and which its host cannot: in words.

A page says in itself what its policy is, as far as pages can: the floor where a host sends no headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from tocsin.probing.headers import Expected, keeps
from tocsin.probing.source import Seen
from tocsin.serving.policy import CACHE, CONTENT, REFERRER, TRANSPORT


class Protection(StrEnum):
    """What readers are protected from, or by."""

    SCRIPTS = "scripts"
    FRAMES = "frames"
    TRANSPORT = "transport"
    TYPES = "types"
    REFERRER = "referrer"
    FRESHNESS = "freshness"


class Kept(NamedTuple):
    """Whether a protection is kept; None where the question does not arise."""

    protection: Protection
    is_kept: bool | None


_FRAMES = "frame-ancestors"


def protections(seen: Mapping[str, Seen], expected: Expected, *, address: str) -> tuple[Kept, ...]:
    """What the answers with pages keep of the policy; nothing where none was seen."""
    pages = {path: one for path, one in seen.items() if one.status == 200 and _is_page(path)}
    if not pages:
        return ()
    is_secure = address.startswith("https://")

    def kept(name: str) -> bool:
        wanted = ((one.headers, expected.of(path, is_secure=True).get(name)) for path, one in pages.items())
        return all(
            value is not None and name.lower() in told and keeps(name, told[name.lower()], value)
            for told, value in wanted
        )

    is_framed = not all(_keeps_frames(one.headers) for one in pages.values())
    return (
        Kept(Protection.SCRIPTS, kept(CONTENT)),
        Kept(Protection.FRAMES, not is_framed),
        Kept(Protection.TRANSPORT, kept(TRANSPORT) if is_secure else None),
        Kept(Protection.TYPES, kept("X-Content-Type-Options")),
        Kept(Protection.REFERRER, kept(REFERRER.name)),
        Kept(Protection.FRESHNESS, kept(CACHE)),
    )


def _is_page(path: str) -> bool:
    return not path or path.endswith(("/", ".html"))


def _keeps_frames(told: Mapping[str, str]) -> bool:
    """Browsers obey `frame-ancestors` in the header alone, and the older header where that is missing."""
    policies = told.get(CONTENT.lower(), "").lower().replace(",", ";")
    sources = [part.split()[1:] for part in policies.split(";") if part.split()[:1] == [_FRAMES]]
    if sources:
        return ["'none'"] in sources
    return told.get("x-frame-options", "").strip().lower() in {"deny", "sameorigin"}
