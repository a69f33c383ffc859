"""Which format is cleaned how, and the copies that are kept."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Iterable
from pathlib import Path

from tocsin.errors import AttachmentError
from tocsin.files import write_atomically

FORMATS = ("pdf", "epub", "odt", "docx", "mp3", "mp4")
# Changes when the same source would be cleaned differently; part of the name under which a result is kept.
RECIPE = 2
MAX_BYTES = 100_000_000


def clean(data: bytes, kind: str) -> bytes:
    """A document of a format without traces; equal input gives equal output. Raises `AttachmentError`."""
    if len(data) > MAX_BYTES:
        raise AttachmentError(f"has {len(data) / 1e6:.0f} MB; the limit is {MAX_BYTES // 1_000_000} MB")
    return _cleaner(kind)(data)


def _cleaner(kind: str) -> Callable[[bytes], bytes]:
    """What cleans a format. Its libraries are loaded by builds that have a new document, and by no others."""
    from tocsin.attachments import book, film, office, opendocument, pdf, sound

    cleaners = {
        "pdf": pdf.clean_pdf,
        "epub": book.clean_epub,
        "odt": opendocument.clean_odt,
        "docx": office.clean_docx,
        "mp3": sound.clean_mp3,
        "mp4": film.clean_mp4,
    }
    return cleaners[kind]


def cleaned(source: Path, digest: str, kind: str, cache: Path, *, as_it_is: bool = False) -> Path:
    """The copy of a document whose content has this digest, made if the cache lacks it.

    `as_it_is` says that it may be published uncleaned.
    """
    target = _place(digest, kind, cache, as_it_is=as_it_is)
    total = target.with_suffix(".sha256")
    if not _is_whole(target, total):
        data = source.read_bytes()
        data = data if as_it_is else clean(data, kind)
        write_atomically(target, data)
        write_atomically(total, hashlib.sha256(data).hexdigest().encode())
    return target


def size_of(source: Path, digest: str, kind: str, cache: Path, *, as_it_is: bool = False) -> int:
    """How many bytes the copy has, which is made if the cache lacks it."""
    try:
        return _place(digest, kind, cache, as_it_is=as_it_is).stat().st_size
    except FileNotFoundError:
        return cleaned(source, digest, kind, cache, as_it_is=as_it_is).stat().st_size


def _place(digest: str, kind: str, cache: Path, *, as_it_is: bool) -> Path:
    recipe = "uncleaned" if as_it_is else f"{RECIPE}-{_versions()}"
    return cache / f"{digest}-{recipe}.{kind}"


def _versions() -> str:
    """The libraries that documents are written with."""
    return "-".join(importlib.metadata.version(name) for name in ("pikepdf", "lxml", "pillow"))


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
