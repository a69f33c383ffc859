"""Signatures of `SHA256SUMS`, by the real programs; files of public keys; where trust begins."""

import subprocess
from pathlib import Path

import pytest

from tests.components import find
from tests.simulator import HERE, Person, Tree, write_folder
from tests.unit.verify.conftest import History
from tocsin.errors import VerifyError
from tocsin.signed.edition import File
from tocsin.signed.sums import write_sums
from tocsin.verify.lists import Signer, check_signatures, compare_lists, read_signers
from tocsin.verify.pinned import pinned
from tocsin.verify.sshsig import SshSignature
from tocsin.verify.verdicts import Found, Verdict

pytestmark = pytest.mark.real("ssh-keygen")

SUMS = b"0" * 64 + b"  index.html\n"
MINISIG, SSHSIG = "release/SHA256SUMS.minisig", "release/SHA256SUMS.sig"


@pytest.fixture(scope="module")
def person() -> Person:
    return Person("editor")


def test_what_is_accepted_here_is_accepted_by_ssh_keygen(person: Person, tmp_path: Path):
    (tmp_path / "sums.sig").write_bytes(person.sshsig(SUMS))
    (tmp_path / "signers").write_text(f"editor {person.openssh}")
    command = [find("ssh-keygen"), "-Y", "verify", "-f", tmp_path / "signers", "-I", "editor"]
    command += ["-n", "tocsin-release", "-s", tmp_path / "sums.sig"]
    assert subprocess.run(command, input=SUMS, capture_output=True).returncode == 0
    assert SshSignature.from_armored(person.sshsig(SUMS)).holds_for(SUMS)
    assert not SshSignature.from_armored(person.sshsig(SUMS)).holds_for(SUMS + b"x")


@pytest.mark.real("minisign")
def test_what_is_accepted_here_is_accepted_by_minisign(person: Person, tmp_path: Path):
    write_folder({"sums": SUMS, "sums.minisig": person.minisign(SUMS, "release=1")}, tmp_path)
    command = [find("minisign"), "-V", "-P", person.minisign_line.strip(), "-m", tmp_path / "sums"]
    assert subprocess.run(command, capture_output=True).returncode == 0
    comment, found = check_signatures(SUMS, person.minisign(SUMS, "release=1"), None, [Signer(person.raw)])
    assert (comment, found) == ("release=1", [])


def test_signatures_of_others_are_of_unknown_signers(person: Person):
    other = Person("other")
    comment, found = check_signatures(
        SUMS, other.minisign(SUMS, "x"), other.sshsig(SUMS), [Signer(person.raw)]
    )
    assert comment == ""
    assert found == [
        Found(
            Verdict.UNKNOWN_SIGNER, MINISIG, "is of no key that you trust, or not of this release/SHA256SUMS"
        ),
        Found(Verdict.UNKNOWN_SIGNER, SSHSIG, "is of no key that you trust"),
    ]


def test_a_trusted_comment_that_was_changed_is_not_believed(person: Person):
    data = person.minisign(SUMS, "expires=2026-01-01").replace(b"2026", b"2036")
    assert check_signatures(SUMS, data, None, [Signer(person.raw)])[0] == ""


def test_a_signature_that_is_not_prehashed_is_not_of_the_form(person: Person):
    data = person.minisign(SUMS, "x", prehash=False)
    found = check_signatures(SUMS, data, None, [Signer(person.raw)])[1]
    assert found == [Found(Verdict.ALTERED, MINISIG, "is not of the prehashed form")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda person: person.sshsig(SUMS, "file"), "is not made for tocsin-release with SHA-512"),
        (lambda person: person.sshsig(SUMS + b"x"), "is not of this release/SHA256SUMS"),
        (lambda person: b"", "is not an OpenSSH signature"),
        (lambda person: b"-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----\n", None),
        (lambda person: b"-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n", None),
        (lambda person: person.sshsig(SUMS).replace(b"AAAA", b"////", 1), None),
    ],
    ids=["namespace", "other-file", "empty", "no-base64", "short", "changed"],
)
def test_a_signature_of_another_form_is_altered(person: Person, change, said: str | None):
    found = check_signatures(SUMS, None, change(person), [Signer(person.raw)])[1]
    assert [(one.verdict, one.path) for one in found] == [(Verdict.ALTERED, SSHSIG)]
    assert said is None or found[0].detail == said


