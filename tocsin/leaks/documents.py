"""PDF: what can be read on its pages, and everything in it that tells of its makers.

Two programs look: QPDF (pikepdf) sees every object of the file, PDFium draws pages and knows what their
glyphs stand for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tocsin.leaks.images import JPEG_COLOURS, jpeg
from tocsin.leaks.looking import Fault, Found, OpaqueError, Text
from tocsin.leaks.times import holds_pdf_date

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

RULE = "document-metadata"
# What the catalogue of a document may hold (PDF 32000-1, table 28): pages, language, structure, outlines.
# fmt: off
_CATALOG = frozenset({
    "/Type", "/Pages", "/Version", "/Lang", "/MarkInfo", "/StructTreeRoot", "/ViewerPreferences",
    "/Outlines", "/PageLayout", "/PageMode",
})
# fmt: on
# Keys that only programs which write documents leave, and what they are.
_TELLING = {
    "/Metadata": "XMP metadata",
    "/PieceInfo": "private data of a program",
    "/LastModified": "a time of change",
    "/CreationDate": "a time of making",
    "/ModDate": "a time of change",
    "/EmbeddedFiles": "files inside it",
    "/EF": "files inside it",
    "/JS": "a script",
    "/AcroForm": "a form",
    "/Thumb": "a thumbnail",
}
# An object that leads so deep leads to itself.
_DEPTH = 60


def pdf(data: bytes) -> Found:
    """The texts of a document, and what is not to be in it."""
    import pikepdf

    if not data.startswith(b"%PDF"):
        raise OpaqueError("is no PDF")
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            yield from _told(document)
            yield from _objects(document)
    except pikepdf.PasswordError:
        raise OpaqueError("is protected by a password") from None
    except pikepdf.PdfError:
        raise OpaqueError("is a damaged PDF") from None
    # A linearised file has two ends; one that was changed by adding to it has what was before still in it.
    if data.count(b"%%EOF") > (2 if b"/Linearized" in data[:1024] else 1):
        yield Fault(RULE, "holds earlier versions of itself")
    yield from _pages(data)


def _told(document: Pdf) -> Iterator[Fault]:
    if document.trailer.get("/Info") is not None:
        yield Fault(RULE, "names its author, its program or its times (document information)")
    for name in sorted(set(document.Root.keys()) - _CATALOG - set(_TELLING)):
        yield Fault(RULE, f"has {name} in its catalogue, which its pages do not need")


def _objects(document: Pdf) -> Found:
    """Every string of every object, pictures in their own format, and keys that tell."""
    import pikepdf

    told: set[str] = set()
    has_date = False
    for thing in [*document.objects, document.trailer]:
        for key, value in _inner(thing, 0):
            if key in _TELLING:
                told.add(_TELLING[key])
            if isinstance(value, pikepdf.String):
                text = str(value)
                has_date = has_date or holds_pdf_date(text)
                yield Text("the metadata of the document", text)
            elif isinstance(value, pikepdf.Name):
                yield Text("the metadata of the document", str(value))
        if isinstance(thing, pikepdf.Stream):
            yield from _stream(thing)
    for what in sorted(told):
        yield Fault(RULE, f"holds {what}")
    if has_date:
        yield Fault("time", "holds a date as programs write it")


def _inner(thing: Object, depth: int) -> Iterator[tuple[str, Any]]:
    """Every key and value in an object; other objects that it refers to are looked at by themselves."""
    import pikepdf

    if depth > _DEPTH:
        return
    pairs: list[tuple[str, Any]] = []
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        pairs = [(str(key), thing.get(key)) for key in thing.keys()]  # noqa: SIM118 - no mapping
    elif isinstance(thing, pikepdf.Array):
        pairs = [("", value) for value in thing.as_list()]
    elif depth == 0:
        pairs = [("", thing)]
    for key, value in pairs:
        yield key, value
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from _inner(value, depth + 1)


def _stream(thing: Any) -> Found:
    kind = thing.get("/Type")
    if kind in {"/Metadata", "/EmbeddedFile"}:
        yield Text("the metadata of the document", thing.read_bytes().decode("utf-8", "replace"))
    if thing.get("/Subtype") == "/Image" and thing.get("/Filter") == "/DCTDecode":
        yield from jpeg(thing.read_raw_bytes(), JPEG_COLOURS | {0xE0})


def _pages(data: bytes) -> Iterator[Text]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            text = page.get_textpage()
            yield Text("the text of its pages", text.get_text_bounded().replace("\r\n", "\n"))
    finally:
        document.close()
