"""The keys that this machine has: where they lie, and which they are without opening them."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import SigningError
from tocsin.keys.keyfile import ENDING
from tocsin.keys.public import NAME, SSH_TYPE, PublicKey, ssh_string

VARIABLE = "TOCSIN_KEYS"
_DEFAULT = Path(".config/tocsin/keys")
_MAGIC = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key file with its public half, which stands in it in the clear."""

    path: Path
    public: PublicKey


def key_folder(environment: Mapping[str, str], checkout: Path) -> Path:
    """The folder of secret keys; raise `SigningError` for one that a repository could swallow."""
    named = environment.get(VARIABLE)
    folder = Path(named).expanduser() if named else Path.home() / _DEFAULT
    if not folder.is_absolute():
        raise SigningError(f"{VARIABLE} has to be a whole path, not '{named}'")
    check_is_private(folder, checkout)
    return folder


def check_is_private(folder: Path, checkout: Path) -> None:
    """Raise `SigningError` for a folder in the checkout, or in any other repository of git."""
    place = folder.resolve()
    advice = f"choose a folder elsewhere and name it in {VARIABLE}"
    if place.is_relative_to(checkout.resolve()):
        raise SigningError(f"secret keys must not lie inside the repository, as {folder} does; {advice}")
    for above in (place, *place.parents):
        if os.path.lexists(above / ".git"):
            raise SigningError(
                f"secret keys must not lie where git could take them in: {folder} is inside the repository "
                f"{above}; {advice}"
            )


def own_keys(folder: Path) -> list[OwnKey]:
    """The keys in a folder, sorted by name. No passphrase is needed; files that are no keys are left out."""
    found = []
    for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []:
        public = _public_half(path)
        if public is not None:
            found.append(OwnKey(path, public))
    return found


def _public_half(path: Path) -> PublicKey | None:
    """OpenSSH's private key format begins with cipher, key derivation, its options, a count, a public key."""
    try:
        lines = path.read_bytes()[:16_384].splitlines()[1:-1]
        data = base64.b64decode(b"".join(lines), validate=True)
    except (OSError, binascii.Error):
        return None
    rest = data.removeprefix(_MAGIC)
    for _ in range(3):
        rest = rest[4 + int.from_bytes(rest[:4], "big") :]
    before = (1).to_bytes(4, "big") + (51).to_bytes(4, "big") + ssh_string(SSH_TYPE) + (32).to_bytes(4, "big")
    raw = rest[len(before) : len(before) + 32]
    if not rest.startswith(before) or len(raw) < 32 or not NAME.fullmatch(path.stem):
        return None
    return PublicKey(path.stem, raw)
