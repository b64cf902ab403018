"""Promises of removal from an embedded store, tried by somebody who looks for the data in its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engines.base import Collection, Write
from indexer.expiry import expire
from profiles.models import ValueKind
from tests.indexer.conftest import TODAY, Desk
from tests.indexer.test_ingest import profiles, surname
from tests.indexer.test_remains import suppressed

Person = Callable[..., dict[str, Any]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Files that can be looked into are the embedded engine's."""
    return f"embedded:{tmp_path / 'store'}"


def holding(folder: Path, *texts: str) -> list[str]:
    """The files of the store in which a text can be read."""
    return [str(p) for p in folder.rglob("*") if p.is_file() if any(t.encode() in p.read_bytes() for t in texts)]


async def test_nothing_of_an_expired_value_can_be_read_in_the_files(desk: Desk, person: Person) -> None:
    """After `expire --yes` no file holds the address: not the database, its log, nor the search index; the others' are all there."""
    until = (TODAY + timedelta(days=5)).isoformat()
    rows = [person(n, f"Ada {surname(n)}", emails=[f"x{n}@firm.example"], skills=["Poetry"]) for n in range(300)]
    rows[150] |= {"emails": ["zyzzyva.quagga@firm.example"], "valid_until": until}
    await desk.ingest(rows)
    await desk.ingest([rows[150] | {"skills": ["Poetry", "Prose"]}])
    store = desk.folder / "store"
    assert len(holding(store, "zyzzyva.quagga", "zyzzyva")) >= 2
    await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=TODAY + timedelta(days=6), apply=True)
    assert holding(store, "zyzzyva", "quagga") == []
    assert len(await profiles(desk)) == 299


async def test_nothing_of_a_suppressed_person_can_be_read_in_the_database(desk: Desk, person: Person) -> None:
    """At once in the database and its log; in the search index with the next rebuild, which any expiry brings."""
    await desk.ingest([person(n, f"Ada {surname(n)}", emails=[f"x{n}@firm.example"]) for n in range(200)])
    await desk.ingest([person(900, "Zyzzyva Quagga", emails=["zyzzyva.quagga@firm.example"])])
    await suppressed(desk, ValueKind.EMAIL, "zyzzyva.quagga@firm.example")
    store = desk.folder / "store"
    assert not [file for file in holding(store, "yzzyva", "uagga") if ".sqlite" in file]
    await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=TODAY, apply=True)
    assert holding(store, "yzzyva", "uagga") == []


def test_what_is_deleted_is_overwritten_whatever_the_sqlite_was_built_with(tmp_path: Path) -> None:
    """Some builds of SQLite leave deleted content in the file unless told otherwise."""
    from engines.base import CONTACTS
    from engines.embedded.database import Database, create

    create(tmp_path / "contacts.sqlite", CONTACTS)
    database = Database(tmp_path / "contacts.sqlite", read_only=False)
    assert database.connection().execute("PRAGMA secure_delete").fetchone() == (1,)
    database.close()


async def test_a_reader_in_the_way_does_not_hold_up_a_purge(desk: Desk, person: Person) -> None:
    """While somebody reads an old state the log stays; the purge says so by its answer, and the next one empties it."""
    await desk.ingest([person(1, emails=["ada@firm.example"])])
    reader = sqlite3.connect(desk.folder / "store" / "contacts.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM records").fetchone()
    await desk.writer.contacts.write([Write(Collection.META, "k", b"{}")])
    assert not await desk.writer.contacts.scrub()
    reader.close()
    assert await desk.writer.contacts.scrub()
