"""On which line of a file a part of its text stands."""

from __future__ import annotations

import pytest

from tocsin.library.texts import Text

BODY = Text("body", "\nSee [a](page:x-y),\n[b](page:x) and\n[c](page:x).\n", "x.md", 10)


@pytest.mark.parametrize(
    ("part", "line"), [("page:x-y", 11), ("page:x", 12), ("[c]", 13), ("page:z", 10), ("", 10)]
)
def test_a_part_is_found_as_a_whole_and_not_as_the_beginning_of_another(part, line):
    assert BODY.line_of(part) == line


def test_lines_are_counted_anew_for_what_stands_before_the_last_that_was_asked_for():
    lines = [BODY.line_at(place) for place in (40, 1, 20, 19, 0, -1, 1000, 40)]
    assert lines == [
        10 + BODY.markdown.count("\n", 0, max(place, 0)) for place in (40, 1, 20, 19, 0, -1, 1000, 40)
    ]


def test_what_stands_only_as_the_beginning_of_another_is_found_there():
    assert Text("body", "\n\n{fact:member}s", "x.md", 1).line_of("{fact:mem") == 3


def test_all_of_a_text_within_front_matter_counts_as_its_keys_line():
    assert Text("recommendations.police", "a\nb\n[c](page:x)", "x.md", 10).line_of("page:x") == 10
