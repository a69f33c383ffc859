"""A file of named plain data (SQLite) in which every value is checked when it is read.

Values are what `marshal` knows: numbers, text, bytes, tuples, lists, dictionaries. Pickles would run code
when loaded; `marshal` would crash on damaged bytes, so each value carries a digest, of its name as well, and
is loaded only where that matches. A store that cannot be read is thrown away: it only ever holds what can be
made again.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import marshal
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tocsin.errors import BuildError, DamagedStoreError

_DIGEST = 8
_DAMAGED = "what was remembered from earlier builds is damaged"
_VERSION = 4
# The form of `marshal` that tells nothing of which objects are one and the same.
_UNSHARED = 0
# The format of `marshal` follows the Python that wrote it.
FORMAT = f"2 {_VERSION} {sys.implementation.cache_tag}"
# What SQLite says where the file may be whole but cannot be used now. All else it says is damage.
_IN_THE_WAY = {
    sqlite3.SQLITE_BUSY: "is in use by another build for too long; wait until that is done",
    sqlite3.SQLITE_LOCKED: "is in use by another build for too long; wait until that is done",
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see whose file it is",
    sqlite3.SQLITE_PERM: "cannot be opened; see whose file it is",
    sqlite3.SQLITE_READONLY: "cannot be written; see whose file it is",
}


def pack(name: str, value: Any) -> bytes:
    """A value as bytes that are checked when they are read under this name."""
    data = marshal.dumps(value, _VERSION)
    return _digest(name, data) + data


def unpack(name: str, data: Any) -> Any:
    """The value of checked bytes; raise `DamagedStoreError` where they are not whole, or another's."""
    if not isinstance(data, bytes) or _digest(name, data[_DIGEST:]) != data[:_DIGEST]:
        raise DamagedStoreError(_DAMAGED)
    return marshal.loads(data[_DIGEST:])  # noqa: S302 - the digest says that we wrote it


def _digest(name: str, data: bytes) -> bytes:
    found = hashlib.blake2b(name.encode(), digest_size=_DIGEST)
    found.update(b"\0")
    found.update(data)
    return found.digest()


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
        except DamagedStoreError:
            self.discard()
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            _prepare(connection)
        except (sqlite3.Error, DamagedStoreError) as error:
            if connection is not None:
                connection.close()
            raise self._told(error) from error
        return connection

    def _told(self, error: Exception) -> BuildError:
        """What an error means for the one who builds."""
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in _IN_THE_WAY and code != sqlite3.SQLITE_READONLY_DBMOVED:  # moved: thrown away
            return BuildError(f"{self.path.parent.name}/{self.path.name} {_IN_THE_WAY[code & 0xFF]}")
        return DamagedStoreError(_DAMAGED)

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
        except sqlite3.Error as error:
            raise self._told(error) from error
        return None if row is None else unpack(name, row[0])

    def names(self, prefix: str) -> list[str]:
        """All names that begin with `prefix`."""
        try:
            rows = self.connection.execute(
                "SELECT name FROM item WHERE name >= ? AND name < ?", (prefix, prefix + "\U0010ffff")
            )
            return [str(name) for (name,) in rows]
        except sqlite3.Error as error:
            raise self._told(error) from error

    def put(
        self,
        values: Iterable[tuple[str, Any]],
        removed: Iterable[str] = (),
        packed: Iterable[tuple[str, bytes]] = (),
    ) -> None:
        """Keep values and forget names, all or nothing; `packed` are values as `pack` has made them."""
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM item WHERE name = ?", ((name,) for name in removed))
            rows = itertools.chain(((name, pack(name, value)) for name, value in values), packed)
            connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?)", rows)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.rollback()
            if isinstance(error, sqlite3.Error):
                raise self._told(error) from error
            raise


def _prepare(connection: sqlite3.Connection) -> None:
    """Make an empty file a store; raise `DamagedStoreError` where it is something else."""
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    # What is lost with the power is made again; SQLite's journal keeps what a killed process leaves.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
    wanted = "SELECT data FROM item WHERE name = 'format'"
    row = connection.execute(wanted).fetchone()
    if row is None:  # two processes may make the file at once
        connection.execute("INSERT OR IGNORE INTO item VALUES ('format', ?)", (pack("format", FORMAT),))
        row = connection.execute(wanted).fetchone()
    if row is None or unpack("format", row[0]) != FORMAT:
        raise DamagedStoreError(_DAMAGED)


@functools.lru_cache(maxsize=65_536)  # every facet and output of an item asks for the same few names
def shard(name: str, shards: int) -> int:
    """A number from 0 to `shards` - 1 for a name, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=2).digest(), "big") % shards


def digest(value: Any) -> bytes:
    """A digest of plain data. Equal values give equal digests whatever objects they share."""
    try:
        data = marshal.dumps(value, _UNSHARED)
    except ValueError:  # text or tuples of kinds of their own
        data = repr(value).encode()
    return hashlib.blake2b(data, digest_size=12).digest()


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
