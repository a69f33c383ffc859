"""The markup of a picture: AVIF where the browser knows it, JPEG otherwise, its size always stated."""

from __future__ import annotations

from markupsafe import Markup, escape

from tocsin.pictures import Picture, Rendition

FOLDER = "i"
MIME = {"avif": "image/avif", "jpeg": "image/jpeg"}


def picture_markup(picture: Picture, alt: str, root: str, *, sizes: str, eager: bool = False) -> Markup:
    """A `picture` element; `alt` is plain text."""
    sources = {kind: _srcset(picture, kind, root) for kind in ("avif", "jpeg")}
    shown = middle(picture)
    loading = "" if eager else ' loading="lazy"'
    return Markup(  # noqa: S704 - every part is a number, a name of ours, or escaped
        f'<picture><source type="image/avif" srcset="{sources["avif"]}" sizes="{sizes}">'
        f'<img src="{root}{FOLDER}/{shown.name}" srcset="{sources["jpeg"]}" sizes="{sizes}" '
        f'width="{shown.width}" height="{shown.height}" alt="{escape(alt)}"{loading} decoding="async">'
        "</picture>"
    )


def plain_picture_markup(picture: Picture, alt: str, root: str, **_: object) -> Markup:
    """One `img`, for programs that may know no more; `alt` is plain text."""
    shown = middle(picture)
    return Markup(  # noqa: S704 - every part is a number, a name of ours, or escaped
        f'<img src="{root}{FOLDER}/{shown.name}" '
        f'width="{shown.width}" height="{shown.height}" alt="{escape(alt)}">'
    )


def _srcset(picture: Picture, kind: str, root: str) -> str:
    found = [r for r in picture.renditions if r.format == kind]
    return ", ".join(f"{root}{FOLDER}/{rendition.name} {rendition.width}w" for rendition in found)


def middle(picture: Picture) -> Rendition:
    """The JPEG for browsers without `srcset`: the one nearest 640 pixels."""
    jpegs = [rendition for rendition in picture.renditions if rendition.format == "jpeg"]
    return min(jpegs, key=lambda rendition: abs(rendition.width - 640))
