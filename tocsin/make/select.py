"""Which jobs to do: new ones, those whose facets have other answers now, those whose files are gone."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.ledger.store import digest
from tocsin.make.state import Facet, Job, State

Answer = Callable[[Facet], Any]
# Time of change and of status change in nanoseconds, size, and the job that made the file.
KeptFile = tuple[int, int, int, Job]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different since the state was saved.

    `everything`: the code, the site's settings or the past itself; no answer of before can be used.
    `items`: keys of items that came, went or changed. `kinds`: kinds of facets to answer anew besides.
    """

    everything: bool
    items: frozenset[str]
    item_facets: Callable[[str], Iterable[Facet]]
    kinds: frozenset[str]

    def may_differ(self, facet: Facet, last: bytes) -> bool:
        """True where the answer to a facet may be another than the one whose digest is `last`."""
        about_changed_item = len(facet) > 1 and facet[1] in self.items
        return self.everything or not last or facet[0] in self.kinds or about_changed_item


@dataclass(frozen=True, slots=True)
class Selection:
    """The jobs to do, in the order of the plan, and those that are no more."""

    plan: tuple[Job, ...]
    todo: tuple[Job, ...]
    gone: tuple[Job, ...]


def select(
    state: State, plan: Iterable[Job], changes: Changes, answer: Answer, altered: Iterable[Job]
) -> Selection:
    """Compare the plan and the answers with what the state remembers; `altered` jobs lost a file."""
    planned = tuple(plan)
    before = frozenset(state.value("plan", ()))
    present = frozenset(planned)
    gone = tuple(sorted(before - present))
    if changes.everything:
        return Selection(planned, planned, gone)
    dirty = {*(present - before), *(job for job in altered if job in present)}
    for facet, last in _candidates(state, changes):
        if digest(answer(facet)) != last[0]:
            dirty |= last[1]
    return Selection(planned, tuple(job for job in planned if job in dirty), gone)


def _candidates(state: State, changes: Changes) -> Iterable[tuple[Facet, tuple[bytes, set[Job]]]]:
    """The facets that may have another answer than before."""
    for key in sorted(changes.items):
        for facet in changes.item_facets(key):
            use = state.use(facet)
            if use is not None:
                yield facet, use
    if changes.kinds:
        yield from ((facet, use) for facet, use in state.list_facets().items() if facet[0] in changes.kinds)


def touched_files(root: Path, files: Mapping[str, KeptFile]) -> list[str]:
    """The files that are missing or no longer have the size and the times that they were left with."""
    top, lstat, touched = f"{root}{os.sep}", os.lstat, []
    for path, (changed, noted, size, _) in files.items():
        try:
            status = lstat(top + path)
        except OSError:
            touched.append(path)
            continue
        if (status.st_mtime_ns, status.st_ctime_ns, status.st_size) != (changed, noted, size):
            touched.append(path)
    return touched


def altered_jobs(
    root: Path, files: Mapping[str, KeptFile], state: State
) -> tuple[set[Job], dict[str, KeptFile]]:
    """The jobs of which a file is not what they made, and the files that only look so, as they are now.

    A file that was given to another owner, linked or copied back still has its bytes.
    """
    altered: set[Job] = set()
    same: dict[str, KeptFile] = {}
    for path in touched_files(root, files):
        job = files[path][3]
        kept = _kept_file(root / path, job)
        done = state.done(job)
        made = {output[0]: output[1] for output in done[0]} if done else {}
        if kept is not None and _sha256(root / path) == made.get(path):
            same[path] = kept
        else:
            altered.add(job)
    return altered, same


def kept_files(root: Path, outputs: Iterable[tuple[str, Job]]) -> dict[str, KeptFile]:
    """What `touched_files` compares with, of files that were just written or found to be right."""
    # A file that a stranger takes away at this very moment is missed the next time.
    return {path: _kept_file(root / path, job) or (0, 0, 0, job) for path, job in outputs}


def _kept_file(path: Path, job: Job) -> KeptFile | None:
    """A file as it is now; None where it is none, or a link."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, job)


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
