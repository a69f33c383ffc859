"""Which renditions a picture has, and what they are called."""

from __future__ import annotations

import re

import pytest

from tocsin.errors import MissingToolError
from tocsin.pictures import inspect, recipe


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (1, [1]),
        (319, [319]),
        (320, [320]),
        (399, [320]),
        (400, [320, 400]),
        (500, [320, 500]),
        (640, [320, 640]),
        (700, [320, 640]),
        (800, [320, 640, 800]),
        (1279, [320, 640, 1279]),
        (1280, [320, 640, 1280]),
        (6000, [320, 640, 1280]),
    ],
)
def test_widths_never_exceed_the_source_and_never_nearly_repeat(width, expected):
    assert recipe.rendition_widths(width) == expected


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((5000, 10), [(320, 1), (640, 1), (1280, 3)]),
        ((1, 1), [(1, 1)]),
        ((640, 481), [(320, 241), (640, 481)]),
        ((10, 5000), [(10, 5000)]),
    ],
)
def test_heights_follow_the_proportions_and_are_never_zero(size, sizes):
    picture = recipe.plan(b"any", *size)
    for form in ("avif", "jpeg"):
        assert [(rendition.width, rendition.height) for rendition in picture.of_format(form)] == sizes


def test_names_tell_the_content_and_nothing_of_the_source(samples):
    picture = inspect(samples.jpeg(700, 900), name="IMG_20240131_Douala.jpg")
    assert [rendition.name.partition("-")[2] for rendition in picture.renditions] == [
        "320.avif",
        "640.avif",
        "320.jpg",
        "640.jpg",
    ]
    assert all(
        re.fullmatch(r"[0-9a-f]{32}-\d+\.(avif|jpg)", rendition.name) for rendition in picture.renditions
    )


def test_the_digest_changes_with_the_source(samples):
    assert inspect(samples.jpeg()).digest != inspect(samples.jpeg() + b"x").digest
    assert inspect(samples.jpeg()) == inspect(samples.jpeg())


def test_the_digest_changes_with_the_recipe_and_with_the_codecs(monkeypatch):
    before = recipe.digest_of(b"x")
    monkeypatch.setitem(recipe.SAVE_OPTIONS["jpeg"], "quality", 81)
    recipe.recipe_fingerprint.cache_clear()
    changed = recipe.digest_of(b"x")
    monkeypatch.setattr("PIL.__version__", "99.0")
    recipe.recipe_fingerprint.cache_clear()
    newer = recipe.digest_of(b"x")
    monkeypatch.undo()
    recipe.recipe_fingerprint.cache_clear()
    assert len({before, changed, newer, recipe.digest_of(b"x")}) == 3


def test_a_pillow_without_avif_is_told_and_not_worked_around(monkeypatch):
    monkeypatch.setattr("PIL.features.version", lambda codec: None if codec == "avif" else "1")
    recipe.recipe_fingerprint.cache_clear()
    words = r"^Pillow here lacks libavif; install the wheel that requirements\.lock names$"
    with pytest.raises(MissingToolError, match=words):
        recipe.recipe_fingerprint()
    monkeypatch.undo()
    recipe.recipe_fingerprint.cache_clear()
