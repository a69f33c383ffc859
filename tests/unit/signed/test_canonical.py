"""What signatures are made over is canonical JSON, whoever encodes it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from securesystemslib.formats import encode_canonical

from tocsin.signed.canonical import canonical

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
@example("\\n is no line break, \n is, and so is \u2028; \x7f stays, and \b, \f, \r, \t and \x01 do")
@example({"b": 1, "a": [True, None, '"\\u0041'], "\u00e9": {}, "\U0001f600": [], "\uffff": -0})
def test_it_is_what_the_library_for_tuf_writes(value: object):
    expected = encode_canonical(value)
    assert expected is not None
    assert canonical(value) == expected.encode()


def test_half_a_surrogate_pair_cannot_be_signed():
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})
