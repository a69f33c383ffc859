"""Work on all processors: forked workers that inherit what was loaded and send back plain data.

Where the platform cannot fork (Windows) or one worker is asked for, the same work runs in this process, with
the same results in the same order.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tocsin import errors
from tocsin.errors import BuildError, ContentError, TocsinError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Piece = TypeVar("Piece")

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def run(work: Callable[[Piece], Any], pieces: Sequence[Piece], workers: int) -> Iterator[tuple[int, Any]]:
    """Yield `(number of the piece, work(piece))` as results come in, in any order.

    Results are sent by `marshal`: numbers, text, bytes, tuples, lists and dictionaries. An error in a worker
    is raised here with its own message; a worker that dies is a `BuildError`.
    """
    workers = min(workers, len(pieces))
    if workers < 2 or not CAN_FORK or threading.active_count() > 1:
        for number, piece in enumerate(pieces):
            yield number, work(piece)
        return
    yield from _forked(work, pieces, workers)


def _forked(work: Callable[[Piece], Any], pieces: Sequence[Piece], workers: int) -> Iterator[tuple[int, Any]]:
    from multiprocessing.connection import wait  # not needed where there is nothing to do

    gc.freeze()
    pipes: dict[Connection, int] = {}
    waiting = iter(range(len(pieces)))
    try:
        for _ in range(workers):
            pipe, pid = _start(work, pieces, list(pipes))
            pipes[pipe] = pid
            _give(pipe, next(waiting, None))
        while pipes:
            for pipe in cast("list[Connection]", wait(list(pipes))):
                try:
                    number, result, failure = marshal.loads(pipe.recv_bytes())  # noqa: S302 - from our own worker
                except (EOFError, ConnectionResetError):
                    _bury(pipe, pipes.pop(pipe))
                    continue
                if failure is not None:
                    raise _raised(*failure)
                _give(pipe, next(waiting, None))
                yield number, result
    finally:
        gc.unfreeze()
        _stop(pipes)


def _stop(pipes: dict[Connection, int]) -> None:
    """End the workers of work that was given up; what they have staged is thrown away with the rest."""
    for pipe, pid in pipes.items():
        pipe.close()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


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


def _bury(pipe: Connection, pid: int) -> None:
    """A worker has closed its pipe: rightly after its last piece, or because it died."""
    pipe.close()
    status = os.waitpid(pid, 0)[1]
    if status:
        raise BuildError(
            f"a worker died ({_cause(status)}); run the build again, with '--jobs 1' if it recurs"
        )


def _cause(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"killed by signal {-code}" if code < 0 else f"exit status {code}"


def _start(
    work: Callable[[Piece], Any], pieces: Sequence[Piece], parents_ends: list[Connection]
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
        for end in (here, *parents_ends):
            end.close()
        _serve(work, pieces, there)
        status = 0
    except (EOFError, ConnectionError):
        status = 0  # the parent has given up and said why
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown, and the process ends
        traceback.print_exc()
    os._exit(status)


def _serve(work: Callable[[Piece], Any], pieces: Sequence[Piece], pipe: Connection) -> None:
    while (number := marshal.loads(pipe.recv_bytes())) is not None:  # noqa: S302 - from our own parent
        try:
            answer: tuple[int, Any, tuple[str, str] | None] = (number, work(pieces[number]), None)
        except TocsinError as error:
            answer = (number, None, (type(error).__name__, str(error)))
        except Exception as error:  # noqa: BLE001 - sent to the parent, which raises it
            answer = (
                number,
                None,
                ("BuildError", f"{type(error).__name__}: {error}\n{traceback.format_exc()}"),
            )
        pipe.send_bytes(marshal.dumps(answer))
