"""What the last build of an output left behind: enough to say what has to be made again.

Everything is plain data in a `Store`, in pieces (shards) so that an edit reads and writes few of them. The
head knows by which save each piece was written, so that no piece that is lost or of another time is taken for
empty or for true.
"""

from __future__ import annotations

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
# Digest of a facet's answer, and the jobs that asked it.
Use = tuple[bytes, set[Job]]

SHARDS = 256
# Another number for another way to keep things. Pieces of another form would be missed, and missing pieces
# are empty ones: what has no sources has no sources that changed.
FORM = 1
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
        self._jobs = Pieces("jobs", self.value, _job_shard)
        self._facets = Pieces("facets", self.value, self._facet_shard)

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
        done: Done | None = self._jobs.get(job)
        return done

    def outputs(self) -> Iterable[tuple[Any, ...]]:
        """Every output of every job."""
        for number in range(SHARDS):
            for outputs, _ in self._jobs.piece(f"jobs:{number}").values():
                yield from outputs

    def use(self, facet: Facet) -> Use | None:
        """The digest of a facet's last answer, and who asked."""
        use: Use | None = self._facets.get(facet)
        return use

    def facets(self, kind: str) -> dict[Facet, Use]:
        """Every facet of a kind that does not concern a single item."""
        return self._facets.piece(f"facets:{kind}")

    def set_done(self, jobs: Iterable[tuple[Job, Outputs, tuple[Facet, ...]]]) -> None:
        """Record jobs, each with its outputs, and that it asks these facets and no longer others."""
        joining: defaultdict[Facet, list[Job]] = defaultdict(list)
        leaving: list[tuple[Facet, Job]] = []
        for job, outputs, facets in jobs:
            before = self.done(job)
            self._jobs.set(job, (outputs, facets))
            old = frozenset(before[1]) if before else frozenset()
            leaving += ((facet, job) for facet in old.difference(facets))
            for facet in frozenset(facets) - old:
                joining[facet].append(job)
        for facet, askers in joining.items():
            self._join(facet, askers)
        for facet, job in leaving:  # afterwards: the answer to a facet that somebody else now asks is kept
            self._leave(facet, job)

    def remove(self, job: Job) -> None:
        """Forget a job that the site no longer has."""
        before = self.done(job)
        if before is not None:
            for facet in before[1]:
                self._leave(facet, job)
            self._jobs.set(job, None)

    def set_answer(self, facet: Facet, answer: bytes) -> None:
        """Record the digest of a facet's present answer."""
        use = self.use(facet)
        if use is not None and use[0] != answer:
            self._facets.set(facet, (answer, use[1]))

    def _join(self, facet: Facet, jobs: Iterable[Job]) -> None:
        use = self.use(facet)
        if use is None:
            self._facets.set(facet, (b"", set(jobs)))
        else:
            use[1].update(jobs)
            self._facets.mark(facet)

    def _leave(self, facet: Facet, job: Job) -> None:
        use = self.use(facet)
        if use is None:
            return
        use[1].discard(job)
        self._facets.mark(facet)
        if not use[1]:
            self._facets.set(facet, None)

    def save(self, name: str, head: Mapping[str, Any], values: Iterable[tuple[str, Any]]) -> None:
        """Write what was changed, `values` as wholes, and the head, all or nothing. No `name` comes twice."""
        pieces = list(chain(self._jobs.changed(), self._facets.changed(), values))
        self._written.update((piece, name) for piece, _ in pieces)
        self.head = {**head, "form": FORM, "save": name, "written": self._written}
        self.store.put([*((piece, (name, value)) for piece, value in pieces), (HEAD, self.head)])
        self._jobs.settle()
        self._facets.settle()


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
