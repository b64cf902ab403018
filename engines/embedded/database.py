"""One SQLite file of a store: its tables, its connections (one per thread) and what its errors mean."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engines.base import CONTACTS, Collection
from profiles.errors import StoreBusy, StoreUnavailable, StoreVersion

SCHEMA_VERSION = 2
BUSY_SECONDS = 30.0  # a bulk write of 2,000 documents holds the lock under 0.2 s; a hundred waiting in line still get their turn
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_REASONS = {
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
    sqlite3.SQLITE_NOTADB: "is damaged; restore it from a backup",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_READONLY: "may only be read here",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: may this user write to its folder? Reading needs that, too",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; is it full?",
}

# Profiles carry a row id that is never reused: the search index knows a profile by it. changed: the outbox sequence of the last write,
# which stays when the outbox is shortened.
_PROFILES = (
    "CREATE TABLE profiles (row INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, version INTEGER, due TEXT, body BLOB,"
    " changed INTEGER NOT NULL)"
)
_CHANGED = "CREATE UNIQUE INDEX profiles_changed ON profiles (changed)"
_OUTBOX = "CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL)"


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as roster's: StoreBusy after the lock timeout, otherwise StoreUnavailable. No SQL and no value is repeated."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _LOCKED:
            raise StoreBusy(f"{path} is being written by another process") from None
        reason = _REASONS.get(code, f"cannot be used ({getattr(error, 'sqlite_errorname', type(error).__name__)})")
        raise StoreUnavailable(f"{path} {reason}") from None


class Database:
    """One file and its connections. Every thread gets its own; `close` ends them all."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    def connection(self) -> sqlite3.Connection:
        """The connection of the calling thread. Raises sqlite3.Error: call it inside `sqlite_errors`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        return connection if connection is not None else self._connect()

    def _connect(self) -> sqlite3.Connection:
        # mode=ro and query_only: two locks on one door. Missing files are never created here, see `create`.
        uri = f"{self.path.absolute().as_uri()}?mode={'ro' if self.read_only else 'rw'}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")
        if self.read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted or replaced is overwritten with zeros
        with self._guard:
            self._all.append(connection)
        self._local.connection = connection
        return connection

    def facts(self) -> dict[str, str]:
        """The rows of the `store` table: schema, identity, trimmed."""
        with sqlite_errors(self.path):
            return dict(self.connection().execute("SELECT name, value FROM store"))

    def check(self) -> None:
        """Raises StoreUnavailable when the file is missing, empty or damaged, StoreVersion when another version wrote it."""
        if not self.path.is_file():
            raise StoreUnavailable(f"there is no {self.path}: `roster sources add` makes a store")
        with sqlite_errors(self.path):
            tables = self.connection().execute("SELECT count(*) FROM sqlite_master WHERE name = 'store'").fetchone()[0]
        if not tables:
            raise StoreUnavailable(f"{self.path} holds no roster store: `roster sources add` makes one")
        found = self.facts().get("schema", "none")
        if found != str(SCHEMA_VERSION):
            raise StoreVersion(
                f"{self.path} has schema {found}, this version of roster reads schema {SCHEMA_VERSION}: use the roster that"
                " wrote it, or ingest the feeds again into a new store (`roster --store embedded:NEW ingest ...`)"
            )

    def close(self) -> None:
        """Close every connection. The threads using them must be done."""
        with self._guard:
            connections, self._all = self._all, []
            self._local = threading.local()
        for connection in connections:
            connection.close()


def create(path: Path, collections: frozenset[Collection]) -> None:
    """Make the file and its tables unless they are there. The caller holds the store's creation lock."""
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _statements(collections):
                    connection.execute(statement)
                facts = [("schema", str(SCHEMA_VERSION)), ("identity", uuid.uuid4().hex), ("trimmed", "0")]
                connection.executemany("INSERT INTO store VALUES (?, ?)", facts)
            connection.execute("COMMIT")
        finally:
            connection.close()


def complete(path: Path, collections: frozenset[Collection]) -> None:
    """Add to an older file the collections that came since it was made. A file that holds no store stays as it is."""
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "store" not in tables or tables >= set(map(str, collections)):
                return
            connection.execute("BEGIN IMMEDIATE")
            for statement in _statements(collections):
                connection.execute(statement)
            connection.execute("COMMIT")
        finally:
            connection.close()


def _statements(collections: frozenset[Collection]) -> Iterator[str]:
    yield "CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
    for collection in sorted(collections):
        if collection is Collection.PROFILES:
            yield _PROFILES
            yield _CHANGED
        else:
            yield f"CREATE TABLE IF NOT EXISTS {collection} (key TEXT PRIMARY KEY NOT NULL, version INTEGER, due TEXT, body BLOB)"
        yield f"CREATE INDEX IF NOT EXISTS {collection}_due ON {collection} (due) WHERE due IS NOT NULL"
    if collections == CONTACTS:
        yield _OUTBOX
