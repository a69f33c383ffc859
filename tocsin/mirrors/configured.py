"""`mirrors.toml` and `deploy.toml`: which mirrors there are, and how to reach them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tocsin.errors import ContentError, Finding
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.faults import Findings, unknown
from tocsin.library.shared import load_record
from tocsin.library.toml import TomlFile
from tocsin.model.mirrors import (
    DeployFile,
    Deployment,
    DirectorySettings,
    MirrorsFile,
    PlaceKind,
    Reserve,
    Settings,
    Tier,
)
from tocsin.model.record import Record
from tocsin.signed.edition import OFFLINE

DEPLOY_FILE = "deploy.toml"
FOLDER = "mirrors"
R = TypeVar("R", bound=Record)

# Where nothing is configured. Ids of editions are drawn at random, these too.
_DEMONSTRATION = (("one", "q4t7dk2wzm", 8101), ("two", "x6hn3vbr5p", 8102), ("three", "c2yj7ufe4s", 8103))


@dataclass(frozen=True, slots=True)
class Mirror:
    """A place that serves an edition. `address` ends with `/`; one of the tier `reserve` is in no output."""

    name: str
    edition: str
    address: str
    tier: Tier
    kind: PlaceKind
    label: str | None = None
    onion: str | None = None

    @property
    def is_listed(self) -> bool:
        """True where everybody may know of it."""
        return self.tier != "reserve"

    @property
    def has_own_edition(self) -> bool:
        """True where a release holds an edition for it; others get the offline edition."""
        return self.edition != OFFLINE


@dataclass(frozen=True, slots=True)
class Reached:
    """How a mirror is published to, by the settings of its kind. `bandwidth` is in kilobytes a second."""

    mirror: Mirror
    settings: Settings
    proxy: str | None = None
    bandwidth: int | None = None
    attempts: int = 4


def load_mirrors(root: Path) -> tuple[Mirror, ...]:
    """All mirrors by name, those in reserve too; raise `ContentError` with every fault of both files."""
    configured, findings = _load(root)
    if findings:
        raise ContentError(findings)
    return tuple(mirror for mirror, _ in configured)


def load_proxies(root: Path) -> dict[str, str]:
    """The proxy of each mirror that has one, by name; raise `ContentError` with every fault of both files."""
    configured, findings = _load(root)
    if findings:
        raise ContentError(findings)
    return {mirror.name: ways.proxy for mirror, ways in configured if ways and ways.proxy}


def load_reached(root: Path) -> tuple[Reached, ...]:
    """All mirrors and how to reach them; raise `ContentError` where anything is wrong or missing."""
    configured, findings = _load(root)
    found = []
    for mirror, ways in configured:
        settings = _settings_of(mirror, ways)
        if settings is None:
            findings.error(DEPLOY_FILE, 0, _lacking(mirror), "missing-key")
        elif ways is None:
            found.append(Reached(mirror, settings))
        else:
            found.append(Reached(mirror, settings, ways.proxy, ways.bandwidth, ways.attempts))
    if findings:
        raise ContentError(findings)
    return tuple(found)


def _settings_of(mirror: Mirror, ways: Deployment | Reserve | None) -> Settings | None:
    found = ways.settings.get(mirror.kind) if ways else None
    if found is None and mirror.kind == "directory":
        return DirectorySettings(folder=f"{FOLDER}/{mirror.name}")
    return found


def _lacking(mirror: Mirror) -> str:
    table = f"{'mirrors' if mirror.is_listed else 'reserve'}.{mirror.name}.{mirror.kind}"
    return f"says not how to reach the mirror '{mirror.name}'; add a table [{table}]"


def _load(root: Path) -> tuple[list[tuple[Mirror, Deployment | Reserve | None]], Findings]:
    findings = Findings()
    facts, facts_file = _read(root, MIRRORS_FILE, MirrorsFile, findings)
    ways, ways_file = _read(root, DEPLOY_FILE, DeployFile, findings)
    mirrors: list[tuple[Mirror, Deployment | Reserve | None]] = []
    for name, fact in (facts.mirrors if facts else {}).items():
        edition = fact.edition or OFFLINE
        mirror = Mirror(name, edition, fact.address, fact.tier, fact.kind, fact.label, fact.onion)
        mirrors.append((mirror, ways.mirrors.get(name) if ways else None))
    for name, own in (ways.reserve if ways else {}).items():
        edition = own.edition or OFFLINE
        mirror = Mirror(name, edition, own.address, "reserve", own.kind, own.label, own.onion)
        mirrors.append((mirror, own))
    if facts_file is None and not mirrors and not findings:
        mirrors = [(mirror, ways.mirrors.get(mirror.name) if ways else None) for mirror in demonstration()]
    if facts is not None or facts_file is None:
        findings += _strangers(ways, ways_file, mirrors)
    findings += _twice(mirrors, facts_file, ways_file)
    findings += _other_kinds(mirrors, ways_file)
    return mirrors, findings


def demonstration() -> Iterator[Mirror]:
    """The mirrors where none is configured: folders under `mirrors/`, served on this machine."""
    for name, edition, port in _DEMONSTRATION:
        yield Mirror(name, edition, f"http://127.0.0.1:{port}/", "public", "directory")


def _read(root: Path, name: str, kind: type[R], findings: Findings) -> tuple[R | None, TomlFile | None]:
    """A file and what it holds; neither, where it does not exist."""
    if not (root / name).exists():
        return None, None
    record, file, found = load_record(root, name, kind)
    findings += found
    return record, file or TomlFile(name, "", {})


def _place(mirror: Mirror) -> tuple[str, str]:
    return ("mirrors" if mirror.is_listed else "reserve", mirror.name)


def _strangers(
    ways: DeployFile | None,
    file: TomlFile | None,
    mirrors: list[tuple[Mirror, Deployment | Reserve | None]],
) -> Iterator[Finding]:
    """Ways to mirrors that do not exist."""
    known = [mirror.name for mirror, _ in mirrors if mirror.is_listed]
    for name, way in (ways.mirrors if ways and file else {}).items():
        if name not in known and file:
            said = unknown("mirror", name, known, MIRRORS_FILE)
            places = [("mirrors", name), *(("mirrors", name, kind) for kind in way.settings)]
            line = next((found for place in places if (found := file.line_of(place))), 0)
            yield Finding(DEPLOY_FILE, line, said, "unknown-mirror")


def _twice(
    mirrors: list[tuple[Mirror, Deployment | Reserve | None]],
    facts: TomlFile | None,
    ways: TomlFile | None,
) -> Iterator[Finding]:
    """Names, editions and addresses that belong to two mirrors."""
    seen: dict[tuple[str, str], str] = {}
    for mirror, _ in mirrors:
        file = facts if mirror.is_listed else ways
        values = [("name", mirror.name), ("address", mirror.address)]
        values += [("edition", mirror.edition)] if mirror.edition != OFFLINE else []
        for what, value in values:
            if (what, value) in seen and file:
                message = f"'{mirror.name}': {what} '{value}' is that of another mirror; give it its own"
                yield Finding(file.path, file.line_of((*_place(mirror), what)), message, "duplicate-mirror")
            seen.setdefault((what, value), mirror.name)


def _other_kinds(
    mirrors: list[tuple[Mirror, Deployment | Reserve | None]], file: TomlFile | None
) -> Iterator[Finding]:
    """Settings of a kind that the mirror is not of."""
    for mirror, ways in mirrors:
        for kind in ways.settings if ways and file else ():
            if kind != mirror.kind and file:
                message = (
                    f"'{mirror.name}': is of kind {mirror.kind}, but this table is for {kind}; delete one"
                )
                yield Finding(DEPLOY_FILE, file.line_of((*_place(mirror), kind)), message, "wrong-kind")
