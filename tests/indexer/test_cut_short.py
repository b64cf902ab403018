"""An ingest cut short at any of its writes, on the engine where a batch is several writes: the next run makes it whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from engines.base import Collection, Unchanged, Write, Writer
from engines.opening import open_writer
from engines.opensearch import bulk, holder, outbox
from engines.query import SearchQuery, Sort
from indexer import commit
from indexer.people import People
from indexer.periods import all_periods
from indexer.rebuild import reindex
from profiles.errors import StoreUnavailable, WriteConflict
from profiles.history import Chain, reference
from profiles.models import SourceRecord
from tests.indexer.conftest import TODAY, Desk
from tests.stores import ENGINES, on_opensearch

BEFORE: list[dict[str, Any]] = [
    {"record_id": "r1", "name": "Ada Lovelace", "emails": ["ada@x.example"], "collected_at": "2026-01-01"},
    {"record_id": "r2", "name": "Ada Lovelace", "phones": ["+1 212-555-0123"], "collected_at": "2026-01-01"},
    {"record_id": "r3", "name": "Grace Hopper", "emails": ["grace@x.example"], "collected_at": "2026-01-01"},
]
AFTER: list[dict[str, Any]] = [
    {"record_id": "r9", "name": "Ada Lovelace", "emails": ["ada@x.example"], "phones": ["+1 212-555-0123"], "collected_at": "2026-02-01"},
    {"record_id": "r3", "name": "Grace Hopper", "emails": ["hopper@x.example"], "collected_at": "2026-02-01"},
    {"record_id": "r4", "name": "Alan Turing", "links": ["https://www.linkedin.com/in/alan-t"], "collected_at": "2026-02-01"},
]

ENGINEER = {"jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}
GARDENER = {"jobs": [{"title": "Head Gardener", "company": "Lilac Nurseries"}]}
WOLKENSTEIN = {"name": "Xanthippe Wolkenstein"}
APART: list[dict[str, Any]] = [
    {**WOLKENSTEIN, "record_id": "r1", "collected_at": "2026-08-01", **GARDENER},
    {**WOLKENSTEIN, "record_id": "r2", "collected_at": "2026-06-01", **ENGINEER},
]
LATE: list[dict[str, Any]] = [{**WOLKENSTEIN, "record_id": "r1", "collected_at": "2026-05-01", **ENGINEER}]


class Death(BaseException):
    """The process ends here."""


async def state(store: Writer) -> dict[str, Any]:
    """Everything the store holds and finds, but for the moment at which a profile came to be."""
    held: dict[str, Any] = {}
    for collection in (Collection.RECORDS, Collection.KEYS, Collection.PROFILES):
        async for document in store.contacts.scan(collection):
            body = orjson.loads(document.body)
            body.pop("created_at", None)
            held[f"{collection}/{document.key}"] = body
    found = await store.search.search(SearchQuery(size=100, sort=Sort.NAME, today=TODAY))
    held["found"] = [hit.id for hit in found.hits]
    return held


async def strays(store: Writer) -> list[str]:
    """Profiles whose history tells of other records than they rest on."""
    listed = {d.key: orjson.loads(d.body) async for d in store.contacts.scan(Collection.PROFILES)}
    found = []
    async for document in store.contacts.scan(Collection.EVENTS):
        said = Chain.from_json(document.key, document.body).standing.records
        if said != set(map(reference, listed.get(document.key, {}).get("records", ()))):
            found.append(document.key)
    return found


def dying(at: int, arrives: bool) -> Callable[..., Any]:
    """Sends writes like the real thing until the one numbered `at`, and dies before it is sent or before the answer is read."""
    real, sent = bulk._send, 0

    async def send(*given: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == at and not arrives:
            raise Death
        answer = await real(*given)
        if sent == at:
            raise Death
        return answer

    return send


async def run(url: str, folder: Path, rows: list[dict[str, Any]]) -> None:
    store = await open_writer(url)
    try:
        await Desk(store, url, folder).ingest(rows)
    finally:
        await store.close()


@on_opensearch
@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize(("before", "after", "people"), [(BEFORE, AFTER, 3), (APART, LATE, 1)], ids=["feed", "late version"])
async def test_cut_short_anywhere(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    people: int,
    arrives: bool,
) -> None:
    """A merge, a changed and a new record, or an older version that makes one of two: whichever write the process died at, the next run
    comes to what an undisturbed one does.
    """
    for rows in (before, after):
        await run(url, tmp_path, rows)
    store = await open_writer(url)
    undisturbed = await state(store)
    await store.close()
    assert len(undisturbed["found"]) == people

    at, died = 0, True
    while died:
        at, died = at + 1, False
        with ENGINES["opensearch"](tmp_path, request) as other:
            await run(other, tmp_path, before)
            with monkeypatch.context() as patch:
                patch.setattr(bulk, "_send", dying(at, arrives))
                try:
                    await run(other, tmp_path, after)
                except Death:
                    died = True
            holder._own.clear()  # what began in a process that died is nobody's
            await run(other, tmp_path, after)
            store = await open_writer(other)
            whole, told = await state(store), await strays(store)
            assert (await store.search.health())["backlog"] == 0
            await store.close()
            assert whole == undisturbed, f"died at write {at}"
            assert told == [], f"died at write {at}"
    assert at > 6, "every step of the way was one to die at"


async def test_settling_leaves_out_a_record_that_is_about_nobody(desk: Desk) -> None:
    """A record kept for its marks alone is not listed by the profile it once belonged to, whoever looks at the two again."""
    await desk.ingest(BEFORE[:1])
    contacts, periods = desk.writer.contacts, await all_periods(desk.writer.contacts, desk.policy)
    (record,) = [SourceRecord.model_validate_json(d.body) async for d in contacts.scan(Collection.RECORDS)]
    beside = record.model_copy(update={"record_id": "r7"})
    people = People(contacts, actor="test")
    await people.load([record, beside])
    people.assign(beside, people.persons[record.profile_id])
    await contacts.write(people.repairs(periods))
    people = People(contacts, actor="test")
    await people.load([beside])
    people.shelve(beside.model_copy(update={"observations": ()}))
    await contacts.write(people.repairs(periods))

    people = People(contacts, actor="test")
    await people.load_touched([record.profile_id], [record.key, beside.key])
    people.realign(())  # as `settle` does
    assert list(people.repairs(periods)) == []


@on_opensearch
async def test_a_rebuild_that_is_overtaken_looks_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile corrected from a record that changes in that moment is made again from what the record says then."""
    await desk.ingest(BEFORE)
    contacts = desk.writer.contacts
    profile = await anext(contacts.scan(Collection.PROFILES))
    body = orjson.loads(profile.body)
    (key,) = body["records"][:1]
    await contacts.write([Write(Collection.PROFILES, profile.key, orjson.dumps(body | {"values": []}))])
    real, met = contacts.write, 0

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal met
        if writes[0].collection is Collection.PROFILES and not met:
            met += 1
            held = await contacts.get(Collection.RECORDS, key)
            assert held is not None
            changed = SourceRecord.model_validate_json(held.body)
            changed = changed.model_copy(update={"observations": changed.observations[:1]})
            await real([Write(Collection.RECORDS, key, changed.model_dump_json(exclude_defaults=True).encode())])
            try:
                return await real(writes, rests_on)
            except WriteConflict:
                met += 1
                raise
        return await real(writes, rests_on)

    monkeypatch.setattr(contacts, "write", write)
    await reindex(desk.writer, policy=desk.policy)
    assert met == 2, "it was told"
    now = await contacts.get(Collection.PROFILES, profile.key)
    assert now is not None
    assert len(orjson.loads(now.body)["values"]) == 1


