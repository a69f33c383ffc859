"""What is published beside pages: renditions of pictures, and cleaned documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tocsin.attachments import cleaned
from tocsin.attachments import prune as prune_documents
from tocsin.console.quick import STATE
from tocsin.errors import AttachmentError, ContentError, Finding
from tocsin.library.entry import Entry, picture_of
from tocsin.make.engine import FILE
from tocsin.make.state import Job
from tocsin.pictures import Picture, PictureCache, encode_all
from tocsin.render.pictures import FOLDER
from tocsin.reporting import Reporter


class Published(NamedTuple):
    """A file that is published beside pages: a rendition of a picture, or a cleaned document."""

    address: str
    source: str
    digest: str
    picture: Picture | None


def published_files(entries: Mapping[str, Entry]) -> dict[Job, Published]:
    """Every such file of the site by the job that puts it into the output.

    The digest is part of the job's name, so that a document with new content is a new job.
    """
    found: dict[Job, Published] = {}
    for entry in entries.values():
        for name, plain in entry.pictures:
            picture = picture_of(plain)
            for rendition in picture.renditions:
                address = f"{FOLDER}/{rendition.name}"
                file = Published(address, f"{entry.folder}/{name}", picture.digest, picture)
                found[FILE, address, picture.digest] = file
        for address, name, digest in entry.documents:
            found[FILE, address, digest] = Published(address, f"{entry.folder}/{name}", digest, None)
    return found


def prepare(wanted: Iterable[Published], root: Path, workers: int, reporter: Reporter) -> dict[str, Path]:
    """Encode pictures and clean documents that are to be copied; where each lies, by its address."""
    files = list(wanted)
    cache = PictureCache(root / STATE / "pictures")
    pictures = {file.source: file.picture for file in files if file.picture is not None}
    to_encode = [(name, (root / name).read_bytes, own) for name, own in sorted(pictures.items())]

    def progress(done: int, total: int, label: str) -> None:
        reporter.progress("pictures", done, total)

    faults = encode_all(to_encode, cache, workers, progress) if to_encode else []
    places: dict[str, Path] = {}
    for file in files:
        if file.picture is not None:
            places[file.address] = cache.folder / file.address.removeprefix(f"{FOLDER}/")
            continue
        try:
            places[file.address] = cleaned(root / file.source, file.digest, root / STATE / "documents")
        except AttachmentError as error:
            faults.append(Finding(file.source, 0, str(error), "unclean-file"))
    if faults:
        raise ContentError(faults)
    return places


def prune(files: Iterable[Published], root: Path) -> None:
    """Forget renditions and copies of what is no longer published."""
    published = list(files)
    pictures = [file.picture for file in published if file.picture is not None]
    PictureCache(root / STATE / "pictures").prune(pictures)
    prune_documents(root / STATE / "documents", (file.digest for file in published if file.picture is None))
