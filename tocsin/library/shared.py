"""Loading `site.toml` and the files under `data/`, every fault with its file and, where known, its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from pydantic import ValidationError

from tocsin.errors import Finding
from tocsin.library.faults import Findings, did_you_mean, explain, one_of, unknown
from tocsin.library.toml import TomlError, TomlFile, read_toml
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
    """All shared data: table name, entry key, entry.

    `damaged` names the tables with faults. They lack entries, so what refers to them cannot be judged.
    """

    tables: Mapping[str, Mapping[str, Record]]
    damaged: frozenset[str] = frozenset()

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
    site, _, findings = load_record(root, SITE_FILE, Site)
    return site, findings


def load_record(root: Path, name: str, kind: type[R]) -> tuple[R | None, TomlFile | None, list[Finding]]:
    """Read and validate a whole file. Where it cannot be read there is no file, but a finding."""
    findings = Findings()
    try:
        file = read_toml(root, name)
    except TomlError as error:
        return None, None, [error.finding]
    return _validated(kind, file, (), findings), file, findings


def load_shared(root: Path) -> tuple[Shared, list[Finding]]:
    """Read and validate every file under `data/`."""
    findings = Findings()
    files: dict[str, TomlFile] = {}
    tables: dict[str, Mapping[str, Record]] = {}
    damaged: set[str] = set()
    for name in _table_names(root, findings):
        before = len(findings)
        try:
            files[name] = read_toml(root, f"{DATA}/{name}.toml")
            tables[name] = _load_table(name, files[name], findings)
        except TomlError as error:
            findings.append(error.finding)
        if len(findings) > before:
            damaged.add(name)
    shared = Shared(tables, frozenset(damaged))
    findings += _countries_once(shared, files)
    findings += _countries_known(shared, files)
    return shared, findings


def _table_names(root: Path, findings: Findings) -> Iterator[str]:
    folder = root / DATA
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        if path.name in PRIVATE_FILES:
            continue
        if path.stem in ENTRY_TYPES:
            yield path.stem
            continue
        hint = did_you_mean(path.stem, ENTRY_TYPES) or f"; known: {one_of(sorted(ENTRY_TYPES))}"
        findings.error(f"{DATA}/{path.name}", 0, f"is an unknown kind of shared data{hint}", "unknown-file")


def _load_table(name: str, file: TomlFile, findings: Findings) -> Mapping[str, Record]:
    entries: dict[str, Record] = {}
    for key in file.values:
        if name != "countries" and not KEY.fullmatch(key):
            message = f"'{key}' is not a key; use a-z, 0-9 and single hyphens, a letter first"
            findings.error(file.path, file.line_of((key,)), message, "wrong-value")
        elif (entry := _validated(ENTRY_TYPES[name], file, (key,), findings)) is not None:
            entries[key] = entry
    return entries


def _validated(kind: type[R], file: TomlFile, place: tuple[str, ...], findings: Findings) -> R | None:
    """The whole file, or one entry of it, as a `kind`."""
    value, within = file.values, ""
    if place:
        value, within = file.values[place[0]], f"'{place[0]}': "
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        for location, message, rule in explain(error, kind, "a table"):
            findings.error(file.path, file.line_of((*place, *location)), f"{within}{message}", rule)
        return None


def _countries_once(shared: Shared, files: Mapping[str, TomlFile]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for key, region in shared.regions.items():
        for code in region.countries:
            if code in seen:
                message = f"country '{code}' stands in '{seen[code]}' and in '{key}'; keep one"
                line = files["regions"].line_of((key, "countries", code))
                yield Finding(f"{DATA}/regions.toml", line, message, "duplicate-country")
            seen.setdefault(code, key)


def _countries_known(shared: Shared, files: Mapping[str, TomlFile]) -> Iterator[Finding]:
    """Countries of addressees, offices and own names are among those of the regions."""
    if "regions" in shared.damaged:
        return
    used: list[tuple[str, tuple[str, ...], str]] = [
        ("countries", (code,), code) for code in shared.country_names
    ]
    used += [("addressees", (key, "country"), entry.country) for key, entry in shared.addressees.items()]
    used += [("offices", (key, "country"), entry.country) for key, entry in shared.offices.items()]
    for name, place, code in used:
        if code not in shared.region_of:
            message = f"'{place[0]}': {unknown('country', code, shared.region_of, f'{DATA}/regions.toml')}"
            yield Finding(f"{DATA}/{name}.toml", files[name].line_of(place), message, "unknown-country")