def test_keys_are_read_in_both_forms(person: Person):
    text = f"# keys\n{person.openssh}\nuntrusted comment: minisign public key\n{person.minisign_line}"
    assert read_signers("people.pub", text) == [Signer(person.raw), Signer(person.raw, person.raw[:8])]


def test_a_key_of_minisign_is_one_with_its_id(person: Person):
    signer = Signer(person.raw, b"another!")
    assert check_signatures(SUMS, person.minisign(SUMS, "x"), None, [signer])[0] == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "people.pub: holds no public key"),
        (
            "\nssh-rsa AAAA\n",
            "people.pub:2: is no public key; a line is 'ssh-ed25519 …' or, of minisign, 'RW…'",
        ),
        ("RWabc", "people.pub:1: is no public key; a line is 'ssh-ed25519 …' or, of minisign, 'RW…'"),
    ],
)
def test_files_without_keys_are_errors(text: str, said: str):
    with pytest.raises(VerifyError) as error:
        read_signers("people.pub", text)
    assert str(error.value) == said


# Where trust begins


def metadata_of(tree: Tree) -> Tree:
    return {path: data for path, data in tree.items() if path.startswith("metadata/")}


def test_trust_begins_with_the_newest_root_of_the_checkout(tmp_path: Path, history: History, person: Person):
    tree = metadata_of(history.second[HERE])
    files = {f"signing/{path}": data for path, data in tree.items()}
    files |= {
        "signing/people/editor.pub": person.openssh.encode(),
        "demonstration/metadata/9.root.json": b"{}",
    }
    found = pinned(write_folder(files, tmp_path), None, [])
    assert (found.trust.anchor, found.is_demonstration) == (history.root, False)
    assert found.trust.signers == (Signer(person.raw),)
    assert found.trust.witnesses[0].where == "signing/ of this checkout"
    assert found.trust.witnesses[0].snapshot == tree["metadata/2.snapshot.json"]


def test_where_nothing_is_set_up_it_begins_with_the_demonstration(tmp_path: Path, history: History):
    write_folder({"demonstration/metadata/1.root.json": history.root}, tmp_path)
    assert pinned(tmp_path, None, []).is_demonstration


def test_a_root_that_is_named_comes_before_that_of_the_checkout(tmp_path: Path, history: History):
    write_folder({"signing/metadata/1.root.json": b"{}", "given.json": history.root}, tmp_path)
    found = pinned(tmp_path, tmp_path / "given.json", [])
    assert (found.trust.anchor, found.trust.witnesses) == (history.root, ())


def test_without_a_root_there_is_no_trust(tmp_path: Path):
    with pytest.raises(VerifyError) as error:
        pinned(tmp_path, None, [])
    assert str(error.value) == (
        "there is no root of trust here to begin with: name the file that the editors gave you with --root, "
        "such as 1.root.json; one that lies on the mirror itself proves nothing"
    )


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"signed": {"_type": "root"}, "signatures": []}'])
def test_what_is_no_root_is_an_error(tmp_path: Path, data: bytes):
    (tmp_path / "root.json").write_bytes(data)
    with pytest.raises(VerifyError) as error:
        pinned(tmp_path, tmp_path / "root.json", [])
    assert str(error.value) == (
        "root.json is no root of trust; it is a file of TUF metadata such as 1.root.json, signed by those "
        "whom it names"
    )


def test_digests_of_another_form_are_refused_though_both_lists_have_them() -> None:
    for digest in ("A" * 64, "a" * 63):
        files = {"a.html": File(digest, 1)}
        (found,) = compare_lists(write_sums({"a.html": digest}), files)
        assert (found.verdict, found.path) == (Verdict.ALTERED, "release/SHA256SUMS")
    files = {"a.html": File("a" * 64, 1), "b.html": File("b" * 64, 1)}
    sums = write_sums({path: file.digest for path, file in files.items()})
    assert list(compare_lists(sums, files)) == []
    assert len(list(compare_lists(sums.replace(b"b.html", b"c.html"), files))) == 1
    assert len(list(compare_lists(sums[:-1], files))) == 1
