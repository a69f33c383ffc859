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

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same language
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_BYTES = 2_000_000
MAX_FRONT_MATTER = 100_000
MAX_DEPTH = 8

Path = tuple[str | int, ...]
Value = Any

_FENCE = "---"
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)")
_BIDI_CONTROLS = re.compile("[\u202a-\u202e]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_TAGGED = re.compile(r"[&*!]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file taken apart: values, the line of each key (by its path), the body and the body's first line."""

    path: str
    values: Mapping[str, Value]
    lines: Mapping[Path, int]
    body: str
    body_line: int

    def line_of(self, path: Path) -> int:
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
    _refuse_invisible(path, text)
    head, body, body_line = _split(path, text)
    values, lines = _parse_head(path, head)
    return Source(path, values, lines, body, body_line)


def _fault(path: str, line: int, message: str, rule: str) -> FrontMatterError:
    return FrontMatterError(Finding(path, line, message, rule))


def _decode(path: str, data: bytes) -> str:
    if not data.strip():
        raise _fault(path, 1, "is empty; write front matter between '---' lines, then the text", "empty-file")
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1e6:.1f} MB"
        raise _fault(path, 1, f"has {size}; the limit is {MAX_BYTES // 1_000_000} MB", "too-large")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _fault(path, 1, "begins with a byte order mark; save it as 'UTF-8 without BOM'", "byte-order-mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _fault(path, line, "is not UTF-8; save the file with the encoding UTF-8", "encoding") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_invisible(path: str, text: str) -> None:
    if found := _BIDI_CONTROLS.search(text):
        raise _fault(
            path,
            text.count("\n", 0, found.start()) + 1,
            f"holds the invisible direction control U+{ord(found[0]):04X}, which can disguise text; "
            "delete it (the site sets direction itself)",
            "bidi-control",
        )
    if found := _CONTROLS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _fault(path, line, f"holds the control character U+{ord(found[0]):04X}; delete it", "control-character")


def _split(path: str, text: str) -> tuple[str, str, int]:
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        raise _fault(path, 1, "must begin with a line '---' and the front matter", "no-front-matter")
    for number, content in enumerate(lines[1:], start=1):
        if content.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    raise _fault(path, 1, "the front matter is not closed; add a line '---' before the text", "unclosed")


def _parse_head(path: str, head: str) -> tuple[Mapping[str, Value], Mapping[Path, int]]:
    if len(head) > MAX_FRONT_MATTER:
        raise _fault(path, 1, f"has front matter of more than {MAX_FRONT_MATTER // 1000} kB", "too-large")
    if _TAGGED.search(head):
        _refuse_tags(path, head)
    try:
        node = yaml.compose(head, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 1
        raise _fault(path, line, f"is not valid YAML here: {error.problem or error.context}", "yaml") from None
    except RecursionError:
        raise _fault(path, 1, f"is nested more than {MAX_DEPTH} levels deep", "yaml") from None
    if node is None:
        return {}, {}
    if not isinstance(node, yaml.MappingNode):
        raise _fault(path, 2, "the front matter must be lines of 'key: value'", "yaml")
    lines: dict[Path, int] = {}
    return _build(path, node, (), lines), lines


def _refuse_tags(path: str, head: str) -> None:
    """Look at the tokens: anchors, aliases and tags are refused before anything is expanded."""
    try:
        for token in yaml.scan(head, _Loader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
                what = "a tag ('!…')" if isinstance(token, yaml.TagToken) else "an anchor ('&' or '*')"
                line = token.start_mark.line + 2
                raise _fault(path, line, f"uses {what}, which front matter may not; quote the text", "yaml-tag")
    except yaml.YAMLError:
        return  # compose() reports it with its place


def _build(path: str, node: yaml.Node, where: Path, lines: dict[Path, int]) -> Value:
    if len(where) > MAX_DEPTH:
        raise _fault(path, node.start_mark.line + 2, f"is nested more than {MAX_DEPTH} levels deep", "yaml")
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(path, node, where, lines)
    if isinstance(node, yaml.SequenceNode):
        values = []
        for index, child in enumerate(node.value):
            lines[(*where, index)] = child.start_mark.line + 2
            values.append(_build(path, child, (*where, index), lines))
        return tuple(values)
    return _scalar(node)


def _build_mapping(path: str, node: yaml.MappingNode, where: Path, lines: dict[Path, int]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 2
        if not isinstance(key_node, yaml.ScalarNode):
            raise _fault(path, line, "a key must be plain text", "yaml")
        key = key_node.value
        if key in values:
            first = lines[(*where, key)]
            raise _fault(path, line, f"'{key}' stands twice; it is already on line {first}", "duplicate-key")
        lines[(*where, key)] = line
        values[key] = _build(path, child, (*where, key), lines)
    return values


def _scalar(node: yaml.Node) -> Value:
    text = str(node.value)
    if node.style is not None and node.style != "":  # type: ignore[attr-defined]
        return text
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _WHOLE_NUMBER.fullmatch(text) and len(text) < 16:
        return int(text)
    return text
