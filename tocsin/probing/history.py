"""What changed from one look at all mirrors to the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tocsin.files import write_atomically
from tocsin.probing.faults import State

FORM = 1
MOST = 100


class Change(NamedTuple):
    """A mirror that is in another state than before. `at` is an instant in RFC 3339."""

    at: str
    name: str
    before: State | None
    after: State


@dataclass(frozen=True, slots=True)
class History:
    """The state of every mirror, since when it is in it, and the newest changes, the last one first."""

    states: Mapping[str, tuple[State, str]]
    changes: tuple[Change, ...] = ()

    def after(self, seen: Iterable[tuple[str, State]], at: datetime) -> History:
        """The history with one look more. What readers are told the same of is no change."""
        states, changes = {}, list(self.changes)
        for name, state in seen:
            before = self.states.get(name)
            if before and _told(before[0]) == _told(state):
                states[name] = (state, before[1])
                continue
            states[name] = (state, at.isoformat())
            changes.insert(0, Change(at.isoformat(), name, before[0] if before else None, state))
        return History(states, tuple(one for one in changes if one.name in states)[:MOST])


def _told(state: State) -> State:
    return State.GOOD if state is State.NOTED else state


def read_history(file: Path) -> History:
    """What is remembered; an empty one where there is none, or where it is damaged."""
    try:
        record = json.loads(file.read_bytes())
        if record["form"] != FORM:
            return History({})
        states = {name: (State(state), str(since)) for name, (state, since) in record["states"].items()}
        changes = tuple(
            Change(str(at), str(name), None if before is None else State(before), State(after))
            for at, name, before, after in record["changes"]
        )
        for instant in (*(since for _, since in states.values()), *(one.at for one in changes)):
            datetime.fromisoformat(instant)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return History({})
    return History(states, changes)


def write_history(file: Path, history: History) -> None:
    """Remember it."""
    record = {"form": FORM, "states": dict(history.states), "changes": history.changes}
    write_atomically(file, json.dumps(record, sort_keys=True).encode() + b"\n")
