"""Blocks of Markdown with few questions asked, with the same result.

Python-Markdown asks each block processor about each block, most of them by a regular expression that reads
all of it. A processor that is known cannot want a block without the characters listed here, and nobody but
the last one, for paragraphs, wants a block none of whose lines begins with a sign. A processor that is not
known is always asked. tests/property/test_fast_inline.py compares the result with plain Python-Markdown's.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension

# What a block must hold, one of these, for a processor to want it.
_NEEDS: dict[str, tuple[str, ...]] = {
    "empty": ("",),
    "indent": ("    ",),
    "defindent": ("    ",),
    "code": ("    ",),
    "table": ("|",),
    "hashheader": ("#",),
    "setextheader": ("\n=", "\n-"),
    "hr": tuple(f"{sign}{blanks}{sign}" for sign in "-_*" for blanks in ("", " ", "  ")),
    "olist": (". ",),
    "ulist": ("- ", "* ", "+ "),
    "deflist": (": ",),
    "quote": (">",),
    "footnote": ("]:",),
    "abbr": ("*[",),
    "reference": ("]:",),
    "paragraph": ("",),
}
_NOTHING = ("",)
# A heading with nothing to be looked at twice: no `#` behind it, no other line.
_HEADING = re.compile(r"(#{1,6})([^\\#\n]+)")
# What a block may begin with that is no paragraph; beside these, digits.
_SIGNS = "\n #>*+-_=[:"
# What a later line of such a block may begin with. Lists and code begin with their block.
_LATER_LINE = re.compile(r"\n *[#>*\-_=\[:]")
# Lines of a list, each of which holds a paragraph: what else a line may be begins with one of these signs.
_PARAGRAPH = r"([^\s#>*+\-_=\[:\d|][^\n|]*)$"
_BULLETS = re.compile(rf"^[*+-] +{_PARAGRAPH}", re.MULTILINE)
_NUMBERED = re.compile(rf"^[0-9]+\. +{_PARAGRAPH}", re.MULTILINE)
_LISTS = frozenset({"ul", "ol"})


class _FastBlocks:
    """`BlockParser.parseBlocks`, asking only processors that may want a block."""

    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.table: list[tuple[Any, Any, tuple[str, ...]]] = []
        self.all_known = False

    def _choose(self) -> None:
        registry = self.parser.blockprocessors
        registry._sort()
        names = [item.name for item in registry._priority]
        self.table = [(registry[name].test, registry[name].run, _NEEDS.get(name, _NOTHING)) for name in names]
        self.all_known = all(name in _NEEDS for name in names) and names[-1] == "paragraph"

    def parse(self, parent: Element, blocks: list[str]) -> None:
        """Attach all of `blocks` to `parent`, and take them from the list."""
        if not self.table:
            self._choose()
        paragraph = self.table[-1][1]
        while blocks:
            block = blocks[0]
            if not self.all_known:
                self._ask(parent, blocks)
            elif _is_paragraph(block):
                if self.parser.state.isstate("list"):
                    paragraph(parent, blocks)
                    continue
                if text := block.lstrip():
                    SubElement(parent, "p").text = text
                del blocks[0]
            elif heading := _HEADING.fullmatch(block):
                SubElement(parent, f"h{len(heading[1])}").text = heading[2].strip()
                del blocks[0]
            elif _put_list(parent, block):
                del blocks[0]
            else:
                self._ask(parent, blocks)

    def _ask(self, parent: Element, blocks: list[str]) -> None:
        """Let the first processor that wants the first block have it."""
        block = blocks[0]
        for test, run, needs in self.table:
            for need in needs:
                if need in block:
                    break
            else:
                continue
            if test(parent, block) and run(parent, blocks) is not False:
                break


def _is_paragraph(block: str) -> bool:
    """True where no known processor but the last can want a block."""
    first = block[:1]
    if not first or first in _SIGNS or first.isdecimal() or "|" in block:
        return False
    return "\n" not in block or not _LATER_LINE.search(block)


def _put_list(parent: Element, block: str) -> bool:
    """Put a list into `parent` where all that a block is, is a list of paragraphs of one line each."""
    if block.startswith(("-", "*", "+")):
        tag, items = "ul", _BULLETS.findall(block)
    elif block[:1].isdecimal():
        tag, items = "ol", _NUMBERED.findall(block)
    else:
        return False
    # A list behind a list of its kind, or right in one, goes on with it.
    if len(items) <= block.count("\n") or parent.tag in _LISTS or (len(parent) and parent[-1].tag == tag):
        return False
    made = SubElement(parent, tag)
    if tag == "ol" and (number := block.partition(".")[0]) != "1":
        made.set("start", number)
    for item in items:
        SubElement(made, "li").text = item
    return True


class FastBlocks(Extension):
    """Replace the loop over the block processors; to be listed after every other extension."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the extension's own name
        # On the instance, since every processor already holds this parser.
        vars(md.parser)["parseBlocks"] = _FastBlocks(md.parser).parse
