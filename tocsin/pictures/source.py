"""Opening what an editor supplied, without trusting it.

Pillow's format classes are called directly, not through `Image.open`: only these four can be reached (Pillow
opens some forty, one of them by running Ghostscript), the size is checked here before a pixel is decoded,
nothing global needs setting, and a telephone's JPEG with a second picture inside (MPO) is read as the JPEG
that it is.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ExifTags import Base
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tocsin.errors import PictureError
from tocsin.pictures.cover import cover_size
from tocsin.pictures.formats import ACCEPTED, AVIF, JPEG, PDF, PNG, WEBP, recognise, refusal
from tocsin.pictures.picture import DEFAULT_LIMITS, MAX_SIDE, Limits, Picture
from tocsin.pictures.recipe import plan

_OPENERS: dict[str, type[ImageFile]] = {
    JPEG: JpegImageFile,
    PNG: PngImageFile,
    WEBP: WebPImageFile,
    AVIF: AvifImageFile,
}

# What decoders raise on damaged bytes. Not `Exception`: a mistake of ours is to be heard of.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)

# EXIF orientations that exchange width and height.
_SIDEWAYS = range(5, 9)


@dataclass(frozen=True, slots=True)
class Source:
    """An opened picture, not yet decoded, with its EXIF orientation (1 to 8; 1 is upright)."""

    image: ImageFile
    orientation: int

    def upright(self, size: tuple[int, int]) -> tuple[int, int]:
        """`size` with its sides exchanged if this picture lies on its side; its own inverse."""
        return (size[1], size[0]) if self.orientation in _SIDEWAYS else size


def inspect(data: bytes, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Picture:
    """What `data` is and which renditions it will have, from its header, without decoding a pixel.

    `name`, the file's name, only makes messages clearer. Raises `PictureError`, whose message completes the
    sentence that begins with the file's name: "is empty", "is 12000 × 12000 pixels; the limit is …".
    """
    source = open_source(data, limits, name)
    return plan(data, *source.upright(source.image.size))


def refuse_weight(size: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise `PictureError` where a picture has more bytes than are read."""
    if size > limits.max_bytes:
        raise PictureError(
            f"is {size / 1e6:.1f} MB; the limit is {limits.max_bytes / 1e6:g} MB; scale it down first"
        )


def inspect_cover(data: bytes) -> Picture:
    """What the first page of a PDF becomes as a picture. Raises `PictureError`, as `inspect` does."""
    if recognise(data) != PDF:
        raise PictureError("is not a PDF")
    return plan(data, *cover_size(data))


def open_source(data: bytes, limits: Limits, name: str = "") -> Source:
    """Open `data` after every check that the header allows. Raises `PictureError`."""
    if not data:
        raise PictureError("is empty")
    refuse_weight(len(data), limits)
    kind = recognise(data)
    if kind not in _OPENERS:
        raise PictureError(refusal(data, kind, name))
    stream = io.BytesIO(data)
    with decoder_errors_as_ours(limits):
        image = _OPENERS[kind](stream)
    _check_size(image.size, limits)
    if getattr(image, "is_animated", False):
        raise PictureError(f"is an animated {kind}; {ACCEPTED}")
    exif = image.info.get("exif", b"")
    if kind == PNG:
        exif = _trailing_exif_of_png(data) or exif
    elif kind == JPEG and data.find(b"\xff\xd9", stream.tell()) < 0:
        # The end marker cannot occur within coded pixels: if none follows their beginning, some are lost.
        raise PictureError("is damaged: it ends early")
    return Source(image, _orientation(exif))


@contextmanager
def decoder_errors_as_ours(limits: Limits) -> Iterator[None]:
    """Turn whatever a decoder raises into `PictureError`; keep its warnings, which name no file, quiet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        # Only the WebP class checks by itself, and only beyond Pillow's own, higher limit.
        raise PictureError(f"has far too many pixels; {_pixel_limit(limits)}") from error
    except MemoryError as error:
        raise PictureError("needs more memory than there is; scale it down first") from error
    except _DECODER_ERRORS as error:
        early = "truncated" in str(error).lower()
        raise PictureError(f"is damaged: it {'ends early' if early else 'cannot be decoded'}") from error


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise PictureError(f"is {width} × {height} pixels; {_pixel_limit(limits)}")
    if max(size) > MAX_SIDE:
        raise PictureError(
            f"is {width} × {height} pixels; no side may be longer than {MAX_SIDE} pixels; scale it down first"
        )


def _pixel_limit(limits: Limits) -> str:
    return f"the limit is {limits.max_pixels / 1e6:g} million pixels; scale it down first"


def _orientation(exif: bytes) -> int:
    # From EXIF alone, as browsers do, so that editors see the same in every program. `getexif()` is avoided:
    # on a PNG it decodes everything. Broken EXIF is no reason to refuse a picture that can be seen.
    entries = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            entries.load(exif)
            value = entries.get(Base.Orientation, 1)
    except _DECODER_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _trailing_exif_of_png(data: bytes) -> bytes:
    # Some programs write EXIF behind the pixels, where opening does not look. Also notices a missing end.
    place, exif = 8, b""
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        if kind == b"eXIf":
            exif = data[place + 8 : place + 8 + length]
        if kind == b"IEND":
            return exif
        place += 12 + length
    raise PictureError("is damaged: it ends early")
