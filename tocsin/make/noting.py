"""What jobs made and asked, and what they were answered: put into the state while others are being done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tocsin.ledger.store import digest
from tocsin.make.select import Answer, Changes
from tocsin.make.state import Facet, Job, Outputs, State


class Notes:
    """Notes of one build. Where it fails the state has to be thrown away; nothing of it was saved.

    `answer` gives the present answer to a facet. One that cannot be another than before is not asked for.
    """

    def __init__(self, state: State, changes: Changes, answer: Answer) -> None:
        self._state = state
        self._changes = changes
        self._answer = answer
        self._asked: set[Facet] = set()
        self._answers: dict[Facet, bytes] = {}

    def take(self, records: Sequence[tuple[Job, Outputs, tuple[Facet, ...]]]) -> None:
        """Take down some jobs that were done: each with its outputs and what it asked."""
        for job, _, facets in records:
            new = set(facets).difference(self._asked)
            self._asked |= new
            for facet in new if self._changes.everything else self._unanswered(job, new):
                self._answers[facet] = digest(self._answer(facet))
        self._state.set_done(records)

    def _unanswered(self, job: Job, facets: Iterable[Facet]) -> Iterable[Facet]:
        """The facets whose answer may be another than before, or that nobody asked then."""
        done = self._state.done(job)
        known = frozenset(done[1] if done else ())
        for facet in facets:
            if self._changes.may_differ(facet) or (facet not in known and self._state.answer(facet) is None):
                yield facet

    def finish(self, gone: Iterable[Job]) -> None:
        """Take down that jobs are no more, and all answers."""
        for job in gone:
            self._state.remove(job)
        for facet, answer in self._answers.items():
            self._state.set_answer(facet, answer)
