"""MP3 (ISO/IEC 11172-3 and 13818-3, layer III): the frames of sound, one after the other, and nothing else.

Tags stand before, between and after frames, in a dozen ways (ID3, APE, Lyrics3 and others). None is looked
for: what is not a frame goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.errors import AttachmentError

# Kilobits a second by the index in the header: MPEG 1, and 2 and 2.5.
_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_FEWEST = 3


def clean_mp3(data: bytes) -> bytes:
    """The sound of an MP3; equal input gives equal output. Raises `AttachmentError`."""
    frames = list(_frames(data, _behind_id3(data)))
    if len(frames) < _FEWEST:
        raise AttachmentError("is not an MP3 that can be read; save it anew")
    return b"".join([_without_encoder(frames[0]), *frames[1:]])


def _behind_id3(data: bytes) -> int:
    """Where the tags end that stand at the beginning (ID3v2.4, section 3)."""
    place = 0
    while data[place : place + 3] == b"ID3" and len(data) >= place + 10:
        size = 0
        for byte in data[place + 6 : place + 10]:
            size = size << 7 | (byte & 0x7F)
        place += 10 + size + (10 if data[place + 5] & 0x10 else 0)
    return place


def _frames(data: bytes, place: int) -> Iterator[bytes]:
    """Every frame that another follows, or that ends the file; what lies between is passed over."""
    shape, is_in_step = 0, False
    while (place := data.find(b"\xff", place)) >= 0:
        length, own = _length(data, place)
        following = place + length
        fits = length > 0 and following <= len(data) and own == (shape or own)
        if fits and (is_in_step or following == len(data) or _length(data, following)[1] == own):
            shape, is_in_step = own, True
            yield data[place:following]
            place = following
        else:
            is_in_step = False
            place += 1


def _length(data: bytes, place: int) -> tuple[int, int]:
    """The length of the frame with its header at `place`, and what all frames of a file share; 0 for none."""
    head = int.from_bytes(data[place : place + 4], "big")
    version, layer = head >> 19 & 3, head >> 17 & 3
    rate, frequency = head >> 12 & 15, head >> 10 & 3
    if head >> 21 != 0x7FF or version == 1 or layer != 1 or rate in (0, 15) or frequency == 3:
        return 0, 0
    is_first = version == 3
    bits = (144 if is_first else 72) * _RATES[is_first][rate] * 1000
    return bits // _SAMPLES[version][frequency] + (head >> 9 & 1), head & 0xFFFE0C00


def _without_encoder(frame: bytes) -> bytes:
    """The first frame may say how long the sound is, which stays, and what program made it, which goes."""
    for sign in (b"Xing", b"Info"):
        place = frame.find(sign, 4, 64)
        if place >= 0:
            flags = int.from_bytes(frame[place + 4 : place + 8], "big")
            end = (
                place
                + 8
                + 4 * bool(flags & 1)
                + 4 * bool(flags & 2)
                + 100 * bool(flags & 4)
                + 4 * bool(flags & 8)
            )
            # How much silence the encoder put at both ends, which players leave out, stays as well. They
            # read it behind a name that they know; this one stands for all.
            silence = frame[end + 21 : end + 24]
            kept = b"LAME" + bytes(17) + silence if any(silence) else b""
            return (frame[:end] + kept + bytes(len(frame)))[: len(frame)]
    return frame
