"""What is published beside pages: renditions of pictures, and cleaned documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tocsin import forks
from tocsin.attachments import cleaned, size_of
from tocsin.attachments import prune as prune_documents
from tocsin.console.quick import STATE
from tocsin.errors import AttachmentError, ContentError, Finding
from tocsin.library.entry import Entry, picture_of
from tocsin.make.engine import FILE
from tocsin.make.state import Job
from tocsin.pictures import Picture, PictureCache, encode_all
from tocsin.render.pictures import FOLDER
from tocsin.reporting import Reporter

# Of one document: a film of 100 MB is copied, a PDF of 100 MB is gone through object by object.
LIMITS = forks.Limits(seconds=300, memory=2_000_000_000)


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


def prepare(
    wanted: Iterable[Published], root: Path, workers: int, reporter: Reporter, uncleaned: Collection[str]
) -> dict[str, Path]:
    """Encode pictures and clean documents that are to be copied; where each lies, by its address.

    `uncleaned` are the paths of documents that are published as they are.
    """
    files = list(wanted)
    cache = PictureCache(root / STATE / "pictures")
    pictures = {file.source: file.picture for file in files if file.picture is not None}
    to_encode = [(name, (root / name).read_bytes, own) for name, own in sorted(pictures.items())]

    def progress(done: int, total: int, label: str) -> None:
        reporter.progress("pictures", done, total)

    faults = encode_all(to_encode, cache, workers, progress) if to_encode else []
    places = {
        file.address: cache.folder / file.address.removeprefix(f"{FOLDER}/")
        for file in files
        if file.picture is not None
    }
    documents = [file for file in files if file.picture is None]
    for file, place, fault in _documents(documents, root, workers, uncleaned):
        places[file.address] = place
        if fault:
            faults.append(Finding(file.source, 0, fault, "unclean-file"))
    if faults:
        raise ContentError(faults)
    return places


def _documents(
    files: list[Published], root: Path, workers: int, uncleaned: Collection[str]
) -> Iterator[tuple[Published, Path, str]]:
    """Each document with the place of its copy, and what is wrong with it. Strangers' files may take long."""

    def work(file: Published) -> tuple[str, str]:
        forks.step(0)
        try:
            kind = file.address.rpartition(".")[2]
            as_it_is = file.source in uncleaned
            cache = root / STATE / "documents"
            return str(cleaned(root / file.source, file.digest, kind, cache, as_it_is=as_it_is)), ""
        except AttachmentError as error:
            return "", f"{error}, or allow '{file.source}' in site.toml ([attachments], uncleaned)"

    for number, result in forks.run(work, files, workers, LIMITS):
        if isinstance(result, forks.Lost):
            said = f"cannot be cleaned: that {result.said(LIMITS)}; save it anew, or divide it"
            yield files[number], Path(), said
        else:
            yield files[number], Path(result[0]), result[1]


def bytes_of(root: Path, uncleaned: Collection[str]) -> Callable[[str, str, str], int]:
    """What tells the size of a document as it is published, by the path, digest and format of its source."""

    def count(source: str, digest: str, kind: str) -> int:
        return size_of(root / source, digest, kind, root / STATE / "documents", as_it_is=source in uncleaned)

    return count


def prune(files: Iterable[Published], root: Path) -> None:
    """Forget renditions and copies of what is no longer published."""
    published = list(files)
    pictures = [file.picture for file in published if file.picture is not None]
    PictureCache(root / STATE / "pictures").prune(pictures)
    prune_documents(root / STATE / "documents", (file.digest for file in published if file.picture is None))
