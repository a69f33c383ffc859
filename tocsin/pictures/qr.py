"""QR pictures (ISO/IEC 18004): addresses that a telephone's camera can read from paper or from a screen."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

# Pixels of a module, and modules of white around it, which the standard asks for.
_SCALE, _BORDER = 4, 4
# A sixth of it may be torn or dirty.
_CORRECTION = "m"


def name(text: str) -> str:
    """The name of the file, made from all that its bytes depend on."""
    import segno  # seldom needed, so no build waits for it that draws none

    made_from = (text, _SCALE, _BORDER, _CORRECTION, segno.__version__)
    return f"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]}.png"


def size(text: str) -> int:
    """Width and height in pixels."""
    width, _ = _code(text).symbol_size(scale=_SCALE, border=_BORDER)
    return int(width)


def draw(text: str) -> bytes:
    """The picture as a PNG file, black on white in the dark as well: many cameras read nothing else."""
    made = io.BytesIO()
    _code(text).save(made, kind="png", scale=_SCALE, border=_BORDER, dark="#000", light="#fff")
    return made.getvalue()


def _code(text: str) -> segno.QRCode:
    import segno

    return segno.make(text, error=_CORRECTION, micro=False, boost_error=False)
