"""Encoding the pictures of a whole site on all processors, and naming every one that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tocsin.errors import Finding, PictureError
from tocsin.pictures.cache import PictureCache
from tocsin.pictures.encoding import encode
from tocsin.pictures.picture import Picture
from tocsin.pictures.pool import run

Job = tuple[str, Callable[[], bytes], Picture]
"""A label for people (the file's path), what reads the bytes, and what `inspect` said of them."""


def encode_all(
    jobs: Sequence[Job], cache: PictureCache, workers: int, progress: Callable[[int, int, str], None]
) -> list[Finding]:
    """Make every rendition that `cache` lacks; return a finding for each failed job, in the order of `jobs`.

    Equal pictures are made once. `progress` is told how many pictures are done, of how many, and the label of
    the last. Bytes do not depend on `workers`. Raises `BuildError` on a mistake that is no picture's.
    """
    distinct = {picture.digest: (label, load, picture) for label, load, picture in reversed(jobs)}
    pieces = [distinct[digest] for digest in dict.fromkeys(picture.digest for _, _, picture in jobs)]
    finished = 0

    def work(number: int) -> str | None:
        return _fault(pieces[number], cache)

    def done(number: int) -> None:
        nonlocal finished
        finished += 1
        progress(finished, len(pieces), pieces[number][0])

    faults = {
        pieces[number][2].digest: reason for number, reason in run(len(pieces), work, workers, done).items()
    }
    return [
        Finding(label, 0, f"this picture {faults[picture.digest]}", "picture")
        for label, _, picture in jobs
        if picture.digest in faults
    ]


def _fault(job: Job, cache: PictureCache) -> str | None:
    _, load, picture = job
    try:
        if cache.missing(picture):
            encode(load(), picture, cache.folder)
    except PictureError as error:
        return str(error)
    except OSError as error:
        return f"could not be read, or its renditions not written: {error.strerror or error}"
    return None
