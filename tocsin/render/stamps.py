"""Stamped files: where a page or feed names the host that serves it.

Such a file is rendered with a sentinel in place of the base address and stamped when it is written. The
places of the stamps are kept, so that the same file can be stamped for every other mirror without rendering
it again: `restamp` is exact, not a search and replace over text that may hold an address by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from tocsin.model.text import SENTINEL_HOST

SENTINEL_BASE = f"https://{SENTINEL_HOST}/"

_SCHEME, _HOST = b"https://", SENTINEL_HOST.encode()
_BEFORE_SCHEME = -len(_SCHEME)

# Offset in bytes of the stamped file, and whether the base address (True) or the host alone stands there.
Stamp = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A file as it is served from one base address, and where that address stands in it."""

    data: bytes
    stamps: tuple[Stamp, ...]


def host_of(base: str) -> str:
    """The host, with its port, of a base address."""
    return urlsplit(base).netloc


def stamp(text: str | bytes, base: str) -> Stamped:
    """Put `base` (ending in `/`) in place of every sentinel. Bytes, those of a picture, name no host."""
    if isinstance(text, bytes):
        return Stamped(text, ())
    first, *others = text.encode().split(_HOST)
    if not others:
        return Stamped(first, ())
    whole, host = _as_bytes(base)
    pieces, stamps = [first], []
    length = len(first)
    for piece in others:
        is_base = piece.startswith(b"/") and pieces[-1].endswith(_SCHEME)
        if is_base:  # the scheme before the host and the slash after it belong to the address
            pieces[-1], piece = pieces[-1][:_BEFORE_SCHEME], piece[1:]
            length += _BEFORE_SCHEME
        stamps.append((length, is_base))
        put = whole if is_base else host
        pieces += (put, piece)
        length += len(put) + len(piece)
    return Stamped(b"".join(pieces), tuple(stamps))


@cache
def _as_bytes(base: str) -> tuple[bytes, bytes]:
    """A base address and its host."""
    return base.encode(), host_of(base).encode()


def restamp(data: bytes, stamps: Sequence[Stamp], old: str, new: str) -> bytes:
    """The same file for another base address. `stamps` are those that `stamp(…, old)` returned."""
    pieces: list[bytes] = []
    position = 0
    for offset, is_base in stamps:
        pieces.append(data[position:offset])
        pieces.append((new if is_base else host_of(new)).encode())
        position = offset + len((old if is_base else host_of(old)).encode())
    pieces.append(data[position:])
    return b"".join(pieces)
