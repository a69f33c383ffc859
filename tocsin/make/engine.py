"""The engine: jobs are done on all processors, their outputs staged, the tree replaced at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tocsin import forks
from tocsin.errors import BuildError
from tocsin.files import Output
from tocsin.reporting import Reporter

Job = tuple[str, ...]
# Small enough that the last worker does not keep the others waiting, large enough to cost little to hand out.
JOBS_A_PIECE = 40


class MadeText(Protocol):
    """An output as a job returns it."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str: ...


class StampedData(Protocol):
    """An output as it is written: bytes, and where the base address stands in them."""

    @property
    def data(self) -> bytes: ...

    @property
    def stamps(self) -> Sequence[tuple[int, bool]]: ...


DoJob = Callable[[Job], tuple[Sequence[MadeText], set[str]]]
Stamper = Callable[[str], StampedData]


@dataclass(frozen=True, slots=True)
class Written:
    """One output of a build. `digest` is SHA-256 in hexadecimal; `stamps` as in `render.stamps`."""

    path: str
    digest: str
    size: int
    stamps: tuple[tuple[int, bool], ...]
    changed: bool


@dataclass(slots=True)
class Result:
    """What a build made: its outputs by path, and the facets that each job read."""

    outputs: dict[str, Written] = field(default_factory=dict)
    owners: dict[str, Job] = field(default_factory=dict)
    facets: dict[Job, tuple[str, ...]] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()

    @property
    def changed(self) -> list[str]:
        return [path for path, written in self.outputs.items() if written.changed]

    def add(self, job: Job, written: Written) -> None:
        """Record an output; two jobs that claim one path are a fault of the site's addresses."""
        if written.path in self.owners:
            other = self.owners[written.path]
            raise BuildError(f"'{written.path}' is made twice: by {_named(other)} and by {_named(job)}")
        self.owners[written.path] = job
        self.outputs[written.path] = written


def _named(job: Job) -> str:
    return " ".join(job)


def make(
    jobs: Sequence[Job],
    do: DoJob,
    stamp: Stamper,
    copies: Mapping[str, Path],
    output: Output,
    *,
    workers: int,
    reporter: Reporter,
) -> Result:
    """Do all jobs, copy the files of `copies` (by output path), and replace the tree.

    What would not change is not written, so times of files tell mirrors the truth.
    """
    result = Result()
    output.begin()
    try:
        for records in _do_all(jobs, do, stamp, output, workers=workers, reporter=reporter):
            for job, facets, outputs in records:
                result.facets[tuple(job)] = tuple(facets)
                for record in outputs:
                    result.add(tuple(job), Written(*record))
        for path, source in sorted(copies.items()):
            result.add(("file", path), _put(output, path, source.read_bytes(), ()))
        result.deleted = tuple(path for path in sorted(output.files()) if path not in result.outputs)
        reporter.step("Replacing the output")
        output.commit(result.changed, result.deleted)
    finally:
        output.abandon()
    return result


def _do_all(
    jobs: Sequence[Job], do: DoJob, stamp: Stamper, output: Output, *, workers: int, reporter: Reporter
) -> Iterable[list[Any]]:
    pieces = [jobs[start : start + JOBS_A_PIECE] for start in range(0, len(jobs), JOBS_A_PIECE)]

    def work(piece: Sequence[Job]) -> list[Any]:
        return [_do_one(job, do, stamp, output) for job in piece]

    done = 0
    for number, records in forks.run(work, pieces, workers):
        done += len(pieces[number])
        reporter.progress("pages", done, len(jobs))
        yield records


def _do_one(job: Job, do: DoJob, stamp: Stamper, output: Output) -> tuple[Job, list[str], list[tuple[Any, ...]]]:
    made, facets = do(job)
    outputs = []
    for text in made:
        stamped = stamp(text.text)
        written = _put(output, text.path, stamped.data, tuple(stamped.stamps))
        outputs.append((written.path, written.digest, written.size, written.stamps, written.changed))
    return job, sorted(facets), outputs


def _put(output: Output, path: str, data: bytes, stamps: tuple[tuple[int, bool], ...]) -> Written:
    changed = output.read(path) != data
    if changed:
        output.put(path, data)
    return Written(path, hashlib.sha256(data).hexdigest(), len(data), stamps, changed)
