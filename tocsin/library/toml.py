"""TOML files: their values, and the line of each key, which TOML readers do not tell."""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tocsin.errors import Finding
from tocsin.ledger.sources import MAX_TEXT
from tocsin.library.faults import Location
from tocsin.model.text import invisible_fault

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY_LINE = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


# What the parser says, and what an editor can do about it.
_ADVICE = (
    ("Illegal character '\\n'", "close the quote that is opened here"),
    ("Unterminated string", "close the quote that is opened here"),
    ("Invalid value", "put the text between quotes"),
    ("Expected '='", 'write key = "value"'),
    ("after a key", 'write key = "value"'),
    ("Unclosed array", "close the list with ']'"),
    ("end of a table declaration", "close the name of the table with ']'"),
    ("inline table", "close what is opened with '{' on the same line with '}'"),
    ("Cannot overwrite", "this key stands twice; delete one"),
    ("Cannot declare", "this table stands twice; delete one"),
    ("Cannot redefine", "this table stands twice; delete one"),
    ("Unescaped '\\'", "write \\\\ for a backslash between double quotes"),
    ("newline or end of document", "begin each key on a line of its own"),
    ("initial character for a key", "begin the line with a key"),
)


class TomlError(Exception):
    """A file that cannot be read as a whole; carries the finding."""

    def __init__(self, path: str, line: int, message: str, rule: str) -> None:
        self.finding = Finding(path, line, message, rule)
        super().__init__(message)


@dataclass(frozen=True)
class TomlFile:
    """A file that was read. Lists are tuples, as the strict models want them."""

    path: str
    text: str
    values: dict[str, Any]

    @cached_property
    def _lines(self) -> dict[Location, int]:
        """The first line of each table and key; inner keys of `{ … }` count as their outer key."""
        lines: dict[Location, int] = {}
        table: Location = ()
        counts: dict[Location, int] = {}
        for number, line in enumerate(self.text.split("\n"), start=1):
            if header := _HEADER.fullmatch(line):
                table = _parts(header[2])
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                lines.setdefault(table, number)
            elif key := _KEY_LINE.match(line):
                lines.setdefault((*table, *_parts(key[1])), number)
        return lines

    def line_of(self, location: Location) -> int:
        """The line of the key at `location`, or of the nearest key above it; 0 for the file as a whole."""
        while location and location not in self._lines:
            location = location[:-1]
        return self._lines.get(location, 0)


def read_toml(root: Path, name: str) -> TomlFile:
    """Read `name` below `root`; raise `TomlError` with the first thing in the way."""
    path = root / name
    try:
        found = path.lstat()
        if refused := _refused(found.st_mode, found.st_size):
            raise TomlError(name, 0, *refused)
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TomlError(name, 0, "is missing; the site cannot be built without it", "missing-file") from None
    except OSError as error:
        raise TomlError(name, 0, f"cannot be read: {error.strerror}", "unreadable") from None
    except UnicodeDecodeError:
        raise TomlError(name, 0, "is not UTF-8; save the file with the encoding UTF-8", "encoding") from None
    if text.startswith("\ufeff"):
        message = "begins with a byte order mark; save it as 'UTF-8 without BOM'"
        raise TomlError(name, 1, message, "byte-order-mark")
    if fault := invisible_fault(text):
        raise TomlError(name, text.count("\n", 0, fault[0]) + 1, fault[1], fault[2])
    return TomlFile(name, text, _parse(name, text))


def _refused(mode: int, size: int) -> tuple[str, str] | None:
    """What is wrong with a file that is not to be opened, and the rule."""
    if stat.S_ISLNK(mode):
        return "is a link; put the file itself here", "link-in-data"
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "is neither a file nor a folder; delete it", "misplaced"
    if size > MAX_TEXT:
        return f"is larger than {MAX_TEXT // 1_000_000} MB; delete what is not needed", "too-large"
    return None


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        values: dict[str, Any] = _tuples(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).partition(" (at ")
        found = re.match(r"line ([0-9]+)", place)
        line = int(found[1]) if found else text.count("\n") + 1
        raise TomlError(name, line, f"cannot be read here; {_advice(said)}", "toml") from None
    except RecursionError:
        raise TomlError(name, 0, "is nested too deeply to be read; write it flatter", "too-deep") from None
    return values


def _advice(said: str) -> str:
    return next((advice for sign, advice in _ADVICE if sign in said), "compare the line with those around it")


def _parts(dotted: str) -> Location:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value
