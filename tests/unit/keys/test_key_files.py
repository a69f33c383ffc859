"""Files of secret keys: encrypted, closed to others, readable by OpenSSH's own program."""

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.components import find
from tests.unit.keys.test_key_forms import fixed_key, run
from tocsin.errors import SigningError
from tocsin.keys.keyfile import ROUNDS, key_path, read_key, write_key

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file of little work."""
    path = key_path(tmp_path / "keys", "ana")
    write_key(path, fixed_key(), PASSPHRASE, rounds=1)
    return path


def refused(path: Path, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(SigningError) as error:
        read_key(path, passphrase)
    assert passphrase not in str(error.value)
    return str(error.value)


def test_a_key_is_read_as_it_was_written(path: Path):
    with read_key(path, PASSPHRASE) as key:
        assert key.public == fixed_key().public
        assert key.sshsig(b"x") == fixed_key().sshsig(b"x")


def test_the_file_and_its_folder_are_their_owner_s_alone(path: Path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_file_does_not_hold_the_secret_in_the_clear(path: Path):
    clear = fixed_key().private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert fixed_key().private.private_bytes_raw() in decoded(clear)
    assert fixed_key().private.private_bytes_raw() not in decoded(path.read_bytes())
    assert b"aes256-ctr" in decoded(path.read_bytes())
    assert b"bcrypt" in decoded(path.read_bytes())


def decoded(pem: bytes) -> bytes:
    import base64

    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


@pytest.mark.real("ssh-keygen")
def test_ssh_keygen_opens_the_file_and_changes_its_passphrase(path: Path):
    """Whoever has the file and the passphrase needs no program of ours."""
    shown = run(find("ssh-keygen"), "-y", "-P", PASSPHRASE, "-f", path)
    assert shown.stdout.split()[:2] == fixed_key().public.openssh.split()[:2]
    new = "another five long plain words"
    subprocess.run([find("ssh-keygen"), "-q", "-p", "-P", PASSPHRASE, "-N", new, "-f", path], check=True)
    assert read_key(path, new).public == fixed_key().public
    refused(path)


@pytest.mark.real("ssh-keygen")
def test_a_key_that_ssh_keygen_made_is_read(tmp_path: Path):
    path = tmp_path / "ana.key"
    words = ["-q", "-t", "ed25519", "-a", "1", "-N", PASSPHRASE, "-f", path]
    subprocess.run([find("ssh-keygen"), *words], check=True)
    assert read_key(path, PASSPHRASE).public.openssh.split()[1] in path.with_suffix(".key.pub").read_text()


def test_a_guess_at_the_passphrase_costs_time(tmp_path: Path):
    """A quarter of a second of one processor at least, on whatever machine runs the tests."""
    write_key(tmp_path / "ana.key", fixed_key(), PASSPHRASE, rounds=ROUNDS)
    begun = time.process_time()
    refused(tmp_path / "ana.key", "something else entirely")
    assert time.process_time() - begun > 0.15


def test_a_wrong_passphrase_and_a_damaged_file_are_told_alike(path: Path):
    said = (
        f"{path} cannot be opened with this passphrase; type it again, "
        "and if it is right the file is damaged: take the copy on your stick"
    )
    assert refused(path, "something else entirely") == said
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert refused(path) == said


def test_a_file_that_is_not_encrypted_is_refused(path: Path):
    clear = fixed_key().private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    path.write_bytes(clear)
    assert refused(path) == f"{path} is not encrypted; give it a passphrase: ssh-keygen -p -f {path}"


def test_a_key_of_another_type_is_refused(path: Path):
    other = generate_private_key(SECP256R1())
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption))
    assert refused(path) == f"{path} holds a key of another type than Ed25519; name one that 'keys new' made"


@pytest.mark.parametrize("data", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\0" * 20_000])
def test_what_is_no_key_file_is_refused(path: Path, data: bytes):
    path.write_bytes(data)
    assert refused(path) == f"{path} is no key file of OpenSSH; name one that 'keys new' made"


def test_a_file_that_is_not_there(tmp_path: Path):
    path = tmp_path / "bo.key"
    assert refused(path) == f"{path} is missing; put the copy from your stick there"


def test_a_folder_in_place_of_a_file(tmp_path: Path):
    (tmp_path / "bo.key").mkdir()
    assert refused(tmp_path / "bo.key") == f"{tmp_path / 'bo.key'} cannot be read: Is a directory"


@pytest.mark.skipif(os.name != "posix", reason="other systems keep no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int):
    path.chmod(mode)
    assert refused(path) == f"{path} may be read by others than its owner; type: chmod 600 {path}"


def test_a_key_is_never_overwritten(path: Path):
    before = path.read_bytes()
    with pytest.raises(SigningError) as error:
        write_key(path, fixed_key(), PASSPHRASE, rounds=1)
    assert str(error.value) == (
        f"{path} exists already, and a key that is overwritten is lost; choose another name"
    )
    assert path.read_bytes() == before


def test_a_short_passphrase_is_refused_and_nothing_is_written(tmp_path: Path):
    with pytest.raises(SigningError) as error:
        write_key(tmp_path / "ana.key", fixed_key(), "elevenchars", rounds=1)
    assert str(error.value) == (
        "the passphrase has fewer than 12 characters; "
        "take five words that you can remember and that nobody would guess"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_the_file_is_the_name_of_the_person(path: Path):
    assert path.name == "ana.key"
    assert read_key(path, PASSPHRASE).public.name == "ana"
    assert isinstance(read_key(path, PASSPHRASE).private, Ed25519PrivateKey)
