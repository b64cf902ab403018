"""Typed document collections on one SQLite file: real-time reads, and writes that apply all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date

from engines.base import Collection, Document, Unchanged, Unfinished, Write
from engines.embedded.database import BUSY_SECONDS, Database, sqlite_errors
from engines.embedded.workers import Workers
from profiles.errors import WriteConflict

_CHUNK = 500  # keys named in one statement; SQLite allows 32,766, longer statements gain nothing

_SCRUB_MILLISECONDS = 2000  # reads take milliseconds; whoever reads longer is not waited for: the next purge empties the log


class SqliteReads:
    """`ReadDocuments` on one half of a store.    closing: what `close` does, for the half that closes the store."""

    def __init__(
        self,
        database: Database,
        collections: frozenset[Collection],
        workers: Workers,
        closing: Callable[[], None] = lambda: None,
    ) -> None:
        self._closing = closing
        self._database = database
        self._collections = collections
        self._workers = workers

    async def get(self, collection: Collection, key: str) -> Document | None:
        """The document, or None."""
        return (await self.get_many(collection, (key,))).get(key)

    async def get_many(self, collection: Collection, keys: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by key."""
        table = self._table(collection)
        wanted = [key for key in keys if _storable(key)]
        if not wanted:
            return {}
        return await self._workers.read(lambda: self._load(table, wanted))

    async def scan(self, collection: Collection, after: str = "", batch: int = 1000) -> AsyncIterator[Document]:
        """Every document with a key greater than `after`, in key order."""
        table = self._table(collection)
        while True:
            documents = await self._workers.read(lambda start=after: self._page(table, start, batch))  # type: ignore[misc]  # a default binds the loop's value
            for document in documents:
                yield document
            if len(documents) < batch:
                return
            after = documents[-1].key

    async def due(self, collection: Collection, until: date, batch: int = 1000) -> AsyncIterator[Document]:
        """Every document whose `due` day is on or before `until`, in key order; those changed meanwhile are looked at again."""
        table, day = self._table(collection), until.isoformat()
        keys = await self._workers.read(lambda: self._due_keys(table, day))
        for start in range(0, len(keys), batch):
            part = keys[start : start + batch]
            found = await self._workers.read(lambda part=part: self._load(table, part, day))  # type: ignore[misc]  # as above
            for key in part:
                if key in found:
                    yield found[key]

    async def count(self, collection: Collection) -> int:
        """Number of documents."""
        table = self._table(collection)

        def work() -> int:
            with sqlite_errors(self._database.path):
                return int(self._database.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  # a Collection

        return await self._workers.read(work)

    async def all_keys(self, collection: Collection) -> frozenset[str]:
        """Every key of a small collection, as of now."""
        table = self._table(collection)

        def work() -> frozenset[str]:
            with sqlite_errors(self._database.path):
                return frozenset(key for (key,) in self._database.connection().execute(f"SELECT key FROM {table}"))  # noqa: S608  # a Collection

        return await self._workers.read(work)

    async def close(self) -> None:
        """Release files and connections."""
        await asyncio.to_thread(self._closing)

    def _table(self, collection: Collection) -> Collection:
        if collection not in self._collections:
            raise ValueError(f"{collection} is not in this half of the store")
        return Collection(collection)

    def _load(self, table: Collection, keys: Sequence[str], day: str | None = None) -> dict[str, Document]:
        due = "" if day is None else " AND due <= ?"
        tail = () if day is None else (day,)
        found: dict[str, Document] = {}
        with sqlite_errors(self._database.path):
            connection = self._database.connection()
            for part, marks in _chunks(keys):
                sql = f"SELECT key, version, body FROM {table} WHERE key IN ({marks}){due}"  # noqa: S608  # table is a Collection
                for key, version, body in connection.execute(sql, (*part, *tail)):
                    found[key] = Document(key, body, version)
        return found

    def _page(self, table: Collection, after: str, batch: int) -> list[Document]:
        sql = f"SELECT key, body, version FROM {table} WHERE key > ? ORDER BY key LIMIT ?"  # noqa: S608  # table is a Collection
        with sqlite_errors(self._database.path):
            return [Document(*row) for row in self._database.connection().execute(sql, (after, batch))]

    def _due_keys(self, table: Collection, day: str) -> list[str]:
        sql = f"SELECT key FROM {table} WHERE due <= ? ORDER BY key"  # noqa: S608  # table is a Collection
        with sqlite_errors(self._database.path):
            return [row[0] for row in self._database.connection().execute(sql, (day,))]


class SqliteWrites(SqliteReads):
    """`WriteDocuments` on one half of a store."""

    atomic = True

    async def write(self, writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        """Apply all writes or none; durable when it returns. Returns the outbox sequence (0 for the service half, which has none)."""
        by_collection: dict[Collection, list[Write]] = {}
        for write in writes:
            if write.collection not in by_collection:
                by_collection[self._table(write.collection)] = []
            by_collection[write.collection].append(write)
        read: dict[Collection, dict[str, int]] = {}
        for document in rests_on:
            read.setdefault(self._table(document.collection), {})[document.key] = document.version
        return await self._workers.write(lambda: self._apply(by_collection, read))

    async def scrub(self, *, wait: bool = False) -> bool:
        """Empty the write-ahead log, the one place where deleted content stays (`secure_delete` overwrites it in the file itself)."""
        return await self._workers.write(self._scrub)

    def _scrub(self) -> bool:
        with sqlite_errors(self._database.path):
            connection = self._database.connection()
            connection.execute(f"PRAGMA busy_timeout = {_SCRUB_MILLISECONDS}")
            try:
                busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        return not busy

    async def unfinished(self) -> Unfinished:
        """Nothing: a call is applied whole or not at all."""
        return Unfinished()

    async def settled(self, left: Unfinished) -> None:
        """Nothing to do: see `unfinished`."""

    def _apply(self, by_collection: dict[Collection, list[Write]], read: dict[Collection, dict[str, int]]) -> int:
        with sqlite_errors(self._database.path):
            connection = self._database.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                for collection, versions in read.items():
                    now = _versions(connection, collection, list(versions))
                    if any(now.get(key, 0) != version for key, version in versions.items()):
                        raise WriteConflict(f"{collection}: a document changed since it was read; read it again and retry")
                for collection, writes in by_collection.items():
                    _apply_to(connection, collection, writes)
                sequence = newest_sequence(connection) if Collection.PROFILES in self._collections else 0
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return sequence


def newest_sequence(connection: sqlite3.Connection) -> int:
    """The sequence of the newest outbox entry ever made, trimmed or not."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return int(row[0]) if row else 0


def _apply_to(connection: sqlite3.Connection, collection: Collection, writes: Sequence[Write]) -> None:
    """Check every `expected` in the order given, then write each key's last state once."""
    versions = _versions(connection, collection, list({write.key for write in writes}))
    stored = set(versions)
    last: dict[str, Write] = {}
    for write in writes:
        current = versions.get(write.key, 0)
        if write.expected is not None and write.expected != current:
            raise WriteConflict(f"{collection}: a document changed since it was read; read it again and retry")
        versions[write.key] = 0 if write.body is None else current + 1
        last[write.key] = write
    gone = [key for key, write in last.items() if write.body is None and key in stored]
    puts = [write for write in last.values() if write.body is not None]
    is_profiles = collection is Collection.PROFILES
    if gone:
        if is_profiles:  # before the rows are gone: the index knows a profile by its row
            _note(connection, gone, "INSERT INTO outbox (row) SELECT row")
        connection.executemany(f"DELETE FROM {collection} WHERE key = ?", [(key,) for key in gone])  # noqa: S608  # a Collection
    columns = ["key", "version", "due", "body", *(["changed"] if is_profiles else [])]
    sequence = newest_sequence(connection) + 1 if is_profiles else 0
    rows = [
        (write.key, versions[write.key], write.due and write.due.isoformat(), write.body, sequence + n)[: len(columns)]
        for n, write in enumerate(puts)
    ]
    connection.executemany(
        f"INSERT INTO {collection} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # a Collection
        f" ON CONFLICT (key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns[1:])}",
        rows,
    )
    if is_profiles:
        _note(connection, [write.key for write in puts], "INSERT INTO outbox (sequence, row) SELECT changed, row")


def _versions(connection: sqlite3.Connection, collection: Collection, keys: Sequence[str]) -> dict[str, int]:
    """The versions of those of the documents that exist."""
    versions: dict[str, int] = {}
    for part, marks in _chunks(keys):
        versions.update(connection.execute(f"SELECT key, version FROM {collection} WHERE key IN ({marks})", part))  # noqa: S608  # a Collection
    return versions


def _note(connection: sqlite3.Connection, keys: Sequence[str], insert: str) -> None:
    for part, marks in _chunks(keys):
        connection.execute(f"{insert} FROM profiles WHERE key IN ({marks})", part)


def _chunks(keys: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        yield part, ",".join("?" * len(part))


def _storable(key: str) -> bool:
    """Whether a text can be a key at all: a lone surrogate cannot be stored, so nothing is found by it."""
    return key.isascii() or not any("\ud800" <= character <= "\udfff" for character in key)
