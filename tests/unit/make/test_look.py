"""The output is looked at by another process, and the answer is the same as if this one had looked."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ledger.register import PIECES, Register
from tocsin.make import look
from tocsin.make.look import Meeting, TouchedFiles
from tocsin.make.select import take_down


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in "abc":
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


@pytest.fixture
def files(tree: Path) -> Any:
    made = Register("files", lambda name, default: default)
    take_down(tree, made, [(name, ("job", name)) for name in "abc"])
    kept = dict(made.changed())
    return lambda: Register("files", lambda name, default: kept.get(name, default))


@pytest.fixture(params=["another process", "this process"])
def workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(look, "WORTH_A_PROCESS", 1)
    return 2 if request.param == "another process" else 1


def test_what_was_touched_is_found_and_found_once(tree, files, workers):
    touched = TouchedFiles(tree, files)
    (tree / "b").unlink()
    touched.begin(3, workers)
    assert touched.paths() == ["b"]
    (tree / "c").unlink()
    assert touched.paths() == ["b"]
    touched.close()


def test_nothing_is_nothing(tree, files, workers):
    touched = TouchedFiles(tree, files)
    touched.begin(3, workers)
    assert touched.paths() == []


def test_who_asks_without_beginning_looks_himself(tree, files):
    (tree / "a").unlink()
    assert TouchedFiles(tree, files).paths() == ["a"]


def test_a_process_that_fails_is_not_one_that_found_nothing(tree, files, workers):
    mine = os.getpid()

    def only_here() -> Register:
        if os.getpid() != mine:
            raise ValueError("not here")
        return files()

    (tree / "a").unlink()
    touched = TouchedFiles(tree, only_here)
    touched.begin(3, workers)
    assert touched.paths() == ["a"]


def test_a_process_whose_answer_nobody_wants_is_not_left_behind(tree, files, workers):
    touched = TouchedFiles(tree, files)
    touched.begin(3, workers)
    touched.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@given(st.lists(st.booleans(), max_size=3 * PIECES))
def test_who_goes_up_and_who_goes_down_leave_no_piece_out(turns):
    meeting = Meeting()
    both = {True: meeting.upwards(), False: meeting.downwards()}
    seen = [piece for turn in turns if (piece := next(both[turn], None)) is not None]
    seen += [*both[True], *both[False]]
    assert sorted(seen) == list(range(PIECES))


def test_who_helps_finds_what_the_other_has_not_come_to(tree, files, workers, monkeypatch):
    (tree / "a").unlink()
    (tree / "c").unlink()
    monkeypatch.setattr(Meeting, "upwards", lambda meeting: iter(()))
    touched = TouchedFiles(tree, files)
    touched.begin(3, workers)
    assert touched.paths() == ["a", "c"]
