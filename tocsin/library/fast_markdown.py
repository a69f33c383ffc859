"""Markdown from text to HTML in less than half the time, with the same result.

Python-Markdown makes seven passes over a text and its tree, most of them for what few texts hold. Here a text
with nothing uncommon goes a shorter way: what only raw HTML needs is done where there is `<` or `&`, and the
line breaks between blocks are written with the blocks instead of being put into the tree first. All other
texts, and converters with processors that are not known here, go the whole way.
tests/property/test_fast_inline.py compares the result with plain Python-Markdown's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown, serializers, util

# The processors that the short way knows. Those of `attr_list` and `abbr` look at the line breaks.
_PREPROCESSORS = frozenset({"normalize_whitespace", "html_block"})
_TREEPROCESSORS = frozenset({"footnote", "inline", "footnote-duplicate", "prettify", "unescape"})
_POSTPROCESSORS = frozenset({"raw_html", "footnote", "amp_substitute"})
# What the short way does by itself. Nothing needs to be unescaped where there is no backslash.
_DONE_HERE = ("prettify", "unescape")
_UNCOMMON = ("\\", "\r", util.STX, util.ETX)
# What inline marks begin with, but those that most texts have; and definitions, which bring other marks.
_INLINE = ("_", "<", "&", "`", "![", "  \n", "]:")

_BLANK_LINE = re.compile(r"\n +(?=\n)")
_BLOCKS = frozenset(util.BLOCK_LEVEL_ELEMENTS)
_EMPTY = frozenset({"br", "hr", "img"})

_escape_text: Callable[[str], str] = vars(serializers)["_escape_cdata"]
_escape_value: Callable[[str], str] = vars(serializers)["_escape_attrib_html"]

Put = Callable[[str], None]


class Written(util.AtomicString):
    """A text of the tree that is HTML already."""


class FastMarkdown(Markdown):
    """Python-Markdown, leaving out of each conversion what cannot change its result."""

    source = ""  # what is being converted
    is_short = False  # true while that goes the short way
    is_simple = False  # true where it holds nothing inline but footnotes, links and emphasis with `*`
    _short: bool | None = None

    def convert(self, source: str) -> str:
        """Markdown to HTML, which is not sanitised."""
        self.source = source
        if self._short is None:
            self._short = self._is_known()
        self.is_short = self._short and bool(source.strip()) and not _holds(source, _UNCOMMON)
        if not self.is_short:
            self.is_simple = False
            return super().convert(source)
        prepared = self._prepared(source)
        self.is_simple = not _holds(prepared, _INLINE)
        self.parser.parseDocument([prepared])
        root = self.parser.root
        for processor in self._processors:
            processor.run(root)
        try:
            html = written(root).strip()
        except (
            RecursionError
        ):  # Python-Markdown takes longer, and no step of recursion for marks inside marks
            self.reset()
            self.is_short = self.is_simple = False
            return super().convert(source)
        if util.STX in html:  # stands around everything that was put aside
            for postprocessor in self.postprocessors:
                html = postprocessor.run(html)
        return html.strip()

    def _is_known(self) -> bool:
        """True where all processors are among those that the short way knows; takes those that it runs."""
        names = _names(self.treeprocessors)
        self._processors = [self.treeprocessors[name] for name in names if name not in _DONE_HERE]
        return (
            _TREEPROCESSORS.issuperset(names)
            and _PREPROCESSORS.issuperset(_names(self.preprocessors))
            and _POSTPROCESSORS.issuperset(_names(self.postprocessors))
        )

    def _prepared(self, source: str) -> str:
        """What the preprocessors make of a text."""
        if "<" in source or "&" in source:
            lines = source.split("\n")
            for preprocessor in self.preprocessors:
                lines = preprocessor.run(lines)
            return "\n".join(lines)
        text = f"{source}\n\n"
        if "\t" in text:
            text = text.expandtabs(self.tab_length)
        return _BLANK_LINE.sub("\n", text) if "\n " in text and " \n" in text else text


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    for sign in signs:  # noqa: SIM110 - a generator would take as long again
        if sign in text:
            return True
    return False


def _names(registry: Any) -> list[str]:
    """The names in a registry, in order of priority."""
    registry._sort()
    return [item.name for item in registry._priority]


def written(root: Element) -> str:
    """The HTML in an element, with line breaks between blocks."""
    pieces: list[str] = []
    _write_block(root, pieces.append)
    return "".join(pieces[1:-1])  # without the root's own tags and what is behind them


def _write_block(element: Element, put: Put) -> None:
    """A block and what is in it; one step of recursion for each level, as many as Python-Markdown takes."""
    tag, text, tail = element.tag, element.text, element.tail
    end = "" if tag in _EMPTY else f"</{tag}>"
    end += _escape_text(tail) if tail and not tail.isspace() else "\n"
    if not len(element) and tag != "pre":
        put(f"{_opening(element)}{_escape(text) if text else ''}{end}")
        return
    put(_opening(element))
    if tag == "pre":
        _write_code(element, put)
    else:
        if (not text or text.isspace()) and element[0].tag in _BLOCKS:
            put("\n")
        elif text:
            put(_escape(text))
        for child in element:
            if child.tag in _BLOCKS:
                _write_block(child, put)
            else:
                _write_inline(child, put)
    put(end)


def _write_code(element: Element, put: Put) -> None:
    """The content of `pre`: code that ends with one line break."""
    code = element[0] if len(element) else None
    if code is not None and code.tag == "code" and not len(code) and code.text is not None:
        code.text = f"{code.text.rstrip()}\n"
    if element.text:
        put(_escape_text(element.text))
    for child in element:
        _write_inline(child, put)


def inline_html(element: Element) -> str:
    """The HTML of an element within a text, and of what is in it."""
    pieces: list[str] = []
    _write_inline(element, pieces.append)
    return "".join(pieces)


def _escape(text: str) -> str:
    return text if type(text) is Written else _escape_text(text)


def _write_inline(element: Element, put: Put) -> None:
    tag = element.tag
    put(_opening(element))
    if element.text:
        put(_escape(element.text))
    for child in element:
        _write_inline(child, put)
    if tag not in _EMPTY:
        put(f"</{tag}>")
    tail = element.tail
    if tag == "br":
        put("\n")
        tail = "" if not tail or tail.isspace() else tail
    if tail:
        put(_escape_text(tail))


def _opening(element: Element) -> str:
    attributes = element.items()
    if not attributes:
        return f"<{element.tag}>"
    written_out = "".join(f' {name}="{_escape_value(value)}"' for name, value in sorted(attributes))
    return f"<{element.tag}{written_out}>"
