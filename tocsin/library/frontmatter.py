"""Front matter: from the bytes of a file to plain values with line numbers, and the body.

The dialect is a strict part of YAML 1.2: mappings, lists, text, whole numbers, `true`/`false`. Tags, anchors
and repeated keys are refused, and a plain scalar is a number or a truth value only where nobody could mean
text: `no` is Norway, `2013-02-12` stays text until a field asks for a date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tocsin.errors import Finding
from tocsin.ledger.sources import MAX_TEXT
from tocsin.library.plain_head import read_plain
from tocsin.model.text import SENTINEL_HOST, invisible_fault

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same language
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_BYTES = MAX_TEXT
MAX_FRONT_MATTER = 100_000
MAX_DEPTH = 8

KeyPath = tuple[str | int, ...]
Value = Any

_FENCE = "---"
_FENCE_LINE = re.compile(rf"^{_FENCE}[ \t]*$", re.MULTILINE)
# Bytes of UTF-8 that no invisible character begins with: all but control characters and what U+0080, U+2000,
# U+F000 and U+E0000 begin with. Text of these alone is seen in no time to hold nothing invisible.
_HARMLESS = bytes(
    byte
    for byte in range(256)
    if byte in b"\t\n\r" or (byte >= 0x20 and byte != 0x7F and byte not in b"\xc2\xe2\xef\xf3")
)
# What goes on a character that takes several bytes is no harm by itself, but may make one invisible.
_HARMLESS_BEGIN = bytes(byte for byte in _HARMLESS if byte not in range(0x80, 0xC0))
# Quotation marks, dashes and hard blanks, which begin with the same bytes.
_INVISIBLE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xef\xf3]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]")
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}

# What the parser says, and what an editor can do about it. The two parsers of PyYAML word some differently.
_ADVICE = (
    ("mapping values are not allowed", "put the text after the first ':' between quotes, or align the keys"),
    ("sequence entries are not allowed", "a list that begins with '-' starts on a line of its own"),
    ("could not find expected ':'", "every line is 'key: value', and a longer text is indented"),
    ("cannot start any token", "indent with blanks, and quote a text that begins with a special sign"),
    ("unexpected end of stream", "close the quote that is opened here"),
    ("or ']'", "close the list that is opened here with ']'"),
    ("or '}'", "close what is opened here with '}'"),
    ("unknown escape character", "write \\\\ for a backslash between double quotes"),
    ("did not find expected key", "align the keys, and put quotes around the whole text"),
    ("expected <block end>", "align the keys, and put quotes around the whole text"),
    ("<document start>", "delete the line that ends the front matter too early"),
    ("tab", "indent with blanks instead of tabs"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file taken apart: values, the line of each key (by its path), the front matter they are in; the body
    and its first line.
    """

    path: str
    values: Mapping[str, Value]
    lines: Mapping[KeyPath, int]
    head: str
    body: str
    body_line: int

    def line_of(self, path: KeyPath) -> int:
        """The line of the key at `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class FrontMatterError(Exception):
    """What makes a file unreadable as a whole; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)


def parse_source(path: str, data: bytes) -> Source:
    """Take the bytes of one Markdown file apart; raise `FrontMatterError` with the first thing in the way."""
    text = _decode(path, data)
    if (_is_suspect(data) or SENTINEL_HOST in text) and (fault := invisible_fault(text)):
        raise _fault(path, text.count("\n", 0, fault[0]) + 1, fault[1], fault[2])
    head, body, body_line = _split(path, text)
    if len(head) > MAX_FRONT_MATTER:
        raise _fault(path, 1, f"has front matter of more than {MAX_FRONT_MATTER // 1000} kB", "too-large")
    values, lines = read_plain(head, _meaning) or _Head(path, head).read()
    return Source(path, values, lines, head, body, body_line)


def _is_suspect(data: bytes) -> bool:
    """True where a file may hold an invisible character: looking at each one takes five times as long."""
    if not data.translate(None, _HARMLESS):
        return False
    return _INVISIBLE.search(data.translate(None, _HARMLESS_BEGIN)) is not None


def refuse_size(path: str, size: int) -> None:
    """Raise `FrontMatterError` where a file has more bytes than are read."""
    if size > MAX_BYTES:
        raise _fault(path, 0, f"is larger than {MAX_BYTES // 1_000_000} MB; divide it", "too-large")


def _fault(path: str, line: int, message: str, rule: str) -> FrontMatterError:
    return FrontMatterError(Finding(path, line, message, rule))


