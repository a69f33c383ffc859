"""The cache: damage costs time, never correctness."""

from __future__ import annotations

import pytest

from tocsin.pictures import PictureCache, encode, inspect


@pytest.fixture
def filled(samples, tmp_path):
    data = samples.jpeg(700, 500)
    picture = inspect(data)
    encode(data, picture, tmp_path / "cache")
    return data, picture, PictureCache(tmp_path / "cache")


def snapshot(cache):
    return {path.name: path.read_bytes() for path in cache.folder.iterdir()}


def test_everything_is_missing_from_a_cache_that_does_not_exist(samples, tmp_path):
    picture = inspect(samples.jpeg())
    assert PictureCache(tmp_path / "none").missing(picture) == list(picture.renditions)
    assert not (tmp_path / "none").exists()


def test_nothing_is_missing_after_encoding(filled):
    _, picture, cache = filled
    assert cache.missing(picture) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    ],
    ids=["deleted", "emptied", "truncated", "one bit changed"],
)
def test_a_damaged_rendition_is_noticed_and_made_again_alone(filled, damage):
    data, picture, cache = filled
    before = snapshot(cache)
    victim = picture.renditions[1]
    damage(cache.path(victim))
    assert cache.missing(picture) == [victim]
    assert encode(data, picture, cache.folder) == [cache.path(victim)]
    assert snapshot(cache) == before


@pytest.mark.parametrize("content", [b"", b"\xff\xfe rubbish", b"no sums here\n"])
def test_a_damaged_list_of_sums_costs_only_time(filled, content):
    data, picture, cache = filled
    before = snapshot(cache)
    next(cache.folder.glob("*.sums")).write_bytes(content)
    assert cache.missing(picture) == list(picture.renditions)
    encode(data, picture, cache.folder)
    assert snapshot(cache) == before


def test_the_list_of_sums_is_one_that_standard_tools_check(filled):
    _, picture, cache = filled
    lines = next(cache.folder.glob("*.sums")).read_text().splitlines()
    assert [line[66:] for line in lines] == [rendition.name for rendition in picture.renditions]
    assert {line[64:66] for line in lines} == {"  "}


def test_a_write_that_fails_leaves_no_trace(filled, monkeypatch):
    data, picture, cache = filled
    cache.path(picture.renditions[0]).unlink()
    before = snapshot(cache)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        encode(data, picture, cache.folder)
    assert snapshot(cache) == before


def test_pruning_deletes_what_no_picture_needs(filled, samples):
    data, picture, cache = filled
    other = samples.png()
    encode(other, inspect(other), cache.folder)
    (cache.folder / ".new-left-behind").write_bytes(b"x")
    kept = {name for name in snapshot(cache) if name.startswith(picture.digest[:32])}
    assert cache.prune([picture]) == len(inspect(other).renditions) + 2
    assert set(snapshot(cache)) == kept
    assert encode(data, picture, cache.folder) == []
