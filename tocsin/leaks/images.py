"""Pictures: everything in a file that is not the picture itself is a finding.

The parts of a file are compared with a list of those that a decoder needs. What else there is is named, and
its text is given to be searched. Pixels are not looked at.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator

from tocsin.leaks.looking import Fault, Found, OpaqueError, Text, strings

METADATA = "the metadata of the picture"
RULE = "picture-metadata"
GPS_RULE = "gps-position"
_GPS = 0x8825  # the tag of Exif 2.32, 4.6.3, that leads to the position
# ITU T.81, table B.1: tables, frames, scans; JFIF's head is looked at on its own.
_JPEG_NEEDED = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD})
# Inside documents pictures may also say in which colours they are (ICC, Adobe).
JPEG_COLOURS = frozenset({0xE2, 0xEE})
_JPEG_NAMES = {0xE1: "Exif or XMP", 0xE2: "a colour profile", 0xED: "IPTC", 0xFE: "a comment"}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_PNG_NEEDED = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"bKGD"}
)
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
# ISO/IEC 14496-12 and 23008-12: what stands for one picture, and the boxes that hold others.
# fmt: off
_AVIF_NEEDED = frozenset({
    "ftyp", "meta", "mdat", "meta/hdlr", "meta/pitm", "meta/iloc", "meta/iinf", "meta/iinf/infe",
    "meta/iref", "meta/iprp", "meta/iprp/ipco", "meta/iprp/ipma", "meta/iprp/ipco/ispe",
    "meta/iprp/ipco/pixi", "meta/iprp/ipco/av1C", "meta/iprp/ipco/colr", "meta/iprp/ipco/auxC",
    "meta/iprp/ipco/pasp", "meta/iprp/ipco/irot", "meta/iprp/ipco/imir", "meta/iprp/ipco/clap",
})
# fmt: on
_AVIF_HEADS = {"meta": 4, "meta/iprp": 0, "meta/iprp/ipco": 0, "meta/iinf": 6}
_AVIF_ITEMS = frozenset({b"av01", b"grid"})


def jpeg(data: bytes, allowed: frozenset[int] = frozenset()) -> Found:
    """The segments of a JPEG file; `allowed` are codes beside those that decoders need."""
    if data[:2] != b"\xff\xd8":
        raise OpaqueError("is no JPEG")
    place = 2
    while True:
        code, place = _marker(data, place)
        if code == 0xD9:
            break
        if code in _ALONE:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        content = data[place + 2 : place + length]
        if code not in _JPEG_NEEDED | allowed and not _is_plain_jfif(code, content):
            yield Fault(
                RULE, f"holds {_JPEG_NAMES.get(code, f'a segment {code:02X}')}, which no picture needs"
            )
            yield from strings(METADATA, content)
        place += length
        if code == 0xDA:
            place = _end_of_scan(data, place)
    yield from _behind(data, place)
    yield from _exif(data, "JPEG")


def _marker(data: bytes, place: int) -> tuple[int, int]:
    while data[place : place + 2] == b"\xff\xff":
        place += 1
    if place + 2 > len(data) or data[place] != 0xFF:
        raise OpaqueError("is a damaged JPEG")
    return data[place + 1], place + 2


def _is_plain_jfif(code: int, content: bytes) -> bool:
    """JFIF 1.02: a head of 14 bytes without a thumbnail."""
    return code == 0xE0 and content[:5] == b"JFIF\0" and len(content) == 14


def _end_of_scan(data: bytes, place: int) -> int:
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise OpaqueError("is a damaged JPEG")
        if data[place + 1] not in {0x00, *range(0xD0, 0xD8)}:
            return place
        place += 2


def png(data: bytes) -> Found:
    """The chunks of a PNG file (RFC 2083)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise OpaqueError("is no PNG")
    place, name = 8, b""
    while name != b"IEND":
        if place + 12 > len(data):
            raise OpaqueError("is a damaged PNG")
        length, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        content = data[place + 8 : place + 8 + length]
        place += 12 + length
        if name == b"tIME":
            yield Fault("time", "tells when the picture was last changed")
        elif name not in _PNG_NEEDED:
            yield Fault(RULE, f"holds a chunk '{name.decode('ascii', 'replace')}', which no picture needs")
            yield from strings(METADATA, _png_text(content) if name in _PNG_TEXTS else content)
    yield from _behind(data, place)
    yield from _exif(data, "PNG")


