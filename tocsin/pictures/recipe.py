"""What renditions a picture has, what they are called, and with which options they are made.

Names are made from everything that their bytes depend on: the source, the options, and the versions of the
codecs. So a name never changes its content, every mirror has the same files, and a new Pillow makes new names
instead of mixing old bytes with new.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache

import PIL
from PIL import AvifImagePlugin, features

from tocsin.errors import MissingToolError
from tocsin.pictures import cover
from tocsin.pictures.formats import PDF, recognise
from tocsin.pictures.picture import WIDTHS, Picture, Rendition, RenditionFormat

ENDINGS: dict[RenditionFormat, str] = {"avif": "avif", "jpeg": "jpg"}

# Measured on grainy portraits: quality 50 is AVIF's low-bandwidth choice, below speed 6 time is wasted. One
# thread and no tiles, since AVIF's bytes depend on how many threads encode; the work is spread over pictures
# instead.
SAVE_OPTIONS: dict[RenditionFormat, dict[str, str | int | bool]] = {
    "avif": {
        "format": "AVIF",
        "codec": "aom",
        "quality": 50,
        "speed": 6,
        "subsampling": "4:2:0",
        "range": "full",
        "max_threads": 1,
        "autotiling": False,
    },
    "jpeg": {"format": "JPEG", "quality": 80, "subsampling": "4:2:0", "progressive": True, "optimize": True},
}

# Raise this when the steps between decoding and saving change what comes out.
_STEPS_VERSION = 1

# A source between two steps gets a rendition of its own width if that is clearly more than the step below.
_WORTHWHILE = 1.25


def plan(data: bytes, width: int, height: int) -> Picture:
    """The picture that `data`, of the given upright size in pixels, becomes. Nothing is encoded."""
    digest = digest_of(data)
    renditions = tuple(
        Rendition(
            name=f"{digest[:32]}-{step}.{ending}",
            format=form,
            width=step,
            height=_scaled(height, step, width),
        )
        for form, ending in ENDINGS.items()
        for step in rendition_widths(width)
    )
    return Picture(digest, width, height, renditions)


def digest_of(data: bytes) -> str:
    """SHA-256 of the source's bytes together with the recipe and the codecs, as 64 hexadecimal digits."""
    made_with = recipe_fingerprint() + (cover.fingerprint() if recognise(data) == PDF else "")
    return hashlib.sha256(made_with.encode("ascii") + hashlib.sha256(data).digest()).hexdigest()


def rendition_widths(width: int) -> list[int]:
    """Widths to make from a source of `width` pixels, ascending, never wider than the source.

    >>> rendition_widths(4000), rendition_widths(700), rendition_widths(1000), rendition_widths(90)
    ([320, 640, 1280], [320, 640], [320, 640, 1000], [90])
    """
    widths = [step for step in WIDTHS if step <= width]
    below = widths[-1] if widths else 0
    if width < WIDTHS[-1] and width >= below * _WORTHWHILE:
        widths.append(width)
    return widths


@cache
def recipe_fingerprint() -> str:
    """Everything but the source that the bytes depend on, as one line of JSON.

    Raises `MissingToolError` where Pillow was built without a codec that renditions need.
    """
    codecs = {
        "pillow": PIL.__version__,
        "libavif": features.version("avif"),
        "aom": AvifImagePlugin.get_codec_version("aom") if AvifImagePlugin.SUPPORTED else None,
        "jpeg": features.version("libjpeg_turbo"),
        "lcms": features.version("littlecms2"),
        "webp": features.version("webp"),
    }
    absent = ", ".join(sorted(codec for codec, version in codecs.items() if not version))
    if absent:
        raise MissingToolError(f"Pillow here lacks {absent}; install the wheel that requirements.lock names")
    recipe = {"codecs": codecs, "save": SAVE_OPTIONS, "steps": _STEPS_VERSION}
    return json.dumps(recipe, sort_keys=True, separators=(",", ":"))


def _scaled(height: int, step: int, width: int) -> int:
    # In integers, so that no rounding mode matters; a strip of 5000 x 10 still has a row.
    return max(1, (2 * height * step + width) // (2 * width))
