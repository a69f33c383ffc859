"""MP4 (ISO/IEC 14496-12 and -14): pictures, sound and subtitles, rebuilt from what players need.

A telephone writes the place, the day and its own name into a film in several ways, also as tracks of their
own. The boxes that players need are listed; all others go, times are nought, names of handlers are empty.
What is shown is copied chunk by chunk, so that nothing stays that no kept track refers to.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.errors import AttachmentError

_BRANCHES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts"}
_LEAVES = {b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"nmhd", b"sthd", b"elst", b"dref"}
_LEAVES |= {
    b"stsd",
    b"stts",
    b"ctts",
    b"cslg",
    b"stss",
    b"stsc",
    b"stsz",
    b"stco",
    b"co64",
    b"sgpd",
    b"sbgp",
    b"sdtp",
}
# Sorts of tracks, and in what each may be coded.
_CODINGS = {
    b"vide": {b"avc1", b"avc3", b"hev1", b"hvc1", b"av01", b"vp09", b"mp4v"},
    b"soun": {b"mp4a", b"Opus", b"ac-3", b"ec-3", b".mp3"},
    b"sbtl": {b"tx3g"},
    b"text": {b"tx3g"},
    b"subt": {b"stpp"},
}
# What describes a coding and is no remark: sizes, colours, the decoder's own settings.
_SETTINGS = {b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"dOps", b"dac3", b"dec3"}
_SETTINGS |= {b"pasp", b"colr", b"clap", b"fiel", b"chrm", b"ftab", b"mdcv", b"clli"}
_KINDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"M4A ",
    b"qt  ",
    b"3gp4",
}
_FTYP = b"isom\x00\x00\x02\x00isomiso2mp41"
_MAX_LEVELS = 12


@dataclass(slots=True)
class _Box:
    """A box: what it holds as bytes, or as other boxes."""

    kind: bytes
    body: bytes = b""
    inner: list[_Box] = field(default_factory=list)

    def written(self) -> bytes:
        body = self.body + b"".join(box.written() for box in self.inner)
        return struct.pack(">I4s", len(body) + 8, self.kind) + body

    def find(self, *kinds: bytes) -> _Box:
        """The box that is reached by `kinds`. Raises `AttachmentError` where there is none."""
        box = self
        for kind in kinds:
            found = [inner for inner in box.inner if inner.kind == kind]
            if len(found) != 1:
                raise AttachmentError(_UNREADABLE)
            box = found[0]
        return box

    def has(self, kind: bytes) -> bool:
        return any(inner.kind == kind for inner in self.inner)


_UNREADABLE = "is not an MP4 that can be read; save it anew"


def clean_mp4(data: bytes) -> bytes:
    """What is seen and heard of an MP4; equal input gives equal output. Raises `AttachmentError`."""
    try:
        boxes = list(_boxes(data, 0, len(data)))
        kinds = [kind for kind, _, _ in boxes]
        if kinds.count(b"ftyp") != 1 or kinds.count(b"moov") != 1:
            raise AttachmentError(_UNREADABLE)
        if b"moof" in kinds:
            raise AttachmentError("is an MP4 in fragments; save it as one film")
        places = {kind: (begin, end) for kind, begin, end in boxes}
        if data[places[b"ftyp"][0] : places[b"ftyp"][0] + 4] not in _KINDS:
            raise AttachmentError(_UNREADABLE)
        film = _read(data, b"moov", *places[b"moov"], 0)
        return _written(_cleaned(film), data)
    except (struct.error, IndexError, OverflowError, MemoryError):
        raise AttachmentError(_UNREADABLE) from None


def _boxes(data: bytes, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of each box (14496-12, 4.2)."""
    while place + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, place)
        begin = place + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        size = size or end - place
        if size < begin - place or place + size > end:
            raise AttachmentError(_UNREADABLE)
        yield kind, begin, place + size
        place += size


def _read(data: bytes, kind: bytes, begin: int, end: int, level: int) -> _Box:
    if level > _MAX_LEVELS:
        raise AttachmentError(_UNREADABLE)
    if kind not in _BRANCHES:
        return _Box(kind, data[begin:end])
    wanted = [box for box in _boxes(data, begin, end) if box[0] in _BRANCHES | _LEAVES]
    return _Box(kind, b"", [_read(data, *box, level + 1) for box in wanted])


def _cleaned(film: _Box) -> _Box:
    """The film with the tracks that are seen and heard, and without their remarks."""
    if film.has(b"mvex"):
        raise AttachmentError("is an MP4 in fragments; save it as one film")
    _without_times(film.find(b"mvhd"))
    tracks = [box for box in film.inner if box.kind == b"trak"]
    kept = [track for track in tracks if track.find(b"mdia", b"hdlr").body[8:12] in _CODINGS]
    if not kept:
        raise AttachmentError("holds neither pictures nor sound; save it anew")
    for track in kept:
        _clean_track(track)
    film.inner = [film.find(b"mvhd"), *kept]
    return film


