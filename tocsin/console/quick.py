"""The answer to a build that has nothing to do, without importing what builds.

Timers and hooks build often; most of the time nothing has changed. This looks at the stamps of all sources
and outputs and at the clock, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.errors import BuildError
from tocsin.files import Output
from tocsin.ledger.sources import unchanged
from tocsin.ledger.store import Store
from tocsin.make.select import touched_files
from tocsin.make.state import State

STATE = ".tocsin"
# Kinds of files that the program consists of; they count as sources.
CODE = (("tocsin", "**/*.py"), ("plugins", "*.py"), (".", "*conf.py"), (".", "requirements.lock"))


def state_path(root: Path, output: Path) -> Path:
    """Where the state of an output tree is kept: outside what contributors can write."""
    name = hashlib.blake2b(str(output).encode(), digest_size=6).hexdigest()
    return root / STATE / f"output-{name}.sqlite"


def nothing_to_do(root: Path, output: Path, at: datetime, *, drafts: bool) -> dict[str, Any] | None:
    """The numbers of the last build where a build as of `at` would make exactly the same files, else None."""
    path = state_path(root, output)
    if not path.is_file() or (output.parent / f".{output.name}.stage").exists():
        return None
    state = State(Store(path), frozenset())
    try:
        state.load()
        head = state.head
        if head["drafts"] != drafts or not _same_time(head, at) or Output(output).mark != head["save"]:
            return None
        if not unchanged(root, state.value("sources", {}).items()):
            return None
        if touched_files(output, state.value("files", {})):
            return None
    except (BuildError, AttributeError, KeyError, TypeError, ValueError):
        return None
    finally:
        state.store.close()
    numbers: dict[str, Any] = head["numbers"]
    return numbers


def _same_time(head: Mapping[str, Any], at: datetime) -> bool:
    """True where no embargo, deadline or expiry lies between the last build and this one."""
    next_change = head["next_change"]
    return datetime.fromisoformat(head["as_of"]) <= at and (
        next_change is None or at < datetime.fromisoformat(next_change)
    )
