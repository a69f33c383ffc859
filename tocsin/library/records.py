"""Records: what one folder holds, as plain data that can be kept and sent to another process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tocsin.model import ITEM_TYPES
from tocsin.model.items import TRANSLATION_KEYS, AnyItem
from tocsin.pictures import Picture

Values = Mapping[str, Any]

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class LinkPlace(NamedTuple):
    """A link of a body and where it stands: needed once every item is known."""

    target: str
    kind: str
    name: str
    path: str
    line: int


@dataclass(slots=True)
class ItemRecord:
    """One item as plain data. `fragments` holds, per language, the HTML of the body and of other texts."""

    kind: str
    slug: str
    folder: str
    original: str
    facts: Values
    words: dict[str, Values]
    digests: dict[str, str]
    fragments: dict[str, dict[str, str]]
    links: list[LinkPlace] = field(default_factory=list)
    facts_used: list[LinkPlace] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)  # digests of the files of editions
    lines: Mapping[Any, int] = field(default_factory=dict)
    withdrawn_editions: tuple[tuple[str, str], ...] = ()  # language and format of each

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.slug}"

    @property
    def withdrawn_files(self) -> frozenset[str]:
        """The names of the files that are public no more."""
        return frozenset(group_of(self.facts, "withdrawn_files"))

    @property
    def original_path(self) -> str:
        return f"{self.folder}/{self.original}.md"

    def line_of(self, name: str) -> int:
        """The line of a fact in the original's file."""
        return self.lines.get((name,), 1)


def texts_in(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a value of the front matter, with the path of its key."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts_in(inner, (*place, key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from texts_in(inner, (*place, number))


def names_in(words: Values) -> Iterator[tuple[str, str]]:
    """The names of persons in an item's words, each with its key in `names`; that of a portrait has none."""
    if words.get("person"):
        yield "", str(words["person"])
    yield from ((key, str(name)) for key, name in group_of(words, "names").items())


def words_digest(values: Values, text: str) -> str:
    """The revision of an item's words in one language: 12 hexadecimal digits of SHA-256.

    Over the values as canonical JSON (sorted keys, UTF-8) and the body without surrounding space.
    """
    own = {key: value for key, value in values.items() if key not in TRANSLATION_KEYS and value is not None}
    found = hashlib.sha256(f"{_CANONICAL.encode(own)}\0".encode())
    found.update(text.strip().encode())
    return found.hexdigest()[:12]


def build_item(record: ItemRecord) -> AnyItem:
    """The validated item of a record that `read_item` found no error in."""
    kind = ITEM_TYPES[record.kind]  # type: ignore[index]
    return kind(
        slug=record.slug,
        folder=record.folder,
        original=record.original,
        facts=kind.facts_type.model_validate(record.facts),
        words={code: kind.words_type.model_validate(values) for code, values in record.words.items()},
        digests=record.digests,
    )


def group_of(values: Values, key: str) -> Mapping[str, Any]:
    """The group of keys at `key`; empty where there is none."""
    value = values.get(key)
    return value if isinstance(value, dict) else {}
