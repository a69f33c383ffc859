"""What the last build of an output left behind: enough to say what has to be made again.

Everything is plain data in a `Store`, in pieces (shards) so that an edit reads and writes few of them. The
head knows by which save each piece was written, so that no piece that is lost or of another time is taken for
empty or for true.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from tocsin.errors import DamagedStoreError
from tocsin.ledger.pieces import Pieces
from tocsin.ledger.store import Store, shard

Job = tuple[str, ...]
Facet = tuple[Any, ...]
# Path, SHA-256, size, stamps: see `engine.Written`.
Outputs = tuple[tuple[Any, ...], ...]
# Outputs and facets of a job.
Done = tuple[Outputs, tuple[Facet, ...]]

SHARDS = 256
# Jobs are numbered, so that those who asked a facet can be kept as a row of numbers: thousands ask the same
# ones, and one more costs a copy of bytes. The number says in which shard the job lies.
_NUMBERS = 1 << 24
_ROW = "I"
# Another number for another way to keep things. Pieces of another form would be missed, and missing pieces
# are empty ones: what has no sources has no sources that changed.
FORM = 2
HEAD = "head"
_DAMAGED = "what was remembered from earlier builds is not whole"


class State:
    """One output's past. `head` says what the whole depended on; shards are read when they are asked for."""

    def __init__(self, store: Store, item_facets: frozenset[str]) -> None:
        self.store = store
        self.head: Mapping[str, Any] = {}
        self._item_facets = item_facets
        self._written: dict[str, str] = {}
        self._begin()

    def _begin(self) -> None:
        # Of each job its outputs, its facets and its number.
        self._jobs = Pieces("jobs", self.value, _job_shard)
        # Of each facet the digest of its last answer, and the numbers of the jobs that asked it, in a row.
        self._facets = Pieces("facets", self.value, self._facet_shard)
        # Who came to ask a facet (a number) and who no longer does (its complement), in order: put into the
        # rows when these are needed, since thousands of jobs ask the same facets one after the other.
        self._turns: defaultdict[Facet, list[int]] = defaultdict(list)
        # Facets as they came first: thousands of equal ones would take up most of the memory of a build.
        self._same: dict[Facet, Facet] = {}
        self._numbered: dict[int, dict[int, Job]] = {}
        self._highest: dict[int, int] = {}

    def close(self) -> None:
        """Let go of the file."""
        self.store.close()

    def load(self) -> None:
        """Read the head; raise `DamagedStoreError` where it cannot be trusted."""
        head = self.store.get(HEAD) or {}
        self.head = head if head.get("form") == FORM else {}
        self._written = dict(self.head.get("written", {}))

    def value(self, name: str, default: Any) -> Any:
        """A value that is kept as a whole; raise `DamagedStoreError` where it is not the one that was."""
        save = self._written.get(name)
        if save is None:
            return default
        found = self.store.get(name)
        if found is None or found[0] != save:
            raise DamagedStoreError(_DAMAGED)
        return found[1]

    def forget(self) -> None:
        """Begin without a past."""
        self.store.discard()
        self.head = {}
        self._written.clear()
        self._begin()

    def _facet_shard(self, facet: Facet) -> str:
        """Facets of one item lie with others of that item, all others with those of their kind."""
        return str(shard(facet[1], SHARDS)) if facet[0] in self._item_facets else facet[0]

    def done(self, job: Job) -> Done | None:
        """What a job made and asked."""
        found = self._jobs.get(job)
        return None if found is None else (found[0], found[1])

    def outputs(self) -> Iterable[tuple[Any, ...]]:
        """Every output of every job."""
        for number in range(SHARDS):
            for outputs, *_ in self._jobs.piece(f"jobs:{number}").values():
                yield from outputs

    def answer(self, facet: Facet) -> bytes | None:
        """The digest of a facet's last answer; None where nobody asked it."""
        self._settle_turns()
        found = self._facets.get(facet)
        return None if found is None else found[0]

    def answers(self, kind: str) -> dict[Facet, bytes]:
        """Those of all facets of a kind that does not concern a single item."""
        self._settle_turns()
        return {facet: found[0] for facet, found in self._facets.piece(f"facets:{kind}").items()}

    def askers(self, facet: Facet) -> set[Job]:
        """The jobs that asked a facet."""
        self._settle_turns()
        found = self._facets.get(facet)
        return {self._job(number) for number in array(_ROW, found[1])} if found else set()

    def set_done(self, jobs: Iterable[tuple[Job, Outputs, tuple[Facet, ...]]]) -> None:
        """Record jobs, each with its outputs, and that it asks these facets and no longer others."""
        turns, same = self._turns, self._same
        for job, outputs, own in jobs:
            facets = tuple([same.setdefault(facet, facet) for facet in own])
            before = self._jobs.get(job)
            number = before[2] if before else self._next_number(job)
            self._jobs.set(job, (outputs, facets, number))
            old, new = (frozenset(before[1]), frozenset(facets)) if before else (frozenset(), facets)
            for facet in old.symmetric_difference(new) if old else new:
                turns[facet].append(~number if facet in old else number)

    def remove(self, job: Job) -> None:
        """Forget a job that the site no longer has."""
        before = self._jobs.get(job)
        if before is not None:
            for facet in before[1]:
                self._turns[facet].append(~before[2])
            del self._named(_job_shard(job))[before[2]]
            self._jobs.set(job, None)

    def set_answer(self, facet: Facet, answer: bytes) -> None:
        """Record the digest of a facet's present answer."""
        self._settle_turns()
        found = self._facets.get(facet)
        if found is not None:
            self._facets.set(facet, (answer, found[1]))

    def _named(self, job_shard: int) -> dict[int, Job]:
        """The jobs of a shard by their numbers."""
        if job_shard not in self._numbered:
            piece = self._jobs.piece(f"jobs:{job_shard}")
            self._numbered[job_shard] = {number: job for job, (_, _, number) in piece.items()}
        return self._numbered[job_shard]

    def _job(self, number: int) -> Job:
        try:
            return self._named(number // _NUMBERS)[number]
        except KeyError:
            raise DamagedStoreError(_DAMAGED) from None

    def _next_number(self, job: Job) -> int:
        """A number for a job that has none. That of a job that is no more may be given again."""
        job_shard = _job_shard(job)
        named = self._named(job_shard)
        if job_shard not in self._highest:
            self._highest[job_shard] = max(named, default=job_shard * _NUMBERS - 1)
        number = self._highest[job_shard] = self._highest[job_shard] + 1
        named[number] = job
        return number

    def _settle_turns(self) -> None:
        """Put into the rows who came and who went."""
        for facet, turns in self._turns.items():
            answer, row = self._facets.get(facet) or (b"", b"")
            numbers = set(array(_ROW, row))
            for turn in turns:
                if turn < 0:
                    numbers.discard(~turn)
                else:
                    numbers.add(turn)
            row = array(_ROW, sorted(numbers)).tobytes()
            self._facets.set(facet, (answer, row) if row else None)
        self._turns.clear()

    def save(self, name: str, head: Mapping[str, Any], values: Iterable[tuple[str, Any]]) -> None:
        """Write what was changed, `values` as wholes, and the head, all or nothing. No `name` comes twice."""
        self._settle_turns()
        pieces = list(chain(self._jobs.changed(), self._facets.changed(), values))
        self._written.update((piece, name) for piece, _ in pieces)
        self.head = {**head, "form": FORM, "save": name, "written": self._written}
        self.store.put([*((piece, (name, value)) for piece, value in pieces), (HEAD, self.head)])
        self._jobs.settle()
        self._facets.settle()
        self._same.clear()


def _job_shard(job: Job) -> int:
    """All languages of a page lie together: they are most often made together."""
    return shard(" ".join((job[0], *job[2:])), SHARDS)


def open_state(path: Path, item_facets: frozenset[str], *, clean: bool) -> State:
    """The state kept in a file; empty where it is damaged or `clean` is asked for."""
    state = State(Store(path), item_facets)
    if clean:
        state.forget()
    try:
        state.load()
    except DamagedStoreError:
        state.forget()
    return state
