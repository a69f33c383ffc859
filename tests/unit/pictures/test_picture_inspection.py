"""Which files are accepted as pictures, and in which words others are refused."""

from __future__ import annotations

import io
import warnings

import pytest
from PIL import Image

from tocsin.pictures import Limits, inspect

ONLY = "only still JPEG, PNG, WebP and AVIF pictures are accepted"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_still_pictures_of_the_four_formats_are_accepted(samples, form):
    picture = inspect(samples.saved(samples.photo(400, 500), form))
    assert (picture.width, picture.height) == (400, 500)


def test_an_empty_file_is_refused(said):
    assert said(lambda: inspect(b"")) == "is empty"


def test_a_picture_of_too_many_pixels_is_refused_from_its_header(samples, said):
    data = samples.huge_png()
    assert len(data) < 100_000
    expected = "is 12000 × 12000 pixels; the limit is 40 million pixels; scale it down first"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert said(lambda: inspect(data)) == expected


def test_a_webp_beyond_pillows_own_limit_is_refused_in_our_words(said):
    # VP8X header with a canvas of 16383 x 16383: Pillow raises on its own before it tells the size.
    side = (16_383 - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + (10).to_bytes(4, "little") + bytes(4) + side + side + bytes(8)
    data = b"RIFF" + len(body).to_bytes(4, "little") + body
    assert said(lambda: inspect(data)) == (
        "has far too many pixels; the limit is 40 million pixels; scale it down first"
    )


def test_a_picture_with_an_endless_side_is_refused_though_it_has_few_pixels(samples, said):
    data = samples.saved(Image.new("L", (20_000, 10)), "PNG")
    assert said(lambda: inspect(data)) == (
        "is 20000 × 10 pixels; no side may be longer than 16384 pixels; scale it down first"
    )


def test_a_file_of_too_many_bytes_is_refused(samples, said):
    data = samples.jpeg() + bytes(2_300_000)
    message = said(lambda: inspect(data, Limits(max_bytes=1_500_000)))
    assert message == f"is {len(data) / 1e6:.1f} MB; the limit is 1.5 MB; scale it down first"


@pytest.mark.parametrize(("form", "name"), [("WEBP", "WebP"), ("PNG", "PNG"), ("AVIF", "AVIF")])
def test_animations_are_refused(samples, said, form, name):
    assert said(lambda: inspect(samples.animated(form))) == f"is an animated {name}; {ONLY}"


def test_gifs_are_refused_and_the_message_tells_moving_ones(samples, said):
    assert said(lambda: inspect(samples.animated("GIF"))) == f"is an animated GIF; {ONLY}"
    assert said(lambda: inspect(samples.saved(Image.new("P", (9, 9)), "GIF"))) == f"is a GIF; {ONLY}"


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', " (it looks like SVG)"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg/>', " (it looks like SVG)"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", " (it looks like EPS)"),
        (b"%PDF-1.7\n", " (it looks like PDF)"),
        (b"<!DOCTYPE html><title>x</title>", " (it looks like HTML)"),
        (b"II*\x00\x08\x00\x00\x00", " (it looks like TIFF or a camera's raw picture)"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", " (it looks like a sound or video file)"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", " (it looks like a sound or video file)"),
        (b"nothing in particular", ""),
        (b"\xff\xd8", ""),
    ],
)
def test_other_files_are_named_for_what_they_look_like(said, data, looks):
    assert said(lambda: inspect(data, name="photo.jpg")) == (
        f"is not a picture, though its name ends in .jpg{looks}; {ONLY}"
    )
    assert said(lambda: inspect(data)) == f"is not a picture{looks}; {ONLY}"


def test_a_telephones_heic_is_refused_with_the_way_out(said):
    data = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"
    assert said(lambda: inspect(data)) == (
        f"is an HEIC picture, as telephones take them; export it as JPEG first: {ONLY}"
    )


def test_a_wrong_ending_of_an_accepted_picture_is_no_fault(samples):
    assert inspect(samples.png(), name="photo.jpg").width == 400


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_file_cut_off_in_its_header_is_refused(samples, said, form):
    data = samples.saved(samples.photo(300, 300), form)
    assert said(lambda: inspect(data[:40])).startswith("is damaged: it ")


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_file_cut_off_in_its_pixels_is_refused_already_by_its_outline(samples, said, form):
    data = samples.saved(samples.photo(300, 300), form)
    assert said(lambda: inspect(data[: len(data) * 2 // 3])) == "is damaged: it ends early"


def test_a_jpeg_with_a_second_picture_inside_is_a_still_picture(samples):
    first, second = samples.photo(400, 500), samples.photo(64, 80)
    stream = io.BytesIO()
    first.save(stream, "MPO", save_all=True, append_images=[second])
    assert (inspect(stream.getvalue()).width, inspect(stream.getvalue()).height) == (400, 500)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (400, 500)), (3, (400, 500)), (6, (500, 400)), (8, (500, 400))]
)
def test_the_size_is_that_of_the_upright_picture(samples, form, orientation, size):
    picture = inspect(samples.saved(samples.photo(400, 500), form, exif=samples.exif(orientation)))
    assert (picture.width, picture.height) == size


def test_a_png_that_tells_its_orientation_behind_the_pixels_is_turned_too(samples):
    data = samples.png(400, 500)
    exif = samples.exif(6).tobytes().removeprefix(b"Exif\0\0")
    chunk = samples.png_of_chunks((b"eXIf", exif))[8:]
    picture = inspect(data[:-12] + chunk + data[-12:])
    assert (picture.width, picture.height) == (500, 400)


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0rubbish", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"])
def test_broken_exif_is_ignored(samples, exif):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert inspect(samples.jpeg(exif=exif)).width == 400


def test_inspecting_decodes_no_pixels(samples, monkeypatch):
    data = samples.png()
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("pixels were decoded"))
    inspect(data)


def test_inspecting_leaves_pillow_as_it_was(samples):
    before = (Image.MAX_IMAGE_PIXELS, warnings.filters[:])
    inspect(samples.jpeg())
    assert before == (Image.MAX_IMAGE_PIXELS, warnings.filters)
