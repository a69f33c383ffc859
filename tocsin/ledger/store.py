"""A file of named plain data (SQLite) in which every value is checked when it is read.

Values are what `marshal` knows: numbers, text, bytes, tuples, lists, dictionaries. Pickles would run code
when loaded; `marshal` would crash on damaged bytes, so each value carries a digest and is loaded only where
that matches. A store that cannot be read is thrown away: it only ever holds what can be made again.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tocsin.errors import DamagedStoreError

_DIGEST = 8
_DAMAGED = "what was remembered from earlier builds is damaged"
_VERSION = 4
# The format of `marshal` follows the Python that wrote it.
FORMAT = f"{_VERSION} {sys.implementation.cache_tag}"


def pack(value: Any) -> bytes:
    """A value as checked bytes."""
    data = marshal.dumps(value, _VERSION)
    return hashlib.blake2b(data, digest_size=_DIGEST).digest() + data


def unpack(data: bytes) -> Any:
    """The value of checked bytes; raise `DamagedStoreError` where they are not whole."""
    body = data[_DIGEST:]
    if hashlib.blake2b(body, digest_size=_DIGEST).digest() != data[:_DIGEST]:
        raise DamagedStoreError(_DAMAGED)
    return marshal.loads(body)  # noqa: S302 - the digest says that we wrote it


class Store:
    """Named values in one file. Open it in the process that uses it: a connection does not survive a fork."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pid = 0
        self._connection: sqlite3.Connection | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """This process's connection, made when first needed."""
        if self._connection is None or self._pid != os.getpid():
            self._connection = self._open()
            self._pid = os.getpid()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except (sqlite3.DatabaseError, DamagedStoreError):
            self.discard()
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode=TRUNCATE")
        # What is lost with the power is made again; SQLite's journal keeps what a killed process leaves.
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
        row = connection.execute("SELECT data FROM item WHERE name = 'format'").fetchone()
        if row is None:
            connection.execute("INSERT INTO item VALUES ('format', ?)", (pack(FORMAT),))
        elif unpack(row[0]) != FORMAT:
            connection.close()
            raise DamagedStoreError(_DAMAGED)
        return connection

    def discard(self) -> None:
        """Throw the file away."""
        self.close()
        for ending in ("", "-journal"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        if self._connection is not None and self._pid == os.getpid():
            self._connection.close()
        self._connection = None

    def get(self, name: str) -> Any:
        """The value of a name, or None; raise `DamagedStoreError` where it cannot be trusted."""
        try:
            row = self.connection.execute("SELECT data FROM item WHERE name = ?", (name,)).fetchone()
            return None if row is None else unpack(row[0])
        except (sqlite3.DatabaseError, TypeError) as error:
            raise DamagedStoreError(_DAMAGED) from error

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`."""
        try:
            rows = self.connection.execute(
                "SELECT name FROM item WHERE name >= ? AND name < ?", (prefix, prefix + "\U0010ffff")
            )
            return [name for (name,) in rows]
        except sqlite3.DatabaseError as error:
            raise DamagedStoreError(_DAMAGED) from error

    def put(self, values: Iterable[tuple[str, Any]], removed: Iterable[str] = ()) -> None:
        """Keep values and forget names, all or nothing."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("DELETE FROM item WHERE name = ?", ((name,) for name in removed))
            connection.executemany(
                "INSERT OR REPLACE INTO item VALUES (?, ?)", ((name, pack(value)) for name, value in values)
            )
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def shard(name: str, shards: int) -> int:
    """A number from 0 to `shards` - 1 for a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=2).digest(), "big") % shards


def digest(value: Any) -> bytes:
    """A digest of plain data. Equal values give equal digests whatever objects they share."""
    return hashlib.blake2b(repr(value).encode(), digest_size=12).digest()


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of up to `size` values."""
    chunk: list[Any] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
