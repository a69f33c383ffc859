"""Key files: OpenSSH's private key format, encrypted, readable by nobody but their owner.

`ssh-keygen` reads them too, changes their passphrase (`-p`) and shows their public half (`-y`), so nobody
depends on this program to look after a key. Messages name the file and never what is in it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_ssh_private_key

from tocsin.errors import SigningError
from tocsin.files import write_private
from tocsin.keys.public import check_name
from tocsin.keys.secret import SecretKey

ENDING = ".key"
# About half a second of one processor: what one guess at the passphrase costs.
ROUNDS = 64
LEAST_PASSPHRASE = 12
_MOST = 16_384


def key_path(folder: Path, name: str) -> Path:
    """Where the key of a person lies in the folder of keys."""
    return folder / f"{check_name(name)}{ENDING}"


def write_key(path: Path, key: SecretKey, passphrase: str, *, rounds: int = ROUNDS) -> None:
    """Write a new key file that its owner alone may read; raise `SigningError` where one is already."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise SigningError(
            f"the passphrase has fewer than {LEAST_PASSPHRASE} characters; "
            "take five words that you can remember and that nobody would guess"
        )
    encryption = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(rounds).build(passphrase.encode())
    data = key.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption)
    try:
        write_private(path, data)
    except FileExistsError:
        raise SigningError(
            f"{path} exists already, and a key that is overwritten is lost; choose another name"
        ) from None
    except OSError as error:
        raise SigningError(f"{path} cannot be written: {error.strerror}") from None


def read_key(path: Path, passphrase: str) -> SecretKey:
    """Read a key file, named after its person; raise `SigningError` with what is in the way."""
    data = _read(path)
    try:
        private = load_ssh_private_key(data, passphrase.encode())
    except TypeError:  # the file is not encrypted
        raise SigningError(
            f"{path} is not encrypted; give it a passphrase: ssh-keygen -p -f {path}"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # The library tells a wrong passphrase by the same error as a damaged file, and no more can be known.
        raise SigningError(
            f"{path} cannot be opened with this passphrase; type it again, "
            "and if it is right the file is damaged: take the copy on your stick"
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningError(f"{path} holds a key of another type than Ed25519; name one that 'keys new' made")
    return SecretKey(path.stem, private)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
                raise SigningError(f"{path} may be read by others than its owner; type: chmod 600 {path}")
            data = file.read(_MOST + 1)
    except FileNotFoundError:
        raise SigningError(f"{path} is missing; put the copy from your stick there") from None
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _MOST or not data.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----"):
        raise SigningError(f"{path} is no key file of OpenSSH; name one that 'keys new' made")
    return data