def _png_text(content: bytes) -> bytes:
    """The text of a chunk, its compressed part taken out."""
    head, _, rest = content.partition(b"\0")
    packed = rest.find(b"x")
    if packed < 0:
        return content
    try:
        return head + b"\n" + rest[:packed] + b"\n" + zlib.decompressobj().decompress(rest[packed:], 1 << 20)
    except zlib.error:
        return content


def avif(data: bytes) -> Found:
    """The boxes of an AVIF file."""
    if data[4:8] != b"ftyp" or not {b"avif", b"avis"} & {data[i : i + 4] for i in range(8, 40, 4)}:
        raise OpaqueError("is no AVIF")
    for path, content in _boxes(data, ""):
        name = path.rpartition("/")[2]
        if path == "meta/iinf/infe" and content[8:12] not in _AVIF_ITEMS:
            yield Fault(RULE, "holds an item beside the picture, such as Exif or XMP")
            yield from strings(METADATA, data)
        elif path == "meta/iprp/ipco/colr" and content[:4] != b"nclx":
            yield Fault(RULE, "holds a colour profile, which no picture needs")
            yield from strings(METADATA, content)
        elif path not in _AVIF_NEEDED:
            yield Fault(RULE, f"holds a box '{name}', which no picture needs")
            yield from strings(METADATA, content)
    yield from _exif(data, "AVIF")


def _boxes(data: bytes, within: str) -> Iterator[tuple[str, bytes]]:
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        name = data[place + 4 : place + 8].decode("ascii", "replace")
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        elif length == 0:
            length = len(data) - place
        if length < head or place + length > len(data):
            raise OpaqueError("is a damaged AVIF")
        path = f"{within}/{name}" if within else name
        content = data[place + head : place + length]
        yield path, content
        if path in _AVIF_HEADS:
            yield from _boxes(content[_AVIF_HEADS[path] :], path)
        place += length


def ico(data: bytes) -> Found:
    """The pictures in an icon; each must be a PNG or a plain bitmap."""
    if data[:4] != b"\0\0\1\0":
        raise OpaqueError("is no icon")
    count = int.from_bytes(data[4:6], "little")
    end = 6 + 16 * count
    for entry in (data[6 + 16 * number : 22 + 16 * number] for number in range(count)):
        length, place = int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:16], "little")
        inner = data[place : place + length]
        if inner[:4] == b"\x89PNG":
            yield from png(inner)
        elif inner[:4] != b"(\0\0\0":  # the length of the head of a bitmap, 40
            raise OpaqueError("is a damaged icon")
        end = max(end, place + length)
    yield from _behind(data, end)


def _behind(data: bytes, place: int) -> Found:
    """What follows the end of a picture is shown by nothing and seen by nobody."""
    if place < len(data):
        yield Fault(RULE, "holds something behind the end of the picture")
        yield from strings(METADATA, data[place:])


def _exif(data: bytes, kind: str) -> Found:
    """What Pillow reads from Exif: a position, and texts of any encoding."""
    if b"Exif" not in data and b"eXIf" not in data:
        return
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        exif = picture.getexif()
        if exif.get_ifd(_GPS):
            yield Fault(GPS_RULE, "tells where the picture was taken")
        values = [*exif.values(), *(value for ifd in (0x8769, _GPS) for value in exif.get_ifd(ifd).values())]
    for value in values:
        if isinstance(value, bytes):
            yield from strings(METADATA, value)
        else:
            yield Text(METADATA, str(value))


READERS: dict[str, Callable[[bytes], Found]] = {
    ".jpg": jpeg,
    ".jpeg": jpeg,
    ".png": png,
    ".avif": avif,
    ".ico": ico,
}
