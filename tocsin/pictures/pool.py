"""Numbered work on several processors, in forked processes that may die.

Forking lets the work be described by closures over what is already loaded; nothing but numbers and words
crosses the pipes. Codecs are C code fed with strangers' files: a process that crashes, is killed for its
memory, or never ends costs the one piece it was at, which is named, and not the build. `concurrent.futures`
would give up on all.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from tocsin.errors import BuildError

if TYPE_CHECKING:  # Windows has neither.
    from multiprocessing.context import ForkContext, ForkProcess

MAX_SECONDS = 300.0
"""How long one piece may take; the largest acceptable picture takes a few seconds on an old laptop."""

Work = Callable[[int], str | None]
"""Does the piece of that number; returns what is wrong with it, or None."""


def run(
    count: int, work: Work, workers: int, done: Callable[[int], None], seconds: float = MAX_SECONDS
) -> dict[int, str]:
    """Do pieces 0 to `count` - 1 in up to `workers` processes; return the faults by number.

    `done` is called here, in the calling process, after each piece, in the order in which they end. Raises
    `BuildError` if a worker fails by a mistake in the work itself. Where there is no fork, all is done here.
    """
    faults: dict[int, str] = {}
    if "fork" in multiprocessing.get_all_start_methods():
        results = _forked(count, work, min(workers, count), seconds)
    else:
        results = ((piece, work(piece)) for piece in range(count))
    for piece, fault in results:
        if fault is not None:
            faults[piece] = fault
        done(piece)
    return faults


class _Worker:
    """One process and our end of the pipe to it."""

    def __init__(self, context: ForkContext, work: Work, others: list[Connection]) -> None:
        self.pipe, theirs = context.Pipe()
        self.process: ForkProcess = context.Process(
            target=_serve, args=(work, theirs, [self.pipe, *others]), daemon=True
        )
        self.process.start()
        theirs.close()
        self.piece = -1
        self.deadline = 0.0

    def give(self, piece: int, seconds: float) -> None:
        self.piece = piece
        self.deadline = time.monotonic() + seconds
        self.pipe.send(piece)

    def answer(self) -> str | None:
        """What the worker says of its piece. Raises `EOFError` if it is dead."""
        reply: str | None = self.pipe.recv()
        return reply

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(work: Work, pipe: Connection, parents_ends: list[Connection]) -> None:
    # The parent alone answers Ctrl+C. Its ends are closed here, or no worker would notice that it is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for end in parents_ends:
        end.close()
    while True:
        try:
            piece = pipe.recv()
        except EOFError:
            return
        pipe.send(work(piece))


def _forked(count: int, work: Work, workers: int, seconds: float) -> Iterator[tuple[int, str | None]]:
    context = multiprocessing.get_context("fork")
    pieces = iter(range(count))
    busy: list[_Worker] = []
    idle: list[_Worker] = []
    try:
        while True:
            while len(busy) < workers and (piece := next(pieces, -1)) >= 0:
                worker = idle.pop() if idle else _Worker(context, work, [other.pipe for other in busy])
                worker.give(piece, seconds)
                busy.append(worker)
            if not busy:
                return
            for worker, fault, alive in _settled(busy):
                busy.remove(worker)
                if alive:
                    idle.append(worker)
                else:
                    worker.stop()
                yield worker.piece, fault
    finally:
        for worker in [*busy, *idle]:
            worker.stop()


def _settled(busy: list[_Worker]) -> list[tuple[_Worker, str | None, bool]]:
    """Wait until a worker has answered, died or run out of time: each with its fault and whether it lives."""
    patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
    ready = wait([worker.pipe for worker in busy], timeout=patience)
    settled: list[tuple[_Worker, str | None, bool]] = []
    for worker in busy:
        if worker.pipe in ready:
            try:
                settled.append((worker, worker.answer(), True))
            except (EOFError, ConnectionResetError):
                settled.append((worker, _cause_of_death(worker), False))
        elif time.monotonic() >= worker.deadline:
            settled.append((worker, "takes too long to decode; save it anew or scale it down", False))
    return settled


def _cause_of_death(worker: _Worker) -> str:
    worker.process.join()
    code = worker.process.exitcode or 0
    if code >= 0:
        # An exception in Python, already shown with its trace: our mistake, not the picture's.
        raise BuildError(f"A picture worker failed at piece {worker.piece}; the trace above says where")
    return f"crashes the decoder ({signal.Signals(-code).name}); save it anew or scale it down"
