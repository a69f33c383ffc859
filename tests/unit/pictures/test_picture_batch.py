"""Many pictures at once: every bad one named, the others done, the same bytes however many processes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.errors import Finding
from tocsin.pictures import PictureCache, encode, encode_all, inspect
from tocsin.pictures.recipe import plan

ROOT = Path(__file__).resolve().parents[3]


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def job(label, data):
    return label, lambda: data, inspect(data)


def damaged_job(label, samples):
    """A PNG that lost half its pixels; what it would be is known from before."""
    png = samples.png()
    cut = png[: len(png) // 2] + png[-12:]
    return label, lambda: cut, plan(cut, 400, 500)


@pytest.fixture
def jobs(samples):
    return [job(f"content/{width}.jpg", samples.jpeg(width, 300)) for width in (300, 400, 700)]


@pytest.fixture
def progress():
    heard = []

    def hear(done, total, label):
        heard.append((done, total, label))

    hear.heard = heard
    return hear


def test_all_pictures_are_encoded_and_progress_is_told(jobs, tmp_path, progress):
    cache = PictureCache(tmp_path)
    assert encode_all(jobs, cache, 2, progress) == []
    assert all(cache.missing(picture) == [] for _, _, picture in jobs)
    assert [(done, total) for done, total, _ in progress.heard] == [(1, 3), (2, 3), (3, 3)]
    assert {label for _, _, label in progress.heard} == {label for label, _, _ in jobs}


def test_nothing_to_do_is_done_quietly(tmp_path, progress):
    assert encode_all([], PictureCache(tmp_path), 2, progress) == []
    assert progress.heard == []


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_bad_pictures_are_named_in_order_and_the_others_done(samples, jobs, tmp_path, progress, workers):
    def gone():
        raise FileNotFoundError(2, "No such file or directory", "photo.jpg")

    unreadable = ("content/gone.jpg", gone, inspect(samples.png()))
    cache = PictureCache(tmp_path)
    faults = encode_all(
        [damaged_job("content/cut.png", samples), *jobs, unreadable], cache, workers, progress
    )
    assert faults == [
        Finding("content/cut.png", 0, "this picture is damaged: it ends early", "picture"),
        Finding(
            "content/gone.jpg",
            0,
            "this picture could not be read, or its renditions not written: No such file or directory",
            "picture",
        ),
    ]
    assert all(cache.missing(good) == [] for _, _, good in jobs)


def test_a_picture_used_twice_is_made_once_and_named_twice(samples, tmp_path, progress):
    twice = [damaged_job("a.png", samples), damaged_job("b.png", samples)]
    faults = encode_all(twice, PictureCache(tmp_path), 2, progress)
    assert [fault.path for fault in faults] == ["a.png", "b.png"]
    assert [total for _, total, _ in progress.heard] == [1]


def test_a_warm_cache_is_not_written_and_sources_are_not_read(jobs, tmp_path, progress):
    encode_all(jobs, PictureCache(tmp_path), 2, progress)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    unread = [(label, lambda: pytest.fail("a source was read"), picture) for label, _, picture in jobs]
    assert encode_all(unread, PictureCache(tmp_path), 2, progress) == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


def test_bytes_are_equal_with_one_and_with_two_workers(jobs, tmp_path, progress):
    encode_all(jobs, PictureCache(tmp_path / "one"), 1, progress)
    encode_all(jobs, PictureCache(tmp_path / "two"), 2, progress)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_without_fork_all_is_done_in_line(jobs, tmp_path, progress, monkeypatch):
    encode_all(jobs, PictureCache(tmp_path / "forked"), 2, progress)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    encode_all(jobs, PictureCache(tmp_path / "serial"), 2, progress)
    assert snapshot(tmp_path / "forked") == snapshot(tmp_path / "serial")


ENCODE_ELSEWHERE = """
import sys
from pathlib import Path
from tocsin.pictures import encode, inspect
data = Path(sys.argv[1]).read_bytes()
encode(data, inspect(data), Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("prefix", "environment"),
    [
        (["taskset", "-c", "0"], {}),
        ([], {"AOM_SIMD_CAPS": "0", "JSIMD_FORCENONE": "1"}),
    ],
    ids=["on one processor", "without vector instructions"],
)
def test_bytes_are_equal(samples, tmp_path, prefix, environment):
    if prefix and not shutil.which(prefix[0]):
        pytest.skip("taskset is not installed")
    data = samples.revealing_jpeg(samples.photo(1400, 1000))
    source = tmp_path / "source"
    source.write_bytes(data)
    encode(data, inspect(data), tmp_path / "here")
    command = [*prefix, sys.executable, "-c", ENCODE_ELSEWHERE, str(source), str(tmp_path / "there")]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    subprocess.run(command, check=True, env=surroundings)
    assert snapshot(tmp_path / "here") == snapshot(tmp_path / "there")
