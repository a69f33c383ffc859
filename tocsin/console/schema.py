"""`schema`: what the model says of keys, for programs (JSON Schemas) and for people (the reference pages)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.console import reference
from tocsin.errors import ContentError, Finding
from tocsin.files import write_atomically
from tocsin.model import ITEM_TYPES
from tocsin.model.items import TRANSLATION_KEYS, AnyItem
from tocsin.reporting import Reporter

DOCS = "docs"
FOLDER = f"{DOCS}/schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where a file is out of date"
    )


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    stale = []
    for name, text in files().items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if options.check:
            stale.append(Finding(name, 0, "is out of date; run 'python3 tasks.py schema'", "schema"))
        else:
            write_atomically(path, text.encode())
            reporter.detail(f"wrote {name}")
    if stale:
        raise ContentError(stale)
    return 0


def files() -> dict[str, str]:
    """Every file that is made from the model, by its path."""
    made = {f"{FOLDER}/{name}": text for name, text in schemas().items()}
    return made | {f"{DOCS}/{name}": text for name, text in reference.pages().items()}


def schemas() -> dict[str, str]:
    """Two schemas a kind, by file name: `appeal.json` for originals, `appeal.translation.json`."""
    found = {}
    for kind, item in ITEM_TYPES.items():
        found[f"{kind}.json"] = _text(_original(kind, item))
        found[f"{kind}.translation.json"] = _text(_translation(kind, item))
    return found


def _original(kind: str, item: type[AnyItem]) -> Mapping[str, Any]:
    facts, words = item.facts_type.model_json_schema(), item.words_type.model_json_schema()
    own = {key: value for key, value in words["properties"].items() if key not in TRANSLATION_KEYS}
    required = sorted({*facts.get("required", ()), *words.get("required", ())})
    definitions = {**facts.get("$defs", {}), **words.get("$defs", {})}
    return _schema(
        f"Front matter of the original of a {kind}", {**facts["properties"], **own}, required, definitions
    )


def _translation(kind: str, item: type[AnyItem]) -> Mapping[str, Any]:
    words = item.words_type.model_json_schema()
    required = sorted({*words.get("required", ()), "source_rev"})
    title = f"Front matter of a translation of a {kind}"
    return _schema(title, words["properties"], required, words.get("$defs", {}))


def _schema(
    title: str, properties: Mapping[str, Any], required: list[str], definitions: Mapping[str, Any]
) -> Mapping[str, Any]:
    schema = {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {**schema, "$defs": definitions} if definitions else schema


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True, default=list) + "\n"
