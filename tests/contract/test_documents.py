"""Documents: what was written is read, and conditions hold."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.base import Collection, Reader, Unchanged, Write, Writer
from engines.opening import open_reader
from profiles.errors import StoreUnavailable, WriteConflict
from tests.contract.people import TODAY

KEYS, META, RECORDS = Collection.KEYS, Collection.META, Collection.RECORDS


async def test_a_document_is_read_as_soon_as_it_is_written(writer: Writer, reader: Reader) -> None:
    """What was written is read at once, by this process and by others, and an unknown key is nobody."""
    await writer.contacts.write([Write(META, "policy", b'{"days":1}')])
    for store in (writer, reader):
        found = await store.contacts.get(META, "policy")
        assert found is not None
        assert (found.key, found.body) == ("policy", b'{"days":1}')
        assert found.version >= 1
        assert await store.contacts.get(META, "other") is None


async def test_versions_grow(writer: Writer) -> None:
    """A document's version grows with every write, whatever else is written; it is the one that a condition must name."""
    before = 0
    for n in range(4):
        await writer.contacts.write([Write(META, "k", b"%d" % n, expected=before), Write(META, f"other{n}", b"x")])
        found = await writer.contacts.get(META, "k")
        assert found is not None
        assert found.body == b"%d" % n
        assert found.version > before
        before = found.version


async def test_create_if_absent_lets_one_win(writer: Writer) -> None:
    """Two workers cannot make two people of one: the second to create a key is told so."""
    await writer.contacts.write([Write(KEYS, "email:1", b"a", expected=0)])
    with pytest.raises(WriteConflict):
        await writer.contacts.write([Write(KEYS, "email:1", b"b", expected=0)])
    found = await writer.contacts.get(KEYS, "email:1")
    assert found is not None
    assert found.body == b"a"


async def test_a_conflict_tells_no_key(writer: Writer) -> None:
    """When a condition fails the caller is told so, in words that hold no key, which may tell of a person."""
    with pytest.raises(WriteConflict) as caught:
        await writer.contacts.write([Write(RECORDS, "jane", b"1", expected=7)])
    assert "jane" not in str(caught.value)
    assert await writer.contacts.get(RECORDS, "jane") is None


async def test_what_a_write_rests_on_must_still_hold(writer: Writer) -> None:
    """A call names documents it has read without writing them: when one has changed, come or gone since, the caller is told."""
    await writer.contacts.write([Write(RECORDS, "there", b"1")])
    read = await writer.contacts.get(RECORDS, "there")
    assert read is not None
    as_read = Unchanged(RECORDS, "there", read.version)
    await writer.contacts.write([Write(META, "m", b"1")], [as_read, Unchanged(RECORDS, "missing", 0)])
    with pytest.raises(WriteConflict):
        await writer.contacts.write([Write(META, "m", b"2")], [Unchanged(RECORDS, "there", 0)])
    await writer.contacts.write([Write(RECORDS, "there", b"2")])
    with pytest.raises(WriteConflict):
        await writer.contacts.write([Write(META, "m", b"3")], [as_read])


async def test_delete_if_version(writer: Writer) -> None:
    """A document is deleted only in the version that was read; deleting what is not there is no error."""
    await writer.contacts.write([Write(META, "k", b"1")])
    old = await writer.contacts.get(META, "k")
    await writer.contacts.write([Write(META, "k", b"2")])
    new = await writer.contacts.get(META, "k")
    assert old is not None
    assert new is not None
    with pytest.raises(WriteConflict):
        await writer.contacts.write([Write(META, "k", None, expected=old.version)])
    await writer.contacts.write([Write(META, "k", None, expected=new.version), Write(META, "never", None)])
    assert await writer.contacts.get(META, "k") is None
    await writer.contacts.write([Write(META, "k", b"2", expected=0)])


