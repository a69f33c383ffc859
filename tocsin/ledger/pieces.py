"""A dictionary in pieces: read where it is asked, and kept where it was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tocsin.ledger.register import Read


class Pieces:
    """Plain data by key. `place` names the piece that a key lies in; `read` gives what was kept of it."""

    def __init__(self, name: str, read: Read, place: Callable[[Any], Any]) -> None:
        self._name = name
        self._read = read
        self._place = place
        self._pieces: dict[str, dict[Any, Any]] = {}
        self._changed: set[str] = set()

    def name(self, key: Any) -> str:
        """The name of the piece that a key lies in."""
        return f"{self._name}:{self._place(key)}"

    def piece(self, name: str) -> dict[Any, Any]:
        """All of one piece."""
        if name not in self._pieces:
            self._pieces[name] = self._read(name, {})
        return self._pieces[name]

    def keys(self, count: int) -> set[Any]:
        """All keys, where pieces are numbered from 0 to `count` - 1."""
        return {key for number in range(count) for key in self.piece(f"{self._name}:{number}")}

    def get(self, key: Any) -> Any:
        """The value of a key, or None."""
        return self.piece(self.name(key)).get(key)

    def set(self, key: Any, value: Any) -> None:
        """Change a value; None takes it away."""
        name = self.name(key)
        piece = self.piece(name)
        if piece.get(key) == value:
            return
        if value is None:
            del piece[key]
        else:
            piece[key] = value
        self._changed.add(name)

    def mark(self, key: Any) -> None:
        """Say that a value was changed in its place."""
        self._changed.add(self.name(key))

    def changed(self) -> Iterable[tuple[str, Any]]:
        """The pieces to keep: those that are not as they were read."""
        return [(name, self.piece(name)) for name in sorted(self._changed)]

    def settle(self) -> None:
        """What was changed has been kept."""
        self._changed.clear()
