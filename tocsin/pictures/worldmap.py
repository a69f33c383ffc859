"""The picture of the world's open cases: land as dots, and a mark for each country that has one.

It draws no borders, so it takes no side in any dispute about one, and gives every country a mark of one size.
It holds no words: one picture serves all languages, and the page beside it says in words and numbers what it
shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache

from PIL import Image

from tocsin.pictures import paper
from tocsin.pictures.land import LAND, PLACES
from tocsin.pictures.paper import Box, Colours

_PITCH, _DOT = 10, 6
# Side of a mark, and the paper left free around it, so that neighbours can be told apart.
_OPEN, _KNOWN = 22, 12
_FREE = 3
# Room above and below for marks at the edge.
_MARGIN = 12
# Raise this when the same cases are drawn differently.
_VERSION = 1
# Places in the palette.
_PAPER, _RULE, _SOFT, _ALARM = range(4)


@cache
def size() -> tuple[int, int]:
    """Width and height of the picture, in pixels."""
    rows = LAND.strip("\n").splitlines()
    return 1280, _PITCH * len(rows) + 2 * _MARGIN


def name(open_in: Collection[str], known: Collection[str], colours: Colours) -> str:
    """The name of the file, made from all that its bytes depend on."""
    sizes = (_PITCH, _DOT, _OPEN, _KNOWN, _FREE, _MARGIN, _VERSION)
    made_from = (sorted(open_in), sorted(known), colours, LAND, PLACES, sizes, paper.fingerprint())
    return f"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]}.png"


def draw(open_in: Collection[str], known: Collection[str], colours: Colours) -> bytes:
    """The picture as a PNG file: where there are open cases, and smaller, where others are known."""
    picture = Image.new("P", size(), _PAPER)
    inks = (colours.paper, colours.rule, colours.soft, colours.alarm)
    picture.putpalette([part for ink in inks for part in paper.colour(ink)])
    for row, line in enumerate(LAND.strip("\n").splitlines()):
        for column, sign in enumerate(line):
            if sign == "#":
                picture.paste(_RULE, _square((column * 10 + 5, row * 10 + 5), _DOT))
    for codes, side, ink in ((set(known) - set(open_in), _KNOWN, _SOFT), (open_in, _OPEN, _ALARM)):
        for code in sorted(codes):
            if code in PLACES:  # a territory that was added to data/regions.toml alone has no mark
                picture.paste(_PAPER, _square(PLACES[code], side + 2 * _FREE))
                picture.paste(ink, _square(PLACES[code], side))
    return paper.packed(picture)


def _square(place: tuple[int, int], side: int) -> Box:
    """A square of that side around a place, which is in tenths of the distance between dots."""
    left, top = (part * _PITCH // 10 - side // 2 for part in place)
    return left, top + _MARGIN, left + side, top + side + _MARGIN
