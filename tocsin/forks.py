"""Work on all processors: forked workers that inherit what was loaded and send back plain data.

Where the platform cannot fork (Windows) or one worker is asked for, the same work runs in this process, with
the same results in the same order.

Work on what strangers wrote has limits. It is then done in a worker also where one is enough, since a
process that ran out of memory, or that hangs in C code, can only be ended. A worker notes what it is at in
memory that it shares with this process, which costs no message.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from tocsin import errors
from tocsin.errors import BuildError, ContentError, TocsinError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Piece = TypeVar("Piece")

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"


class Limits(NamedTuple):
    """What one step of a piece of work may take: seconds, and bytes beside what the process had before."""

    seconds: float
    memory: int


class Lost(NamedTuple):
    """In place of a result: at which step of the piece its worker had to be ended, or died, and how."""

    step: int
    cause: str  # "time", "memory", or what killed it

    def said(self, limits: Limits) -> str:
        """What to say of whatever was worked on at that step."""
        if self.cause == "time":
            return f"takes more than {limits.seconds:g} s"
        if self.cause == "memory":
            return f"takes more than {limits.memory // 1_000_000} MB of memory"
        return f"makes the program that reads it crash ({self.cause})"


# The exit status of a worker whose memory was not enough.
_OUT_OF_MEMORY = 86
# Bytes of a worker's note: when the step that it is at began, and its number, -1 for none.
_NOTE: Final = 16
_note: Callable[[int], None] | None = None


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage in cycles: a build makes millions of lasting objects, and next to none of that."""
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


def step(number: int) -> None:
    """Note that the work begins with a step of its piece: from now on the limits count anew."""
    if _note is not None:
        _note(number)


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def run(
    work: Callable[[Piece], Any], pieces: Sequence[Piece], workers: int, limits: Limits | None = None
) -> Iterator[tuple[int, Any]]:
    """Yield `(number of the piece, work(piece))` as results come in, in any order.

    Results are sent by `marshal`: numbers, text, bytes, tuples, lists and dictionaries. An error in a worker
    is raised here with its own message; a worker that dies is a `BuildError`. With `limits`, the work tells
    its steps by `step`, and one that exceeds them, or kills its worker, gives `Lost` in place of the result.
    """
    workers = min(workers, len(pieces))
    fewest = 2 if limits is None else 1
    if workers < fewest or not CAN_FORK or threading.active_count() > 1:
        yield from _here(work, pieces, limits)
        return
    yield from _forked(work, pieces, workers, limits)


class _OutOfTimeError(BaseException):
    """Raised by an alarm wherever the work is; not an `Exception`, so that nothing takes it for its own."""


def _here(
    work: Callable[[Piece], Any], pieces: Sequence[Piece], limits: Limits | None
) -> Iterator[tuple[int, Any]]:
    """In this process, where time alone can be limited, and only what comes back to Python."""
    for number, piece in enumerate(pieces):
        if limits is None:
            yield number, work(piece)
            continue
        with _alarm(limits.seconds) as steps:
            try:
                result = work(piece)
            except (_OutOfTimeError, MemoryError) as error:
                result = Lost(steps[-1], "memory" if isinstance(error, MemoryError) else "time")
        yield number, result


@contextmanager
def _alarm(seconds: float) -> Iterator[list[int]]:
    """Raise `_OutOfTimeError` when a step takes longer; where signals cannot be had, only note the steps."""
    global _note
    steps = [0]
    can_ring = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def begin(number: int) -> None:
        steps.append(number)
        if can_ring:
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def ring(*_: object) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGALRM, ring) if can_ring else None
    _note = begin
    try:
        yield steps
    finally:
        _note = None
        if can_ring:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


class _Worker:
    """A forked process: its number, its place on the board, and the piece that it was given."""

    def __init__(self, pid: int, place: int, piece: int | None) -> None:
        self.pid = pid
        self.place = place
        self.piece = piece