def _decode(path: str, data: bytes) -> str:
    refuse_size(path, len(data))
    if data.startswith(b"\xef\xbb\xbf"):
        message = "begins with a byte order mark; save it as 'UTF-8 without BOM'"
        raise _fault(path, 1, message, "byte-order-mark")
    if not data.strip():
        raise _fault(path, 1, "is empty; write front matter between '---' lines, then the text", "empty-file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _fault(path, line, "is not UTF-8; save the file with the encoding UTF-8", "encoding") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(path: str, text: str) -> tuple[str, str, int]:
    """Front matter, body, and the line on which the body begins."""
    first, _, rest = text.partition("\n")
    if first.rstrip() != _FENCE:
        message = "must begin with the front matter, between two lines '---'"
        raise _fault(path, 1, message, "no-front-matter")
    fence = _FENCE_LINE.search(rest)
    if fence is None:
        message = "has front matter that does not end; put a line '---' between it and the text"
        raise _fault(path, 1, message, "unclosed")
    body_line = rest.count("\n", 0, fence.end()) + 3
    return rest[: fence.start()], rest[fence.end() + 1 :], body_line


class _Head:
    """Front matter being read, event by event: nothing is expanded or nested before it is looked at."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self.events = yaml.parse(text, _Loader)

    def read(self) -> tuple[Mapping[str, Value], Mapping[KeyPath, int]]:
        try:
            return self._document(), self.lines
        except yaml.MarkedYAMLError as error:
            said = f"{error.context or ''} {error.problem or ''}"
            # What was opened and never closed is found missing at the end; it is at fault where it began.
            begun = any(sign in said for sign in ("flow", "quoted", "simple key"))
            mark = (error.context_mark if begun else None) or error.problem_mark or error.context_mark
            line = mark.line + 2 if mark else 1
            raise self._fault(line, f"cannot be read here; {_advice(said)}", "yaml") from None
        except yaml.YAMLError:
            raise self._fault(1, "cannot be read; write lines of 'key: value'", "yaml") from None

    def _fault(self, line: int, message: str, rule: str) -> FrontMatterError:
        return _fault(self.path, line, message, rule)

    def _document(self) -> Mapping[str, Value]:
        next(self.events)  # the stream begins
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return {}
        value = self._value(next(self.events), ())
        next(self.events)  # the document ends
        if not isinstance(next(self.events), yaml.StreamEndEvent):
            raise self._fault(2, "has a second document in the front matter; delete the line '...'", "yaml")
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._fault(2, "has front matter that is no list of keys; write 'key: value'", "yaml")
        return value

    def _value(self, event: yaml.Event, where: KeyPath) -> Value:
        """The value that begins with `event`; its events are used up."""
        self._refuse_marks(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(where) >= MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep; write it flatter"
            raise self._fault(_line(event), message, "too-deep")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(where)
        return self._sequence(where)

    def _sequence(self, where: KeyPath) -> tuple[Value, ...]:
        values: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            place = (*where, len(values))
            self.lines[place] = _line(event)
            values.append(self._value(event, place))
        return tuple(values)

    def _mapping(self, where: KeyPath) -> dict[str, Value]:
        values: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = _line(event)
            self._refuse_marks(event)
            key = self._text(event) if isinstance(event, yaml.ScalarEvent) else "\n"
            if "\n" in key:
                raise self._fault(line, "has a key that is not plain text; write 'key: value'", "yaml")
            if key in values:
                first = self.lines[(*where, key)]
                message = f"'{key}' stands twice, on line {first} and here; delete one"
                raise self._fault(line, message, "duplicate-key")
            place = (*where, key)
            self.lines[place] = line
            values[key] = self._value(next(self.events), place)
        return values

    def _refuse_marks(self, event: Any) -> None:
        """Anchors, aliases and tags: the ways in which YAML refers, repeats and makes objects."""
        if event.anchor is not None:  # of an alias, too, which is the only event without a tag
            what = "an anchor or reference ('&', '*')"
        elif event.tag is not None:
            what = "a tag ('!')"
        else:
            return
        raise self._fault(_line(event), f"uses {what} of YAML; put the text between quotes", "yaml-tag")

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        text = self._text(event)
        # Quoted, or a block: text, whatever it looks like.
        return _meaning(text) if event.implicit[0] else text

    def _text(self, event: yaml.ScalarEvent) -> str:
        text = str(event.value)
        if event.style == '"' and (fault := invisible_fault(text)):  # by an escape such as "\u202E"
            raise self._fault(_line(event), fault[1], fault[2])
        return text


def _meaning(text: str) -> Value:
    """What a word without quotes means."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _line(event: yaml.Event) -> int:
    """The line of the file on which an event begins; the front matter begins on the second."""
    return event.start_mark.line + 2 if event.start_mark else 1


def _advice(said: str) -> str:
    return next((advice for sign, advice in _ADVICE if sign in said), "put the text between quotes")
