"""A picture of a document in its own format, with its pixels alone."""

from __future__ import annotations

import io

from PIL.Image import Image

from tocsin.errors import PictureError
from tocsin.pictures.encoding import UPRIGHT, in_srgb
from tocsin.pictures.formats import JPEG, PNG, recognise
from tocsin.pictures.picture import DEFAULT_LIMITS, Limits
from tocsin.pictures.source import decoder_errors_as_ours, open_source


def rewritten(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """A JPEG or PNG decoded and encoded again, upright and in sRGB. Raises `PictureError`."""
    kind = recognise(data)
    if kind not in (JPEG, PNG):
        raise PictureError("is neither JPEG nor PNG; save it as one of them")
    source = open_source(data, limits)
    profile = source.image.info.get("icc_profile", b"")
    with decoder_errors_as_ours(limits):
        source.image.load()
    pixels: Image = source.image
    if pixels.mode not in ("L", "RGB", "RGBA"):
        pixels = pixels.convert("RGBA" if pixels.has_transparency_data else "RGB")
    if source.orientation in UPRIGHT:
        pixels = pixels.transpose(UPRIGHT[source.orientation])
    if profile and pixels.mode == "RGB":
        pixels = in_srgb(pixels, profile)
    pixels.info.clear()
    stream = io.BytesIO()
    if kind == JPEG:
        pixels.convert("RGB").save(stream, "JPEG", quality=88, optimize=True, progressive=False)
    else:
        pixels.save(stream, "PNG", optimize=True)
    return stream.getvalue()