def _without_times(box: _Box) -> None:
    """Times of making and of change follow version and flags, in 32 or 64 bits each."""
    size = 16 if box.body[0] == 1 else 8
    box.body = box.body[:4] + bytes(size) + box.body[4 + size :]


def _clean_track(track: _Box) -> None:
    handler = track.find(b"mdia", b"hdlr")
    sort = handler.body[8:12]
    handler.body = bytes(8) + sort + bytes(13)
    for box in (track.find(b"tkhd"), track.find(b"mdia", b"mdhd")):
        _without_times(box)
    media = track.find(b"mdia", b"minf")
    # Where the data lies: in this file.
    media.find(b"dinf").inner = [
        _Box(b"dref", struct.pack(">II", 0, 1) + _Box(b"url ", b"\0\0\0\1").written())
    ]
    description = media.find(b"stbl", b"stsd")
    description.body = _descriptions(description.body, sort)


def _descriptions(body: bytes, sort: bytes) -> bytes:
    """How the samples are coded, without the name of what coded them."""
    entries = []
    for kind, begin, end in _boxes(body, 8, len(body)):
        if kind not in _CODINGS[sort]:
            raise AttachmentError(
                f"is coded as '{kind.decode('latin-1')}', which cannot be cleaned; save it anew"
            )
        entries.append(_description(kind, body[begin:end], sort).written())
    if not entries:
        raise AttachmentError(_UNREADABLE)
    return bytes(4) + struct.pack(">I", len(entries)) + b"".join(entries)


def _description(kind: bytes, body: bytes, sort: bytes) -> _Box:
    if sort == b"vide":
        # 32 bytes are for the name of the program that compressed.
        head = body[:42] + bytes(32) + body[74:78]
    elif sort == b"soun":
        if struct.unpack_from(">H", body, 8)[0]:
            raise AttachmentError("holds sound described as QuickTime does; save it as MP4")
        head = body[:28]
    else:
        head = body[:38] if kind == b"tx3g" else body
    if len(head) < 8 or head == body:
        return _Box(kind, head)
    inner = [box for box in _boxes(body, len(head), len(body)) if box[0] in _SETTINGS]
    return _Box(kind, head, [_Box(name, body[begin:end]) for name, begin, end in inner])


def _written(film: _Box, data: bytes) -> bytes:
    """The film, then its chunks in the order in which they lay; where they lie now is put into the tracks."""
    tables = [track.find(b"mdia", b"minf", b"stbl") for track in film.inner if track.kind == b"trak"]
    chunks = [
        (place, size, number, at)
        for number, table in enumerate(tables)
        for at, (place, size) in _chunks(table)
    ]
    chunks.sort()
    total = sum(size for _, size, _, _ in chunks)
    if total > len(data) or any(place + size > len(data) for place, size, _, _ in chunks):
        raise AttachmentError(_UNREADABLE)
    counts = [sum(1 for chunk in chunks if chunk[2] == number) for number in range(len(tables))]
    for table, count in zip(tables, counts, strict=True):
        _set_places(table, [0] * count)
    head = _Box(b"ftyp", _FTYP).written()
    place = len(head) + len(film.written()) + 16
    places: list[dict[int, int]] = [{} for _ in tables]
    for _, size, number, at in chunks:
        places[number][at] = place
        place += size
    for table, found in zip(tables, places, strict=True):
        _set_places(table, [found[at] for at in sorted(found)])
    pieces = [data[begin : begin + size] for begin, size, _, _ in chunks]
    return b"".join([head, film.written(), struct.pack(">I4sQ", 1, b"mdat", total + 16), *pieces])


def _set_places(table: _Box, places: list[int]) -> None:
    table.inner = [box for box in table.inner if box.kind not in {b"stco", b"co64"}]
    body = struct.pack(f">II{len(places)}Q", 0, len(places), *places)
    table.inner.append(_Box(b"co64", body))


def _chunks(table: _Box) -> Iterator[tuple[int, tuple[int, int]]]:
    """Number, place and size in bytes of each chunk of a track (14496-12, 8.7)."""
    wide = table.has(b"co64")
    places = _numbers(table.find(b"co64" if wide else b"stco").body, "Q" if wide else "I", 4)
    sizes = table.find(b"stsz").body
    fixed, count = struct.unpack_from(">II", sizes, 4)
    samples = [] if fixed else _numbers(sizes, "I", 8)
    runs = _numbers(table.find(b"stsc").body, "III", 4)
    sample = 0
    for index, place in enumerate(places):
        while len(runs) > 3 and runs[3] <= index + 1:
            runs = runs[3:]
        each = runs[1] if runs else 0
        size = fixed * each if fixed else sum(samples[sample : sample + each])
        sample += each
        if sample > count:
            raise AttachmentError(_UNREADABLE)
        yield index, (place, size)


def _numbers(body: bytes, row: str, at: int) -> list[int]:
    """A table of numbers that begins with how many rows it has, at `at`."""
    (count,) = struct.unpack_from(">I", body, at)
    if count > len(body):
        raise AttachmentError(_UNREADABLE)
    return list(struct.unpack_from(f">{row * count}", body, at + 4))
