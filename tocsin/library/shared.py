"""Loading `site.toml` and the files under `data/`, every fault with its file and, where known, its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from tocsin.errors import Finding
from tocsin.library.faults import did_you_mean, explain
from tocsin.model.record import Record
from tocsin.model.shared import (
    ENTRY_TYPES,
    Addressee,
    Country,
    DatedFacts,
    Office,
    Organisation,
    Region,
    Series,
    Term,
)
from tocsin.model.site import Site
from tocsin.model.text import KEY

R = TypeVar("R", bound=Record)

SITE_FILE = "site.toml"
DATA = "data"
# Kept out of the repository and read by the leak gate alone.
PRIVATE_FILES = frozenset({"withheld.toml", "withheld.example.toml"})


@dataclass(frozen=True)
class Shared:
    """All shared data: table name, entry key, entry."""

    tables: Mapping[str, Mapping[str, Record]]

    def _table(self, name: str, kind: type[R]) -> Mapping[str, R]:
        return cast(Mapping[str, R], self.tables.get(name, {}))

    @cached_property
    def addressees(self) -> Mapping[str, Addressee]:
        return self._table("addressees", Addressee)

    @cached_property
    def country_names(self) -> Mapping[str, Country]:
        return self._table("countries", Country)

    @cached_property
    def facts(self) -> Mapping[str, DatedFacts]:
        return self._table("facts", DatedFacts)

    @cached_property
    def offices(self) -> Mapping[str, Office]:
        return self._table("offices", Office)

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        return self._table("organisations", Organisation)

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        return self._table("regions", Region)

    @cached_property
    def series(self) -> Mapping[str, Series]:
        return self._table("series", Series)

    @cached_property
    def themes(self) -> Mapping[str, Term]:
        return self._table("themes", Term)

    @cached_property
    def violations(self) -> Mapping[str, Term]:
        return self._table("violations", Term)

    @cached_property
    def region_of(self) -> Mapping[str, str]:
        """The region of each country, by alpha-2 code."""
        return {code: key for key, region in self.regions.items() for code in region.countries}

    @cached_property
    def alpha3(self) -> Mapping[str, str]:
        """ISO 3166-1 alpha-3 by alpha-2."""
        return {code: long for region in self.regions.values() for code, long in region.countries.items()}


def load_site(root: Path) -> tuple[Site | None, list[Finding]]:
    """Read and validate `site.toml`."""
    text, values, findings = _read_toml(root, SITE_FILE)
    if values is None:
        return None, findings
    try:
        return Site.model_validate(_tuples(values)), findings
    except ValidationError as error:
        names = [field.alias or name for name, field in Site.model_fields.items()]
        for location, message, rule in explain(error, names):
            findings.append(Finding(SITE_FILE, _line(text, location), message, rule))
        return None, findings


def load_shared(root: Path) -> tuple[Shared, list[Finding]]:
    """Read and validate every file under `data/`."""
    findings: list[Finding] = []
    tables: dict[str, Mapping[str, Record]] = {}
    folder = root / DATA
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        if path.name in PRIVATE_FILES:
            continue
        if path.stem not in ENTRY_TYPES:
            hint = did_you_mean(path.stem, ENTRY_TYPES) or f"; known: {', '.join(sorted(ENTRY_TYPES))}"
            findings.append(Finding(f"{DATA}/{path.name}", 0, f"unknown kind of shared data{hint}", "unknown-file"))
            continue
        tables[path.stem] = _load_table(root, path.stem, findings)
    findings += _countries_once(tables)
    return Shared(tables), findings


def _load_table(root: Path, name: str, findings: list[Finding]) -> Mapping[str, Record]:
    path = f"{DATA}/{name}.toml"
    text, values, faults = _read_toml(root, path)
    findings += faults
    kind = ENTRY_TYPES[name]
    entries: dict[str, Record] = {}
    for key, value in (values or {}).items():
        if name != "countries" and not KEY.fullmatch(key):
            message = f"'{key}' is not a key; use a-z, 0-9 and single hyphens, a letter first"
            findings.append(Finding(path, _line(text, (key,)), message, "wrong-value"))
            continue
        try:
            entries[key] = kind.model_validate(_tuples(value))
        except ValidationError as error:
            for location, message, rule in explain(error, tuple(kind.model_fields)):
                line = _line(text, (key, *location))
                findings.append(Finding(path, line, f"in '{key}': {message}", rule))
    return entries


def _read_toml(root: Path, name: str) -> tuple[str, dict[str, Any] | None, list[Finding]]:
    try:
        text = (root / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return "", None, [Finding(name, 0, "is missing; the site cannot be built without it", "missing-file")]
    except UnicodeDecodeError:
        return "", None, [Finding(name, 0, "is not UTF-8; save the file with the encoding UTF-8", "encoding")]
    try:
        return text, tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        message = f"is not valid TOML here: {str(error).split(' (at ')[0]}"
        return text, None, [Finding(name, int(found[1]) if found else 0, message, "toml")]


def _tuples(value: Any) -> Any:
    """Lists become tuples, so that the strict models take them."""
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value


def _line(text: str, location: tuple[str | int, ...]) -> int:
    """The line where the last part of `location` that can be found is written; TOML readers give none."""
    best, position = 0, 0
    for part in location:
        found = re.compile(rf"(?:^|[\[.{{,\s])\"?{re.escape(str(part))}\"?(?=\s*[=\].])", re.M).search(text, position)
        if found is None:
            continue
        position = found.end()
        best = text.count("\n", 0, position) + 1
    return best


def _countries_once(tables: Mapping[str, Mapping[str, Record]]) -> list[Finding]:
    seen: dict[str, str] = {}
    findings = []
    for key, region in cast(Mapping[str, Region], tables.get("regions", {})).items():
        for code in region.countries:
            if code in seen:
                message = f"country '{code}' stands in '{seen[code]}' and in '{key}'; keep one"
                findings.append(Finding(f"{DATA}/regions.toml", 0, message, "duplicate-country"))
            seen[code] = key
    return findings
