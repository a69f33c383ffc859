"""HTML and XML as texts: what is seen, what stands in tags, what stands in comments.

Not a parser: whatever a document holds goes into one of the three, so that nothing can hide from it in markup
that is not as it should be.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from tocsin.leaks.folding import BLOCK, HARD, SOFT

SEEN, TAGS, COMMENTS = "its text", "an attribute", "a comment"
# Possessive, so that no document can make it slow.
_MARK = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>"
    r"|<(?P<tag>[!?/]?+[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>",
    re.DOTALL,
)
# Tags that stand within words.
# fmt: off
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "mark", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
})
# fmt: on
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_INSIDE = re.compile(r"<[!/]?[A-Za-z-]")
# A text that is markup, escaped in markup, as feeds have it, and once more.
_DEPTH = 3


def markup_texts(text: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts of a document, each with what it is: `SEEN`, `TAGS` or `COMMENTS`."""
    seen: list[str] = []
    tags: list[str] = []
    comments: list[str] = []
    end = 0
    for mark in _MARK.finditer(text):
        seen.append(text[end : mark.start()])
        end = mark.end()
        if mark["tag"] is not None:
            tags.append(mark["tag"])
            name = _NAME.match(mark["tag"])
            seen.append(SOFT if name and name[1].lower() in _INLINE else BLOCK)
        elif mark["cdata"] is not None:
            seen.append(mark["cdata"])
        else:
            comments.append(mark["comment"])
    seen.append(text[end:])
    whole = html.unescape("".join(seen))
    if depth < _DEPTH and _INSIDE.search(whole):
        yield from markup_texts(whole, depth + 1)
    yield SEEN, whole
    yield TAGS, html.unescape(HARD.join(tags))
    yield COMMENTS, html.unescape(HARD.join(comments))
