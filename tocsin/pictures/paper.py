"""Ink on paper: pictures that are drawn here, in the theme's few colours, as small PNG files.

What is drawn is coverage: how much of a pixel is inked, from 0 to 255. It becomes steps of an ink at the very
end, region by region. A picture of forty colours is a third of the size that JPEG makes of it, sharp at every
edge, and quickly packed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, features

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels; right and bottom are the first outside."""

Colour = tuple[int, int, int]

STEPS = 8
"""How finely the edge of a letter is graded; more steps cannot be seen and cost bytes."""

# Level 3 of zlib: below, files grow; above, packing takes longer than drawing.
_LEVEL = 3


def colour(code: str) -> Colour:
    """A colour by its six hexadecimal digits, as the style sheet writes it.

    >>> colour("#ae1424")
    (174, 20, 36)
    """
    red, green, blue = bytes.fromhex(code.removeprefix("#"))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of the theme that pictures use, as `theme/static/site.css` names them."""

    paper: str
    ink: str
    soft: str
    rule: str
    wash: str
    alarm: str


LIGHT = Colours(
    paper="#f7f6f2", ink="#1b1a17", soft="#5b5850", rule="#cfccc2", wash="#edebe4", alarm="#ae1424"
)
DARK = Colours(
    paper="#151513", ink="#e9e6dd", soft="#aaa69b", rule="#403e38", wash="#21201d", alarm="#ff8f86"
)


def fingerprint() -> str:
    """Everything but what is drawn that the bytes of a file depend on."""
    return repr((features.version("zlib"), features.version("zlib_ng"), STEPS, _LEVEL))


def inked(coverage: Image.Image, paper: str, inks: Sequence[tuple[str, Box | None]]) -> bytes:
    """A PNG of `coverage`: the first of `inks` is for the whole, each further one for its region."""
    table: list[Colour] = []
    indices = Image.new("L", coverage.size)
    for number, (ink, box) in enumerate(inks):
        table += _ramp(paper, ink)
        region = coverage if box is None else coverage.crop(box)
        indices.paste(region.point(_graded(number * STEPS)), box or (0, 0))
    indices.putpalette([part for one in table for part in one])
    return packed(indices)


def packed(picture: Image.Image) -> bytes:
    """A PNG file of the pixels and their palette, and nothing else."""
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_LEVEL)
    return stream.getvalue()


def _ramp(paper: str, ink: str) -> list[Colour]:
    """The steps from paper to ink."""
    first, last = colour(paper), colour(ink)

    def between(step: int, part: int) -> int:
        return (2 * (first[part] * (STEPS - 1 - step) + last[part] * step) + STEPS - 1) // (2 * (STEPS - 1))

    return [(between(step, 0), between(step, 1), between(step, 2)) for step in range(STEPS)]


@cache
def _graded(offset: int) -> list[int]:
    """From coverage to the place of its step in the palette."""
    return [offset + (2 * value * (STEPS - 1) + 255) // 510 for value in range(256)]
