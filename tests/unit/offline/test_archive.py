"""The archive of an offline edition: rules F14, F26 and F27 of docs/release-format.md."""

import hashlib
import io
import re
import zipfile

import pytest

from tocsin.offline.archive import signed_files
from tocsin.signed.archive import pack
from tocsin.signed.edition import About
from tocsin.signed.sums import read_sums

FILES = {"index.html": b"<p>Home", "ar/x/index.html": "<p>نص".encode(), "START-HERE.en.html": b"<p>Start"}
ABOUT = About(
    site="bell.example",
    edition="offline",
    address="",
    release="2026.11.22.1",
    as_of="2026-11-22T00:00:00Z",
    date="2026-11-22",
    expires="2027-02-20",
    languages=("en", "ar"),
)


def packed(files: dict[str, bytes]) -> bytes:
    return pack(files, files.__getitem__)


def signed(files: dict[str, bytes]) -> dict[str, bytes]:
    return signed_files(
        files, ABOUT, lambda data, comment: comment.encode() + data[:4], lambda data: b"ssh" + data[:4]
    )


def test_f27_entries_are_sorted_and_tell_no_time_no_owner_and_no_machine():
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["START-HERE.en.html", "ar/x/index.html", "index.html"]
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644
        assert entry.extra == b""
        assert entry.comment == b""
        assert entry.create_system == 3
        assert entry.compress_type == zipfile.ZIP_STORED


def test_f27_the_same_files_make_the_same_bytes_in_whatever_order_they_come():
    made = packed(FILES)
    assert made == packed(dict(reversed(FILES.items())))
    # Of these three files, whatever version of Python or zlib wrote it.
    assert (
        hashlib.sha256(made).hexdigest() == "464038258ac761af59ade01e681e252ab8fe53935bd92c7968a80c2a6ac03af6"
    )


def test_what_is_packed_is_what_is_unpacked():
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_f26_the_list_names_every_file_but_itself_and_its_signatures():
    made = signed(FILES)
    listed = read_sums(made["release/SHA256SUMS"])
    proofs = {"release/SHA256SUMS", "release/SHA256SUMS.minisig", "release/SHA256SUMS.sig"}
    assert set(listed) == made.keys() - proofs
    assert {path: hashlib.sha256(made[path]).hexdigest() for path in listed} == listed
    assert not any(path.startswith("metadata/") for path in made)


def test_f26_both_signatures_are_of_the_list_and_the_comment_says_which_edition():
    made = signed(FILES)
    beginning = made["release/SHA256SUMS"][:4]
    comment = "site=bell.example release=2026.11.22.1 edition=offline date=2026-11-22 expires=2027-02-20"
    assert made["release/SHA256SUMS.minisig"] == comment.encode() + beginning
    assert made["release/SHA256SUMS.sig"] == b"ssh" + beginning
    assert About.from_json(made["release/edition.json"]) == ABOUT


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a/../b", "a/../b is not a plain relative path"),
        ("a*.html", "a*.html holds a control character or one of * ? [ ] \\"),
        ("release/SHA256SUMS", "release/SHA256SUMS is made here"),
        ("release/edition.json", "release/edition.json is made here"),
    ],
)
def test_a_path_that_no_release_has_is_refused(path, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        signed({**FILES, path: b""})
