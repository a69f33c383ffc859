"""Recognising a file by its content. Names lie: an SVG, which can run scripts, may be called `photo.jpg`."""

from __future__ import annotations

ACCEPTED = "only still JPEG, PNG, WebP and AVIF pictures are accepted"

JPEG, PNG, WEBP, AVIF = "JPEG", "PNG", "WebP", "AVIF"
PDF = "PDF"

_GIF = "GIF"

# Beginnings of files that editors are likely to have, in the order in which they are tried.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF8", _GIF),
    (b"%PDF", PDF),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"II*\x00", "TIFF or a camera's raw picture"),
    (b"MM\x00*", "TIFF or a camera's raw picture"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "GIMP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed file"),
)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}

_TEXT_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"<svg", "SVG"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
)


def recognise(data: bytes) -> str:
    """What the bytes look like: `JPEG`, `PNG`, `WebP`, `AVIF`, a word for something else, or nothing."""
    if data[4:8] == b"ftyp":
        return _recognise_container(data)
    if data[:4] == b"RIFF":
        return WEBP if data[8:12] == b"WEBP" else "a sound or video file"
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    text = data[:2048].removeprefix(b"\xef\xbb\xbf").lower()
    for sign, name in _TEXT_SIGNS:
        if sign in text:
            return name
    return ""


def refusal(data: bytes, looks_like: str, name: str) -> str:
    """Why `data`, which looks like nothing acceptable, is refused: the end of a sentence.

    `name` is the file's name, or empty; it serves only to tell the editor that the ending misleads.
    """
    if looks_like == _GIF:
        return f"is {'an animated' if _moves(data) else 'a'} GIF; {ACCEPTED}"
    if looks_like == "HEIC":
        return f"is an HEIC picture, as telephones take them; export it as JPEG first: {ACCEPTED}"
    _, dot, ending = name.rpartition(".")
    misleading = f", though its name ends in .{ending}" if dot else ""
    guess = f" (it looks like {looks_like})" if looks_like else ""
    return f"is not a picture{misleading}{guess}; {ACCEPTED}"


def _recognise_container(data: bytes) -> str:
    # AVIF, HEIC and MP4 share one container; the brands in its first box tell them apart.
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[8:12]} | {box[place : place + 4] for place in range(16, len(box), 4)}
    if brands & {b"avif", b"avis"}:
        return AVIF
    return "HEIC" if brands & _HEIC_BRANDS else "a sound or video file"


def _moves(gif: bytes) -> bool:
    # Only for the wording: a GIF that loops names this extension; another has several frame headers.
    return b"NETSCAPE2.0" in gif or gif.count(b"\x00\x21\xf9\x04") > 1
