"""Inline Markdown in less than half the time, with the same result.

Python-Markdown tries every inline pattern on every piece of text. A pattern cannot match where the characters
that it begins with are absent, so those are looked for first: `in` is many times faster than any regular
expression. Marks are put aside, and taken back in another pass, so that they may hold each other; those that
hold plain text become HTML at once. A pattern that this module does not know is always tried, and
tests/property/test_fast_inline.py compares the result with plain Python-Markdown's.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown, inlinepatterns, util
from markdown.extensions import Extension
from markdown.treeprocessors import InlineProcessor

from tocsin.library.fast_markdown import FastMarkdown, Written, inline_html

# What a text must hold for a pattern to match: the first, or the second where there is one.
_NEEDS: dict[str, tuple[str, str]] = {
    "backtick": ("`", ""),
    "escape": ("\\", ""),
    "footnote": ("[^", ""),
    "reference": ("[", ""),
    "link": ("[", ""),
    "image_link": ("![", ""),
    "image_reference": ("![", ""),
    "short_reference": ("[", ""),
    "short_image_ref": ("![", ""),
    "autolink": ("<", ""),
    "automail": ("<", ""),
    "linebreak": ("  \n", ""),
    "html": ("<", ""),
    "entity": ("&", ""),
    "em_strong": ("*", "_"),
}
# These look a label up; where a text defines none, they change nothing.
_REFERENCES = frozenset({"reference", "image_reference", "short_reference", "short_image_ref"})
# A pattern that is not listed needs nothing: every text holds the empty one.
_NOTHING = ("", "")
# An address that can mean one thing only: no title, nothing nested, nothing put aside before.
_PLAIN_ADDRESS = re.compile(r"\(([^\s()<>\"'\x02]*)\)")
_MARK = re.compile(r"[*_]")
# What most marks are: a footnote, emphasis or a link with plain text inside.
_SIMPLE = re.compile(
    r"\[\^([^\]]*)\]"
    r"|(\*\*?)(?![\s*])([^*\[\]]+)(?<!\s)\2(?!\*)"
    r"|\[([^*\[\]]+)\]\(([^\s()<>\"'*\[\]]*)\)"
)


def _is_simple(text: str, is_simple: bool) -> bool:
    """True where no known pattern can match but those for links, footnotes and emphasis with `*`.

    `is_simple` says so of all that was written; what was put aside before is looked for in any case.
    """
    if is_simple:
        return util.STX not in text
    return not (
        "_" in text
        or "<" in text
        or "&" in text
        or "`" in text
        or "\\" in text
        or util.STX in text
        or "![" in text
        or "  \n" in text
    )


def _is_plain(text: str) -> bool:
    """True where no known pattern can match; all of `_NEEDS` is looked for, and what was put aside before."""
    return not (
        "*" in text
        or "[" in text
        or "_" in text
        or "<" in text
        or "&" in text
        or "`" in text
        or "\\" in text
        or util.STX in text
        or "  \n" in text
    )


class _FastInlineProcessor(InlineProcessor):
    """`InlineProcessor` that passes over patterns that cannot match. The names are the base class's own."""

    md: FastMarkdown
    _all: list[tuple[str, Any, str, str]] | None = None
    _table: list[tuple[Any, str, str]]
    _all_known = False

    def _choose_patterns(self) -> None:
        """Each pattern that can matter to this text, in order of priority, with what it needs."""
        if self._all is None:
            registry = self.md.inlinePatterns
            names = [item.name for item in registry._priority]  # type: ignore[attr-defined]
            self._all = [(name, registry[name], *_NEEDS.get(name, _NOTHING)) for name in names]
            self._all_known = not any(
                name not in _NEEDS or pattern.ANCESTOR_EXCLUDES for name, pattern, _, _ in self._all
            )
        labels = bool(self.md.references)
        self._table = [row[1:] for row in self._all if labels or row[0] not in _REFERENCES]

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        self._choose_patterns()
        if not self._all_known:
            return super().run(tree, ancestors)
        # The base class's walk, without the list of ancestors, which no known pattern looks at.
        self.stashed_nodes: dict[str, Element | str] = {}
        waiting = [tree]
        while waiting:
            around = waiting.pop(0)
            filled = []
            for child in around:
                text = child.text
                if (
                    text
                    and not self._is_plain(text)
                    and not isinstance(text, util.AtomicString)
                    and (nodes := self._take_text(child, text))
                ):
                    waiting += nodes
                    filled.append((child, nodes))
                if child.tail and not _is_plain(child.tail):
                    self._take_tail(around, child, child.tail)
                if len(child):
                    waiting.append(child)
            for element, nodes in filled:
                for place, node in enumerate(nodes):
                    element.insert(place, node)
        return tree

    def _is_plain(self, text: str) -> bool:
        """True where no pattern can match; what was put aside before has to be looked for in any text."""
        if self.md.is_simple:
            return not ("*" in text or "[" in text or util.STX in text)
        return _is_plain(text)

    def _take_text(self, child: Element, text: str) -> list[Element]:
        """The elements in the text of `child`, which are put into it when all around it are done."""
        if self.md.is_short and not self.md.references and _is_simple(text, self.md.is_simple):
            marks = self._simple_marks(text)
            if marks is not None:
                child.text = self._written(text, marks)
                return []
        child.text = None
        marked = self._InlineProcessor__handleInline(text)
        return [node for node, _ in self._InlineProcessor__processPlaceholders(marked, child)]  # type: ignore[attr-defined]

    def _simple_marks(self, text: str) -> list[re.Match[str]] | None:
        """All marks of a text from left to right; None where one is not simple, or may be something else."""
        marks: list[re.Match[str]] = []
        place = 0
        while True:
            star, bracket = text.find("*", place), text.find("[", place)
            if star < 0 and bracket < 0:
                return marks
            mark = _SIMPLE.match(text, min(star, bracket) if min(star, bracket) >= 0 else max(star, bracket))
            if mark is None or (mark[1] is not None and not self._is_footnote(mark[1])):
                return None
            marks.append(mark)
            place = mark.end()

    def _is_footnote(self, label: str) -> bool:
        if "footnote" not in self.md.inlinePatterns:
            return False
        pattern: Any = self.md.inlinePatterns["footnote"]
        return label in pattern.footnotes.footnotes

    def _written(self, text: str, marks: list[re.Match[str]]) -> Written:
        """The HTML of a text with simple marks."""
        pieces: list[str] = []
        place = 0
        for mark in marks:
            pieces.append(text[place : mark.start()].replace(">", "&gt;"))
            place = mark.end()
            label, stars, stressed, shown, address = mark.groups()
            if label is not None:
                pattern: Any = self.md.inlinePatterns["footnote"]
                pieces.append(inline_html(pattern.handleMatch(mark, text)[0]))
            elif stars is not None:
                tag = "strong" if stars == "**" else "em"
                pieces.append(f"<{tag}>{stressed.replace('>', '&gt;')}</{tag}>")
            else:
                pieces.append(f'<a href="{address}">{shown.replace(">", "&gt;")}</a>')
            # Counted as the base class counts, which shows where it forgets to take one of its marks back.
            self.stashed_nodes[f"{len(self.stashed_nodes):04d}"] = ""
        pieces.append(text[place:].replace(">", "&gt;"))
        return Written("".join(pieces))

    def _take_tail(self, around: Element, child: Element, tail: str) -> None:
        """Put the elements in the text behind `child` behind it."""
        marked = self._InlineProcessor__handleInline(tail)
        holder = Element("d")
        child.tail = None
        found = self._InlineProcessor__processPlaceholders(marked, holder, False)  # type: ignore[attr-defined]
        if holder.tail:
            child.tail = holder.tail
        place = list(around).index(child) + 1
        for node, _ in reversed(found):
            around.insert(place, node)

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        place = patternIndex
        if isinstance(data, util.AtomicString) or (self._all_known and _is_plain(data)):
            return data
        table, start = self._table, 0
        apply = self._InlineProcessor__applyPattern  # type: ignore[attr-defined]
        while place < len(table):
            pattern, first, second = table[place]
            matched = False
            if first in data or (second and second in data):
                data, matched, start = apply(pattern, data, place, start)
            if not matched:
                place += 1
                start = 0
        return data


