"""Nothing of what a source says about its maker reaches a rendition."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tocsin.pictures import encode, inspect

# SOI and EOI need no mention; these are the JFIF head, tables, frame and scans. No APP1 to APP15, no comment.
ALLOWED_JPEG_SEGMENTS = {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}

FORBIDDEN = [b"Exif", b"GPS", b"ICC_PROFILE", b"http://ns.adobe", b"xmpmeta", b"mime", b"prof", b"Photoshop"]


def jpeg_segments(data):
    """Marker codes of a JPEG's segments, and what follows its end."""
    place, codes = 2, []
    while True:
        assert data[place] == 0xFF
        code = data[place + 1]
        if code == 0xD9:
            return codes, data[place + 2 :]
        codes.append(code)
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if code == 0xDA:
            while data[place] != 0xFF or data[place + 1] in {0x00, *range(0xD0, 0xD8)}:
                place += 1


def boxes(data):
    """Names of the top-level boxes of an AVIF."""
    place, names = 0, []
    while place < len(data):
        names.append(data[place + 4 : place + 8])
        place += int.from_bytes(data[place : place + 4], "big")
    return names


@pytest.fixture(params=["jpeg", "png"])
def revealing(request, samples):
    return samples.revealing_jpeg() if request.param == "jpeg" else samples.revealing_png()


def test_the_sources_do_reveal_what_the_tests_search_for(samples):
    jpeg, png = samples.revealing_jpeg(), samples.revealing_png()
    assert all(mark in jpeg for name, mark in samples.marks.items() if name != "text")
    assert all(samples.marks[name] in png for name in ("exif", "camera", "text", "xmp", "tail"))
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.getexif().get_ifd(0x8825)[2] == (4.0, 3.0, 2.0)


def test_no_mark_of_the_source_is_in_the_bytes_of_a_rendition(revealing, samples, tmp_path):
    for path in encode(revealing, inspect(revealing), tmp_path):
        content = path.read_bytes()
        assert [mark for mark in [*samples.marks.values(), *FORBIDDEN] if mark in content] == []


def test_pillow_finds_no_metadata_in_a_rendition(revealing, tmp_path):
    structural = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for path in encode(revealing, inspect(revealing), tmp_path):
        with Image.open(path) as image:
            assert set(image.info) <= structural
            assert dict(image.getexif()) == {}


def test_renditions_consist_of_structural_parts_only(revealing, tmp_path):
    for path in encode(revealing, inspect(revealing), tmp_path):
        if path.suffix == ".jpg":
            codes, rest = jpeg_segments(path.read_bytes())
            assert set(codes) <= ALLOWED_JPEG_SEGMENTS
            assert rest == b""
        else:
            assert boxes(path.read_bytes()) == [b"ftyp", b"meta", b"mdat"]
