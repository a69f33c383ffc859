"""Work on what strangers wrote may hang, eat memory or crash: that costs one step, which is named."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
import threading
import time

import pytest

from tocsin import forks
from tocsin.errors import BuildError
from tocsin.forks import Limits, Lost

LIMITS = Limits(seconds=0.4, memory=200_000_000)
forking = pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")


def work(piece):
    """Take the steps of a piece in turn; each is what happens there."""
    done = []
    for number, what in enumerate(piece):
        forks.step(number)
        if what == "hang":
            while True:
                time.sleep(0.01)
        elif what == "hang in C":
            # Holds the lock of the interpreter: no signal handler of Python gets its turn.
            ctypes.PyDLL(None).usleep(20_000_000)
        elif what == "trap":
            re.fullmatch(r"(a+)+b", "a" * 60)
        elif what == "eat":
            done.append(len(bytearray(2_000_000_000)))
        elif what == "crash":
            faulthandler.disable()  # pytest's own would tell it at length
            os.kill(os.getpid(), signal.SIGSEGV)
        else:
            done.append(what)
    return done


def results(pieces, workers, limits=LIMITS):
    return dict(forks.run(work, pieces, workers, limits))


@forking
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("what", "cause"),
    [("hang", "time"), ("hang in C", "time"), ("trap", "time"), ("eat", "memory"), ("crash", "SIGSEGV")],
)
def test_a_step_beyond_its_limits_is_named_and_all_other_pieces_are_done(what, cause, workers):
    begun = time.monotonic()
    found = results([["a"], ["b", "c", what, "d"], ["e"], ["f"]], workers)
    assert found == {0: ["a"], 1: Lost(2, cause), 2: ["e"], 3: ["f"]}
    assert time.monotonic() - begun < 10


@forking
def test_no_process_is_left_behind():
    results([["hang"], ["crash"], ["a"]], 2)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@forking
def test_time_is_counted_for_each_step_anew():
    def slow(piece):
        for number in range(piece):
            forks.step(number)
            time.sleep(0.15)
        return piece

    assert dict(forks.run(slow, [5, 4], 2, LIMITS)) == {0: 5, 1: 4}


@forking
def test_ten_thousand_quick_steps_are_never_taken_for_one_that_is_late():
    """What a worker notes is read while it is written."""

    def quick(piece):
        for number in range(piece):
            forks.step(number)
        return piece

    pieces = [2_000] * 300
    for _ in range(3):
        assert dict(forks.run(quick, pieces, 2, Limits(60, 10**9))) == dict(enumerate(pieces))


@forking
def test_an_error_of_the_work_is_still_an_error():
    def fail(piece):
        forks.step(0)
        raise ValueError(piece)

    with pytest.raises(BuildError, match="ValueError: x"):
        dict(forks.run(fail, ["x"], 1, LIMITS))


@forking
def test_a_worker_that_dies_outside_of_all_steps_is_a_failure_of_the_program():
    def die(piece):
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(BuildError, match="a worker died"):
        dict(forks.run(die, ["x"], 1, LIMITS))


@pytest.mark.parametrize("what", ["hang", "trap"])
def test_where_nothing_can_be_forked_an_alarm_ends_the_step(what, monkeypatch):
    monkeypatch.setattr(forks, "CAN_FORK", False)
    before = signal.getsignal(signal.SIGALRM)
    assert results([["a"], ["b", what], ["c"]], 2) == {0: ["a"], 1: Lost(1, "time"), 2: ["c"]}
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_in_a_thread_the_work_is_done_without_an_alarm():
    found = {}
    thread = threading.Thread(target=lambda: found.update(results([["a"], ["b"]], 2)))
    thread.start()
    thread.join()
    assert found == {0: ["a"], 1: ["b"]}


def test_what_is_said_of_a_step_that_was_lost():
    assert Lost(0, "time").said(LIMITS) == "takes more than 0.4 s"
    assert Lost(0, "memory").said(LIMITS) == "takes more than 200 MB of memory"
    assert Lost(0, "SIGSEGV").said(LIMITS) == "makes the program that reads it crash (SIGSEGV)"