class _PlainAddresses(inlinepatterns.LinkInlineProcessor):
    """The base class looks at each character; what nests nothing is found by its end."""

    def getText(self, data: str, index: int) -> tuple[str, int, bool]:  # noqa: N802
        end = data.find("]", index)
        if end < 0:
            return "", index, False
        if "[" not in (text := data[index:end]):
            return text, end + 1, True
        return super().getText(data, index)

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:  # noqa: N802
        found = _PLAIN_ADDRESS.match(data, index)
        return (found[1], None, found.end(), True) if found else super().getLink(data, index)


class _Link(_PlainAddresses):
    pass


class _Image(_PlainAddresses, inlinepatterns.ImageInlineProcessor):
    pass


class _Emphasis(inlinepatterns.DelimiterProcessor):
    """Looks at the delimiters, as the base class does, but not at each character between them."""

    def search(self, data: str, start: int) -> re.Match[str] | None:
        for mark in _MARK.finditer(data, start):
            delimiter = self.delimiters[mark[0]]
            found = delimiter.boundary.match(data, mark.start())
            if found and (delimiter.stack or found.lastgroup != "end"):
                return found
        return None


class FastInline(Extension):
    """Put the fast processors in the places of the plain ones; to be listed after every other extension."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the extension's own name
        emphasis = _Emphasis("*", "strong,em", md)
        emphasis.add("_", "strong,em", smart=True)
        md.inlinePatterns.register(emphasis, "em_strong", 60)
        md.inlinePatterns.register(_Link(inlinepatterns.LINK_RE, md), "link", 160)
        md.inlinePatterns.register(_Image(inlinepatterns.IMAGE_LINK_RE, md), "image_link", 150)
        md.inlinePatterns._sort()  # type: ignore[attr-defined]
        md.treeprocessors.register(_FastInlineProcessor(md), "inline", 20)
