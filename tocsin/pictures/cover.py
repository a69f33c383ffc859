"""Covers: the first page of a PDF as a picture.

PDFium (pypdfium2) draws it. Notes and forms, which the published document lacks as well, are not drawn.
Fonts that are not in the document come from PDFium's own few, never from this system, so that a cover looks
the same wherever it is made.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.Image import Resampling

from tocsin.errors import PictureError
from tocsin.pictures.picture import MAX_SIDE, WIDTHS

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MAX_BYTES = 100_000_000
# A page longer than this for its width is no cover, but a scroll.
_MOST = 4
_OTHERWISE = "give the report a 'picture', which is shown instead"


def fingerprint() -> str:
    """Everything but the document that the pixels of a cover depend on."""
    return f"pypdfium2 {version('pypdfium2')} 1"


def cover_size(data: bytes) -> tuple[int, int]:
    """Width and height of the first page, as wide as the widest rendition. Raises `PictureError`."""
    if len(data) > MAX_BYTES:
        raise PictureError(f"has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES // 1_000_000} MB")
    with _first_page(data) as page:
        return _size(page)


def draw_cover(data: bytes) -> Image.Image:
    """The pixels of the first page, of `cover_size`. Raises `PictureError`."""
    with _first_page(data) as page:
        size = _size(page)
        drawn = page.render(scale=size[0] / page.get_width(), draw_annots=False, may_draw_forms=False)
        image: Image.Image = drawn.to_pil().convert("RGB")
        # PDFium rounds each side up by itself.
        return image if image.size == size else image.resize(size, Resampling.LANCZOS)


def _size(page: PdfPage) -> tuple[int, int]:
    width, height = page.get_width(), page.get_height()
    if width < 1 or height < 1 or height > _MOST * width or WIDTHS[-1] * height / width > MAX_SIDE:
        raise PictureError(f"has a first page of a shape that is no cover's; {_OTHERWISE}")
    return WIDTHS[-1], round(WIDTHS[-1] * height / width)


@contextmanager
def _first_page(data: bytes) -> Iterator[PdfPage]:
    from pypdfium2 import PdfDocument, PdfiumError

    _without_fonts_of_the_system()
    document: PdfDocument | None = None
    try:
        document = PdfDocument(data)
        if len(document) == 0:
            raise PictureError("has no pages")
        yield document[0]
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise PictureError("is protected by a password; save it without one") from None
        raise PictureError(f"has no first page that can be drawn ({error}); {_OTHERWISE}") from None
    finally:
        if document is not None:
            document.close()


@cache
def _without_fonts_of_the_system() -> Any:
    """Tell PDFium that there are none, and keep what it was told: it looks there as long as it runs."""
    from pypdfium2 import raw

    nothing = raw.FPDF_SYSFONTINFO(version=1)  # every function that would look for a font is absent
    raw.FPDF_SetSystemFontInfo(ctypes.byref(nothing))
    return nothing
