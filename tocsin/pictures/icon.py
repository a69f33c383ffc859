"""The site's icon: a bell, as an ICO file of three sizes.

Browsers ask for `favicon.ico` wherever they are; a site without one answers each of them with an error.
"""

from __future__ import annotations

import io
from functools import cache

from PIL import Image

from tocsin.pictures.paper import LIGHT, colour

SIZES = (16, 32, 48)
# Drawn so much larger than the largest size, and made smaller: smooth edges without a font.
_SCALE = 8
_SIDE = SIZES[-1] * _SCALE

# The bell in hundredths of the side: its body from the crown down to the rim.
_BODY = ((44, 16), (56, 16), (66, 24), (71, 38), (73, 58), (84, 72), (16, 72), (27, 58), (29, 38), (34, 24))
_CROWN = (45, 8, 55, 18)
_CLAPPER = (41, 70, 59, 88)


@cache
def icon() -> bytes:
    """The bytes of `favicon.ico`: paper-coloured ground, a bell of ink, its clapper in the signal colour."""
    from PIL import ImageDraw  # most builds draw none

    image = Image.new("RGB", (_SIDE, _SIDE), colour(LIGHT.paper))
    draw = ImageDraw.Draw(image)
    draw.ellipse([_part(value) for value in _CLAPPER], fill=colour(LIGHT.alarm))
    draw.ellipse([_part(value) for value in _CROWN], fill=colour(LIGHT.ink))
    draw.polygon([(_part(x), _part(y)) for x, y in _BODY], fill=colour(LIGHT.ink))
    drawn = [image.resize((side, side), Image.Resampling.LANCZOS) for side in SIZES]
    made = io.BytesIO()
    drawn[-1].save(made, "ICO", sizes=[(side, side) for side in SIZES], append_images=drawn[:-1])
    return made.getvalue()


def _part(hundredths: int) -> int:
    return hundredths * _SIDE // 100
