"""Withheld terms in the sources: a repository can be copied and seized, so they may not be there either."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin import forks
from tocsin.errors import Finding
from tocsin.leaks.channels import look_into
from tocsin.leaks.folding import SOFT
from tocsin.leaks.looking import Text, strings
from tocsin.leaks.matching import Matcher
from tocsin.leaks.peeling import peeled
from tocsin.leaks.searching import numbers_in, numbers_in_names
from tocsin.leaks.words import of_terms
from tocsin.library.shared import DATA, PRIVATE_FILES
from tocsin.library.withheld import Term

FILES_A_PIECE = 100
FOLDERS = ("content", DATA, "theme")
FILES = ("site.toml", "mirrors.toml")
RULE = "withheld-term"
_WAY_OUT = "take it out, of older versions of the file too"
# Marks of Markdown and HTML that may stand within a word; what replaces them leaves every line in place.
_MARKS = re.compile(r"<[^<>\n]*>|[*_`~\\]+")
# In files of an unknown kind any bytes may look like a short word.
_LEAST_LETTERS = 5
Plain = tuple[str, int, str]


def search_sources(root: Path, terms: Iterable[Term], *, workers: int = 1) -> tuple[Finding, ...]:
    """Where withheld terms stand in `content/`, `data/`, `theme/` and `site.toml`, by path and line."""
    search = _Search(root, tuple(terms))
    if not search.messages:
        return ()
    files = list(_files(root))
    pieces = [files[start : start + FILES_A_PIECE] for start in range(0, len(files), FILES_A_PIECE)]
    found: set[Plain] = set(search.names(files))
    for _, plain in forks.run(search.look, pieces, workers):
        found.update(map(tuple, plain))
    masked = search.matcher.masked
    return tuple(sorted(Finding(masked(path), line, message, RULE) for path, line, message in found))


def _files(root: Path) -> Iterator[str]:
    yield from (name for name in FILES if (root / name).is_file())
    private = {f"{DATA}/{name}" for name in PRIVATE_FILES}
    for top in FOLDERS:
        for folder, _, names in sorted(os.walk(root / top)):
            shown = (Path(folder, name).relative_to(root).as_posix() for name in sorted(names))
            yield from (name for name in shown if name not in private)


class _Search:
    """Withheld terms, searched for in the sources of one checkout."""

    def __init__(self, root: Path, terms: tuple[Term, ...]) -> None:
        wanted = list(of_terms(terms))
        self.root = root
        self.messages = [one.message for one in wanted]
        self.matcher = Matcher(one.pattern for one in wanted)

    def names(self, paths: Iterable[str]) -> Iterator[Plain]:
        """What stands in the names of files and folders, told once for each."""
        for path, number in numbers_in_names(self.matcher, paths):
            yield path, 0, f"holds {self.messages[number]} in its name; rename it"

    def look(self, paths: Iterable[str]) -> list[Plain]:
        """What stands in some of the files."""
        found: set[Plain] = set()
        for path in paths:
            found.update((path, line, message) for line, message in self._file(path))
        return sorted(found)

    def _file(self, path: str) -> Iterator[tuple[int, str]]:
        try:
            data = (self.root / path).read_bytes()
        except OSError:
            yield 0, "cannot be read, and so not be searched for withheld terms"
            return
        try:
            yield from self._lines(data.decode("utf-8"))
        except UnicodeDecodeError:
            yield from self._binary(path, data)

    def _lines(self, text: str) -> Iterator[tuple[int, str]]:
        unmarked = _MARKS.sub(lambda found: SOFT * len(found[0]), text)
        for layer in [*peeled(text), *peeled(unmarked)]:
            for number, start, _ in self.matcher.spans(layer):
                line = layer.count("\n", 0, start) + 1
                yield line, f"holds {self.messages[number]}; {_WAY_OUT}"

    def _binary(self, path: str, data: bytes) -> Iterator[tuple[int, str]]:
        for found in look_into(path, data):
            if isinstance(found, Text):
                for number in numbers_in(self.matcher, found.text):
                    yield 0, f"holds {self.messages[number]} in {found.channel}; {_WAY_OUT}"
        for _, text in strings("", data):
            for number in self.matcher.found(text):
                if len(self.matcher.patterns[number].letters) >= _LEAST_LETTERS:
                    yield 0, f"holds {self.messages[number]}; {_WAY_OUT}"
