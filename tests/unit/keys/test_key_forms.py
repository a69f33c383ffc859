"""One key in three forms, judged by the programs that other people use."""

import base64
import pickle
import subprocess
from pathlib import Path

import minisign
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root

from tests.components import find
from tocsin.errors import SigningError
from tocsin.keys.public import PublicKey
from tocsin.keys.secret import NAMESPACE, SecretKey, new_key

SUMS = b"%s  index.html\n" % (b"0" * 64)
COMMENT = "site=omct.example release=2026.11.22.1 edition=abcdefghij date=2026-11-22 expires=2027-02-20"


def fixed_key(name: str = "ana") -> SecretKey:
    """Test 1 of RFC 8032, 7.1: its public half is known."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    return SecretKey(name, Ed25519PrivateKey.from_private_bytes(secret))


def run(*words: object, data: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run a program that reads `data`; what it said on both channels is in `stdout`."""
    told = subprocess.run(
        [str(word) for word in words],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return subprocess.CompletedProcess(told.args, told.returncode, told.stdout.decode())


def test_the_public_half_is_the_one_of_the_specification():
    raw = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert fixed_key().public.raw.hex() == raw


@pytest.mark.real("minisign")
def test_minisign_accepts_a_signature_and_its_comment(tmp_path: Path):
    key = fixed_key()
    (tmp_path / "SHA256SUMS").write_bytes(SUMS)
    (tmp_path / "SHA256SUMS.minisig").write_bytes(key.minisign(SUMS, COMMENT))
    told = run(find("minisign"), "-V", "-H", "-P", key.public.minisign, "-m", tmp_path / "SHA256SUMS")
    assert told.returncode == 0, told.stdout
    assert told.stdout == f"Signature and comment signature verified\nTrusted comment: {COMMENT}\n"


@pytest.mark.real("minisign")
@pytest.mark.parametrize("place", ["list", "comment", "key"])
def test_minisign_refuses_what_was_not_signed(tmp_path: Path, place: str):
    key = fixed_key()
    signature = key.minisign(SUMS, COMMENT)
    (tmp_path / "SHA256SUMS").write_bytes(SUMS.replace(b"0", b"1", 1) if place == "list" else SUMS)
    if place == "comment":
        signature = signature.replace(b"2027-02-20", b"2037-02-20")
    (tmp_path / "SHA256SUMS.minisig").write_bytes(signature)
    public = new_key("bo").public if place == "key" else key.public
    told = run(find("minisign"), "-V", "-P", public.minisign, "-m", tmp_path / "SHA256SUMS")
    assert told.returncode == 1


@pytest.mark.real("ssh-keygen")
@pytest.mark.parametrize("length", [0, 1, 100_000])
def test_ssh_keygen_accepts_a_signature(tmp_path: Path, length: int):
    key, data = fixed_key(), b"x" * length
    told = verify_with_ssh(tmp_path, key.public, key.sshsig(data), data)
    assert told.returncode == 0, told.stdout
    assert told.stdout == (
        f'Good "tocsin-release" signature for ana with ED25519 key {key.public.fingerprint}\n'
    )


@pytest.mark.real("ssh-keygen")
@pytest.mark.parametrize("place", ["list", "key", "namespace"])
def test_ssh_keygen_refuses_what_was_not_signed(tmp_path: Path, place: str):
    key = fixed_key()
    told = verify_with_ssh(
        tmp_path,
        new_key("bo").public if place == "key" else key.public,
        key.sshsig(SUMS),
        SUMS + b"more" if place == "list" else SUMS,
        namespace="file" if place == "namespace" else NAMESPACE,
    )
    assert told.returncode == 255, told.stdout


def verify_with_ssh(
    folder: Path, key: PublicKey, signature: bytes, data: bytes, namespace: str = NAMESPACE
) -> subprocess.CompletedProcess[str]:
    (folder / "sig").write_bytes(signature)
    (folder / "allowed").write_text(f"ana {key.openssh}\n")
    words = ["-Y", "verify", "-f", folder / "allowed", "-I", "ana", "-n", namespace, "-s", folder / "sig"]
    return run(find("ssh-keygen"), *words, data=data)


@pytest.mark.real("ssh-keygen")
def test_ssh_keygen_shows_the_same_fingerprint(tmp_path: Path):
    key = fixed_key().public
    (tmp_path / "ana.pub").write_text(f"{key.openssh}\n")
    told = run(find("ssh-keygen"), "-l", "-f", tmp_path / "ana.pub")
    assert told.stdout == f"256 {key.fingerprint} ana (ED25519)\n"


def test_metadata_of_tuf_is_signed_and_verified():
    key = fixed_key()
    metadata = Metadata(Root())
    metadata.sign(key.signer)
    key.public.tuf.verify_signature(metadata.signatures[key.public.tuf.keyid], metadata.signed_bytes)
    assert key.public.tuf.keyid == CryptoSigner(key.private).public_key.keyid


def test_published_signatures_name_nobody():
    key = fixed_key("ana-of-the-board")
    published = key.minisign(SUMS, COMMENT) + decoded(key.sshsig(SUMS))
    assert b"ana" not in published


def decoded(armoured: bytes) -> bytes:
    return base64.b64decode(b"".join(armoured.splitlines()[1:-1]))


def test_signatures_are_the_same_every_time():
    for sign in (lambda key: key.sshsig(SUMS), lambda key: key.minisign(SUMS, COMMENT)):
        assert sign(fixed_key()) == sign(fixed_key())


def test_what_is_signed_in_one_form_begins_as_in_no_other_form():
    """The three beginnings of ADR 0032: '{', 64 bytes of a digest, 'SSHSIG'."""
    signed: list[bytes] = []

    class Listening:
        """Notes what is signed; py-minisign makes its own private key and is asked below."""

        def sign(self, data: bytes) -> bytes:
            signed.append(data)
            return bytes(64)

        def private_bytes_raw(self) -> bytes:
            return bytes(32)

        def public_key(self) -> Ed25519PublicKey:
            return fixed_key().private.public_key()

    key = SecretKey("ana", Listening())  # type: ignore[arg-type]
    key.sshsig(SUMS)
    assert signed[0].startswith(b"SSHSIG\0\0\0\x0etocsin-release")
    assert len(signed[0]) == 106
    assert Metadata(Root()).signed_bytes.startswith(b'{"_type":')
    made = minisign.Signature.from_bytes(fixed_key().minisign(SUMS, COMMENT))
    assert made.is_prehashed()
    # A signature of 64 bytes and a comment is what minisign signs second; both of its messages are longer
    # than nothing and neither is the other, since the first is 64 bytes and the comment is never empty.
    with pytest.raises(InvalidSignature):
        fixed_key().private.public_key().verify(made._signature, SUMS)


def test_a_comment_that_is_no_line_of_ascii_is_refused():
    with pytest.raises(SigningError) as error:
        fixed_key().minisign(SUMS, "site=omct.example\nmore")
    assert str(error.value) == (
        "a trusted comment has to be one line of ASCII, and this one is not: comment contains a line break"
    )


def test_the_public_line_is_read_back():
    key = fixed_key().public
    assert PublicKey.from_openssh("ana", key.openssh + "\n") == key


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "is no public key; it has to be one line that begins with 'ssh-ed25519'"),
        ("ssh-ed25519 AAAA ana", "is no public key; it has to be one line that begins with 'ssh-ed25519'"),
    ],
)
def test_another_line_is_refused(line: str, said: str):
    with pytest.raises(SigningError) as error:
        PublicKey.from_openssh("ana", line)
    assert str(error.value) == said


