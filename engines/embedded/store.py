"""An embedded store put together: its two SQLite files, its index, and which of them a process may write."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from engines.base import CONTACTS, SERVICE, Reader, Writer
from engines.embedded.admin import EmbeddedIndex
from engines.embedded.changes import SqliteChanges
from engines.embedded.database import Database, complete, create
from engines.embedded.documents import SqliteReads, SqliteWrites
from engines.embedded.index_files import IndexFiles
from engines.embedded.schema import build_schema
from engines.embedded.search import EmbeddedSearch
from engines.embedded.snapshot import IndexView
from engines.embedded.workers import Workers
from mappings.reading import load_mapping
from profiles.errors import StoreBusy, StoreUnavailable

Today = Callable[[], date]


async def open_embedded_reader(path: Path, today: Today) -> Reader:
    """For a serving process: contacts are opened read-only. Raises StoreUnavailable, StoreVersion."""
    parts = await asyncio.to_thread(_Parts, path, today, False)
    return Reader(parts.reads, parts.service, parts.search, parts.index, parts.changes)


async def open_embedded_writer(path: Path, today: Today, create: bool = True) -> Writer:
    """For the indexer; create: whether a missing store is made. Raises StoreUnavailable, StoreVersion."""
    parts = await asyncio.to_thread(_Parts, path, today, True, create)
    return Writer(parts.writes, parts.service, parts.search, parts.index)


class _Parts:
    def __init__(self, path: Path, today: Today, writes: bool, create: bool = False) -> None:
        if writes and (create or (path / "contacts.sqlite").exists()):
            _create(path)
        if (path / "service.sqlite").is_file():
            complete(path / "service.sqlite", SERVICE)
        self._contacts = Database(path / "contacts.sqlite", read_only=not writes)
        self._service = Database(path / "service.sqlite", read_only=False)
        self._workers = Workers()
        try:
            self._contacts.check()
            _refuse_lost_list(path)
            self._service.check()
            schema = build_schema(load_mapping())
            files = IndexFiles(path / "search", schema.version, schema.fingerprint)
            view = IndexView(files, schema, self._contacts.facts()["identity"])
            self.index = EmbeddedIndex(files, view, self._contacts, self._workers, today, trims=writes)
            self.search = EmbeddedSearch(view, self._contacts, self._workers, today)
            if writes:
                self._create_index()
        except BaseException:
            self.close()
            raise
        # Every part shares the threads and files: closing contacts, which comes first, closes the store.
        self.service = SqliteWrites(self._service, SERVICE, self._workers)
        self.changes = SqliteChanges(self._contacts, self._workers)
        self.reads = SqliteReads(self._contacts, CONTACTS, self._workers, self.close)
        self.writes = SqliteWrites(self._contacts, CONTACTS, self._workers, self.close)

    def _create_index(self) -> None:
        try:
            self.index.create_if_new()
        except StoreBusy:  # another process is making it
            return

    def close(self) -> None:
        self._workers.close()
        self._contacts.close()
        self._service.close()


def _create(path: Path) -> None:
    """Make what is missing. A contacts file without its service file is refused: no empty suppression list may replace a lost one."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # personal data: the owner's alone, who may widen it
        with _creation_lock(path):
            contacts, service = path / "contacts.sqlite", path / "service.sqlite"
            if contacts.exists():
                _refuse_lost_list(path)
            create(service, SERVICE)
            create(contacts, CONTACTS)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be used as a store: {error.strerror}") from None


def _refuse_lost_list(path: Path) -> None:
    service = path / "service.sqlite"
    if not service.exists():
        raise StoreUnavailable(f"{service} is missing, and with it the suppression list: restore it from a backup")


@contextmanager
def _creation_lock(path: Path) -> Iterator[None]:
    handle = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
