"""JPEG and JPEG 2000 as they stand in documents: what was coded stays bit by bit, all else goes.

A PDF holds the camera's own file, with the place where it was taken. Decoding it would lose quality, so its
parts are gone through instead (ITU-T T.81, annex B; ISO/IEC 15444-1, annex I).
"""

from __future__ import annotations

from tocsin.errors import AttachmentError

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_ADOBE, _JFIF = 0xEE, 0xE0
# Frame headers, tables, restart intervals: what decoders need.
_KEPT = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD}
_ALONE = {0x01, *range(0xD0, 0xD8)}
_BOXES_KEPT = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}


def stripped_jpeg(data: bytes) -> bytes:
    """A JPEG without EXIF, comments, thumbnails, profiles, and what follows its end."""
    if data[:2] != b"\xff\xd8":
        raise AttachmentError("holds a picture that is damaged; save it anew")
    parts, place = [b"\xff\xd8"], 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            break
        marker = data[place + 1]
        if marker in {0xFF, *_ALONE}:  # padding, and markers without a length
            place += 1 if marker == 0xFF else 2
            continue
        if marker == _EOI:
            break
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        parts.append(_segment(marker, data[place:end]))
        place = end
        if marker == _SOS:
            end = _end_of_scan(data, place)
            parts.append(data[place:end])
            place = end
    if not any(part[1:2] == bytes([_SOS]) for part in parts):
        raise AttachmentError("holds a picture that is damaged; save it anew")
    return b"".join([*parts, b"\xff\xd9"])


def _segment(marker: int, segment: bytes) -> bytes:
    """What stays of a segment."""
    if marker == _JFIF and segment[4:9] == b"JFIF\0" and len(segment) >= 18:
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"  # its thumbnail is zero by zero
    if marker == _ADOBE and segment[4:9] == b"Adobe":
        return b"\xff\xee\x00\x0e" + segment[4:16]  # says how colours are coded
    return segment if marker in _KEPT or marker == _SOS else b""


def _end_of_scan(data: bytes, place: int) -> int:
    """Where coded pixels end: at the first marker that is neither escaped nor a restart."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        if data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2
    return len(data)


def stripped_jpeg2000(data: bytes) -> bytes:
    """A JPEG 2000 file without boxes of XML, of UUIDs and others that decoders need not know."""
    if data[:4] == b"\xff\x4f\xff\x51":
        return _without_comments(data)
    parts, place = [], 0
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        head = 16 if size == 1 else 8
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        size = size or len(data) - place
        if size < head or place + size > len(data):
            raise AttachmentError("holds a picture that is damaged; save it anew")
        if kind in _BOXES_KEPT:
            body = data[place + head : place + size]
            body = _without_comments(body) if kind == b"jp2c" else body
            parts.append((len(body) + 8).to_bytes(4, "big") + kind + body)
        place += size
    return b"".join(parts)


def _without_comments(code: bytes) -> bytes:
    """A code stream without the comments of its main header."""
    parts, place = [code[:2]], 2
    while place + 4 <= len(code) and code[place] == 0xFF and code[place + 1] != 0x90:
        end = place + 2 + int.from_bytes(code[place + 2 : place + 4], "big")
        if code[place + 1] != 0x64:
            parts.append(code[place:end])
        place = end
    return b"".join([*parts, code[place:]])
