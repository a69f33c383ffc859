"""Codes, numbers and addresses that stand unguarded in right-to-left text.

Plain words of another script are shown where they belong: `شبكة SOS-Torture` needs nothing. What begins or
ends with a sign, or is put together from digits and signs, may not be: `+20 2 1234` is shown as `1234 2 20+`
and `C++` as `++C`, and which of them go wrong depends on what stands beside them. So each has to stand in an
element with a direction of its own: `bdi`, or anything with `dir`.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

LETTER = "A-Za-zÀ-ÖØ-öø-ɏͰ-Ͽ\u0400-\u04ff"
# What belongs to the sentence and not to the word that it encloses or follows.
OPENING, CLOSING = "([{«‹“‘\"'", ")]}»›”’\"'.,:;!?…،؛؟"
UNGUARDED = re.compile(
    rf"(?P<address>[{LETTER}\d._%+-]+@\S+|\w+://\S+|[{LETTER}][{LETTER}\d-]*(?:\.[{LETTER}][{LETTER}\d-]*)+(?:/\S*)?)"
    rf"|(?P<code>(?=\S*[{LETTER}])(?=\S*\d)[{LETTER}\d]+(?:[-/_.:][{LETTER}\d]+)+)"
    rf"|(?P<sign>(?<![^\s{OPENING}])[^\s\w{OPENING}·–—]+[{LETTER}]\S*|[{LETTER}\d]*[{LETTER}][+#%*=<>~^$]+)"
    r"|(?P<number>\+\d[\d ()/.-]*|\d+(?:[-/ ]\d+){2,}|(?<!\d)(?!\d{4}-\d{4}\b)\d+-\d+)"
)
# Elements whose direction the style sheet sets: they hold what a machine reads.
MACHINE = {"code", "kbd", "pre", "samp"}
UNSEEN = {"head", "script", "style", "template"}


def unguarded(page: bytes) -> list[str]:
    """Each run of a page that nothing guards, with the words around it."""
    return list(_below(html5lib.parse(page, namespaceHTMLElements=False, transport_encoding="utf-8"), "ltr"))


def _below(element: Element, direction: str) -> Iterator[str]:
    tag: object = element.tag  # of a comment it is no text
    if not isinstance(tag, str) or tag in UNSEEN | MACHINE:
        return
    # A `bdi` without `dir` takes its direction from its own first letter.
    direction = element.get("dir", "auto" if tag == "bdi" else direction)
    yield from _in_text(element.text, direction)
    for child in element:
        yield from _below(child, direction)
        yield from _in_text(child.tail, direction)


def _in_text(text: str | None, direction: str) -> Iterator[str]:
    if not text or direction != "rtl":
        return
    for match in UNGUARDED.finditer(text):
        run = match[0].strip().rstrip(CLOSING)
        around = text[max(0, match.start() - 25) : match.end() + 25]
        yield f"{run} in “{' '.join(around.split())}”"
