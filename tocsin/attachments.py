"""Attachments: documents that readers download, with nothing in them about who made them.

A PDF carries the names of author and program, dates, earlier versions and sometimes other files. It is taken
apart and written anew with its pages alone (pikepdf, which is QPDF): no document information, no XMP, no
scripts, no actions, no embedded files, no form data, no annotations but links to the web.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import AttachmentError
from tocsin.files import write_atomically

if TYPE_CHECKING:
    from pikepdf import Page, Pdf

# Changes when the same source would be cleaned differently; part of the name under which a result is kept.
RECIPE = 1
MAX_BYTES = 100_000_000
_CATALOG_KEPT = (
    "/Type",
    "/Pages",
    "/Lang",
    "/MarkInfo",
    "/StructTreeRoot",
    "/ViewerPreferences",
    "/Outlines",
)


def clean_pdf(data: bytes) -> bytes:
    """The pages of a PDF and nothing else; equal input gives equal output. Raises `AttachmentError`."""
    import pikepdf  # a tenth of a second to import, for builds that have a new document

    if len(data) > MAX_BYTES:
        raise AttachmentError(f"has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES // 1_000_000} MB")
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            _strip(document)
            written = io.BytesIO()
            document.save(written, deterministic_id=True, fix_metadata_version=False)
            return written.getvalue()
    except pikepdf.PasswordError:
        raise AttachmentError("is protected by a password; save it without one") from None
    except pikepdf.PdfError as error:
        raise AttachmentError(f"is not a PDF that can be read ({error})") from None


def _strip(document: Pdf) -> None:
    from pikepdf import Name

    root = document.Root
    for name in list(root.keys()):
        if name not in _CATALOG_KEPT:
            del root[name]
    if Name.Info in document.trailer:
        del document.trailer[Name.Info]
    for page in document.pages:
        for name in ("/AA", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/B"):
            if name in page:
                del page[name]
        if Name.Annots in page:
            _keep_links(page)
    document.remove_unreferenced_resources()


def _keep_links(page: Page) -> None:
    """Of annotations (notes, forms, sounds, files) only links to web addresses stay."""
    from pikepdf import Array, Dictionary, Name

    kept = []
    for note in page[Name.Annots]:
        action = note.get(Name.A)
        if note.get(Name.Subtype) == Name.Link and action is not None and action.get(Name.S) == Name.URI:
            plain = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=note[Name.Rect], Border=[0, 0, 0])
            plain[Name.A] = Dictionary(S=Name.URI, URI=action[Name.URI])
            kept.append(plain)
    page[Name.Annots] = Array(kept)


def cleaned(source: Path, digest: str, cache: Path) -> Path:
    """The cleaned copy of a document whose content has this digest, made if the cache lacks it."""
    import pikepdf

    target = cache / f"{digest}-{RECIPE}-{pikepdf.__version__}.pdf"
    total = target.with_suffix(".sha256")
    if not _is_whole(target, total):
        data = clean_pdf(source.read_bytes())
        write_atomically(target, data)
        write_atomically(total, hashlib.sha256(data).hexdigest().encode())
    return target


def _is_whole(target: Path, total: Path) -> bool:
    try:
        return hashlib.sha256(target.read_bytes()).hexdigest().encode() == total.read_bytes()
    except FileNotFoundError:
        return False


def prune(cache: Path, digests: Iterable[str]) -> None:
    """Forget the copies of documents that are no longer published."""
    used = frozenset(digests)
    for path in cache.iterdir() if cache.is_dir() else ():
        if path.name.partition("-")[0] not in used:
            path.unlink(missing_ok=True)
