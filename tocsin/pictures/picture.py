"""The types that describe a picture. They do no I/O and know nothing of Pillow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WIDTHS = (320, 640, 1280)
"""Widths of renditions in CSS pixels: a phone, a column, a wide or dense screen."""

MAX_SIDE = 16_384
"""Longest side of a source in pixels. WebP ends at 16,383, AVIF decoders in browsers at about this."""

RenditionFormat = Literal["avif", "jpeg"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may weigh (bytes as stored) and measure (width times height)."""

    max_bytes: int = 20_000_000
    max_pixels: int = 40_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file that readers get, sizes in pixels. Its name tells its content: it may be cached for ever."""

    name: str
    format: RenditionFormat
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A source picture: its upright size in pixels and its renditions, by format and then by width.

    `digest` (64 hexadecimal digits) changes with the source's bytes, the recipe and the codecs, so it stands
    for all that the renditions depend on.
    """

    digest: str
    width: int
    height: int
    renditions: tuple[Rendition, ...]

    def of_format(self, wanted: RenditionFormat) -> tuple[Rendition, ...]:
        """The renditions of one format, narrowest first: what a `srcset` lists."""
        return tuple(rendition for rendition in self.renditions if rendition.format == wanted)