@on_opensearch
async def test_a_profile_found_as_it_should_be_is_looked_at_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ingests of one feed: the first has listed a record in the profile and is cut short before the record itself is in place.

    The second finds the profile as it would write it and has only the record to write, when the first makes the profile anew from the
    records there are. The profile lists the record all the same.
    """
    await desk.ingest(BEFORE[:1])
    contacts, periods = desk.writer.contacts, await all_periods(desk.writer.contacts, desk.policy)
    twin = {**BEFORE[0], "record_id": "r5"}
    (record,) = [SourceRecord.model_validate_json(d.body) async for d in contacts.scan(Collection.RECORDS)]
    real, cut, made_anew = contacts.write, 0, 0

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal cut, made_anew
        if not cut and writes[0].collection is not Collection.META:  # the first ingest: its profile arrives, its record does not
            cut += 1
            await real([w for w in writes if w.collection is not Collection.RECORDS])
            raise WriteConflict("cut short")
        if not made_anew and any(w.key == "crm/r5" for w in writes):
            assert Collection.PROFILES not in {w.collection for w in writes}, "it is as it should be"
            made_anew += 1
            people = People(contacts, actor="test")
            await people.load_touched([record.profile_id], ["crm/r5"])
            people.realign(())  # as the first one's `settle` does
            await real(people.repairs(periods), people.rests_on())
        return await real(writes, rests_on)

    monkeypatch.setattr(contacts, "write", write)
    await desk.ingest([twin])
    assert (cut, made_anew) == (1, 1)
    (profile,) = [orjson.loads(d.body) async for d in contacts.scan(Collection.PROFILES)]
    assert profile["records"] == ["crm/r1", "crm/r5"]


@on_opensearch
async def test_a_record_on_its_way_is_not_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ingests of one person: the first has listed its record in the profile when the second reads, and puts it in place only then.

    The second, which made the profile anew without that record, is told and makes the profile list it again.
    """
    await desk.ingest(BEFORE[:1])
    contacts = desk.writer.contacts
    real, waiting, told = contacts.write, list[Write](), 0

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal told
        if writes[0].collection is Collection.META:
            return await real(writes, rests_on)
        if not waiting:  # the first ingest: its profile arrives, its record is on its way
            waiting.extend(w for w in writes if w.collection is Collection.RECORDS)
            return await real([w for w in writes if w.collection is not Collection.RECORDS])
        if not told:  # the second has decided; the first ends
            await real(waiting)
        try:
            return await real(writes, rests_on)
        except WriteConflict:
            told += 1
            raise

    monkeypatch.setattr(contacts, "write", write)
    await desk.ingest([{**BEFORE[0], "record_id": "r5"}])
    await desk.ingest([{**BEFORE[0], "record_id": "r6"}])
    assert told == 1
    (profile,) = [orjson.loads(d.body) async for d in contacts.scan(Collection.PROFILES)]
    assert profile["records"] == ["crm/r1", "crm/r5", "crm/r6"]


