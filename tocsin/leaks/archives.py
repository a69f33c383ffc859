"""Files that hold files: ZIP and EPUB, gzip, and the parts of a search index by Pagefind."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from tocsin.leaks.folding import HARD
from tocsin.leaks.looking import Fault, Found, Look, OpaqueError, Text
from tocsin.leaks.times import is_silent

INDEX = "the search index"
_SIGNATURE = b"pagefind_dcd"
# What a member, and what all members together, may become: more is meant to fill a disk.
MAX_BYTES = 200_000_000
# The least time that ZIP can tell.
_BEGINNING = (1980, 1, 1, 0, 0, 0)


def archive(data: bytes, look: Look) -> Found:
    """The members of a ZIP or EPUB file: what is in them, their names and times, and what is said of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            yield from _members(file, look)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise OpaqueError("is a damaged or locked archive") from None


def _members(file: zipfile.ZipFile, look: Look) -> Found:
    members = file.infolist()
    if sum(member.file_size for member in members) > MAX_BYTES:
        raise OpaqueError("is an archive of more than 200 MB")
    said = [file.comment, *(part for member in members for part in (member.comment, member.extra))]
    yield Text("the comments of an archive", "\n".join(part.decode("utf-8", "replace") for part in said))
    yield Text("the name of a member", "\n".join(member.filename for member in members))
    if any(not _is_silent(member) for member in members):
        yield Fault("time", "tells when its members were made; write 1980-01-01, or a day alone")
    # Extended times, and users and groups, of Unix (APPNOTE 4.6).
    if any(_has_extra(member.extra, {0x5455, 0x5855, 0x7855, 0x7875, 0x000A}) for member in members):
        yield Fault("time", "tells times or owners of its members in extra fields")
    for member in members:
        if not member.is_dir():
            yield from look(member.filename, file.read(member))


def _is_silent(member: zipfile.ZipInfo) -> bool:
    return member.date_time == _BEGINNING or is_silent(datetime(*member.date_time))  # noqa: DTZ001 - ZIP knows no zone


def _has_extra(extra: bytes, kinds: set[int]) -> bool:
    while len(extra) >= 4:
        if int.from_bytes(extra[:2], "little") in kinds:
            return True
        extra = extra[4 + int.from_bytes(extra[2:4], "little") :]
    return False


def gzipped(name: str, data: bytes, look: Look) -> Found:
    """What gzip has packed (RFC 1952), and the time and name that its head may tell."""
    yield from _head(data)
    yield from look(name, unpacked(data))


def _head(data: bytes) -> Iterator[Fault]:
    if data[4:8] != b"\0\0\0\0":
        yield Fault("time", "tells when it was packed")
    if data[3:4] and data[3] & 0b11100:
        yield Fault("file-metadata", "tells the name of its source in its head")


def unpacked(data: bytes) -> bytes:
    """The bytes that gzip has packed, in all members; raises `OpaqueError`."""
    whole = b""
    while data:
        machine = zlib.decompressobj(wbits=31)
        try:
            whole += machine.decompress(data, MAX_BYTES)
        except zlib.error:
            raise OpaqueError("is a damaged gzip file") from None
        if not machine.eof:
            raise OpaqueError("is a gzip file that is cut off, or of more than 200 MB")
        data = machine.unused_data
    return whole


def _of_pagefind(data: bytes) -> bytes:
    content = unpacked(data)
    if not content.startswith(_SIGNATURE):
        raise OpaqueError("is no part of a search index")
    return content.removeprefix(_SIGNATURE)


def fragment(data: bytes) -> Found:
    """What a search index knows of one page."""
    yield from _head(data)
    try:
        known = json.loads(_of_pagefind(data))
    except ValueError:
        raise OpaqueError("is a damaged part of a search index") from None
    yield Text(INDEX, HARD.join(_strings(known)))


def words(data: bytes) -> Found:
    """The words of a search index, or what it knows of itself: CBOR (RFC 8949)."""
    yield from _head(data)
    yield Text(INDEX, HARD.join(cbor_strings(_of_pagefind(data))))


def program(data: bytes) -> Found:
    """The WebAssembly that reads indexes. Its head holds the time when its makers packed it for everybody."""
    content = _of_pagefind(data)
    if not content.startswith(b"\0asm"):
        raise OpaqueError("is no WebAssembly")
    yield Text("a program", content.decode("utf-8", "replace"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def cbor_strings(data: bytes) -> Iterator[str]:
    """Every text and byte string of a CBOR value, in order; raises `OpaqueError`."""
    place = 0
    while place < len(data):
        kind, more = data[place] >> 5, data[place] & 31
        place += 1
        if kind == 7 and more == 31:  # the end of something of unknown length
            continue
        if more > 27 and more != 31:
            raise OpaqueError("is a damaged part of a search index")
        size = 1 << (more - 24) if 24 <= more <= 27 else 0
        count = int.from_bytes(data[place : place + size], "big") if size else more
        place += size
        if kind in {2, 3} and more != 31:
            if place + count > len(data):
                raise OpaqueError("is a damaged part of a search index")
            yield data[place : place + count].decode("utf-8", "replace")
            place += count


PAGEFIND: dict[str, Callable[[bytes], Found]] = {
    ".pf_fragment": fragment,
    ".pf_index": words,
    ".pf_meta": words,
    ".pagefind": program,
}