async def test_writes_of_one_call_apply_in_their_order(writer: Writer) -> None:
    """Several writes of one key in a call count one after the other."""
    await writer.contacts.write(
        [Write(META, "k", b"1", expected=0), Write(META, "k", b"2", expected=1), Write(META, "k", b"3", expected=2)]
    )
    found = await writer.contacts.get(META, "k")
    assert found is not None
    assert found.body == b"3"
    await writer.contacts.write([Write(META, "k", None, expected=found.version), Write(META, "k", b"4", expected=0)])
    found = await writer.contacts.get(META, "k")
    assert found is not None
    assert found.body == b"4"


async def test_scan_goes_through_everything_in_key_order(writer: Writer, reader: Reader) -> None:
    """A scan gives every document once, in the order of the keys, from any key on, whatever the batch."""
    keys = [f"k{n:03}" for n in range(25)]
    await writer.contacts.write([Write(KEYS, key, key.encode()) for key in reversed(keys)])
    for batch in (1, 7, 25, 1000):
        assert [d.key async for d in reader.contacts.scan(KEYS, batch=batch)] == keys
    assert [d.key async for d in reader.contacts.scan(KEYS, after="k019", batch=2)] == keys[20:]
    assert await reader.contacts.count(KEYS) == 25
    assert await reader.contacts.count(META) == 0


async def test_due_finds_what_is_due_and_nothing_else(writer: Writer) -> None:
    """Documents are found by the day they are due, that day included; those without a day never are."""
    days = {"a": TODAY - timedelta(days=1), "b": TODAY, "c": TODAY + timedelta(days=1), "d": None}
    await writer.contacts.write([Write(RECORDS, key, b"{}", due=day) for key, day in days.items()])
    assert [d.key async for d in writer.contacts.due(RECORDS, TODAY, batch=1)] == ["a", "b"]
    await writer.contacts.write([Write(RECORDS, "a", b"{}", due=date(2030, 1, 1))])
    assert [d.key async for d in writer.contacts.due(RECORDS, TODAY)] == ["b"]


async def test_due_stays_right_while_what_it_gives_is_changed(writer: Writer) -> None:
    """Going through what is due and settling each on the way neither repeats nor misses any."""
    await writer.contacts.write([Write(RECORDS, f"r{n:02}", b"{}", due=TODAY) for n in range(20)])
    met = []
    async for document in writer.contacts.due(RECORDS, TODAY, batch=3):
        met.append(document.key)
        await writer.contacts.write([Write(RECORDS, document.key, b"{}", due=TODAY + timedelta(days=9))])
    assert met == [f"r{n:02}" for n in range(20)]


