"""Whatever the bytes of a file are, looking into it ends, raises nothing and lets nothing pass unread."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tocsin.leaks.archives import cbor_strings
from tocsin.leaks.channels import Fault, Text, look_into
from tocsin.leaks.looking import OpaqueError
from tocsin.leaks.peeling import peeled

ENDINGS = [
    ".html",
    ".xml",
    ".json",
    ".txt",
    ".jpg",
    ".png",
    ".avif",
    ".ico",
    ".pdf",
    ".zip",
    ".gz",
    ".pf_index",
]
ENDINGS += [".pf_fragment", ".pf_meta", ".pagefind", ".doc", ""]


def picture(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (16, 16), (9, 99, 199)).save(written, kind)
    return written.getvalue()


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr(zipfile.ZipInfo("a.txt"), "a text")
    return written.getvalue()


WHOLE = {".jpg": picture("JPEG"), ".png": picture("PNG"), ".avif": picture("AVIF"), ".zip": archive()}
WHOLE |= {".ico": picture("ICO")}


@given(st.sampled_from(ENDINGS), st.binary(max_size=300))
def test_any_bytes_of_any_kind_are_looked_into_or_said_not_to_be(ending, data):
    for found in look_into(f"x{ending}", data):
        assert isinstance(found, Text | Fault)


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_files_with_a_byte_changed_or_the_end_cut_off_raise_nothing(ending, data):
    whole = WHOLE[ending]
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    for bytes_ in (changed, whole[:place]):
        list(look_into(f"x{ending}", bytes_))


@pytest.mark.parametrize("ending", sorted(WHOLE))
def test_a_whole_picture_or_archive_has_no_fault(ending):
    assert [found for found in look_into(f"x{ending}", WHOLE[ending]) if isinstance(found, Fault)] == []


@pytest.mark.parametrize("ending", [".jpg", ".png", ".zip"])
def test_a_file_that_is_cut_off_is_a_fault(ending):
    faults = [f for f in look_into(f"x{ending}", WHOLE[ending][:-30]) if isinstance(f, Fault)]
    assert [fault.rule for fault in faults][-1:] == ["not-looked-into"]


def test_no_fault_repeats_what_is_in_a_file():
    for ending in ENDINGS:
        for data in (b"Zorvana", "Zorvana é".encode("latin-1"), b"%PDF-1.7 Zorvana", b"\xff\xd8 Zorvana"):
            said = " ".join(f.message for f in look_into(f"x{ending}", data) if isinstance(f, Fault))
            assert "Zorvana" not in said


def test_strings_of_json_are_told_apart():
    (text,) = (
        found.text for found in look_into("x.json", json.dumps({"a": ["b", 7, None, {"c": "d"}]}).encode())
    )
    assert text == "a\0b\x007\0c\0d"


@pytest.mark.parametrize(
    ("data", "strings"),
    [
        (b"\x80", []),
        (b"\x63abc", ["abc"]),
        (b"\x82\x61a\x43bcd", ["a", "bcd"]),
        (b"\xa1\x61a\x18\x64", ["a"]),
        (b"\x78\x03abc\x19\x01\x00\xf5", ["abc"]),
        (b"\x9f\x61a\xff\x7f\x61b\x61c\xff", ["a", "b", "c"]),
        (b"\xfb\x00\x00\x00\x00\x00\x00\x00\x61\x61x", ["x"]),
        (b"\xc0\x61t", ["t"]),
    ],
)
def test_strings_of_cbor_are_read(data, strings):
    assert list(cbor_strings(data)) == strings


@pytest.mark.parametrize("data", [b"\x63ab", b"\x1c", b"\x7c"])
def test_damaged_cbor_is_not_passed_over(data):
    with pytest.raises(OpaqueError):
        list(cbor_strings(data))


def test_every_layer_is_told_with_the_lines_of_the_text():
    text = "a%0A%2541\n&#10;&amp;eacute;\n"
    layers = list(peeled(text))
    assert layers[0] == text
    assert layers[-1] == "a A\n é\n"
    assert {layer.count("\n") for layer in layers} == {2}


@given(st.text())
def test_peeling_ends(text):
    assert len(list(peeled(text))) <= 6
