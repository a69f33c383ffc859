"""What the last build of an output left behind: enough to say what has to be made again.

Everything is plain data in a `Store`, in pieces (shards) so that an edit reads and writes few of them. The
head knows by which save each piece was written, so that no piece that is lost or of another time is taken for
empty or for true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tocsin.errors import DamagedStoreError
from tocsin.ledger.store import Store, shard

Job = tuple[str, ...]
Facet = tuple[Any, ...]
# Path, SHA-256, size, stamps: see `engine.Written`.
Outputs = tuple[tuple[Any, ...], ...]
# Outputs and facets of a job.
Done = tuple[Outputs, tuple[Facet, ...]]
# Digest of a facet's answer, and the jobs that asked it.
Use = tuple[bytes, set[Job]]

SHARDS = 64
LISTS = "lists"
HEAD = "head"
_DAMAGED = "what was remembered from earlier builds is not whole"


class State:
    """One output's past. `head` says what the whole depended on; shards are read when they are asked for."""

    def __init__(self, store: Store, item_facets: frozenset[str]) -> None:
        self.store = store
        self.head: Mapping[str, Any] = {}
        self._item_facets = item_facets
        self._written: dict[str, str] = {}
        self._shards: dict[str, dict[Any, Any]] = {}
        self._touched: set[str] = set()

    def load(self) -> None:
        """Read the head; raise `DamagedStoreError` where it cannot be trusted."""
        self.head = self.store.get(HEAD) or {}
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
        self._shards.clear()
        self._touched.clear()

    def _shard(self, name: str) -> dict[Any, Any]:
        if name not in self._shards:
            self._shards[name] = self.value(name, {})
        return self._shards[name]

    def _job_shard(self, job: Job) -> str:
        return f"jobs:{shard(' '.join(job), SHARDS)}"

    def facet_shard(self, facet: Facet) -> str:
        """Facets of one item lie with others of that item; all the rest in one piece."""
        return f"facets:{shard(facet[1], SHARDS) if facet[0] in self._item_facets else LISTS}"

    def done(self, job: Job) -> Done | None:
        """What a job made and asked."""
        return self._shard(self._job_shard(job)).get(job)

    def use(self, facet: Facet) -> Use | None:
        """The digest of a facet's last answer, and who asked."""
        return self._shard(self.facet_shard(facet)).get(facet)

    def list_facets(self) -> dict[Facet, Use]:
        """Every facet that does not concern a single item."""
        return self._shard(f"facets:{LISTS}")

    def set_done(self, job: Job, outputs: Outputs, facets: tuple[Facet, ...]) -> None:
        """Record a job, and that it asks these facets and no longer others."""
        before = self.done(job)
        name = self._job_shard(job)
        self._shard(name)[job] = (outputs, facets)
        self._touched.add(name)
        old = frozenset(before[1]) if before else frozenset()
        new = frozenset(facets)
        for facet in old - new:
            self._leave(facet, job)
        for facet in new - old:
            self._join(facet, job)

    def remove(self, job: Job) -> None:
        """Forget a job that the site no longer has."""
        before = self.done(job)
        if before is not None:
            for facet in before[1]:
                self._leave(facet, job)
            name = self._job_shard(job)
            del self._shard(name)[job]
            self._touched.add(name)

    def set_answer(self, facet: Facet, answer: bytes) -> None:
        """Record the digest of a facet's present answer."""
        name = self.facet_shard(facet)
        uses = self._shard(name)
        if facet in uses and uses[facet][0] != answer:
            uses[facet] = (answer, uses[facet][1])
            self._touched.add(name)

    def _join(self, facet: Facet, job: Job) -> None:
        name = self.facet_shard(facet)
        self._shard(name).setdefault(facet, (b"", set()))[1].add(job)
        self._touched.add(name)

    def _leave(self, facet: Facet, job: Job) -> None:
        name = self.facet_shard(facet)
        use = self._shard(name).get(facet)
        if use is None:
            return
        use[1].discard(job)
        if not use[1]:
            del self._shard(name)[facet]
        self._touched.add(name)

    def save(self, name: str, head: Mapping[str, Any], values: Iterable[tuple[str, Any]]) -> None:
        """Write what was touched, `values` as wholes, and the head, all or nothing. No `name` comes twice."""
        pieces = [*((shard, self._shards[shard]) for shard in sorted(self._touched)), *values]
        self._written.update((piece, name) for piece, _ in pieces)
        self.head = {**head, "save": name, "written": self._written}
        self.store.put([*((piece, (name, value)) for piece, value in pieces), (HEAD, self.head)])
        self._touched.clear()


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
