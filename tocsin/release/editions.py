"""Editions: one release as each address serves it. What is stamped is made when it is read."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.release.blobs import Blobs
from tocsin.release.manifest import Content, Manifest
from tocsin.render.stamps import restamp
from tocsin.signed.edition import About, Edition, File
from tocsin.signed.paths import METADATA, TOP_ROLES


def stamped_files(
    content: Content, address: str, blobs: Blobs, past: Manifest | None, edition: str
) -> dict[str, File]:
    """The stamped files of an edition. What `past` had of the same file for the same address stays true."""
    known: Mapping[str, File] = {}
    if past and past.addresses.get(edition) == address and past.content.base == content.base:
        known = past.own[edition]
    before = past.content.stamped if past else {}
    files: dict[str, File] = {}
    for path, file in content.stamped.items():
        if path in known and before.get(path) == file:
            files[path] = known[path]
        elif address == content.base:
            files[path] = File(file.digest, file.size)
        else:
            data = restamp(blobs.read(file.digest), file.stamps, content.base, address)
            files[path] = File.of(data)
    return files


def about_of(manifest: Manifest, edition: str) -> About:
    """What `release/edition.json` says."""
    content = manifest.content
    return About(
        site=content.site,
        edition=edition,
        address=manifest.addresses[edition],
        release=manifest.number,
        as_of=content.as_of,
        date=manifest.date,
        expires=manifest.expires,
        languages=content.languages,
    )


def files_of(manifest: Manifest, edition: str) -> dict[str, File]:
    """Every file of an edition but metadata, as it is served."""
    return {**manifest.content.common, **manifest.own[edition]}


def edition_of(manifest: Manifest, edition: str, metadata: Mapping[str, bytes], blobs: Blobs) -> Edition:
    """An edition that can be read. `metadata` are all files by name; those of others are left out (F13)."""
    held = {*TOP_ROLES, *manifest.roles.of_edition(edition)}
    chosen = {f"{METADATA}/{name}": data for name, data in metadata.items() if _role_of(name) in held}
    files = files_of(manifest, edition)
    files |= {path: File.of(data) for path, data in chosen.items()}
    content, address = manifest.content, manifest.addresses[edition]

    def read(path: str) -> bytes:
        if path in chosen:
            return chosen[path]
        if path in content.stamped:
            file = content.stamped[path]
            return restamp(blobs.read(file.digest), file.stamps, content.base, address)
        return blobs.read(files[path].digest)

    return Edition(about_of(manifest, edition), files, read)


def editions_of(manifest: Manifest, metadata: Mapping[str, bytes], blobs: Blobs) -> dict[str, Edition]:
    """All editions of a release by id."""
    return {one: edition_of(manifest, one, metadata, blobs) for one in manifest.addresses}


def _role_of(name: str) -> str:
    """The role that a file of metadata is of: its version, where it has one, stands before it (F7)."""
    return name.removesuffix(".json").rpartition(".")[2]
