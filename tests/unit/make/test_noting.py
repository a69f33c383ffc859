"""What jobs asked gets its answers in the state: those that may be new, and no others."""

import pytest

from tocsin.ledger.store import Store, digest
from tocsin.make.noting import Notes
from tocsin.make.select import Changes
from tocsin.make.state import State

A, B, C = ("item", "a"), ("item", "b"), ("newest", "all", 3)
ONE, OTHER = ("page", "en", "one"), ("page", "en", "other")


class Asked:
    """Answers that tell which were asked for."""

    def __init__(self) -> None:
        self.facets: list[tuple[object, ...]] = []

    def __call__(self, facet: tuple[object, ...]) -> str:
        self.facets.append(facet)
        return f"answer to {facet}"


@pytest.fixture
def state(tmp_path) -> State:
    return State(Store(tmp_path / "state.sqlite"), frozenset({"item"}))


def changes(*items: str, everything: bool = False, kinds: frozenset[str] = frozenset()) -> Changes:
    return Changes(everything, frozenset(items), lambda key: [("item", key)], kinds)


def note(state: State, what: Changes, *batches: list[tuple[object, ...]], gone: tuple[object, ...] = ()):
    asked = Asked()
    notes = Notes(state, what, asked)
    for batch in batches:
        notes.take(batch)
    notes.finish(gone)
    return asked.facets


def answer(facet: tuple[object, ...]) -> bytes:
    return digest(f"answer to {facet}")


def use(state: State, facet: tuple[object, ...]) -> tuple[bytes | None, set[tuple[str, ...]]]:
    return state.answer(facet), state.askers(facet)


def test_what_was_never_asked_is_answered_once(state):
    asked = note(state, changes(), [(ONE, (), (A, C)), (OTHER, (), (C,))], [(("page", "en", "x"), (), (C,))])
    assert sorted(asked) == [A, C]
    assert use(state, A) == (answer(A), {ONE})
    assert use(state, C) == (answer(C), {ONE, OTHER, ("page", "en", "x")})


def test_what_cannot_have_another_answer_keeps_its_own(state):
    note(state, changes(everything=True), [(ONE, (), (A, B, C))])
    assert note(state, changes(), [(ONE, (), (A, B, C)), (OTHER, (), (A,))]) == []
    assert note(state, changes("b"), [(ONE, (), (A, B, C))]) == [B]
    assert note(state, changes(kinds=frozenset({"newest"})), [(ONE, (), (A, B, C))]) == [C]
    assert sorted(note(state, changes(everything=True), [(ONE, (), (A, B, C))])) == [A, B, C]


def test_whoever_takes_over_a_facet_finds_its_answer(state):
    """Whether the one that asked before is done again in the same batch, earlier or later."""
    note(state, changes(everything=True), [(ONE, (), (A,))])
    assert note(state, changes(), [(ONE, (), (C,)), (OTHER, (), (A,))]) == [C]
    assert use(state, A) == (answer(A), {OTHER})
    assert note(state, changes(), [(OTHER, (), ())], [(ONE, (), (A, C))]) == [A]
    assert use(state, A) == (answer(A), {ONE})
    assert note(state, changes(), [(OTHER, (), (A,))], [(ONE, (), ())]) == []
    assert use(state, A) == (answer(A), {OTHER})
    assert state.answer(C) is None


def test_jobs_that_are_no_more_ask_nothing(state):
    note(state, changes(everything=True), [(ONE, (), (A, C)), (OTHER, (), (C,))])
    assert note(state, changes(), gone=(ONE,)) == []
    assert state.answer(A) is None
    assert use(state, C) == (answer(C), {OTHER})
    assert state.done(ONE) is None
