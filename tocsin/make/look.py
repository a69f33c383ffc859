"""Looking at the files of an output while something else is done.

To ask the file system about 100,000 files takes a quarter of a second. The answer is wanted late, so where
there is a second processor a forked process asks, and this one goes on. When this one has nothing else to do,
it helps: the other goes through the pieces upwards, this one downwards, until they meet.
"""

from __future__ import annotations

import contextlib
import marshal
import mmap
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tocsin.forks import CAN_FORK
from tocsin.ledger.register import PIECES, Register, below

# Of fewer files a fork takes longer than to look at them.
WORTH_A_PROCESS = 2_000


class Meeting:
    """Where two processes stand that take the same pieces from both ends.

    Either says that it begins with a piece, and then looks at it: none is left out, and at worst both look at
    one.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 2)  # how many pieces were begun from below, and from above

    def upwards(self) -> Iterator[int]:
        """The pieces from the first that the other has not begun."""
        for number in range(PIECES):
            if number + self._shared[1] >= PIECES:
                return
            self._shared[0] = number + 1
            yield number

    def downwards(self) -> Iterator[int]:
        """The pieces from the last that the other has not begun."""
        for begun in range(PIECES):
            if begun + self._shared[0] >= PIECES:
                return
            self._shared[1] = begun + 1
            yield PIECES - 1 - begun


class TouchedFiles:
    """The files of a tree that are missing or that no longer have the stamps with which they were left.

    `begin` looks in another process, if that is allowed and worth it; `paths` waits for what that has found,
    or looks itself. What another process cannot tell is never taken for "none".
    """

    def __init__(self, root: Path, files: Callable[[], Register]) -> None:
        self._root = root
        self._files = files
        self._meeting = Meeting()
        self._pid = 0
        self._pipe = -1
        self._found: list[str] | None = None

    def begin(self, count: int, workers: int) -> None:
        """Begin to look at about `count` files."""
        if workers < 2 or count < WORTH_A_PROCESS or not CAN_FORK or threading.active_count() > 1:
            return
        self._pipe, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid:
            os.close(theirs)
            return
        status = 1
        with contextlib.suppress(BaseException):
            os.close(self._pipe)
            answer = memoryview(marshal.dumps(self._look(self._meeting.upwards())))
            while answer:
                answer = answer[os.write(theirs, answer) :]
            status = 0
        os._exit(status)

    def _look(self, pieces: Iterable[int] = range(PIECES)) -> list[str]:
        with below(self._root, is_link_followed=False) as look:
            return self._files().differing(look, pieces)

    def paths(self) -> list[str]:
        """What was found."""
        if self._found is None:
            helped = self._look(self._meeting.downwards()) if self._pid else []
            answer = self._answer()
            self._found = self._look() if answer is None else sorted({*answer, *helped})
        return self._found

    def _answer(self) -> list[str] | None:
        """What the other process found; None where there is none, or it failed."""
        if not self._pid:
            return None
        with open(self._pipe, "rb") as pipe:  # noqa: PTH123 - a pipe has no path
            data = pipe.read()
        pid, self._pid = self._pid, 0
        found: list[str] | None = None
        if os.waitpid(pid, 0)[1] == 0:
            found = marshal.loads(data)  # noqa: S302 - from our own process
        return found

    def close(self) -> None:
        """Wait for the other process, whatever it finds."""
        self._answer()