@on_opensearch
@pytest.mark.parametrize("founder_is_dead", [False, True])
async def test_a_person_taken_for_gone_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch, founder_is_dead: bool) -> None:
    """A profile is there and its one record on its way, when another process looks and makes the profile what its records say: nobody.

    With the record in place the person is there again, under the same id.
    """
    contacts, periods = desk.writer.contacts, await all_periods(desk.writer.contacts, desk.policy)
    real, calls = contacts.write, 0

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal calls
        profiles = [w.key for w in writes if w.collection is Collection.PROFILES]
        calls += bool(profiles)
        if profiles and calls == 1:
            (profile,) = profiles
            await real([w for w in writes if w.collection is not Collection.RECORDS])
            people = People(contacts, actor="test")
            await people.load_touched([profile], [])
            people.realign({profile} if founder_is_dead else ())
            await real(people.repairs(periods), people.rests_on())
            assert (await contacts.get(Collection.PROFILES, profile) is None) is founder_is_dead
            await real([w for w in writes if w.collection is Collection.RECORDS])
        return await real(writes, rests_on)  # the first call is told that it was overtaken

    monkeypatch.setattr(contacts, "write", write)
    await desk.ingest(BEFORE[:1])
    assert calls > 1
    (record,) = [SourceRecord.model_validate_json(d.body) async for d in contacts.scan(Collection.RECORDS)]
    (profile,) = [orjson.loads(d.body) async for d in contacts.scan(Collection.PROFILES)]
    assert (profile["id"], profile.get("state"), profile["records"]) == (record.profile_id, None, [record.key])
    assert (await desk.writer.search.search(SearchQuery(today=TODAY))).total == 1


