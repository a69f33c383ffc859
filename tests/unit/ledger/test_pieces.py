"""A dictionary in pieces is a dictionary of which few pieces are read and written."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tocsin.ledger.pieces import Pieces

COUNT = 4


def opened(kept: dict[str, Any]) -> Pieces:
    return Pieces("x", lambda name, default: dict(kept.get(name, default)), lambda key: key % COUNT)


@given(st.lists(st.tuples(st.integers(0, 20), st.none() | st.text(max_size=2), st.booleans())))
def test_it_is_the_dictionary_that_it_stands_for(steps):
    kept: dict[str, Any] = {}
    model: dict[int, str] = {}
    pieces = opened(kept)
    for key, value, is_saved in steps:
        pieces.set(key, value)
        model.pop(key, None)
        if value is not None:
            model[key] = value
        if is_saved:
            kept.update(pieces.changed())
            pieces = opened(kept)
        assert {key: pieces.get(key) for key in pieces.keys(COUNT)} == model


def test_only_what_changed_is_kept_again():
    kept = {"x:0": {0: "a", 4: "b"}, "x:1": {1: "c"}}
    pieces = opened(kept)
    pieces.set(0, "a")
    pieces.set(3, None)
    assert list(pieces.changed()) == []
    pieces.set(4, "d")
    assert list(pieces.changed()) == [("x:0", {0: "a", 4: "d"})]
    pieces.mark(1)
    assert [name for name, _ in pieces.changed()] == ["x:0", "x:1"]
    pieces.settle()
    assert list(pieces.changed()) == []
