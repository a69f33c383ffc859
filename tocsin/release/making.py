"""From what a build made to a release that waits for nothing but signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol

from securesystemslib.signer import Signer

from tocsin.errors import ContentError, Finding, ReleaseError
from tocsin.release.blobs import STORE, Blobs
from tocsin.release.editions import about_of, stamped_files
from tocsin.release.manifest import MANIFEST, Content, Manifest, kept_manifest
from tocsin.release.metadata import Lifetimes, Role, Signing, listing
from tocsin.release.state import State
from tocsin.reporting import Reporter
from tocsin.signed.edition import File, is_number, number_of
from tocsin.signed.paths import EDITION_FILE, MINISIG, RESERVED, SSHSIG, SUMS, UNLISTED, fault_of_path
from tocsin.signed.sums import write_sums


class Editor(Protocol):
    """A person's key, unlocked. `minisign` and `sshsig` return the whole files of F15 and F16."""

    @property
    def signer(self) -> Signer: ...

    def minisign(self, data: bytes, comment: str) -> bytes: ...

    def sshsig(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Workshop:
    """Where releases are kept, and the public metadata of the newest. `editions` are addresses by edition."""

    releases: Path
    state: State
    editions: Mapping[str, str]
    lifetimes: Lifetimes

    @cached_property
    def blobs(self) -> Blobs:
        """The files of all releases."""
        return Blobs(self.releases / STORE)

    @property
    def numbers(self) -> list[str]:
        """The numbers of all releases that were made here and are kept, the oldest first."""
        made = (path.parent.name for path in self.releases.glob(f"*/{MANIFEST}"))
        return sorted(filter(is_number, made), key=number_of)

    def manifest(self, number: str) -> Manifest | None:
        """A release that was made here; None for one that was not."""
        return kept_manifest(self.releases, number)


@dataclass(frozen=True, slots=True)
class Numbered:
    """What distinguishes one release of the same content from another: number, day of signing, last day."""

    number: str
    date: str
    expires: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A release before snapshot and timestamp: its manifest, and the metadata of its roles of targets."""

    manifest: Manifest
    roles: Mapping[str, Role]


def numbered(number: str, now: datetime, lifetimes: Lifetimes) -> Numbered:
    """A release that is signed now."""
    until = now + timedelta(days=lifetimes.targets)
    return Numbered(number, f"{now:%Y-%m-%d}", f"{until:%Y-%m-%d}")


def check_paths(content: Content) -> None:
    """Raise `ContentError` with every path that a release cannot have (F1, F2)."""
    findings = [Finding(path, 0, fault, "path") for path, fault in _faults(content)]
    if findings:
        raise ContentError(findings)


def _faults(content: Content) -> Iterator[tuple[str, str]]:
    for path in sorted({*content.common, *content.stamped}):
        if path.partition("/")[0] in RESERVED:
            yield path, "is where a release keeps its own files; give it another name"
        elif fault := fault_of_path(path):
            yield path, f"{fault}, which no release may hold; rename what it is made from"


def keep(content: Content, read: Callable[[str], bytes], blobs: Blobs, reporter: Reporter) -> int:
    """Put what is new of a content into the store; how many files that were.

    Raises `ReleaseError` for a file that is no longer what the build has made.
    """
    files = {path: file.digest for path, file in content.common.items()}
    files |= {path: file.digest for path, file in content.stamped.items()}
    new = {path: digest for path, digest in files.items() if digest not in blobs}
    for done, (path, digest) in enumerate(new.items(), 1):
        if blobs.put(read(path)) != digest:
            raise ReleaseError(
                f"{path} of the output is not what the build has made: somebody changed it; run 'build' and "
                "then 'release' again"
            )
        if done % 200 == 0 or done == len(new):
            reporter.progress("files kept", done, len(new))
    return len(new)


def draft(
    workshop: Workshop,
    content: Content,
    numbers: Numbered,
    editors: Sequence[Editor],
    past: Manifest | None,
    now: datetime,
    searched: str = "",
    *,
    signatures: Mapping[str, Mapping[str, bytes]] | None = None,
) -> Draft:
    """Make all editions of a content and sign them. `signatures` of lists, by edition and path, were made by
    another editor; without them the first of `editors` signs the lists. `searched` is what the leak gate
    looked for."""
    blobs = workshop.blobs
    manifest = Manifest(
        number=numbers.number,
        date=numbers.date,
        expires=numbers.expires,
        content=content,
        addresses=dict(sorted(workshop.editions.items())),
        own={},
        searched=searched,
    )
    own: dict[str, dict[str, File]] = {}
    for edition, address in manifest.addresses.items():
        stamped = stamped_files(content, address, blobs, past, edition)
        made = {EDITION_FILE: about_of(manifest, edition).as_json()}
        listed = {**content.common, **stamped, **blobs.put_all(made)}
        sums = write_sums({path: file.digest for path, file in listed.items() if path not in UNLISTED})
        signed = (
            signatures[edition] if signatures else _sign(sums, about_of(manifest, edition).comment, editors)
        )
        own[edition] = {**stamped, **blobs.put_all({**made, SUMS: sums, **signed})}
    manifest = replace(manifest, own=own)
    root = workshop.state.root.signed
    signing = Signing(workshop.state, root, [one.signer for one in editors], now, workshop.lifetimes)
    roles = signing.roles(listing(manifest), manifest.roles)
    return Draft(manifest, roles)


def _sign(sums: bytes, comment: str, editors: Sequence[Editor]) -> dict[str, bytes]:
    if not editors:
        raise ReleaseError("nobody's key is at hand to sign a release; 'keys status' says whose is needed")
    first = editors[0]
    return {MINISIG: first.minisign(sums, comment), SSHSIG: first.sshsig(sums)}


def same_files(mine: Manifest, theirs: Mapping[str, Mapping[str, File]]) -> list[str]:
    """The targets in which a release of mine differs from the lists of another's metadata, sorted."""
    own = {path: file for files in listing(mine).values() for path, file in files.items()}
    other = {path: file for files in theirs.values() for path, file in files.items()}
    return sorted(path for path in own.keys() | other.keys() if own.get(path) != other.get(path))
