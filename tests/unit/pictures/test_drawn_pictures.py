"""The cache of what was drawn, and the picture of the world's open cases."""

from __future__ import annotations

import io
import re
import runpy
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from tocsin.pictures import DrawnCache, worldmap
from tocsin.pictures.land import LAND, PLACES
from tocsin.pictures.paper import DARK, LIGHT, colour

ROOT = Path(__file__).resolve().parents[3]


# The cache


def test_a_picture_is_drawn_once(tmp_path):
    cache, times = DrawnCache(tmp_path / "drawn"), []

    def draw():
        times.append(1)
        return b"picture"

    assert [cache.drawn("a.png", draw) for _ in range(3)] == [b"picture"] * 3
    assert DrawnCache(tmp_path / "drawn").drawn("a.png", draw) == b"picture"
    assert len(times) == 1


@pytest.mark.parametrize("damage", [b"", b"x", b"picture", b"pictures" + b"\0" * 32])
def test_a_damaged_picture_is_drawn_again(tmp_path, damage):
    cache = DrawnCache(tmp_path)
    cache.drawn("a.png", lambda: b"picture")
    (tmp_path / "a.png").write_bytes(damage)
    assert cache.drawn("a.png", lambda: b"picture") == b"picture"
    assert cache.drawn("a.png", lambda: b"other") == b"picture"


def test_what_is_not_published_is_forgotten(tmp_path):
    cache = DrawnCache(tmp_path / "drawn")
    for name in ("stays.png", "goes.png"):
        cache.drawn(name, lambda: b"picture")
    (tmp_path / "i").mkdir()
    (tmp_path / "i" / "stays.png").write_bytes(b"picture")
    assert cache.prune(tmp_path / "i") == 1
    assert [path.name for path in cache.folder.iterdir()] == ["stays.png"]
    assert cache.prune(tmp_path / "nowhere") == 1
    assert DrawnCache(tmp_path / "never").prune(tmp_path) == 0


# The world


def drawn(open_in=(), known=(), colours=LIGHT):
    return Image.open(io.BytesIO(worldmap.draw(open_in, known, colours))).convert("RGB")


def at(picture, code):
    x, y = PLACES[code]
    return picture.getpixel((x, y + 12))


def test_every_country_of_the_regions_has_a_place_on_the_picture():
    with (ROOT / "data/regions.toml").open("rb") as file:
        codes = {code for region in tomllib.load(file).values() for code in region["countries"]}
    assert codes - PLACES.keys() == set()
    width, height = worldmap.size()
    assert (width, height) == drawn().size
    for x, y in PLACES.values():
        assert 0 <= x < width
        assert 0 <= y + 12 < height


def test_countries_lie_where_they_are_on_the_globe():
    for west, east in (("US", "FR"), ("BR", "NG"), ("FR", "RU"), ("EG", "IN"), ("IN", "JP"), ("JP", "NZ")):
        assert PLACES[west][0] < PLACES[east][0]
    for north, south in (("NO", "IT"), ("MA", "ZA"), ("CA", "AR"), ("RU", "IN"), ("JP", "AU")):
        assert PLACES[north][1] < PLACES[south][1]


def test_open_cases_are_red_and_large_and_other_countries_are_small():
    picture = drawn({"KE"}, {"KE", "TN"})
    assert at(picture, "KE") == colour(LIGHT.alarm)
    assert at(picture, "TN") == colour(LIGHT.soft)
    count = {pixel: number for number, pixel in picture.getcolors()}
    assert count[colour(LIGHT.alarm)] > 3 * count[colour(LIGHT.soft)]
    assert colour(LIGHT.alarm) not in {pixel for _, pixel in drawn((), {"KE"}).getcolors()}


def test_the_picture_for_dark_screens_differs_in_colours_alone():
    light, dark = drawn({"KE"}, {"TN"}), drawn({"KE"}, {"TN"}, DARK)
    assert at(dark, "KE") == colour(DARK.alarm)
    assert sorted(number for number, _ in light.getcolors()) == sorted(
        number for number, _ in dark.getcolors()
    )


def test_the_name_changes_with_the_countries_and_not_with_their_order():
    names = {
        worldmap.name(codes, ("KE", "TN"), LIGHT) for codes in (("KE", "TN"), ("TN", "KE"), {"KE", "TN"})
    }
    assert len(names) == 1
    names |= {worldmap.name(("KE",), ("KE", "TN"), LIGHT), worldmap.name(("KE",), ("KE",), LIGHT)}
    assert len(names | {worldmap.name(("KE", "TN"), ("KE", "TN"), DARK)}) == 4


def test_a_code_without_a_place_is_left_out_of_the_picture():
    assert drawn({"ZZ"}, {"ZZ"}).tobytes() == drawn().tobytes()


def test_the_picture_is_small():
    assert len(worldmap.draw(PLACES, PLACES, LIGHT)) < 12_000


def test_the_land_is_a_grid_that_fits_the_picture():
    rows = LAND.strip("\n").splitlines()
    assert max(map(len, rows)) <= 128
    assert all(re.fullmatch(r"[#.]+", row) for row in rows)
    assert sum(row.count("#") for row in rows) > 1000


@pytest.mark.real("world-atlas")
def test_the_land_is_what_its_maker_makes_of_the_packages():
    made = runpy.run_path(str(ROOT / "tools/land.py"))
    assert made["module"]() == (ROOT / "tocsin/pictures/land.py").read_text(encoding="utf-8")


def test_of_a_group_only_the_last_is_kept_and_a_damaged_one_is_made_again(tmp_path):
    cache, made = DrawnCache(tmp_path / "search"), []

    def make() -> bytes:
        made.append(1)
        return b"index"

    assert cache.last("en-2026", "a", make) == cache.last("en-2026", "a", make) == b"index"
    cache.last("en-2025", "a", make)
    assert len(made) == 2
    cache.last("en-2026", "b", make)
    assert {path.name for path in cache.folder.iterdir()} == {"en-2026.b", "en-2025.a"}
    (cache.folder / "en-2026.b").write_bytes(b"damaged")
    assert cache.last("en-2026", "b", make) == b"index"
    assert len(made) == 4
    cache.drop("en-2026")
    assert [path.name for path in cache.folder.iterdir()] == ["en-2025.a"]
