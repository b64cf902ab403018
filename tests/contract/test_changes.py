"""The row of profile writes: whoever follows it misses nobody, whatever is written at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from engines.base import Collection, Document, Reader, Writer
from engines.opening import open_reader, open_writer
from engines.opensearch.store import open_opensearch_writer
from profiles.errors import QueryInvalid
from profiles.models import Profile, ProfileState
from tests.contract.conftest import Clock
from tests.contract.people import drop, person, put
from tests.stores import ENGINES, on_opensearch


async def follow(reader: Reader, after: str = "", size: int = 100) -> tuple[list[Document], str]:
    """Everything written after a place, and the place reached."""
    documents: list[Document] = []
    while True:
        page = await reader.changes.changed(after, size)
        assert len(page.profiles) <= size
        documents += page.profiles
        after = page.place
        if not page.more:
            return documents, after


def keys(documents: list[Document]) -> list[str]:
    """The ids, in order."""
    return [document.key for document in documents]


async def test_nothing_written_is_nothing_told(reader: Reader) -> None:
    """A new store has an empty row, and a place to go on from."""
    assert (await follow(reader))[0] == []
    documents, place = await follow(reader, (await follow(reader))[1])
    assert (documents, bool(place)) == ([], True)


async def test_every_profile_stands_once_at_its_last_write(writer: Writer, reader: Reader) -> None:
    """Written three times, told once, as it is now; the order is that of the last writes; a page ends where the next begins."""
    await writer.contacts.write([put(person(f"p{n}")) for n in range(5)])
    await writer.contacts.write([put(person("p1", "Anna Adler"))])
    await writer.contacts.write([put(person("p1", "Anna Zoller"))])
    for size in (1, 2, 100):
        documents, _ = await follow(reader, size=size)
        assert sorted(keys(documents)) == ["p0", "p1", "p2", "p3", "p4"]
        assert documents[-1].key == "p1"
        assert Profile.model_validate_json(documents[-1].body).values[0].value == "Anna Zoller"


async def test_from_a_place_only_what_came_after(writer: Writer, reader: Reader) -> None:
    """What was told is not told again until it is written again; merged and erased profiles are told as such."""
    await writer.contacts.write([put(person(key)) for key in ("p1", "p2", "p3")])
    _, place = await follow(reader)
    assert (await follow(reader, place))[0] == []
    await writer.contacts.write([put(person("p2", state=ProfileState.MERGED, merged_into="p1"))])
    await writer.contacts.write([put(person("p3", state=ProfileState.ERASED))])
    documents, place = await follow(reader, place)
    assert [(d.key, Profile.model_validate_json(d.body).state) for d in documents] == [("p2", "merged"), ("p3", "erased")]
    assert (await follow(reader, place))[0] == []


async def test_other_collections_are_no_changes_of_profiles(writer: Writer, reader: Reader) -> None:
    """Only profiles stand in the row; what is deleted from the collection leaves it."""
    await writer.contacts.write([put(person("p1")), put(person("p2"))])
    await writer.contacts.write([drop("p1")])
    assert keys((await follow(reader))[0]) == ["p2"]


@pytest.mark.parametrize("place", ["nonsense", ":", "0", "other:3", "other:3,4", "é:1"])
async def test_a_place_belongs_to_its_store(writer: Writer, reader: Reader, place: str) -> None:
    """A place of another store is refused, and so is one that this store has not come to: it was set back since."""
    with pytest.raises(QueryInvalid):
        await reader.changes.changed(place, 10)


async def test_a_place_of_another_store_of_the_same_engine_is_refused(
    writer: Writer, reader: Reader, url: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Numbers alone do not make a place: each store has an identity."""
    await writer.contacts.write([put(person("p1"))])
    engine = "opensearch" if url.startswith("opensearch") else "embedded"
    with ENGINES[engine](tmp_path_factory.mktemp("other"), request) as elsewhere:
        await (await open_writer(elsewhere)).close()
        other = await open_reader(elsewhere)
        try:
            with pytest.raises(QueryInvalid):
                await other.changes.changed((await follow(reader))[1], 10)
        finally:
            await other.close()


@pytest.fixture
async def writers(writer: Writer, url: str, clock: Clock) -> AsyncIterator[list[Writer]]:
    """Four who write at the same time."""
    opened = [await open_writer(url, today=clock) for _ in range(4)]
    yield opened
    for one in opened:
        await one.close()


async def test_no_write_is_skipped_while_many_write(writers: list[Writer], reader: Reader) -> None:
    """Somebody follows while four write at once, in calls of one and of many: in the end he holds exactly what the store holds."""
    copy: dict[str, bytes] = {}
    place, running = "", True

    async def write(n: int, one: Writer) -> None:
        for turn in range(12):
            many = range(turn, turn + (1, 40, 3)[turn % 3])
            await one.contacts.write([put(person(f"p{n}x{m % 60}", f"Anna Berg{turn}")) for m in many])

    async def keep() -> None:
        nonlocal place
        while True:
            last = not running
            documents, place = await follow(reader, place, size=7)
            copy.update((document.key, document.body) for document in documents)
            if last:
                return

    following = asyncio.create_task(keep())
    await asyncio.gather(*(write(n, one) for n, one in enumerate(writers)))
    running = False
    await following
    assert copy == {document.key: document.body async for document in reader.contacts.scan(Collection.PROFILES)}
    assert len(copy) > 150


@on_opensearch
async def test_a_profile_being_founded_waits_for_its_call(writer: Writer, reader: Reader, url: str, clock: Clock) -> None:
    """Where a call has no transaction: nobody is told of a profile before the call that founds it has come to its end."""
    other = await open_opensearch_writer(url, clock, create=False)
    await writer.contacts.write([put(person("p1"))])
    note = other.contacts._outbox.note([put(person("p2"), expected=0)])  # type: ignore[attr-defined]  # a call held half-way
    await other.contacts._apply([put(person("p2"), expected=0)], [note.opening()])  # type: ignore[attr-defined]
    await writer.contacts.write([put(person("p3"))])
    documents, place = await follow(reader)
    assert keys(documents) == ["p1"]
    await note.close()
    documents, place = await follow(reader, place)
    assert keys(documents) == ["p2", "p3"]
    await other.close()