class _Board:
    """Where workers note what they are at, for whoever watches them."""

    def __init__(self, workers: int, limits: Limits | None) -> None:
        self.limits = limits
        # One view for each sort of number. Each is written at once: `struct` would write noughts first, which
        # somebody could read.
        memory = memoryview(mmap.mmap(-1, max(1, workers) * _NOTE))
        self.begun, self.steps = memory.cast("d"), memory.cast("q")
        self.free = list(range(workers))

    def note(self, place: int, number: int) -> None:
        """Note the step that the worker at `place` begins."""
        self.begun[2 * place] = time.monotonic()  # first: a new step with an old time would be late
        self.steps[2 * place + 1] = number

    def take(self) -> int:
        """A place for a new worker."""
        place = self.free.pop()
        self.note(place, -1)
        return place

    def step_at(self, place: int) -> int:
        """The step that the worker at `place` is at; -1 for none."""
        return self.steps[2 * place + 1]

    def left(self, place: int) -> float | None:
        """How many seconds are left for the step at `place`; None where none is counted."""
        if self.limits is None or self.step_at(place) < 0:
            return None
        return self.begun[2 * place] + self.limits.seconds - time.monotonic()

    def is_late(self, place: int) -> bool:
        """True where the time for the step at `place` is over, also at a second look."""
        for _ in range(2):
            left = self.left(place)
            if left is None or left > 0:
                return False
            time.sleep(0.001)
        return True

    def patience(self, workers: Iterator[_Worker]) -> float | None:
        """How long nothing can happen that is not told by a message."""
        if self.limits is None:
            return None
        left = [seconds for worker in workers if (seconds := self.left(worker.place)) is not None]
        # A worker that has noted nothing yet may begin a step at any time.
        return max(0.01, min([*left, self.limits.seconds]))


def _forked(
    work: Callable[[Piece], Any], pieces: Sequence[Piece], workers: int, limits: Limits | None
) -> Iterator[tuple[int, Any]]:
    from multiprocessing.connection import wait  # not needed where there is nothing to do

    gc.freeze()
    pipes: dict[Connection, _Worker] = {}
    board = _Board(workers, limits)
    waiting = iter(range(len(pieces)))
    try:
        for _ in range(workers):
            _employ(work, pieces, pipes, board, next(waiting, None))
        while pipes:
            for pipe in cast("list[Connection]", wait(list(pipes), board.patience(iter(pipes.values())))):
                try:
                    number, result, failure = marshal.loads(pipe.recv_bytes())  # noqa: S302 - from our own worker
                except (EOFError, ConnectionResetError):
                    if lost := _bury(pipe, pipes.pop(pipe), board):
                        yield lost
                        _employ(work, pieces, pipes, board, next(waiting, None))
                    continue
                if failure is not None:
                    raise _raised(*failure)
                pipes[pipe].piece = next(waiting, None)
                _give(pipe, pipes[pipe].piece)
                yield number, result
            for pipe, worker in list(pipes.items()):
                if board.is_late(worker.place):
                    yield _end(pipe, pipes.pop(pipe), board)
                    _employ(work, pieces, pipes, board, next(waiting, None))
    finally:
        gc.unfreeze()
        _stop(pipes)


def _employ(
    work: Callable[[Piece], Any],
    pieces: Sequence[Piece],
    pipes: dict[Connection, _Worker],
    board: _Board,
    piece: int | None,
) -> None:
    """Start a worker with its first piece; none where nothing is left to do."""
    if piece is None:
        return
    place = board.take()
    pipe, pid = _start(work, pieces, list(pipes), board, place)
    pipes[pipe] = _Worker(pid, place, piece)
    _give(pipe, piece)


def _end(pipe: Connection, worker: _Worker, board: _Board) -> tuple[int, Lost]:
    """End a worker that has taken too long."""
    lost = Lost(board.step_at(worker.place), "time")
    _stop({pipe: worker})
    board.free.append(worker.place)
    return cast(int, worker.piece), lost


