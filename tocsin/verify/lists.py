"""`SHA256SUMS` and its two signatures (docs/release-format.md, F14 to F17), and whose keys may make them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import minisign
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from tuf.api.metadata import Root, Targets

from tocsin.errors import VerifyError
from tocsin.signed.edition import File
from tocsin.signed.paths import MINISIG, SSHSIG, SUMS, UNLISTED
from tocsin.signed.sums import is_form, read_sums, write_sums
from tocsin.verify.sshsig import SshSignature
from tocsin.verify.verdicts import Found, Verdict

# What a list and its signatures may have at most: 200 bytes for each of 250,000 files.
MOST_SUMS, MOST_SIGNATURE = 50_000_000, 4096
_COMMENT = re.compile(r"(\w+)=(\S*)")


class Signer(NamedTuple):
    """A key that may sign lists: 32 raw bytes of Ed25519, and minisign's id of it where that was given."""

    raw: bytes
    minisign_id: bytes = b""


def signers_of(root: Root) -> list[Signer]:
    """The editors' keys: one key makes all three forms of signatures."""
    keys = [root.keys[keyid] for keyid in root.roles[Targets.type].keyids]
    return [Signer(bytes.fromhex(key.keyval["public"])) for key in keys if key.scheme == "ed25519"]


def read_signers(name: str, text: str) -> list[Signer]:
    """Keys from a file of lines of OpenSSH (`ssh-ed25519 …`) or minisign (`RW…`)."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", "untrusted comment:")):
            continue
        try:
            found.append(_signer(line.strip()))
        except (ValueError, UnsupportedAlgorithm):
            raise VerifyError(
                f"{name}:{number}: is no public key; a line is 'ssh-ed25519 …' or, of minisign, 'RW…'"
            ) from None
    if not found:
        raise VerifyError(f"{name}: holds no public key")
    return found


def _signer(line: str) -> Signer:
    if not line.startswith("ssh-"):
        data = base64.b64decode(line, validate=True)
        if len(data) != 42 or data[:2] != b"Ed":
            raise ValueError
        return Signer(data[10:], data[2:10])
    key = load_ssh_public_key(line.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError  # of the file, not of the program
    return Signer(key.public_bytes_raw())


def check_signatures(
    sums: bytes, minisig: bytes | None, sshsig: bytes | None, signers: Iterable[Signer]
) -> tuple[str, list[Found]]:
    """The trusted comment of minisign, "" where nothing vouches for it, and what is wrong with both."""
    trusted = list(signers)
    comment, found = "", []
    if minisig is not None:
        comment, fault = _check_minisig(sums, minisig, trusted)
        found += [fault] if fault else []
    if sshsig is not None and (fault := _check_sshsig(sums, sshsig, trusted)):
        found.append(fault)
    return comment, found


def _check_minisig(sums: bytes, data: bytes, trusted: list[Signer]) -> tuple[str, Found | None]:
    try:
        signature = minisign.Signature.from_bytes(data)
        key_id = base64.b64decode(bytes(signature).split(b"\n")[1])[2:10]
    except (minisign.Error, ValueError, IndexError, binascii.Error):
        return "", Found(Verdict.ALTERED, MINISIG, "is no signature of minisign")
    if not signature.is_prehashed():
        return "", Found(Verdict.ALTERED, MINISIG, "is not of the prehashed form")
    for signer in trusted:
        if signer.minisign_id and signer.minisign_id != key_id:
            continue
        line = base64.b64encode(b"Ed" + key_id + signer.raw)
        try:
            minisign.PublicKey.from_base64(line).verify(sums, signature)
        except minisign.Error:
            continue
        return signature.trusted_comment, None
    return "", Found(Verdict.UNKNOWN_SIGNER, MINISIG, f"is of no key that you trust, or not of this {SUMS}")


def _check_sshsig(sums: bytes, data: bytes, trusted: list[Signer]) -> Found | None:
    try:
        signature = SshSignature.from_armored(data)
    except ValueError as error:
        return Found(Verdict.ALTERED, SSHSIG, str(error))
    if signature.key not in {signer.raw for signer in trusted}:
        return Found(Verdict.UNKNOWN_SIGNER, SSHSIG, "is of no key that you trust")
    if not signature.holds_for(sums):
        return Found(Verdict.ALTERED, SSHSIG, f"is not of this {SUMS}")
    return None


def compare_lists(sums: bytes, files: Mapping[str, File]) -> Iterator[Found]:
    """Where `SHA256SUMS` and TUF differ (F17); `files` are all targets of the edition, of paths as of F2."""
    wanted = {path: file.digest for path, file in files.items() if path not in UNLISTED}
    if is_form(sums) and write_sums(wanted) == sums:  # a third of the time that reading it takes
        return
    try:
        listed = read_sums(sums)
    except ValueError as error:
        yield Found(Verdict.ALTERED, SUMS, str(error))
        return
    differing = sorted(path for path in listed.keys() | wanted.keys() if listed.get(path) != wanted.get(path))
    if differing:
        more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
        yield Found(
            Verdict.ALTERED,
            SUMS,
            f"disagrees with the metadata about {differing[0]}{more}; a release whose lists differ is none",
        )


def fields_of(comment: str) -> dict[str, str]:
    """What a trusted comment states (F15)."""
    return dict(_COMMENT.findall(comment))
