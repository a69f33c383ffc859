"""The revision of words depends on the words, and on nothing else."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import texts
from tocsin.library.frontmatter import parse_source
from tocsin.library.intake import words_digest

words = st.dictionaries(
    st.from_regex(r"[a-z_]{1,10}", fullmatch=True).filter(
        lambda key: key not in {"translator", "state", "source_rev"}
    ),
    st.one_of(texts, st.lists(texts, max_size=3).map(tuple), st.dictionaries(texts, texts, max_size=4)),
    max_size=5,
)


def shuffled(values, random):
    items = list(values.items())
    random.shuffle(items)
    return {key: shuffled(value, random) if isinstance(value, dict) else value for key, value in items}


@given(words, texts, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_keys_makes_no_difference(values, text, random):
    assert words_digest(values, text) == words_digest(shuffled(values, random), text)


@given(words, texts)
@settings(max_examples=100)
def test_a_revision_can_stand_in_front_matter_without_quotes_and_is_then_compared_as_text(values, text):
    revision = words_digest(values, text)
    assert re.fullmatch(r"[0-9a-f]{12}", revision)
    read = parse_source("x.md", f"---\nsource_rev: {revision}\n---\n".encode()).values["source_rev"]
    assert str(read) == revision


@given(words, texts, words, texts)
@settings(max_examples=100)
def test_different_words_have_different_revisions(values, text, others, other):
    same = (values, text.strip()) == (others, other.strip())
    assert (words_digest(values, text) == words_digest(others, other)) == same


@given(words, texts, texts)
@settings(max_examples=50)
def test_who_translated_makes_no_difference(values, text, name):
    assert words_digest({**values, "translator": name, "state": "draft"}, text) == words_digest(values, text)