@on_opensearch
async def test_nobody_is_taken_for_gone_while_their_record_is_on_its_way(
    desk: Desk, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new profile is there and its one record on its way, when another process settles a call of its own about the same person.

    It waits: at no moment is the person written as one who is nobody.
    """
    other = await open_writer(url)
    on_its_way, awaited = asyncio.Event(), asyncio.Event()
    real_send, real_pause, states = bulk._send, commit.pause, list[Any]()

    async def send(connection: Any, waiting: bulk._Part, outcomes: Any) -> Any:
        states.extend(body.get("state") for body in _written(waiting, Collection.PROFILES))
        if _written(waiting, Collection.RECORDS) and not on_its_way.is_set():
            on_its_way.set()
            await awaited.wait()
        return await real_send(connection, waiting, outcomes)

    async def pause(attempt: int) -> None:
        awaited.set()
        await real_pause(attempt)

    monkeypatch.setattr(bulk, "_send", send)
    monkeypatch.setattr(commit, "pause", pause)
    try:
        founding = asyncio.create_task(desk.ingest(BEFORE[:1]))
        await on_its_way.wait()
        profile = await anext(other.contacts.scan(Collection.PROFILES))
        with pytest.raises(WriteConflict):
            await other.contacts.write([Write(Collection.PROFILES, profile.key, b"{}", expected=profile.version + 1)])
        await commit.settle(other, await all_periods(other.contacts, desk.policy))
        awaited.set()
        await founding
    finally:
        awaited.set()
        await other.close()
    assert states
    assert set(states) == {None}, "nobody was erased"
    assert (await desk.writer.search.search(SearchQuery(today=TODAY))).total == 1


def _written(waiting: bulk._Part, collection: Collection) -> list[dict[str, Any]]:
    """The documents of a collection that a request writes."""
    found = []
    for head, *source in (write.lines.splitlines() for write in waiting.values()):
        (target,) = orjson.loads(head).values()
        if source and target["_index"].endswith(f"-{collection}"):
            found.append(orjson.loads(orjson.loads(source[0])["body"]))
    return found


@on_opensearch
async def test_a_call_that_failed_is_looked_at_by_the_next_job_of_its_process(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster goes away before a call has said that it is through. The process lives on: its next job has everybody found."""

    async def close(note: outbox.Note) -> int:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(outbox.Note, "close", close)
        with pytest.raises(StoreUnavailable):
            await desk.ingest(BEFORE)
    await desk.ingest([])
    assert await desk.writer.contacts.count(Collection.PROFILES) == 3
    assert (await desk.writer.search.search(SearchQuery(today=TODAY))).total == 3


async def test_a_source_registered_a_moment_ago_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one ingest is under way, another begins with a source that is new, about the same person: both end, and are in her profile."""
    await desk.ingest(BEFORE[:1])
    contacts = desk.writer.contacts
    real, met = contacts.write, 0

    async def write(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal met
        if not met and any(w.collection is Collection.PROFILES for w in writes):
            met += 1
            await desk.ingest(BEFORE[:1], "web")
        return await real(writes, rests_on)

    monkeypatch.setattr(contacts, "write", write)
    await desk.ingest([{**BEFORE[0], "record_id": "r5"}])
    (profile,) = [orjson.loads(d.body) async for d in contacts.scan(Collection.PROFILES)]
    assert profile["records"] == ["crm/r1", "crm/r5", "web/r1"]
