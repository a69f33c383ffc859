"""What happened to a file that is not what was signed: a closer look at its bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from difflib import SequenceMatcher

from tocsin.probing.faults import Fault
from tocsin.signed.edition import File

_FEEDS = (".atom", ".rss", ".opml", "/feed.json")
_TAG = re.compile(rb"(?<=>)|(?=<)")
_LOOSE = re.compile(rb"<!--.*?-->|[\s\"'/;]+", re.DOTALL)
_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp", b"GIF8": "gif"}
# Comparing tag by tag takes the square of their number at worst.
_MOST_PIECES = 4000
_SHOWN = 120


def look_closer(
    path: str, body: bytes, files: Mapping[str, File], original: bytes | None, languages: tuple[str, ...]
) -> tuple[Fault, str]:
    """Which fault it is, and what is the case; `files` are what was signed, `original` this file of it."""
    wanted = files[path]
    if not body:
        return Fault.EMPTY, f"is empty, and {wanted.size:,} bytes were signed"
    if other := _shown_instead(path, body, files):
        is_same = _bare(path, languages) == _bare(other, languages)
        return (Fault.OTHER_LANGUAGE if is_same else Fault.SWAPPED), f"is what belongs to {other}"
    if original is not None and (found := _compared(path, body, original)):
        return found
    if _picture(body) and path.rpartition(".")[2] in {"png", "jpg", "webp", "gif", "avif"}:
        return Fault.REWRITTEN, f"is a picture of {len(body):,} bytes, and {wanted.size:,} were signed"
    if path.endswith(_FEEDS):
        return Fault.FEED_ALTERED, "is not what the editors signed"
    return Fault.ALTERED, "is not what the editors signed"


def _shown_instead(path: str, body: bytes, files: Mapping[str, File]) -> str | None:
    found = File.of(body)
    return next((other for other, file in files.items() if file == found and other != path), None)


def _bare(path: str, languages: tuple[str, ...]) -> str:
    """A path without the folder of its language."""
    first, _, rest = path.partition("/")
    return rest if first in languages else path


def _picture(body: bytes) -> bool:
    return body[4:8] == b"ftyp" or any(body.startswith(magic) for magic in _PICTURES)


def _compared(path: str, body: bytes, original: bytes) -> tuple[Fault, str] | None:
    if original.startswith(body):
        return Fault.TRUNCATED, f"ends after {len(body):,} of {len(original):,} bytes"
    if path.endswith(_FEEDS):
        return None
    if _LOOSE.sub(b"", body) == _LOOSE.sub(b"", original):
        return Fault.REWRITTEN, "says the same with other spaces, quotes or comments"
    inserted = _inserted(body, original)
    if inserted:
        return Fault.INJECTED, f"has {len(inserted):,} bytes that are not ours: {_told(inserted)}"
    return None


def _inserted(body: bytes, original: bytes) -> bytes:
    """What was put in, where nothing else was changed; nothing where more was."""
    new, old = _TAG.split(body), _TAG.split(original)
    if len(new) > _MOST_PIECES or len(old) > _MOST_PIECES or len(body) <= len(original):
        return b""
    found = []
    for kind, _, _, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "insert":
            found += new[begin:end]
        elif kind != "equal":
            return b""
    return b"".join(found)


def _told(data: bytes) -> str:
    text = " ".join(data.decode("utf-8", "replace").split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


def unpacked(body: bytes, coding: str, most: int) -> bytes | None:
    """A body as a browser reads it (RFC 9110, 8.4); longer by one than `most` where it would be longer still.

    None for codings that were not asked for.
    """
    if coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return None
    try:
        return zlib.decompressobj(47 if coding.endswith("gzip") else 15).decompress(body, most + 1)
    except zlib.error:
        return None
