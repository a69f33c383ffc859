"""The public half of a key, in the three forms that other programs read."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from securesystemslib.signer import SSlibKey

from tocsin.errors import SigningError

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
SSH_TYPE = b"ssh-ed25519"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 key (RFC 8032) by the name of the person, or of the machine, that holds its secret half.

    `raw` is 32 bytes.
    """

    name: str
    raw: bytes

    @classmethod
    def from_openssh(cls, name: str, line: str) -> PublicKey:
        """Read a line such as `ssh-ed25519 AAAA… comment`; raise `SigningError` for any other."""
        try:
            key = load_ssh_public_key(line.strip().encode())
        except (ValueError, UnsupportedAlgorithm):
            raise SigningError(
                "is no public key; it has to be one line that begins with 'ssh-ed25519'"
            ) from None
        if not isinstance(key, Ed25519PublicKey):
            raise SigningError("is a key of another type; make one with 'python3 tasks.py keys new NAME'")
        return cls(name, key.public_bytes_raw())

    @property
    def tuf(self) -> SSlibKey:
        """The key as metadata of TUF holds it; its id is the SHA-256 of its canonical JSON."""
        return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(self.raw))

    @property
    def minisign_id(self) -> bytes:
        """Eight bytes that tell keys of minisign apart; any will do, and these need not be remembered."""
        return hashlib.sha256(self.raw).digest()[:8]

    @property
    def minisign(self) -> str:
        """The line that `minisign -V -P` takes: `RW…`."""
        return base64.b64encode(b"Ed" + self.minisign_id + self.raw).decode()

    @property
    def ssh_blob(self) -> bytes:
        """The key on the wire (RFC 8709, 4)."""
        return ssh_string(SSH_TYPE) + ssh_string(self.raw)

    @property
    def openssh(self) -> str:
        """One line, with the name as its comment, as files of `allowed_signers` and `.pub` hold it."""
        return f"{SSH_TYPE.decode()} {base64.b64encode(self.ssh_blob).decode()} {self.name}".rstrip()

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` shows, short enough to be read out over a telephone: `SHA256:…`."""
        digest = hashlib.sha256(self.ssh_blob).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def ssh_string(data: bytes) -> bytes:
    """Bytes behind their length, as SSH writes them (RFC 4251, 5)."""
    return len(data).to_bytes(4, "big") + data


def check_name(name: str) -> str:
    """Return `name` if people and files can be called so; raise `SigningError` otherwise."""
    if not NAME.fullmatch(name):
        raise SigningError(
            f"{name!r} cannot be the name of a key; use a-z, 0-9 and single hyphens, a letter first"
        )
    return name
