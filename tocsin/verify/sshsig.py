"""Signatures of `ssh-keygen -Y sign` (OpenSSH, PROTOCOL.sshsig), Ed25519 keys only (F16)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMESPACE = "tocsin-release"
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_TYPE = b"ssh-ed25519"
_DIGEST = b"sha512"


@dataclass(frozen=True, slots=True)
class SshSignature:
    """A signature: the raw key of 32 bytes that made it, and its own 64 bytes."""

    key: bytes
    signature: bytes

    @classmethod
    def from_armored(cls, data: bytes) -> SshSignature:
        """Raise `ValueError` for what is no signature of the form F16."""
        lines = data.split(b"\n")
        if lines[0] != _BEGIN or lines[-1] != b"" or lines[-2] != _END:
            raise ValueError("is not an OpenSSH signature")
        try:
            blob = base64.b64decode(b"".join(lines[1:-2]), validate=True)
        except binascii.Error:
            raise ValueError("is not an OpenSSH signature") from None
        if blob[:6] != _MAGIC or blob[6:10] != (1).to_bytes(4, "big"):
            raise ValueError("is not an OpenSSH signature of version 1")
        key, namespace, reserved, digest, signature = _strings(blob[10:], 5)
        if namespace != NAMESPACE.encode() or reserved or digest != _DIGEST:
            raise ValueError(f"is not made for {NAMESPACE} with SHA-512")
        (kind, raw), (form, value) = _strings(key, 2), _strings(signature, 2)
        if kind != _TYPE or form != _TYPE or len(raw) != 32 or len(value) != 64:
            raise ValueError("is not made with an Ed25519 key")
        return cls(raw, value)

    def holds_for(self, data: bytes) -> bool:
        """Verify it with its own key, which is to be one that is trusted."""
        told = _string(NAMESPACE.encode()) + _string(b"") + _string(_DIGEST)
        signed = _MAGIC + told + _string(hashlib.sha512(data).digest())
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(self.signature, signed)
        except InvalidSignature:
            return False
        return True


def _string(data: bytes) -> bytes:
    """RFC 4251, 5."""
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """So many strings, and nothing behind them."""
    found = []
    for _ in range(count):
        end = 4 + int.from_bytes(data[:4], "big")
        if len(data) < max(4, end):
            raise ValueError("is cut short")
        found.append(data[4:end])
        data = data[end:]
    if data:
        raise ValueError("has something behind its end")
    return found
