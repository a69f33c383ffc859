"""The engine: jobs are done on all processors, their outputs staged, the tree replaced at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from tocsin import forks
from tocsin.errors import BuildError
from tocsin.files import Output
from tocsin.make.state import Facet, Job, Outputs
from tocsin.reporting import Reporter

# Small enough that the last worker does not keep the others waiting, large enough to cost little to hand out.
JOBS_A_PIECE = 40
# Below this many jobs a second process costs more than it saves.
WORTH_FORKING = 24
# A job that copies a file that was made beforehand: `("file", path, digest)`.
FILE = "file"


class MadeText(Protocol):
    """An output as a job returns it."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str | bytes: ...


class StampedData(Protocol):
    """An output as it is written: bytes, and where the base address stands in them."""

    @property
    def data(self) -> bytes: ...

    @property
    def stamps(self) -> Sequence[tuple[int, bool]]: ...


DoJob = Callable[[Job], tuple[Sequence[MadeText], set[Facet]]]
Stamper = Callable[[str | bytes], StampedData]


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
    """What a build did: the outputs of the jobs that were done, and what was deleted."""

    outputs: dict[str, Written] = field(default_factory=dict)
    owners: dict[str, Job] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()

    @property
    def changed(self) -> list[str]:
        """The files that were written."""
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


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine is to do.

    `kept` names the job that made a file of the tree earlier, where that stays, else None. `old` are the
    files that jobs which are done again or are no more have made, or None where that has to be looked up.
    `note` is told of jobs that were done, while others are being done: their outputs (path, digest, size,
    stamps) and facets. `settle` is called with the result when everything is staged and nothing replaced: it
    raises where what was made must not be used. `digests` are those of files that the tree holds for
    certain, which need not be read to be compared with.
    """

    jobs: Sequence[Job]
    files: Mapping[str, Path]
    kept: Callable[[str], Job | None]
    old: Collection[str] | None
    workers: int
    note: Callable[[Sequence[tuple[Job, Outputs, tuple[Facet, ...]]]], None] = lambda records: None
    settle: Callable[[Result], None] = lambda result: None
    is_fresh: bool = False  # there is no tree yet to compare with
    digests: Mapping[str, str | Literal[False]] = field(default_factory=dict)

    @property
    def is_worth_forking(self) -> bool:
        """True where there are enough jobs for several processes."""
        return len(self.jobs) >= WORTH_FORKING

    @property
    def is_cut_by_language(self) -> bool:
        """True where there are so few jobs that no process need do those of every language."""
        return len(self.jobs) < 2 * self.workers * JOBS_A_PIECE


def make(work: Work, do: DoJob, stamp: Stamper, output: Output, reporter: Reporter) -> Result:
    """Do the jobs and replace the tree. What would not change is not written: file times tell the truth."""
    result = Result()
    output.begin()
    try:
        for records in _do_all(work, do, stamp, output, reporter):
            noted: list[tuple[Job, Outputs, tuple[Facet, ...]]] = []
            for job, facets, outputs in records:
                for record in outputs:
                    _claim(work, job, record[0])
                    result.add(job, Written(*record))
                noted.append((job, tuple(record[:-1] for record in outputs), facets))
            work.note(noted)
        old = output.files() if work.old is None else work.old
        gone = {path for path in old if path not in result.outputs and work.kept(path) is None}
        result.deleted = tuple(sorted(gone))
        work.settle(result)
        if result.changed or result.deleted:
            reporter.step("Replacing the output")
            output.commit(result.changed, result.deleted)
    finally:
        output.abandon()
    return result


def _claim(work: Work, job: Job, path: str) -> None:
    other = work.kept(path)
    if other is not None:
        raise BuildError(f"'{path}' is made twice: by {_named(other)} and by {_named(job)}")


def _do_all(work: Work, do: DoJob, stamp: Stamper, output: Output, reporter: Reporter) -> Iterable[list[Any]]:
    pieces = _pieces(work)

    def do_piece(piece: Sequence[Job]) -> list[Any]:
        return [_do_one(job, work, do, stamp, output) for job in piece]

    done = 0
    for number, records in forks.run(do_piece, pieces, work.workers if work.is_worth_forking else 1):
        done += len(pieces[number])
        reporter.progress("pages", done, len(work.jobs))
        yield records


def _pieces(work: Work) -> list[Sequence[Job]]:
    """The jobs as they are handed out.

    Few are cut by their second word, the language: jobs of one language need the same templates, dates and
    cards, which each process would otherwise make for every language.
    """
    if not work.is_cut_by_language:
        return _cut(work.jobs, JOBS_A_PIECE)
    groups: dict[str, list[Job]] = {}
    for job in work.jobs:
        groups.setdefault("" if job[0] == FILE else job[1], []).append(job)
    shares = work.workers if len(groups) > work.workers else 2 * work.workers
    return [piece for group in groups.values() for piece in _cut(group, -(-len(work.jobs) // shares))]


def _cut(jobs: Sequence[Job], size: int) -> list[Sequence[Job]]:
    return [jobs[start : start + size] for start in range(0, len(jobs), size)]


def _do_one(
    job: Job, work: Work, do: DoJob, stamp: Stamper, output: Output
) -> tuple[Job, tuple[Facet, ...], list[tuple[Any, ...]]]:
    if job[0] == FILE:
        return job, (), [_put(work, output, job[1], work.files[job[1]].read_bytes(), ())]
    made, facets = do(job)
    outputs = []
    for text in made:
        stamped = stamp(text.text)
        outputs.append(_put(work, output, text.path, stamped.data, tuple(stamped.stamps)))
    return job, tuple(facets), outputs


def _put(
    work: Work, output: Output, path: str, data: bytes, stamps: tuple[tuple[int, bool], ...]
) -> tuple[Any, ...]:
    digest = hashlib.sha256(data).hexdigest()
    known = work.digests.get(path)
    changed = work.is_fresh or (known != digest if known else output.read(path) != data)
    if changed:
        output.put(path, data)
    return (path, digest, len(data), stamps, changed)
