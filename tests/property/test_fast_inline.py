"""The short cuts through Markdown lead to where Markdown itself leads."""

from __future__ import annotations

from pathlib import Path

import markdown
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown.extensions import footnotes, tables

from tests.property.strategies import markdown_texts
from tocsin.library import body
from tocsin.library.frontmatter import parse_source
from tocsin.model.text import INVISIBLE

ROOT = Path(__file__).resolve().parents[2]


class PlainFootnotes(body._Footnotes):
    """Footnotes with our numbers, and nothing passed over."""

    def findFootnotesPlaceholder(self, root):  # noqa: N802 - the extension's own name
        return footnotes.FootnoteExtension.findFootnotesPlaceholder(self, root)


PLAIN = markdown.Markdown(
    extensions=[
        PlainFootnotes(),
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


# Signs, words and breaks in any order: what begins lines, what nests, what almost is something else.
# fmt: off
nasty_pieces = st.sampled_from([
    "a", "word", "é", "ت", "中", "1", "12", "٣", "x y", ".", ". ", ",", "!", "?", "«", "\u00a0", "\u200c",
    "\u2028", "*", "**", "***", "_", "__", "* ", "- ", "+ ", "-", "--", "---", "- - -", "***", "_  _  _",
    "=", "===", "-- -", "#", "##", "## ", "#######", " #", ">", "> ", ">>", " > ", "1. ", "7.  ", "٣. ",
    "1) ", ":", ": ", "\n: ", "|", " | ", "|--|", "`", "``", "\\", "\\*", "\\\n", "[", "]", "[^", "[^1]",
    "[^1]:", "[^1]: note", "[^2]: ", "](", ")", "(", "[a]", "[a]:", "[a]: page:x", "[a]: <page:x> 'title'",
    "[a][]", "[a](page:x)", "![a](b.jpg)", "![", "[a](page:x 'title')", "[a](<page:x>)", "[a](b(c)d)",
    '[a](b "c")', "[a]( b )", "[[a]](b)", "[a\nb](c)", "()", "<", ">", "<b>", "</b>", "<br>", "<p>",
    "<div>", "</div>", "<!-- x -->", "<https://a.example>", "<a@b.example>", "&", "&amp;", "&#160;", "&#35",
    "{", "}", "{: .note }", "{: #a }", "*[", "*[a]: b", "'", '"', "\t", " ", "  ", "   ", "    ", "     ",
    "        ", "\n", "\n", "\n", "\n\n", "\n\n", "\n \n", "\n   \n", "  \n", "\n    ", "\n  ",
    "///Footnotes Go Here///", "wzxhzdk:0", "klzzwxh:0000", "amp", "\x0b", "\x0c", "\x1c", "\x85",
])
# fmt: on
# Mostly what is converted the short way: blocks of words with marks, and pages of these.
# fmt: off
simple_pieces = st.sampled_from([
    "a", "b c", "é", "ت", " ", " ", "  ", "\n", ", ", ".", "!", "?", "(", ")", "-", "1", "*", "**", "*a*",
    "**a**", "*a b*", "**a\nb**", "***a***", "* a*", "*a *", "[a](b)", "[a b](page:x)", "[a](b c)", "[a]()",
    "[](b)", "[a", "a]", "[a]", "[^1]", "[^2]", "[^3]", "[a*b](c)", "*[a](b)*", "[*a*](b)", "[a](*b*)",
    "[a](b)*c*", "*a*[b](c)", "a*b*c", "a**b**",
])
# fmt: on
paragraphs = st.lists(simple_pieces, min_size=1, max_size=12).map("".join)
# fmt: off
beginnings = st.sampled_from([
    "", "", "", "", "# ", "## ", "## ", "###", "> ", "- ", "- ", "* ", "+  ", "1. ", "2. ", "10.  ", "٣. ",
    "    ", " ", "[^1]: ", "[^2]: ", "[^2]:\n", "[a]: ",
])
between = st.sampled_from([
    "\n\n", "\n\n", "\n\n", "\n", "\n\n\n", "\n \n", "  \n", "\n\n---\n\n", " ##\n\n", "\n===\n", "\n-\n",
])
# fmt: on
simple_texts = st.lists(st.tuples(beginnings, paragraphs, between).map("".join), max_size=8).map("".join)
nasty_texts = st.lists(nasty_pieces, max_size=30).map("".join)
cleaned = st.one_of(markdown_texts, nasty_texts, simple_texts, simple_texts).map(
    lambda text: INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
)


@given(cleaned)
@example("> term\n> : meaning")
@example("term\n\t: meaning")
@example("- term\n    : meaning")
@example("term\n\n<!-- x -->: meaning")
@example("<!-- x --> \t: meaning")
@example("*a**a *, [a](b)*c***a*b*c")
@example("- a\n* **b**\n+ c > d\n\n3. a\n2. [b](c)")
@example("- a\n- \u00a0\n- b |\n\n- c\n\n1. a\n\n1. b")
@settings(max_examples=500)
def test_only_patterns_and_extensions_that_cannot_matter_are_passed_over(text):
    assert body._to_html(text) == plainly(text)


@given(cleaned)
@settings(max_examples=100)
def test_what_was_checked_before_is_converted_as_if_it_were_checked_again(text):
    assert body.convert_noting(text, checked=True) == body.convert_noting(text)


def test_the_content_of_the_demonstration_is_converted_as_it_would_be_plainly():
    paths = sorted((ROOT / "content").rglob("*.md"))
    assert len(paths) > 100
    for path in paths:
        text = parse_source(path.name, path.read_bytes()).body
        assert body._to_html(text) == plainly(text), path
