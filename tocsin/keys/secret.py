"""A secret key in memory: one Ed25519 key that makes signatures of three forms.

No signature of one form can be taken for one of another, since what they sign begins differently
(docs/adr/0032-keys.md).
"""

from __future__ import annotations

import base64
import hashlib
from types import TracebackType
from typing import NoReturn, Self

import minisign
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Signer

from tocsin.errors import SigningError
from tocsin.keys.public import SSH_TYPE, PublicKey, check_name, ssh_string

NAMESPACE = "tocsin-release"
_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_ARMOUR = "-----{} SSH SIGNATURE-----\n"
_LINE = 70
# Everybody can read this line and change it: it names nobody.
_UNTRUSTED = "signature of a release; what may be believed stands in the trusted comment"


class SecretKey:
    """A secret key. Use it in a `with` statement, and it is forgotten at its end.

    Python cannot promise that no copy of it stays in memory until the program ends; so tasks that hold keys
    are short.
    """

    __slots__ = ("_private", "public")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.public = PublicKey(check_name(name), private.public_key().public_bytes_raw())
        self._private: Ed25519PrivateKey | None = private

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.forget()

    def __repr__(self) -> str:
        return f"<secret key of {self.public.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret key is not handed to other processes or files")

    def forget(self) -> None:
        """Let go of the secret; the key can sign nothing any more."""
        self._private = None

    @property
    def private(self) -> Ed25519PrivateKey:
        """The key as the library cryptography holds it."""
        if self._private is None:
            raise SigningError(f"the key of {self.public.name} has been put away already")
        return self._private

    @property
    def signer(self) -> Signer:
        """What signs metadata of TUF."""
        return CryptoSigner(self.private, self.public.tuf)

    def minisign(self, data: bytes, comment: str) -> bytes:
        """A whole `.minisig` file, prehashed, with a trusted comment in ASCII (F15)."""
        with minisign.SecretKey.from_base64(self._for_minisign()) as key:
            try:
                made = key.sign(
                    data,
                    prehash=True,
                    trusted_comment=comment,
                    untrusted_comment=_UNTRUSTED,
                )
            except minisign.ParseError as error:
                raise SigningError(
                    f"a trusted comment has to be one line of ASCII, and this one is not: {error}"
                ) from None
            return bytes(made) + b"\n"

    def _for_minisign(self) -> bytes:
        """The key in minisign's own form of an unencrypted key file."""
        body = self.public.minisign_id + self.private.private_bytes_raw() + self.public.raw
        checksum = hashlib.blake2b(b"Ed" + body, digest_size=32).digest()
        no_encryption = b"\0\0" + b"B2" + bytes(32 + 8 + 8)
        return base64.b64encode(b"Ed" + no_encryption + body + checksum)

    def sshsig(self, data: bytes) -> bytes:
        """An armoured OpenSSH signature (PROTOCOL.sshsig) over SHA-512, in our namespace (F16)."""
        about = ssh_string(NAMESPACE.encode()) + ssh_string(b"") + ssh_string(_HASH)
        signature = self.private.sign(_MAGIC + about + ssh_string(hashlib.sha512(data).digest()))
        blob = (
            _MAGIC
            + (1).to_bytes(4, "big")
            + ssh_string(self.public.ssh_blob)
            + about
            + ssh_string(ssh_string(SSH_TYPE) + ssh_string(signature))
        )
        text = base64.b64encode(blob).decode()
        lines = "".join(f"{text[start : start + _LINE]}\n" for start in range(0, len(text), _LINE))
        return (_ARMOUR.format("BEGIN") + lines + _ARMOUR.format("END")).encode()


def new_key(name: str) -> SecretKey:
    """A key that nobody has had before, drawn by the operating system's generator."""
    return SecretKey(name, Ed25519PrivateKey.generate())
