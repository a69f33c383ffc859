"""Links of a page that is opened from a folder.

A browser that opens a folder shows a list of files, so every link names its file. Where a link leads to is
known when all pages are made: one that leads to nothing of the edition (a language that was left out, a
country of which nothing is held) is shown as its words.
"""

from __future__ import annotations

import re
from collections.abc import Container

from tocsin.render.addresses import ROOT, file_of, root_of

# Typeset HTML: attributes are quoted, and what they hold is escaped.
_ANCHOR = re.compile(r'<a\b((?:[^>"]|"[^"]*")*)>(.*?)</a>', re.DOTALL)
_TARGET = re.compile(rf'\shref="{ROOT}([^"#?]*)')
_KEPT = re.compile(r'\s(?:lang|dir|class)="[^"]*"')
_PLACE = re.compile(rf"{ROOT}([^\"#?\s]*)")


def lead(text: str, path: str, files: Container[str]) -> str:
    """The text of the page at `path` with its links good; `files` are the paths of the whole edition."""

    def anchor(found: re.Match[str]) -> str:
        target = _TARGET.search(found[1])
        if target is None or file_of(target[1]) in files:
            return found[0]
        kept = "".join(_KEPT.findall(found[1]))
        return f"<span{kept}>{found[2]}</span>" if kept else found[2]

    def place(found: re.Match[str]) -> str:
        return f"{root}{file_of(found[1])}"

    root = root_of(path)
    return _PLACE.sub(place, _ANCHOR.sub(anchor, text))
