"""A publisher in a process of its own, for tests to kill: `python -m tests.integration.publisher ROOT COUNT`.

`mirrors.toml` and `deploy.toml` below ROOT name one mirror. Its releases have a large file, so that programs
which send it slowly are in the middle of it for long.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests import mirror_editions as small
from tocsin.mirrors.configured import load_reached
from tocsin.mirrors.everywhere import publish_everywhere
from tocsin.mirrors.publishing import Outcome
from tocsin.signed.edition import Edition

LARGE, CHANGED = "i/large.webp", "s/words.json"
SIZE = 1_500_000
ROOT = Path(__file__).parents[2]


@cache
def edition(count: int) -> Edition:
    """The first release; one with a large new file, or one that changes one; the next, without it."""
    noise = random.Random(count).randbytes(SIZE)
    files = {
        1: small.first() | {CHANGED: b"{}"},
        2: small.second() | {CHANGED: b"{}", LARGE: noise},
        3: small.withdrawn() | {CHANGED: b"{}"},
        4: small.second() | {CHANGED: noise},
    }
    return small.edition_of(files[count], count)


def publish(root: Path, count: int) -> Outcome:
    """Publish a release to the one mirror that there is."""
    reached = load_reached(root)
    return publish_everywhere(root, reached, {small.ID: edition(count)}, small.unseen())[0]


def start(root: Path, count: int) -> subprocess.Popen[bytes]:
    """Begin to publish in another process, which a signal ends as it ends one of an editor."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.publisher", str(root), str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background has this signal ignored, and so would the publisher.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


if __name__ == "__main__":
    done = publish(Path(sys.argv[1]), int(sys.argv[2]))
    raise SystemExit("; ".join(done.faults) or 0)
