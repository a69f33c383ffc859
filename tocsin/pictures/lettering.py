"""Lettering: writing words into pictures, in any script that the fonts have.

HarfBuzz chooses, joins and places the glyphs, and draws their outlines; nothing of the system takes part, so
letters are the same on every machine. It writes one text in one font and one direction. So this module knows
what each font has (`writable`), cuts a line where another font or direction begins, and puts the pieces side
by side. Everything is measured in parts of the size, which is why a word is shaped once for all sizes.

The fonts come in packages that `requirements.lock` pins, and are those and no others: Noto Serif (Latin,
Cyrillic, Greek) and Amiri (a Naskh for Arabic, Persian, Urdu), both under the SIL Open Font License 1.1.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from tocsin.errors import MissingToolError
from tocsin.pictures.direction import in_order, levels

if TYPE_CHECKING:
    from uharfbuzz import Font


@dataclass(frozen=True, slots=True)
class Face:
    """A font by the package and file that hold it, and the weight of a font that has several.

    `sha256` stands here and is compared when the file is read: names of pictures are made from it without
    reading the file, and no other font can slip under such a name.
    """

    package: str
    file: str
    sha256: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One design in two weights, which have the same letters."""

    regular: Face
    bold: Face


_NOTO_SERIF = "NotoSerif[wdth,wght].ttf"
_NOTO_SERIF_SUM = "4d8e6761424656867019081a1a01336f3cb086982682698714054fc33f782713"
SERIF = Family(
    Face("fontpkg_noto_serif", _NOTO_SERIF, _NOTO_SERIF_SUM, 400),
    Face("fontpkg_noto_serif", _NOTO_SERIF, _NOTO_SERIF_SUM, 700),
)
NASKH = Family(
    Face(
        "fontpkg_amiri",
        "Amiri-Regular.ttf",
        "ab391c4147d054c48976e98322ad0eefe1427aa0e0502a12a4c75d80a70cfcd7",
    ),
    Face(
        "fontpkg_amiri", "Amiri-Bold.ttf", "cfccb794268e7d573d857e6d6a67f89cf8a053e8ffd85dfa0c8ec1bb36fc4827"
    ),
)
_FAMILIES = (SERIF, NASKH)

