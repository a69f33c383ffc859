"""Front matter as most files have it, read line by line; what is not as plain is left to the parser of YAML.

What front matter means is said in `frontmatter.py`. This module knows the part of it that needs no parser:
lines of `key: value` and groups of them, with text, words, and lists and groups of these on one line. It says
nothing about what it does not know, so that every fault is found and worded in one place.
tests/property/test_front_matter.py compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

KeyPath = tuple[str | int, ...]
Place = dict[KeyPath, int]

_MAX_LEVELS = 5
_HELD = (dict, list)  # what has parts
_LINE = re.compile(r"( *)([a-z][a-z0-9_-]{0,63}):(?: (.+))?")
_QUOTED = re.compile(r'"[^"\\\t]*"')
# No ': ', no ' #', no sign at its beginning: nothing that YAML could see anything but text in.
_PLAIN = re.compile(r"\w(?:[\w.,()/+’-]| +(?=[\w(])|:(?=\w))*")
_WORDS = re.compile(r"\[[A-Za-z][\w-]*(?:, [A-Za-z][\w-]*)*\]", re.ASCII)
_PAIRS = re.compile(r"\{[a-z][\w-]{0,63}: \w[\w-]*(?:, [a-z][\w-]{0,63}: \w[\w-]*)*\}", re.ASCII)
# Quoted text in brackets, separated in the one way that YAML and JSON both know.
_NESTED = re.compile(r'[\[{](?:"[^"\\\t]{0,900}"(?:: )?|true|false|[1-9][0-9]{0,14}(?![0-9])|, |[\[\]{}])*')


class _NotPlainError(Exception):
    """There is something that only the parser of YAML can judge."""


def read_plain(head: str, scalar: Callable[[str], Any]) -> tuple[dict[str, Any], Place] | None:
    """Values and lines of front matter, or None where it is not plain.

    `scalar` tells what a word without quotes means.
    """
    reading = _PlainHead(head, scalar)
    try:
        values = reading.group((), 0)
    except (_NotPlainError, ValueError, RecursionError):
        return None
    return (values, reading.places) if reading.number == len(reading.lines) else None


class _PlainHead:
    """Front matter being read; the first line of it is the second of the file."""

    def __init__(self, head: str, scalar: Callable[[str], Any]) -> None:
        self.lines = head.removesuffix("\n").split("\n")
        self.number = 0
        self.scalar = scalar
        self.places: Place = {}

    def group(self, where: KeyPath, indent: int) -> dict[str, Any]:
        """The keys that are indented by `indent`, from this line on."""
        values: dict[str, Any] = {}
        while self.number < len(self.lines):
            found = _LINE.fullmatch(self.lines[self.number])
            if found is None:
                raise _NotPlainError
            blanks, key, value = found.groups()
            if len(blanks) < indent:
                break
            if len(blanks) > indent or key in values:
                raise _NotPlainError
            self.number += 1
            place = (*where, key)
            self.places[place] = self.number + 1
            values[key] = self._inner(place, indent) if value is None else self._value(value, place)
        return values

    def _inner(self, place: KeyPath, indent: int) -> Any:
        """What stands below a key that has nothing beside it."""
        following = self.lines[self.number] if self.number < len(self.lines) else ""
        deeper = len(following) - len(following.lstrip(" "))
        if deeper > indent and len(place) < _MAX_LEVELS:
            return self.group(place, deeper)
        raise _NotPlainError

    def _value(self, text: str, place: KeyPath) -> Any:
        first = text[0]
        if first == '"' and _QUOTED.fullmatch(text):
            return text[1:-1]
        if first not in '"[{' and _PLAIN.fullmatch(text):
            return self.scalar(text)
        if _NESTED.fullmatch(text):
            value, end = _JSON.raw_decode(text)
            if end < len(text):
                raise _NotPlainError
        elif _WORDS.fullmatch(text):
            value = [self.scalar(word) for word in text[1:-1].split(", ")]
        elif _PAIRS.fullmatch(text):
            pairs = (pair.split(": ") for pair in text[1:-1].split(", "))
            value = _unrepeated([(key, self.scalar(word)) for key, word in pairs])
        else:
            raise _NotPlainError
        return self._placed(value, place, self.places[place])

    def _placed(self, value: dict[str, Any] | list[Any], place: KeyPath, line: int) -> Any:
        """What has parts on one line, all of them noted to stand there; a list becomes a tuple."""
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        if len(place) >= _MAX_LEVELS:
            raise _NotPlainError
        placed = {}
        for name, part in parts:
            inner = (*place, name)
            self.places[inner] = line
            placed[name] = self._placed(part, inner, line) if isinstance(part, _HELD) else part
        return placed if isinstance(value, dict) else tuple(placed.values())


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _NotPlainError
    return values


_JSON = json.JSONDecoder(object_pairs_hook=_unrepeated)
