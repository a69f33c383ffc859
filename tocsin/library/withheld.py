"""Withheld terms: the private file that lists what must never appear.

```toml
[teacher]                               # a key of your choice; it does not name anybody
names = ["…", "…"]                      # every spelling, script and transliteration
whole_words = true                      # no endings, and nothing written in one with it (default: false)
```

What is wrong with the file is told by its line and key. Nothing of its values is ever repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.errors import ContentError, Finding
from tocsin.library.shared import DATA
from tocsin.library.toml import TomlError, TomlFile, read_toml

TERMS_FILE = f"{DATA}/withheld.toml"
RULE = "withheld-file"
_KEYS = {"names", "whole_words"}


@dataclass(frozen=True, slots=True, repr=False)
class Term:
    """A name or other words to be withheld, and the line of the file where its entry begins.

    It has no representation: a term that is shown in an error by mistake would be the leak.
    """

    name: str
    line: int
    is_exact: bool = False

    def __repr__(self) -> str:
        return f"Term(line={self.line})"


def read_terms(root: Path) -> tuple[Term, ...] | None:
    """The terms of a checkout; None where there is no such file. Faults are one `ContentError`."""
    if not (root / TERMS_FILE).is_file():
        return None
    try:
        file = read_toml(root, TERMS_FILE)
    except TomlError as error:
        found = error.finding
        # What the reader says of other files may quote them.
        message = "cannot be read here; compare the line with data/withheld.example.toml"
        raise ContentError([Finding(TERMS_FILE, found.line, message, RULE)]) from None
    faults = [Finding(TERMS_FILE, line, message, RULE) for line, message in _faults(file)]
    if faults:
        raise ContentError(faults)
    return tuple(_terms(file))


def _terms(file: TomlFile) -> Iterator[Term]:
    for key, entry in file.values.items():
        for name in entry["names"]:
            yield Term(name, file.line_of((key,)), entry.get("whole_words", False))


def _faults(file: TomlFile) -> Iterator[tuple[int, str]]:
    for number, (key, entry) in enumerate(file.values.items(), 1):
        line = file.line_of((key,))
        if not isinstance(entry, dict):
            yield line, f"entry {number} is no table; write [a-key] and 'names' below it"
            continue
        for name in entry.keys() - _KEYS:
            yield file.line_of((key, name)), f"entry {number} has an unknown key; it may have {_said(_KEYS)}"
        yield from ((line_, f"entry {number}: {said}") for line_, said in _entry_faults(file, key, entry))


def _entry_faults(file: TomlFile, key: str, entry: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    names = entry.get("names")
    if not isinstance(names, tuple) or not names or not all(isinstance(name, str) for name in names):
        yield file.line_of((key, "names")), "'names' must be a list of texts in quotes, at least one"
        return
    for place, name in enumerate(names, 1):
        # Two letters of most scripts, one sign of Chinese: less is in any text.
        if sum(2 if character > "\u2e7f" else 1 for character in name if character.isalnum()) < 2:
            yield file.line_of((key, "names")), f"text {place} of 'names' has too few letters to be found"
    if not isinstance(entry.get("whole_words", False), bool):
        yield file.line_of((key, "whole_words")), "'whole_words' must be true or false"


def _said(names: set[str]) -> str:
    return " and ".join(f"'{name}'" for name in sorted(names))
