"""PDF, taken apart and written anew with its pages alone (pikepdf, which is QPDF).

No document information, no XMP, no scripts, no actions, no embedded files, no form data, no annotations but
links to the web; pictures without what their cameras noted.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tocsin.attachments.jpeg import stripped_jpeg, stripped_jpeg2000
from tocsin.errors import AttachmentError

if TYPE_CHECKING:
    from pikepdf import Object, Page, Pdf

_CATALOG_KEPT = (
    "/Type",
    "/Pages",
    "/Lang",
    "/MarkInfo",
    "/StructTreeRoot",
    "/ViewerPreferences",
    "/Outlines",
)
# What any part of a document may carry and no reader sees.
_TRACES = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/AA",
    "/AF",
    "/EF",
    "/OPI",
    "/Alternates",
    "/Thumb",
    "/Measure",
    "/PtData",
)
_LINKS = ("http://", "https://", "mailto:")
_MAX_LEVELS = 50


def clean_pdf(data: bytes) -> bytes:
    """The pages of a PDF and nothing else; equal input gives equal output. Raises `AttachmentError`."""
    import pikepdf  # a tenth of a second to import, for builds that have a new document

    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            _refuse_hidden_layers(document)
            _strip(document)
            for thing in document.objects:
                _strip_deeply(thing)
            written = io.BytesIO()
            document.save(written, deterministic_id=True, fix_metadata_version=False)
            return written.getvalue()
    except pikepdf.PasswordError:
        raise AttachmentError("is protected by a password; save it without one") from None
    except (pikepdf.PdfError, zlib.error) as error:
        raise AttachmentError(f"is not a PDF that can be read ({error})") from None


def _refuse_hidden_layers(document: Pdf) -> None:
    """Layers are published all or none: a hidden one would be seen once what hides it is gone."""
    layers = document.Root.get("/OCProperties")
    shown: Any = layers.get("/D") if layers is not None else None
    if shown is not None and (len(shown.get("/OFF", [])) or str(shown.get("/BaseState", "")) == "/OFF"):
        raise AttachmentError("has hidden layers; save it with those alone that are to be seen")


def _strip(document: Pdf) -> None:
    from pikepdf import Name

    root = document.Root
    for name in list(root.keys()):
        if name not in _CATALOG_KEPT:
            del root[name]
    if Name.Info in document.trailer:
        del document.trailer[Name.Info]
    for page in document.pages:
        if "/B" in page:
            del page["/B"]
        if Name.Annots in page:
            _keep_links(page)
    document.remove_unreferenced_resources()


def _keep_links(page: Page) -> None:
    """Of annotations (notes, forms, sounds, files) only links to web addresses stay."""
    from pikepdf import Array, Dictionary, Name

    kept = []
    for note in page[Name.Annots]:
        action: Any = note.get(Name.A)
        if note.get(Name.Subtype) == Name.Link and _leads_out(action):
            plain = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=note[Name.Rect], Border=[0, 0, 0])
            plain[Name.A] = Dictionary(S=Name.URI, URI=action[Name.URI])
            kept.append(plain)
    page[Name.Annots] = Array(kept)


def _leads_out(action: Any) -> bool:
    """True for an action that opens an address which a page of the site may have."""
    return (
        action is not None
        and str(action.get("/S")) == "/URI"
        and str(action.get("/URI", "")).lower().startswith(_LINKS)
    )


def _strip_deeply(thing: Any, level: int = 0) -> None:
    """Take the traces out of an object and what is written inside it."""
    import pikepdf

    if level > _MAX_LEVELS:
        raise AttachmentError("is nested too deeply to be cleaned; save it anew")
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for name in _TRACES:
            if name in thing:
                del thing[name]
        if "/Title" in thing and "/A" in thing and not _stays(thing["/A"]):
            del thing["/A"]
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == pikepdf.Name.Image:
            _strip_picture(thing)
    for inner in _inside(thing):
        _strip_deeply(inner, level + 1)


def _stays(action: Any) -> bool:
    """Of the actions of bookmarks those that lead to a page, or to the web."""
    return str(action.get("/S")) == "/GoTo" or _leads_out(action)


def _inside(thing: Any) -> Iterator[Object]:
    """The parts of an object that have no number of their own, and so are met nowhere else."""
    import pikepdf

    parts: Any = ()
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        parts = (part for _, part in thing.items())
    elif isinstance(thing, pikepdf.Array):
        parts = iter(thing)
    for part in parts:
        if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect:
            yield part


def _strip_picture(picture: Any) -> None:
    import pikepdf

    filters: Any = picture.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    strip = {"/DCTDecode": stripped_jpeg, "/JPXDecode": stripped_jpeg2000}.get(names[-1])
    if strip is None:
        return
    data = picture.read_raw_bytes()
    for name in names[:-1]:
        if name != "/FlateDecode":
            raise AttachmentError("holds a picture that is packed in an unusual way; save it anew")
        data = zlib.decompress(data)
    parameters = picture.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[-1]
    parameters = parameters if isinstance(parameters, pikepdf.Dictionary) else None
    picture.write(strip(data), filter=pikepdf.Name(names[-1]), decode_parms=parameters)
