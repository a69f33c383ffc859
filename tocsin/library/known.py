"""What a load leaves for the next one: entries, findings, lists, and what references were checked against.

It lies in pieces, so that an edit of one item reads and writes a few of them, however large the site is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.ledger.pieces import Pieces
from tocsin.ledger.register import Read
from tocsin.ledger.store import shard
from tocsin.library.entry import Entry
from tocsin.library.lists import Lists, lists_of

if TYPE_CHECKING:
    from tocsin.library.cache import PlainFinding

PIECES = 64
# The reasons for which items are hidden that were public once, and that were withdrawn before they were.
WITHDRAWN = "was withdrawn"
NEVER_PUBLIC = "was withdrawn before it was public"


@dataclass(slots=True)
class Loaded:
    """What a whole load found. `referents` are the digest of shared data, the keys that could be referred to,
    and the digest of those that could not; `read_with` is what reading depends on beside the files.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    warnings: dict[str, list[PlainFinding]] = field(default_factory=dict)
    checked: dict[str, list[PlainFinding]] = field(default_factory=dict)
    whole: list[PlainFinding] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    referents: tuple[bytes, frozenset[str], bytes] = (b"", frozenset(), b"")
    read_with: tuple[str, ...] = ()

    def findings(self) -> Iterator[PlainFinding]:
        """All that there is to say."""
        return _all_of(self.warnings, self.checked, self.whole)


def _all_of(
    warnings: Mapping[str, list[PlainFinding]],
    checked: Mapping[str, list[PlainFinding]],
    whole: list[PlainFinding],
) -> Iterator[PlainFinding]:
    for by_key in (warnings, checked):
        for findings in by_key.values():
            yield from findings
    yield from whole


class Entries(Mapping[str, Entry]):
    """Entries by key, without those that are `hidden`; read when they are asked for."""

    def __init__(self, pieces: Pieces, hidden: Iterable[str]) -> None:
        self._pieces = pieces
        self._hidden = frozenset(hidden)

    def __getitem__(self, key: str) -> Entry:
        plain = None if key in self._hidden else self._pieces.get(key)
        if plain is None:
            raise KeyError(key)
        return Entry(*plain)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._pieces.keys(PIECES) - self._hidden))

    def __len__(self) -> int:
        return len(self._pieces.keys(PIECES) - self._hidden)


class Known:
    """What was left, read when it is asked for, and what changed of it since."""

    def __init__(self, read: Read = lambda name, default: default) -> None:
        self._read = read
        self.entries = Pieces("entries", read, lambda key: shard(key, PIECES))
        self.values: dict[str, Any] = {}
        self._now: dict[str, Any] = {}

    def value(self, name: str, default: Any) -> Any:
        """One of the parts that are kept as wholes."""
        if name not in self.values:
            self.values[name] = self._read(name, default)
        return self._now.get(name, self.values[name])

    def set_value(self, name: str, value: Any) -> None:
        """Keep another value, if it is another."""
        if self.value(name, None) != value:
            self._now[name] = value

    @property
    def warnings(self) -> dict[str, list[PlainFinding]]:
        """What was found in items that have something to mend."""
        return dict(self.value("warnings", {}))

    @property
    def checked(self) -> dict[str, list[PlainFinding]]:
        """What was found between items and what they refer to, where there is something to say."""
        return dict(self.value("checked", {}))

    @property
    def whole(self) -> list[PlainFinding]:
        """What was found between all items."""
        return list(self.value("whole", []))

    def findings(self) -> Iterator[PlainFinding]:
        """All that there is to say."""
        return _all_of(self.warnings, self.checked, self.whole)

    @property
    def hidden(self) -> dict[str, str]:
        """The items that are not public, each with the reason."""
        return dict(self.value("hidden", {}))

    @property
    def referents(self) -> tuple[bytes, frozenset[str], bytes]:
        """As in `Loaded`."""
        found: tuple[bytes, frozenset[str], bytes] = self.value("referents", (b"", frozenset(), b""))
        return found

    @property
    def read_with(self) -> tuple[str, ...]:
        """As in `Loaded`."""
        return tuple(self.value("read-with", ()))

    def lists(self) -> Lists:
        """The lists of what is public."""
        plain = self.value("lists", None)
        if plain is not None:
            return Lists(*plain)
        return lists_of(Entries(self.entries, self.hidden), self.withdrawn())

    def withdrawn(self) -> dict[str, Entry]:
        """The items that were public once."""
        keys = sorted(key for key, reason in self.hidden.items() if reason == WITHDRAWN)
        return {key: Entry(*self.entries.get(key)) for key in keys}

    def take(self, loaded: Loaded, lists: Lists) -> frozenset[str]:
        """Make what was loaded the known; the items that came, went, changed, became public or hidden."""
        changed = set(loaded.hidden.keys() ^ self.hidden.keys())
        for key in self.entries.keys(PIECES) - loaded.entries.keys():
            self.entries.set(key, None)
            changed.add(key)
        for key, entry in loaded.entries.items():
            if self.entries.get(key) != entry:
                self.entries.set(key, tuple(entry))
                changed.add(key)
        for name in ("warnings", "checked", "whole", "hidden", "referents"):
            self.set_value(name, getattr(loaded, name))
        self.set_value("read-with", loaded.read_with)
        self.set_value("lists", tuple(lists))
        return frozenset(changed)

    def changed(self) -> Iterable[tuple[str, Any]]:
        """The pieces to keep."""
        return [*self.entries.changed(), *self._now.items()]