# What joined signs that were left out.
_LONE_JOINER = re.compile(r"(?<![\w\u200c])[\u200c\u200d]+")
# As many as vowel signs and doubling need in Arabic; a pile of them would cover the line above.
_MOST_MARKS = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: size in pixels, weight, and the language, whose direction the line has."""

    size: int
    bold: bool
    language: str
    is_rtl: bool


class Glyph(NamedTuple):
    """One drawn sign: its font, its number there, and its place on the line in parts of the size."""

    face: Face
    number: int
    x: float
    y: float


@cache
def fingerprint() -> str:
    """Everything but the words that lettering depends on. Raises `MissingToolError`."""
    faces = [(face.sha256, face.weight) for family in _FAMILIES for face in (family.regular, family.bold)]
    return repr((version("uharfbuzz"), faces))


def writable(text: str) -> str | None:
    """`text` as it can be written; None where a letter or a digit of it is in no font.

    Signs that are in no font, such as emoji, are left out: a title says the same without them, while a word
    with a gap says something else.
    """
    if not text.isascii():
        text = _unpiled(text)
    known = _known()
    if known.issuperset(text):
        return text
    lacking = set(text) - known
    if any(unicodedata.category(sign)[0] in "LN" for sign in lacking):
        return None
    kept = "".join(sign for sign in text if sign not in lacking)
    return " ".join(_LONE_JOINER.sub("", kept).split())


def _unpiled(text: str) -> str:
    """`text` composed (NFC), with no more marks on a letter than a line has room for."""
    kept: list[str] = []
    pile = 0
    for sign in unicodedata.normalize("NFC", text):
        pile = pile + 1 if unicodedata.combining(sign) else 0
        if pile <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def width(text: str, style: Style) -> float:
    """How far `text` reaches, in pixels."""
    return shaped(text, style.bold, style.language, style.is_rtl)[1] * style.size


class Lines:
    """Lines of text on their way into one picture: written one by one, drawn all at once."""

    def __init__(self, size: tuple[int, int]) -> None:
        from uharfbuzz import RasterDraw, RasterExtents

        self._size = size
        self._draw = RasterDraw()
        # Rows of a multiple of four bytes, which is what comes back in any case.
        self._draw.extents = RasterExtents(0, 0, size[0], size[1], 0)

    def write(self, place: tuple[int, int], text: str, style: Style) -> None:
        """Write a line. `place` is where its base line begins: on the right, where it is read from there."""
        glyphs, reach = shaped(text, style.bold, style.language, style.is_rtl)
        left = place[0] - reach * style.size if style.is_rtl else place[0]
        base = self._size[1] - place[1]  # HarfBuzz counts from below
        for glyph in glyphs:
            font = _font(glyph.face)
            scale = style.size / font.face.upem
            x, y = left + glyph.x * style.size, base + glyph.y * style.size
            self._draw.transform = (scale, 0, 0, scale, x, y)
            self._draw.draw_glyph(font, glyph.number)

    def coverage(self) -> Image.Image:
        """How much of each pixel is inked, from 0 to 255."""
        drawn = self._draw.render()
        return Image.frombytes("L", self._size, drawn.buffer, "raw", "L", drawn.extents.stride, -1)


@lru_cache(maxsize=20_000)
def shaped(text: str, bold: bool, language: str, is_rtl: bool) -> tuple[tuple[Glyph, ...], float]:
    """The glyphs of a line from left to right, and how far they reach, in parts of the size."""
    glyphs: list[Glyph] = []
    reach = 0.0
    chosen = _families(text, is_rtl=is_rtl)
    embedding = levels(text, is_rtl=is_rtl)
    for level, begin, end in in_order(list(_runs(embedding, chosen))):
        family = _FAMILIES[chosen[begin]]
        face = family.bold if bold else family.regular
        reach = _shape(text[begin:end], face, language, level % 2 == 1, reach, glyphs)
    return tuple(glyphs), reach


def _shape(text: str, face: Face, language: str, is_rtl: bool, reach: float, glyphs: list[Glyph]) -> float:
    """Add the glyphs of a run of one font and direction that begins at `reach`; return where it ends."""
    from uharfbuzz import Buffer, shape

    buffer = Buffer()
    buffer.add_str(text)
    buffer.direction = "rtl" if is_rtl else "ltr"
    buffer.guess_segment_properties()  # the script; direction and language are given
    buffer.language = language
    font = _font(face)
    shape(font, buffer)
    em = font.face.upem
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(Glyph(face, info.codepoint, reach + place.x_offset / em, place.y_offset / em))
        reach += place.x_advance / em
    return reach


def _families(text: str, *, is_rtl: bool) -> list[int]:
    """Which family writes each character: the line's own, where it has it.

    A space or a sign that both have stays with the letter before it, so that words of a script are one piece.
    """
    own, other = (1, 0) if is_rtl else (0, 1)
    if _letters(_FAMILIES[own].regular).issuperset(text):
        return [own] * len(text)
    chosen: list[int] = []
    before = own
    for sign in text:
        is_letter = unicodedata.category(sign)[0] == "L"
        for family in (own, other) if is_letter else (before, own, other):
            if sign in _letters(_FAMILIES[family].regular):
                before = family
                break
        chosen.append(before)
    return chosen


def _runs(embedding: list[int], chosen: list[int]) -> Iterator[tuple[int, int, int]]:
    """Level, begin and end of each stretch of one level and one font."""
    begin = 0
    for (level, _), places in groupby(zip(embedding, chosen, strict=True)):
        end = begin + sum(1 for _ in places)
        yield level, begin, end
        begin = end


@cache
def _font(face: Face) -> Font:
    """A font, ready to shape and draw; sizes are given when it draws."""
    from uharfbuzz import Blob, Font
    from uharfbuzz import Face as Opened

    font = Font(Opened(Blob(_data(face))))
    if face.weight is not None:
        font.set_variations({"wght": face.weight})
    return font


def _data(face: Face) -> bytes:
    """The bytes of a font file, which are those that are meant."""
    found = importlib.util.find_spec(face.package)
    again = "delete .venv and run the command again: it is then made anew from requirements.lock"
    if found is None or found.origin is None:
        raise MissingToolError(f"the package {face.package} with the font {face.file} is missing; {again}")
    try:
        data = (Path(found.origin).parent / "files" / face.file).read_bytes()
    except OSError as error:
        raise MissingToolError(
            f"the font {face.file} of {face.package} cannot be read ({error.strerror}); {again}"
        ) from None
    if hashlib.sha256(data).hexdigest() != face.sha256:
        raise MissingToolError(
            f"the font {face.file} of {face.package} is not the one that is meant; {again}"
        )
    return data


@cache
def _known() -> frozenset[str]:
    return frozenset().union(*(_letters(family.regular) for family in _FAMILIES))


@cache
def _letters(face: Face) -> frozenset[str]:
    """Every character that a font has a glyph for."""
    return frozenset(map(chr, _font(face).face.unicodes))
