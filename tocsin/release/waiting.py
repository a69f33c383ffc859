"""Releases that wait: for another editor's signature, for the online key, or for their instant.

What waits is a folder of metadata files, `VERSION.ROLE.json`, signed as far as they are, and below `release/`
what another editor needs to make the same release: its number, days and commit, and the signatures of the
lists. What waits for signatures goes with the repository; what waits for its instant is private.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from securesystemslib.signer import Signer
from tuf.api.metadata import Root
from tuf.api.serialization import DeserializationError

from tocsin.errors import ReleaseError
from tocsin.files import remove_file, remove_folder, write_atomically
from tocsin.keys.root import serialized
from tocsin.release.blobs import Blobs
from tocsin.release.making import Draft, Numbered
from tocsin.release.metadata import Role, missing_signatures
from tocsin.release.state import State, targets_of
from tocsin.signed.canonical import CanonicalForm
from tocsin.signed.edition import File
from tocsin.signed.paths import MINISIG, SSHSIG

ABOUT = "release/release.json"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release that waits. `versions` are those of all its roles; `roles` what of them is not public yet.

    `before` is the release that it follows; `signatures` are those of the lists, by edition and path.
    """

    folder: Path
    numbers: Numbered
    as_of: str
    commit: str
    before: str
    versions: Mapping[str, int]
    roles: Mapping[str, Role]
    signatures: Mapping[str, Mapping[str, bytes]]

    def all_roles(self, state: State) -> dict[str, Role]:
        """The metadata of every role, also of those that are public and stay; raise `ReleaseError` where some
        is gone."""
        found = dict(self.roles)
        for name, version in self.versions.items():
            if name not in found:
                data = state.read(f"{version}.{name}.json")
                if data is None:
                    raise outdated(self)
                found[name] = Role(version, data)
        return found


def outdated(waiting: Waiting) -> ReleaseError:
    """What is said where another release came before one that waits."""
    return ReleaseError(
        f"release {waiting.numbers.number} was made to follow {waiting.before or 'nothing'}, and another "
        "release has come in between; make it again by 'release'"
    )


def missing(root: Root, roles: Mapping[str, Role]) -> int:
    """How many more people have to sign, of those whom root names."""
    return max((missing_signatures(root, role) for role in roles.values()), default=0)


def signed(
    roles: Mapping[str, Role], waiting: Mapping[str, Role], signers: Sequence[Signer]
) -> dict[str, Role]:
    """The roles of a release, with more signatures on those that wait for them."""
    found = dict(roles)
    for name, role in waiting.items():
        metadata = targets_of(role.data)
        for signer in signers:
            metadata.sign(signer, append=True, signed_serializer=CanonicalForm())
        found[name] = Role(role.version, serialized(metadata))
    return found


def remove(folder: Path) -> None:
    """No release waits in a folder any more; roots that wait for signatures there stay, with their texts."""
    roots = set(folder.glob(f"*.{Root.type}.*"))
    if not roots:
        remove_folder(folder)
        return
    for path in set(folder.iterdir()) - roots:
        if path.is_dir():
            remove_folder(path)
        else:
            remove_file(path)


def files_in(role: Role) -> dict[str, File]:
    """The targets that a role's metadata lists."""
    targets = targets_of(role.data).signed.targets
    return {path: File(target.hashes["sha256"], target.length) for path, target in targets.items()}


def put(folder: Path, draft: Draft, before: str, state: State, blobs: Blobs) -> None:
    """Let a release wait in a folder, in place of what waited there."""
    remove(folder)
    manifest = draft.manifest
    for name, role in draft.roles.items():
        if state.read(role.file(name)) != role.data:
            write_atomically(folder / role.file(name), role.data)
    for edition, files in manifest.own.items():
        for path in (MINISIG, SSHSIG):
            write_atomically(_signature(folder, edition, path), blobs.read(files[path].digest))
    record = {
        "numbers": asdict(Numbered(manifest.number, manifest.date, manifest.expires)),
        "as_of": manifest.content.as_of,
        "commit": manifest.content.commit,
        "before": before,
        "versions": {name: role.version for name, role in draft.roles.items()},
        "editions": list(manifest.addresses),
    }
    write_atomically(folder / ABOUT, json.dumps(record, sort_keys=True, indent=1).encode() + b"\n")


def read(folder: Path) -> Waiting | None:
    """What waits in a folder; None where nothing does. Raises `ReleaseError` for what is damaged."""
    try:
        record = json.loads((folder / ABOUT).read_bytes())
        roles = {}
        for path in sorted(folder.glob("*.json")):
            version, name, _ = path.name.split(".")
            if name != Root.type:
                roles[name] = Role(int(version), path.read_bytes())
                targets_of(roles[name].data)
        return Waiting(
            folder=folder,
            numbers=Numbered(**record["numbers"]),
            as_of=record["as_of"],
            commit=record["commit"],
            before=record["before"],
            versions=record["versions"],
            roles=roles,
            signatures={
                edition: {path: _signature(folder, edition, path).read_bytes() for path in (MINISIG, SSHSIG)}
                for edition in record["editions"]
            },
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, DeserializationError):
        raise ReleaseError(
            f"the release that waits in {folder.name}/ is damaged; take it back from the repository, or "
            "delete the folder and run 'release' again"
        ) from None


def _signature(folder: Path, edition: str, path: str) -> Path:
    return folder / "release" / edition / path.rpartition("/")[2]
