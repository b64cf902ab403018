"""`roster reindex` says no before it changes anything, where it would be in the way or do harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from engines.base import Collection, Write
from engines.opening import open_writer
from indexer.rebuild import reindex
from profiles.errors import StoreBusy, StoreError
from tests.indexer.conftest import Desk

Person = Callable[..., dict[str, Any]]


async def held(desk: Desk) -> dict[str, tuple[bytes, int]]:
    """Every profile, with its version."""
    return {d.key: (d.body, d.version) async for d in desk.writer.contacts.scan(Collection.PROFILES)}


async def test_a_second_rebuild_is_refused_at_once(desk: Desk, person: Person) -> None:
    """While one runs, another is told so before it has looked at a single profile; when that has ended, it works."""
    await desk.ingest([person(n, emails=[f"ada{n}@x.example"]) for n in range(5)])
    told: list[str] = []
    other = await open_writer(desk.url)
    try:
        async with other.index.rebuilding():
            with pytest.raises(StoreBusy, match="another process is rebuilding"):
                await reindex(desk.writer, policy=desk.policy, progress=lambda what, *_: told.append(what))
    finally:
        await other.close()
    assert not told
    assert (await reindex(desk.writer, policy=desk.policy)).indexed == 5


async def test_profiles_without_any_records_are_not_emptied(desk: Desk, person: Person) -> None:
    """A store whose records are lost keeps its profiles: reindex refuses and says what to do. One where all were erased is rebuilt."""
    await desk.ingest([person(n, emails=[f"ada{n}@x.example"]) for n in range(5)])
    before = await held(desk)
    records = [d.key async for d in desk.writer.contacts.scan(Collection.RECORDS)]
    await desk.writer.contacts.write([Write(Collection.RECORDS, key, None) for key in records])
    with pytest.raises(StoreError, match="none of the records they were made from"):
        await reindex(desk.writer, policy=desk.policy)
    assert await held(desk) == before
    await desk.writer.contacts.write([Write(Collection.PROFILES, key, None) for key in before])
    assert (await reindex(desk.writer, policy=desk.policy)).indexed == 0


async def test_a_record_that_no_profile_lists_is_brought_back(desk: Desk, person: Person) -> None:
    """It names a profile that does not list it, or that is gone: a rebuild makes whole what a backup, or a mistake of ours, has torn."""
    job = {"jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}
    await desk.ingest([*(person(n, "Xanthippe Wolkenstein", **job) for n in (1, 2)), person(3)])
    whole = {key: body for key, (body, _) in (await held(desk)).items()}
    (torn,) = (key for key, body in whole.items() if b"crm/r1" in body)
    (gone,) = (key for key, body in whole.items() if b"crm/r3" in body)
    without = whole[torn].replace(b'"crm/r1",', b"")
    assert without != whole[torn]
    await desk.writer.contacts.write([Write(Collection.PROFILES, torn, without), Write(Collection.PROFILES, gone, None)])
    assert (await reindex(desk.writer, policy=desk.policy)).corrected == 3  # once as what it lists, and both as what names them
    listed = {key: orjson.loads(body)["records"] for key, (body, _) in (await held(desk)).items()}
    assert listed == {torn: ["crm/r1", "crm/r2"], gone: ["crm/r3"]}
    assert (await reindex(desk.writer, policy=desk.policy)).corrected == 0
