"""The answer to a build that has nothing to do, without importing what builds.

Timers and hooks build often; most of the time nothing has changed. This looks at the stamps of all sources
and outputs and at the clock, and nothing else. What it saw is handed on to a build that has something to do.
The modules that it imports hold no dataclasses, which need `inspect`: a tenth of the time until the answer.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.errors import BuildError, DamagedStoreError
from tocsin.files import Output
from tocsin.ledger.register import Register, below
from tocsin.ledger.store import Store
from tocsin.make.look import TouchedFiles
from tocsin.make.state import State

STATE = ".tocsin"
# Kinds of files that the program consists of; they count as sources.
CODE = (("tocsin", "**/*.py"), ("plugins", "*.py"), (".", "*conf.py"), (".", "requirements.lock"))
# The part of the sources that grows with the site, and all that need be known of it is spread over pieces.
SPREAD = "content/"
# So many files are read each time because their stamps are not known; of more, stamps are taken down.
FEW = 1_000


def state_path(root: Path, output: Path) -> Path:
    """Where the state of an output tree is kept: outside what contributors can write."""
    name = hashlib.blake2b(str(output).encode(), digest_size=6).hexdigest()
    return root / STATE / f"output-{name}.sqlite"


def sources_in(state: State) -> Register:
    """The sources that the state knows, with their digests."""
    return Register("sources", state.value, SPREAD)


def files_in(state: State) -> Register:
    """The files of the output that the state knows, with the jobs that made them."""
    return Register("files", state.value)


class Look:
    """What was seen of the site that the save `save` has left, at or after `begun` (in nanoseconds).

    `differing` are the sources whose stamps are others; `numbers` those of the last build, where a build
    would make exactly the same files.
    """

    def __init__(self, begun: int) -> None:
        self.begun = begun
        self.save = ""
        self.differing: frozenset[str] = frozenset()
        self.touched: TouchedFiles | None = None
        self.numbers: dict[str, Any] | None = None

    def close(self) -> None:
        """End what is under way."""
        if self.touched is not None:
            self.touched.close()


def look(root: Path, output: Path, at: datetime, *, drafts: bool, workers: int = 1) -> Look:
    """Look whether there is anything to do. Nothing is known where there is no past that can be trusted."""
    found = Look(time.time_ns())
    path = state_path(root, output)
    if not path.is_file() or (output.parent / f".{output.name}.stage").exists():
        return found
    state = State(Store(path), frozenset())
    try:
        _look(found, state, root, output, workers)
        if not found.save or state.head["drafts"] != drafts or not is_same_time(state.head, at):
            return found
        if not _is_same_after_all(root, state, found.differing) or (found.touched and found.touched.paths()):
            return found
        found.numbers = state.head["numbers"]
    except (BuildError, AttributeError, KeyError, TypeError, ValueError):
        found.close()
        return Look(found.begun)
    finally:
        state.store.close()
    return found


def _look(found: Look, state: State, root: Path, output: Path, workers: int) -> None:
    state.load()
    if not state.head or Output(output).mark != state.head["save"]:
        return
    save, path = state.head["save"], state.store.path
    found.touched = TouchedFiles(output, lambda: _files_at(path, save))
    state.store.close()  # a connection does not survive a fork
    found.touched.begin(state.head["numbers"]["files"], workers)
    with below(root, is_link_followed=True) as look_at:
        found.differing = frozenset(sources_in(state).differing(look_at))
    found.save = save


def _files_at(path: Path, save: str) -> Register:
    """The files of the output as one save has left them, read by whichever process asks."""
    state = State(Store(path), frozenset())
    state.load()
    if state.head.get("save") != save:
        raise DamagedStoreError("another build has ended meanwhile")
    return files_in(state)


def _is_same_after_all(root: Path, state: State, differing: frozenset[str]) -> bool:
    """True where the few files with other stamps still have their digests."""
    if not differing:
        return True
    from tocsin.ledger.sources import is_unchanged

    sources = sources_in(state)
    known = ((path, sources.get(path)) for path in differing)
    return len(differing) <= FEW and all(
        kept is not None and is_unchanged(root, path, *kept) for path, kept in known
    )


def nothing_to_do(
    root: Path, output: Path, at: datetime, *, drafts: bool, workers: int = 1
) -> dict[str, Any] | None:
    """The numbers of the last build where a build as of `at` would make exactly the same files, else None."""
    found = look(root, output, at, drafts=drafts, workers=workers)
    found.close()
    return found.numbers


def is_same_time(head: Mapping[str, Any], at: datetime) -> bool:
    """True where no embargo, deadline or expiry lies between the last build and this one."""
    next_change = head["next_change"]
    return datetime.fromisoformat(head["as_of"]) <= at and (
        next_change is None or at < datetime.fromisoformat(next_change)
    )
