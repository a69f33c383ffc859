"""What the renditions look like: size, direction, colour; and that damaged pixels are told."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tocsin.errors import PictureError
from tocsin.pictures import Limits, encode, inspect
from tocsin.pictures.recipe import plan


def renditions(data, folder):
    """Encode and reopen: [(promise, decoded image)], and the paths."""
    picture = inspect(data)
    paths = encode(data, picture, folder)
    assert [path.name for path in paths] == [rendition.name for rendition in picture.renditions]
    return [
        (rendition, Image.open(io.BytesIO(path.read_bytes())))
        for rendition, path in zip(picture.renditions, paths, strict=True)
    ]


def near(pixel, wanted, tolerance=12):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize(
    "size", [(1400, 900), (700, 900), (90, 40), (1, 1), (5000, 10), (10, 3000), (333, 777)]
)
def test_renditions_have_the_sizes_and_formats_that_inspecting_promised(samples, tmp_path, size):
    for promise, image in renditions(samples.saved(samples.photo(*size), "JPEG"), tmp_path):
        assert image.size == (promise.width, promise.height)
        assert image.format == promise.format.upper()
        assert image.mode == "RGB"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(samples, tmp_path, form, orientation):
    # As it should be seen: red above, blue below on the left, white below on the right.
    upright = Image.new("RGB", (400, 600), "red")
    upright.paste("blue", (0, 300, 200, 600))
    upright.paste("white", (200, 300, 400, 600))
    undone = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright.transpose(undone) if undone is not None else upright
    for promise, image in renditions(samples.saved(stored, form, exif=samples.exif(orientation)), tmp_path):
        width, height = image.size
        assert (promise.width, promise.height) == (width, height)
        assert height > width
        assert near(image.getpixel((width // 2, height // 4)), (254, 0, 0))
        assert near(image.getpixel((width // 4, height * 3 // 4)), (0, 0, 254))
        assert near(image.getpixel((width * 3 // 4, height * 3 // 4)), (255, 255, 255))


def test_a_large_jpeg_decoded_at_a_fraction_looks_like_the_whole(samples, tmp_path):
    source = samples.photo(5200, 3900)
    wanted = source.resize((1280, 960), Image.Resampling.LANCZOS)
    _, image = renditions(samples.saved(source, "JPEG", quality=95), tmp_path)[-1]
    for place in [(0, 0), (640, 480), (1279, 959), (300, 700)]:
        assert near(image.getpixel(place), wanted.getpixel(place), 24)


def test_colours_of_a_display_p3_picture_are_converted_to_srgb(samples, tmp_path):
    # Display P3 (200, 120, 80), by the published matrix and curve, is sRGB (213, 116, 71).
    data = samples.revealing_jpeg(Image.new("RGB", (400, 400), (200, 120, 80)))
    for _, image in renditions(data, tmp_path):
        assert near(image.getpixel((200, 200)), (213, 116, 71), 4)


@pytest.mark.parametrize("profile", [b"rubbish", b"\0" * 200])
def test_a_broken_profile_is_ignored(samples, tmp_path, profile):
    data = samples.saved(Image.new("RGB", (50, 50), (200, 120, 80)), "JPEG", icc_profile=profile, quality=95)
    for _, image in renditions(data, tmp_path):
        assert near(image.getpixel((20, 20)), (200, 120, 80), 4)


def test_a_profile_for_another_kind_of_pixels_is_ignored(samples, tmp_path):
    data = samples.saved(Image.new("L", (50, 50), 90), "JPEG", icc_profile=samples.display_p3())
    for _, image in renditions(data, tmp_path):
        assert near(image.getpixel((20, 20)), (90, 90, 90), 3)


def test_cmyk_becomes_rgb(samples, tmp_path):
    data = samples.saved(Image.new("CMYK", (60, 60), (0, 255, 255, 0)), "JPEG", quality=95)
    for _, image in renditions(data, tmp_path):
        red, green, blue = image.getpixel((30, 30))
        assert red > 200
        assert max(green, blue) < 60


def test_sixteen_bit_grey_keeps_its_shades(samples, tmp_path):
    shades = struct.pack(">64H", *[20_000] * 64)
    data = samples.png_of_chunks(
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 16, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress((b"\0" + shades) * 64)),
        (b"IEND", b""),
    )
    for _, image in renditions(data, tmp_path):
        assert near(image.getpixel((30, 30)), (78, 78, 78), 2)


def test_sixteen_bit_colour_keeps_its_shades(samples, tmp_path):
    row = b"\0" + struct.pack(">3H", 60_000, 20_000, 5_000) * 64
    data = samples.png_of_chunks(
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 64)),
        (b"IEND", b""),
    )
    for _, image in renditions(data, tmp_path):
        assert near(image.getpixel((30, 30)), (234, 78, 19), 6)


def test_what_is_transparent_becomes_white(samples, tmp_path):
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 32, 64))
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([255, 0, 0, 0, 0, 0])
    palette.paste(0, (32, 0, 64, 64))
    grey = Image.new("LA", (64, 64), (0, 0))
    grey.paste((0, 255), (0, 0, 32, 64))
    for data in (
        samples.saved(clear, "PNG"),
        samples.saved(clear, "WEBP", lossless=True),
        samples.saved(clear, "AVIF"),
        samples.saved(grey, "PNG"),
        samples.saved(palette, "PNG", transparency=0),
    ):
        for _, image in renditions(data, tmp_path):
            assert near(image.getpixel((8, 32)), (0, 0, 0))
            assert near(image.getpixel((56, 32)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_every_mode_that_a_png_can_have_is_encoded(samples, tmp_path, mode):
    assert renditions(samples.saved(samples.photo(40, 50, mode), "PNG"), tmp_path)


def test_encoding_again_does_nothing(samples, tmp_path):
    data = samples.jpeg()
    picture = inspect(data)
    first = encode(data, picture, tmp_path)
    times = [path.stat().st_mtime_ns for path in first]
    assert encode(data, picture, tmp_path) == []
    assert [path.stat().st_mtime_ns for path in first] == times


def test_bytes_other_than_those_inspected_are_refused(samples, tmp_path, said):
    picture = inspect(samples.jpeg())
    assert said(lambda: encode(samples.png(), picture, tmp_path)) == (
        "was changed while it was being worked on; build again"
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_damaged_pixels_are_told_and_nothing_is_kept(samples, tmp_path, said, form):
    whole = samples.saved(samples.photo(300, 300), form)
    picture = inspect(whole)
    cut = whole[: len(whole) * 2 // 3]

    assert said(lambda: encode(cut, plan(cut, picture.width, picture.height), tmp_path)).startswith(
        "is damaged: it "
    )
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_raise_only_our_error(samples, tmp_path, data):
    form = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "AVIF"]))
    extras = {"exif": samples.exif(6), "icc_profile": samples.display_p3()}
    whole = bytearray(samples.saved(samples.photo(40, 30), form, **extras))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))])
    try:
        encode(damaged, inspect(damaged, Limits(max_pixels=1_000_000)), tmp_path)
    except PictureError:
        pass