async def test_nobody_is_hidden_for_some_and_shown_to_others(writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a process relies on what it was told a moment before, whoever hides somebody hears of it only when all heed it."""
    monkeypatch.setattr("engines.opensearch.looks.HELD_SECONDS", 0.5)
    for n in range(3):
        assert f"p{n}" not in await reader.service.all_keys(Collection.HIDDEN)
        await writer.service.write([Write(Collection.HIDDEN, f"p{n}", b"{}")])
        assert f"p{n}" in await reader.service.all_keys(Collection.HIDDEN)


async def test_all_keys_are_as_of_now(writer: Writer, reader: Reader) -> None:
    """Who is hidden is known at once, whichever process was told, and so is who no longer is; many may ask at the same time."""
    hidden = Collection.HIDDEN
    assert await reader.service.all_keys(hidden) == frozenset()

    async def hide_and_ask(n: int) -> None:
        await writer.service.write([Write(hidden, f"p{n}", b"{}")])
        assert f"p{n}" in await reader.service.all_keys(hidden)
        await writer.service.write([Write(hidden, f"p{n}", None)])
        assert f"p{n}" not in await reader.service.all_keys(hidden)

    await asyncio.gather(*(hide_and_ask(n) for n in range(20)))
    await writer.service.write([Write(hidden, "p", b"{}")])
    assert await reader.service.all_keys(hidden) == {"p"}
    with pytest.raises(ValueError, match="half"):
        await reader.service.all_keys(Collection.META)


async def test_halves_of_the_store_stay_apart(writer: Writer, reader: Reader) -> None:
    """A serving process can write suppressions, and has no way to write contacts."""
    await reader.service.write([Write(Collection.HIDDEN, "p1", b"{}")])
    assert await writer.service.get(Collection.HIDDEN, "p1") is not None
    assert not hasattr(reader.contacts, "write")
    for collection in (Collection.PROFILES, Collection.KEYS, Collection.RECORDS, Collection.SOURCES, Collection.META):
        with pytest.raises(ValueError, match="half"):
            await reader.service.write([Write(collection, "k", b"{}")])


@pytest.mark.new_store
async def test_a_missing_store_says_what_makes_one(url: str) -> None:
    """Reading a store that is not there says which command makes one, and makes none."""
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="roster sources add"):
            await open_reader(url)


async def test_many_keys_at_once(writer: Writer) -> None:
    """Thousands of documents are written and read in one call; keys that do not exist are left out."""
    keys = [f"k{n}" for n in range(2500)]
    await writer.contacts.write([Write(KEYS, key, b"x", expected=0) for key in keys])
    found = await writer.contacts.get_many(KEYS, [*keys, "other", "\ud800"])
    assert found.keys() == set(keys)
    assert await writer.contacts.get_many(KEYS, []) == {}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), body=st.binary(max_size=60))
async def test_any_key_and_body_come_back_as_written(writer: Writer, key: str, body: bytes) -> None:
    """Whatever a key or a body consists of, it is read back as it was written."""
    await writer.contacts.write([Write(RECORDS, key, body)])
    found = await writer.contacts.get(RECORDS, key)
    assert found is not None
    assert (found.key, found.body) == (key, body)


async def test_tasks_of_one_process_do_not_lose_updates(writer: Writer) -> None:
    """Read, decide, write under the version read: with retries on conflict, no update is lost."""

    async def add() -> None:
        for _ in range(10):
            while True:
                found = await writer.contacts.get(META, "n")
                count, version = (int(found.body), found.version) if found else (0, 0)
                try:
                    await writer.contacts.write([Write(META, "n", b"%d" % (count + 1), expected=version)])
                    break
                except WriteConflict:
                    continue

    await asyncio.gather(*(add() for _ in range(4)))
    found = await writer.contacts.get(META, "n")
    assert found is not None
    assert found.body == b"40"


_COUNTING = """
import asyncio, sys
from engines.base import Collection, Write
from engines.opening import open_writer
from profiles.errors import WriteConflict
async def main():
    store = await open_writer(sys.argv[1])
    for n in range(20):
        while True:
            found = await store.contacts.get(Collection.META, "n")
            count, version = (int(found.body), found.version) if found else (0, 0)
            mine = await store.contacts.get(Collection.KEYS, f"{sys.argv[2]}-{n}")
            try:
                own = Write(Collection.KEYS, f"{sys.argv[2]}-{n}", b"{}", expected=mine.version if mine else 0)
                await store.contacts.write([Write(Collection.META, "n", b"%d" % (count + 1), expected=version), own])
                break
            except WriteConflict:
                continue
    await store.close()
asyncio.run(main())
"""


def run_side_by_side(url: str, number: int) -> list[int]:
    """Exit codes of so many processes that count at once."""
    workers = [subprocess.Popen([sys.executable, "-c", _COUNTING, url, str(n)]) for n in range(number)]
    return [worker.wait(timeout=50) for worker in workers]


async def test_processes_do_not_lose_updates(url: str) -> None:
    """Several processes may open a new store and write at once: each update counts once, none is lost."""
    assert run_side_by_side(url, 3) == [0, 0, 0]
    store = await open_reader(url)
    try:
        found = await store.contacts.get(META, "n")
        assert found is not None
        assert found.body == b"60"
        assert await store.contacts.count(KEYS) == 60
    finally:
        await store.close()
