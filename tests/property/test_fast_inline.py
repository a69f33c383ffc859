"""The short cuts through Markdown lead to where Markdown itself leads."""

from __future__ import annotations

import markdown
from hypothesis import example, given, settings
from markdown.extensions import tables

from tests.property.strategies import markdown_texts
from tocsin.library import body
from tocsin.model.text import INVISIBLE

PLAIN = markdown.Markdown(
    extensions=[
        body._Footnotes(),
        tables.TableExtension(use_align_attribute=True),
        "def_list",
        "attr_list",
        "abbr",
        "sane_lists",
    ],
    output_format="html",
)


def plainly(text):
    PLAIN.reset()
    return PLAIN.convert(text)


@given(markdown_texts.map(lambda text: INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")))
@example("> term\n> : meaning")
@example("term\n\t: meaning")
@example("- term\n    : meaning")
@settings(max_examples=200)
def test_only_patterns_and_extensions_that_cannot_matter_are_passed_over(text):
    assert body._to_html(text) == plainly(text)
