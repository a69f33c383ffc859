"""Measures one command as a whole process: how long, how much work, how much memory.

Each command runs below a helper of its own: a fresh, small interpreter, which runs this file as a program. It
has no other children, so what the system tells it about its children is about the command alone; and a child
that leaves its parent comes to the helper, so its work is counted as well. Linux only.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# How often the memory of the tree is looked at, in seconds.
EVERY = 0.05
# The proportional set size takes a walk over all pages: only where the tree has grown so, or after so long.
GROWN, AGAIN = 1.02, 1.0
# After so many seconds a command is given up.
LIMIT = 3600.0
REFERENCE_LOOPS = 1_500_000
MEGABYTE = 1_000_000


class MeasureError(Exception):
    """A command that failed, or of which something could not be measured."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run. Seconds; bytes.

    `cpu` is user and system time of the command and all that it started. `largest` is the peak resident size
    of its largest process; `tree` the peak of all its processes together, shared pages counted once (the sum
    of their proportional set sizes); `tree_resident` the same with shared pages counted in each process.
    `reference` is how long a fixed loop took on all processors just before: the noise of the machine.
    """

    wall: float
    user: float
    system: float
    largest: int
    tree: int
    tree_resident: int
    processes: int
    reference: float
    load: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Measure:
    """Run `command` in `folder`; raise `MeasureError` with the end of what it said where it fails."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        said, told = Path(place, "said"), Path(place, "told")
        order = json.dumps({"command": [*command], "said": str(said), "told": str(told), "limit": LIMIT})
        helper = [sys.executable, "-I", "-S", __file__, order]
        # Settings for Python programs, such as that no bytecode be kept, are those of whoever develops.
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        variables = {**own, **(environment or {})}
        ended = subprocess.run(
            helper, cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False
        )
        if ended.returncode:
            reason = (ended.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise MeasureError(f"{_shown(command)} could not be measured: {reason}")
        record = json.loads(told.read_text(encoding="utf-8"))
        tail = "\n".join(said.read_text(errors="replace").splitlines()[-15:])
    if record.pop("gave_up"):
        raise MeasureError(f"{_shown(command)} took longer than {LIMIT:.0f} s and was ended:\n{tail}")
    if record.pop("status") != 0:
        raise MeasureError(f"{_shown(command)} failed:\n{tail}")
    if left := record.pop("left"):
        raise MeasureError(f"{_shown(command)} left {left} processes behind, whose work would not be counted")
    found = Measure(**record)
    if min(found.wall, found.largest, found.tree, found.processes) <= 0:
        raise MeasureError(f"{_shown(command)}: something was not measured: {asdict(found)}")
    return found


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])


# From here on: the helper.


def _help(order: str) -> None:
    import resource

    wanted = json.loads(order)
    _adopt_orphans()
    reference = reference_loop()
    load = os.getloadavg()[0]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.sync()  # what the last run wrote is not written back at the cost of this one
    watch = _Watch(os.getpid())
    with Path(wanted["said"]).open("wb") as said:
        begun = time.perf_counter()
        process = subprocess.Popen(wanted["command"], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        status = watch.until_end_of(process, wanted["limit"])
        wall = watch.ended - begun
    left = _count_left()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    record = {
        "status": status,
        "gave_up": watch.gave_up,
        "left": left,
        "wall": wall,
        "user": used.ru_utime - before.ru_utime,
        "system": used.ru_stime - before.ru_stime,
        "largest": used.ru_maxrss * 1024,
        "tree": max(watch.shared_once, used.ru_maxrss * 1024),
        "tree_resident": max(watch.resident, used.ru_maxrss * 1024),
        "processes": max(watch.processes, 1),
        "reference": reference,
        "load": load,
    }
    Path(wanted["told"]).write_text(json.dumps(record))


def _adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent ends (PR_SET_CHILD_SUBREAPER)."""
    import ctypes

    subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system does not hand over orphaned processes")


def reference_loop() -> float:
    """A fixed loop on every processor at once: the seconds that the slowest took."""
    begun = time.perf_counter()
    children = []
    for _ in range(len(os.sched_getaffinity(0))):
        pid = os.fork()
        if pid == 0:
            total = 0
            for number in range(REFERENCE_LOOPS):
                total += number & 7
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return time.perf_counter() - begun


def _count_left() -> int:
    """How many processes outlive the command by more than a moment."""
    for _ in range(40):
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid == 0:
            time.sleep(0.05)
    return _end(os.getpid())


def _end(helper: int) -> int:
    """End whatever runs below the helper; returns how many processes that was."""
    running = _descendants(helper)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return len(running)


class _Watch:
    """Looks at the memory of a process and of all that it started, until it ends."""

    def __init__(self, helper: int) -> None:
        self.helper = helper
        self.resident = self.shared_once = self.processes = 0
        self.ended = 0.0
        self.gave_up = False
        self._walked_at_size, self._walked_at = 0.0, 0.0
        self._page = os.sysconf("SC_PAGE_SIZE")

    def until_end_of(self, process: subprocess.Popen[bytes], limit: float) -> int:
        # The first looks come soon: many a run is over within a tenth of a second.
        pause = EVERY / 10
        descriptor = os.pidfd_open(process.pid)
        last = time.perf_counter() + limit
        while not select.select([descriptor], [], [], pause)[0]:
            self._look()
            if time.perf_counter() > last:
                self.gave_up = True
                _end(self.helper)
            pause = min(pause * 1.5, EVERY)
        self.ended = time.perf_counter()
        os.close(descriptor)
        return process.wait()

    def _look(self) -> None:
        tree = _descendants(self.helper)
        size = sum(self._resident(pid) for pid in tree)
        self.resident = max(self.resident, size)
        self.processes = max(self.processes, len(tree))
        now = time.perf_counter()
        if size > self._walked_at_size * GROWN or now - self._walked_at > AGAIN:
            self._walked_at_size, self._walked_at = float(size), now
            self.shared_once = max(self.shared_once, sum(_proportional(pid) for pid in tree))

    def _resident(self, pid: int) -> int:
        try:
            return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * self._page
        except (OSError, IndexError):
            return 0  # it has just ended


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = _children(pid)
    while waiting:
        child = waiting.pop()
        found.append(child)
        waiting += _children(child)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(word) for word in (task / "children").read_text().split()]
    except OSError:
        pass  # it has just ended
    return found


if __name__ == "__main__":
    _help(sys.argv[1])