def test_a_key_of_another_type_is_refused():
    key = generate_private_key(SECP256R1()).public_key()
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    with pytest.raises(SigningError) as error:
        PublicKey.from_openssh("ana", line)
    assert str(error.value) == "is a key of another type; make one with 'python3 tasks.py keys new NAME'"


@pytest.mark.parametrize("name", ["", "Ana", "../ana", "ana b", "-ana", "ana.key"])
def test_names_that_are_no_names_are_refused(name: str):
    with pytest.raises(SigningError, match="cannot be the name of a key; use a-z, 0-9 and single hyphens"):
        new_key(name)


def test_two_new_keys_differ():
    assert new_key("ana").public.raw != new_key("ana").public.raw


def test_a_key_says_its_name_and_nothing_else_and_goes_nowhere():
    key = fixed_key()
    assert repr(key) == "<secret key of ana>"
    with pytest.raises(TypeError, match="not handed to other processes"):
        pickle.dumps(key)


def test_a_key_that_was_put_away_signs_nothing():
    with fixed_key() as key:
        assert key.sshsig(SUMS)
    for use in (lambda: key.sshsig(SUMS), lambda: key.minisign(SUMS, COMMENT), lambda: key.signer):
        with pytest.raises(SigningError, match="the key of ana has been put away already"):
            use()
