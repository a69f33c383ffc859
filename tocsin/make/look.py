"""Looking at the files of an output while something else is done.

To ask the file system about 100,000 files takes a third of a second. The answer is wanted late, so where
there is a second processor a forked process asks, and this one goes on.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import threading
from collections.abc import Callable
from pathlib import Path

from tocsin.forks import CAN_FORK
from tocsin.ledger.register import Register

# Of fewer files a fork takes longer than to look at them.
WORTH_A_PROCESS = 2_000


class TouchedFiles:
    """The files of a tree that are missing or that no longer have the stamps with which they were left.

    `begin` looks in another process, if that is allowed and worth it; `paths` waits for what that has found,
    or looks itself. What another process cannot tell is never taken for "none".
    """

    def __init__(self, root: Path, files: Callable[[], Register]) -> None:
        self._top = f"{root}{os.sep}"
        self._files = files
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
            answer = memoryview(marshal.dumps(self._look()))
            while answer:
                answer = answer[os.write(theirs, answer) :]
            status = 0
        os._exit(status)

    def _look(self) -> list[str]:
        return self._files().differing(self._top, os.lstat)

    def paths(self) -> list[str]:
        """What was found."""
        if self._found is None:
            answer = self._answer()
            self._found = self._look() if answer is None else answer
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
