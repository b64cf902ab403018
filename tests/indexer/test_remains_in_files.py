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
from indexer.judging import apply_judgements
from profiles.judgement import Judgement, Verdict
from profiles.models import ValueKind
from search_api.review import pairs
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


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("given_back", [False, True])
async def test_what_was_said_of_an_erased_person_can_be_read_nowhere(
    desk: Desk, person: Person, verdict: Verdict, given_back: bool
) -> None:
    """The reason of a merge, an unmerge or a judgement goes with the first of the two, for it may name either; the judgement stays."""
    await desk.ingest([person(1, "Zyzzyva Quagga", emails=["zyzzyva.quagga@firm.example"]), person(2, "Ann Archer")])
    why = "Zyzzyva Quagga showed her passport"

    async def give(word: Judgement) -> None:
        await pairs.give(desk.writer, word)
        await apply_judgements(desk.writer, desk.policy)

    sides = [await pairs.find(desk.writer, f"crm/r{n}") for n in (1, 2)]
    await give(pairs.judge(verdict, *sides, reason=why, actor="op"))
    if given_back:
        if verdict is Verdict.DIFFERENT:
            await give(pairs.judge(Verdict.SAME, *sides, reason=why, actor="op"))
        joined = (await pairs.find(desk.writer, "crm/r1")).profile.id
        await give(await pairs.part(desk.writer, joined, ["crm/r1"], reason=why, actor="op"))
    store = desk.folder / "store"
    assert holding(store, why)
    await suppressed(desk, ValueKind.EMAIL, "zyzzyva.quagga@firm.example")
    assert not [file for file in holding(store, "yzzyva", "uagga") if ".sqlite" in file]
    await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=TODAY, apply=True)
    assert holding(store, "yzzyva", "uagga") == []
    judged = [Judgement.model_validate_json(d.body) async for d in desk.writer.service.scan(Collection.JUDGEMENTS)]
    assert judged
    assert not any(one.reason for one in judged)


async def test_a_reason_stays_while_both_are_held(desk: Desk, person: Person) -> None:
    """Somebody else's erasure takes nothing away that an operator wrote."""
    await desk.ingest([person(n, name) for n, name in enumerate(("Ann Archer", "Ben Baker"))])
    await desk.ingest([person(7, "Carl Cook", emails=["carl@firm.example"])])
    word = pairs.judge(
        Verdict.DIFFERENT, await pairs.find(desk.writer, "crm/r0"), await pairs.find(desk.writer, "crm/r1"), reason="seen", actor="op"
    )
    await pairs.give(desk.writer, word)
    await suppressed(desk, ValueKind.EMAIL, "carl@firm.example")
    (kept,) = [Judgement.model_validate_json(d.body) async for d in desk.writer.service.scan(Collection.JUDGEMENTS)]
    assert kept.reason == "seen"


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
