"""The last steps of a release: snapshot and timestamp, with which it becomes the newest; and these again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import Signer

from tocsin.errors import ReleaseError
from tocsin.files import remove_folder, write_atomically
from tocsin.release.making import Workshop
from tocsin.release.manifest import MANIFEST, Manifest
from tocsin.release.metadata import Lifetimes, Online, Role, pointers
from tocsin.release.state import Current, State
from tocsin.signed.paths import RELEASE as RELEASE_FOLDER

# How many releases are kept on the machine that makes them.
KEPT = 25


def finished(
    workshop: Workshop, roles: Mapping[str, Role], online: Signer, now: datetime
) -> dict[str, bytes]:
    """All metadata of a release whose roles are signed, by name."""
    root = workshop.state.root.signed
    signing = Online(workshop.state, root, online, now, workshop.lifetimes)
    return pointers(signing, roles, workshop.state)


def write_manifest(workshop: Workshop, manifest: Manifest, metadata: Mapping[str, bytes]) -> Manifest:
    """Write down a release with its metadata; nothing points to it yet."""
    whole = replace(manifest, metadata=workshop.blobs.put_all(metadata))
    write_atomically(workshop.releases / manifest.number / MANIFEST, whole.as_json())
    return whole


def write_scheduled(folder: Path, manifest: Manifest) -> None:
    """Put the manifest of a release beside what waits for its instant."""
    write_atomically(folder / RELEASE_FOLDER / MANIFEST, manifest.as_json())


def read_scheduled(folder: Path) -> Manifest:
    """The manifest of a release that waits for its instant."""
    return Manifest.from_json((folder / RELEASE_FOLDER / MANIFEST).read_bytes())


def adopt(state: State, metadata: Mapping[str, bytes], manifest: Manifest) -> None:
    """Make a release the newest one."""
    content = manifest.content
    state.adopt(metadata, Current(manifest.number, content.as_of, content.commit, snapshot_version(metadata)))


def refreshed(state: State, online: Signer, now: datetime, lifetimes: Lifetimes) -> dict[str, bytes]:
    """All metadata of the newest release with a new timestamp, and a new snapshot where that would expire."""
    names = state.living()
    if not names:
        raise ReleaseError("there is no release yet whose timestamp could be signed; run 'release' first")
    held = state.newest()
    roles = {name: Role(int(file.partition(".")[0]), held[file]) for name, file in names.items()}
    return pointers(Online(state, state.root.signed, online, now, lifetimes), roles, state)


def snapshot_version(metadata: Mapping[str, bytes]) -> int:
    """The version of the snapshot among the files of a release."""
    (name,) = (name for name in metadata if name.endswith(".snapshot.json"))
    return int(name.partition(".")[0])


def prune(workshop: Workshop) -> None:
    """Keep the newest releases with their files, once there are twice as many; what waits keeps its own."""
    made = workshop.numbers
    if len(made) <= 2 * KEPT:
        return
    for number in made[:-KEPT]:
        remove_folder(workshop.releases / number)
    manifests = [workshop.manifest(number) for number in made[-KEPT:]]
    manifests += [
        Manifest.from_json(path.read_bytes())
        for path in workshop.releases.glob(f"*/*/{RELEASE_FOLDER}/{MANIFEST}")
    ]
    workshop.blobs.prune({digest for one in manifests if one for digest in one.digests()})
