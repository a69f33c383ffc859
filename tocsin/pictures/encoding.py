"""From a source's bytes to the bytes of its renditions."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageCms
from PIL.Image import Resampling, Transpose
from PIL.JpegImagePlugin import JpegImageFile

from tocsin.errors import PictureError
from tocsin.pictures.cache import PictureCache
from tocsin.pictures.cover import draw_cover
from tocsin.pictures.formats import PDF, recognise
from tocsin.pictures.picture import Limits, Picture, Rendition
from tocsin.pictures.recipe import SAVE_OPTIONS, digest_of
from tocsin.pictures.source import Source, decoder_errors_as_ours, open_source

# What undoes each EXIF orientation.
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

# Steps that average before the last, exact one; larger is slower and hardly better.
_REDUCING_GAP = 3.0


def encode(data: bytes, picture: Picture, folder: Path) -> list[Path]:
    """Make the renditions of `picture` that the cache in `folder` lacks; return the files written.

    `picture` is what `inspect(data)` gave. Raises `PictureError` if the pixels turn out to be damaged, or if
    `data` is no longer what was inspected; `OSError` if the folder cannot be written.
    """
    cache = PictureCache(folder)
    missing = cache.missing(picture)
    if not missing:
        return []
    if digest_of(data) != picture.digest:
        raise PictureError("was changed while it was being worked on; build again")
    base = _widest(data, picture)
    return cache.keep(picture, {rendition: _compressed(base, rendition) for rendition in missing})


def _widest(data: bytes, picture: Picture) -> Image.Image:
    """The pixels of the widest rendition: upright, sRGB, opaque. All narrower ones are made from them.

    Shrunk first, since turning and converting forty million pixels would take seconds and a gigabyte.
    """
    if recognise(data) == PDF:
        return draw_cover(data)
    limits = Limits(max_bytes=len(data), max_pixels=picture.width * picture.height)
    source = open_source(data, limits)
    profile = source.image.info.get("icc_profile", b"")
    with decoder_errors_as_ours(limits):
        pixels = _shrunk(source, picture.renditions[-1])
    if source.orientation in UPRIGHT:
        pixels = pixels.transpose(UPRIGHT[source.orientation])
    return _opaque(pixels, profile)


def _shrunk(source: Source, widest: Rendition) -> Image.Image:
    image = source.image
    size = source.upright((widest.width, widest.height))
    if isinstance(image, JpegImageFile):
        # JPEG can be decoded at a half, a quarter or an eighth; twice the size wanted is enough to resample.
        image.draft(None, (2 * size[0], 2 * size[1]))
    image.load()
    return _plain(image).resize(size, Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _plain(image: Image.Image) -> Image.Image:
    """`image` in one of the modes L, RGB, CMYK or, where anything is transparent, RGBA."""
    if image.mode.startswith("I"):
        # Sixteen bits a pixel. `convert` would cut off at 255, which makes nearly everything white.
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _opaque(pixels: Image.Image, profile: bytes) -> Image.Image:
    if pixels.mode != "RGBA":
        return in_srgb(pixels, profile)
    paper = Image.new("RGB", pixels.size, "white")
    paper.paste(in_srgb(pixels.convert("RGB"), profile), mask=pixels.getchannel("A"))
    return paper


def in_srgb(pixels: Image.Image, profile: bytes) -> Image.Image:
    """RGB by the profile; where it is absent, broken or meant for other pixels, as if it were sRGB.

    Leaving the profile out without converting would shift the colours of most recent telephones.
    """
    if not profile:
        return pixels.convert("RGB")
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            pixels, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return pixels.convert("RGB")
    return converted or pixels.convert("RGB")


def _compressed(base: Image.Image, rendition: Rendition) -> bytes:
    pixels = base.resize((rendition.width, rendition.height), Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)
    # Pillow writes comments and profiles found here without being asked.
    pixels.info.clear()
    stream = io.BytesIO()
    pixels.save(stream, **SAVE_OPTIONS[rendition.format])  # type: ignore[arg-type]  # options are per format
    return stream.getvalue()
