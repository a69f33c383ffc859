"""The pool of forked workers: one that dies costs its own piece and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from tocsin.errors import BuildError
from tocsin.pictures.pool import run

pytestmark = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork"
)


def ignore(_piece):
    pass


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_piece_is_done_once_and_faults_are_kept_by_number(workers):
    finished = []
    faults = run(20, lambda piece: f"bad {piece}" if piece % 7 == 3 else None, workers, finished.append)
    assert faults == {3: "bad 3", 10: "bad 10", 17: "bad 17"}
    assert sorted(finished) == list(range(20))


def test_a_worker_that_crashes_is_replaced_and_its_piece_named():
    def work(piece):
        if piece in {1, 4}:
            os.kill(os.getpid(), signal.SIGKILL)

    finished = []
    faults = run(6, work, 2, finished.append)
    words = "crashes the decoder (SIGKILL); save it anew or scale it down"
    assert faults == {1: words, 4: words}
    assert sorted(finished) == list(range(6))


def test_a_piece_that_never_ends_is_stopped_and_named():
    def work(piece):
        if piece == 0:
            time.sleep(60)

    begin = time.monotonic()
    faults = run(4, work, 2, ignore, seconds=0.5)
    assert faults == {0: "takes too long to decode; save it anew or scale it down"}
    assert time.monotonic() - begin < 10


def test_a_mistake_in_the_work_itself_stops_everything(capfd):
    def work(piece):
        return f"{1 // (piece - 2)}" and None

    with pytest.raises(BuildError, match=r"^A picture worker failed at piece 2; the trace above says where$"):
        run(5, work, 2, ignore)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_no_process_is_left_when_the_caller_is_interrupted():
    def interrupt(_piece):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(5, lambda _: None, 2, interrupt)
    assert multiprocessing.active_children() == []