def _stop(pipes: dict[Connection, _Worker]) -> None:
    """End the workers of work that was given up; what they have staged is thrown away with the rest."""
    for pipe, worker in pipes.items():
        pipe.close()
        os.kill(worker.pid, signal.SIGKILL)
        os.waitpid(worker.pid, 0)


def _raised(kind: str, message: str) -> TocsinError:
    """The error of a worker as this process raises it: of its own kind where a sentence makes one."""
    found = getattr(errors, kind, BuildError)
    return (
        found(message)
        if issubclass(found, TocsinError) and found is not ContentError
        else BuildError(message)
    )


def _give(pipe: Connection, number: int | None) -> None:
    try:
        pipe.send_bytes(marshal.dumps(number))
    except BrokenPipeError:
        pass  # it has died meanwhile, which is noticed and told when its answer is read


def _bury(pipe: Connection, worker: _Worker, board: _Board) -> tuple[int, Lost] | None:
    """A worker has closed its pipe: rightly after its last piece, or because it died."""
    pipe.close()
    status = os.waitpid(worker.pid, 0)[1]
    board.free.append(worker.place)
    if not status:
        return None
    code, at = os.waitstatus_to_exitcode(status), board.step_at(worker.place)
    if (
        board.limits is not None
        and worker.piece is not None
        and at >= 0
        and (code < 0 or code == _OUT_OF_MEMORY)
    ):
        # Libraries in C++ and Rust abort where they get no memory.
        is_memory = code in (_OUT_OF_MEMORY, -signal.SIGABRT)
        return worker.piece, Lost(at, "memory" if is_memory else signal.Signals(-code).name)
    cause = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    raise BuildError(f"a worker died ({cause}); run the build again, with '--jobs 1' if it recurs")


def _start(
    work: Callable[[Piece], Any],
    pieces: Sequence[Piece],
    parents_ends: list[Connection],
    board: _Board,
    place: int,
) -> tuple[Connection, int]:
    from multiprocessing import Pipe

    here, there = Pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        there.close()
        return here, pid
    status = 1
    try:
        # The parent alone answers Ctrl-C. Its ends of all pipes are closed here, or other workers would not
        # notice that the parent is gone.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        gc.enable()  # see `uncollected`
        for end in (here, *parents_ends):
            end.close()
        if board.limits is not None:
            _limit(board, place)
        _serve(work, pieces, there, board, place)
        status = 0
    except (EOFError, ConnectionError):
        status = 0  # the parent has given up and said why
    except MemoryError:
        status = _OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown, and the process ends
        import traceback

        traceback.print_exc()
    os._exit(status)


def _limit(board: _Board, place: int) -> None:
    """In a worker: note its steps, and let the system refuse it more memory than it may have."""
    global _note
    _note = lambda number: board.note(place, number)  # noqa: E731
    limits = cast(Limits, board.limits)
    try:
        import resource

        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - no path is made of it
            now = int(file.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = now + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
    except (ImportError, OSError, ValueError):
        pass  # a system that does not count so: its time is limited still


def _serve(
    work: Callable[[Piece], Any], pieces: Sequence[Piece], pipe: Connection, board: _Board, place: int
) -> None:
    while (number := marshal.loads(pipe.recv_bytes())) is not None:  # noqa: S302 - from our own parent
        try:
            answer: tuple[int, Any, tuple[str, str] | None] = (number, work(pieces[number]), None)
        except TocsinError as error:
            answer = (number, None, (type(error).__name__, str(error)))
        except MemoryError:
            if board.limits is not None:
                raise
            answer = (number, None, ("BuildError", "there is not enough memory"))
        except Exception as error:  # noqa: BLE001 - sent to the parent, which raises it
            import traceback

            answer = (
                number,
                None,
                ("BuildError", f"{type(error).__name__}: {error}\n{traceback.format_exc()}"),
            )
        board.note(place, -1)
        pipe.send_bytes(marshal.dumps(answer))
