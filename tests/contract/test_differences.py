"""What engines may do differently, each difference by name: whoever relies on one of these relies on one engine."""

from __future__ import annotations

import pytest

from engines.base import Collection, Reader, Write, Writer
from engines.query import SearchQuery, Term
from profiles.errors import StoreBusy, WriteConflict
from tests.contract.conftest import find, index
from tests.contract.people import person, put
from tests.contract.test_processes import end, holding, process
from tests.stores import on_embedded, on_opensearch

KEYS, META, RECORDS = Collection.KEYS, Collection.META, Collection.RECORDS


@on_embedded
async def test_embedded_versions_count_from_one(writer: Writer) -> None:
    """There, a document's version starts at 1 and grows by one."""
    for version in (1, 2, 3):
        await writer.contacts.write([Write(META, "k", b"%d" % version)])
        found = await writer.contacts.get(META, "k")
        assert found is not None
        assert found.version == version


@on_embedded
async def test_embedded_a_conflict_writes_nothing_at_all(writer: Writer) -> None:
    """There, when one condition fails, none of the writes of the call happened, in no collection."""
    assert writer.contacts.atomic
    await writer.contacts.write([Write(KEYS, "old", b"1")])
    good = [Write(KEYS, "new", b"1", expected=0), Write(META, "m", b"1"), Write(KEYS, "old", None)]
    with pytest.raises(WriteConflict) as caught:
        await writer.contacts.write([*good, Write(RECORDS, "r", b"1", expected=7)])
    assert "r" not in str(caught.value).split(), "no key, which may tell of a person, in the error"
    assert await writer.contacts.get(KEYS, "new") is None
    assert await writer.contacts.get(META, "m") is None
    assert await writer.contacts.get(KEYS, "old") is not None


@on_opensearch
async def test_opensearch_a_conflict_stops_what_comes_after(writer: Writer) -> None:
    """There, a call goes from keys through profiles to records; a conflict leaves what came before, and nothing after it begins."""
    assert not writer.contacts.atomic
    await writer.contacts.write([Write(RECORDS, "old", b"1")])
    call = [
        Write(RECORDS, "new", b"1", expected=0),
        Write(META, "m", b"1"),
        put(person("p1"), expected=7),
        Write(KEYS, "key", b"1", expected=0),
        Write(RECORDS, "old", None),
    ]
    with pytest.raises(WriteConflict):
        await writer.contacts.write(call)
    assert await writer.contacts.get(KEYS, "key") is not None
    assert await writer.contacts.get(RECORDS, "old") is None, "a record is destroyed before its profile is made without it"
    assert await writer.contacts.get(RECORDS, "new") is None, "a record stands for a delivery that was taken whole"
    assert await writer.contacts.get(META, "m") is None


@on_embedded
async def test_embedded_equal_scores_keep_the_order_of_arrival(writer: Writer) -> None:
    """There, of equally good hits the longer known comes first."""
    await index(writer, *(person(f"p{n}") for n in (3, 1, 2)))
    assert await find(writer, SearchQuery(match=Term("name", "berg"))) == ["p3", "p1", "p2"]


@on_opensearch
async def test_opensearch_equal_scores_are_in_the_order_of_ids(writer: Writer) -> None:
    """There, equally good hits come in the order of their ids: no counter is shared by all who write."""
    await index(writer, *(person(f"p{n}") for n in (3, 1, 2)))
    assert await find(writer, SearchQuery(match=Term("name", "berg"))) == ["p1", "p2", "p3"]


@on_embedded
async def test_embedded_one_process_writes_the_index(writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, nobody else can index while another process rebuilds; what was written meanwhile is indexed when it is gone."""
    monkeypatch.setattr("engines.embedded.admin.WAIT_SECONDS", 0.05)
    await index(writer, person("p1"))
    other = process(url, "hold")
    try:
        assert holding(other)
        await writer.contacts.write([put(person("p2"))])
        for work in (writer.index.catch_up, reader.index.catch_up):
            with pytest.raises(StoreBusy):
                await work()
    finally:
        end(other)
    assert await writer.index.catch_up() == 1
    assert await find(reader, SearchQuery()) == ["p1", "p2"]


@on_opensearch
async def test_opensearch_indexing_goes_on_during_a_rebuild(writer: Writer, reader: Reader, url: str) -> None:
    """There, what is written during a rebuild is found at once, and still is when the rebuild was killed and run again."""
    await index(writer, person("p1"))
    other = process(url, "hold")
    try:
        assert holding(other)
        await index(writer, person("p2"))
        assert await find(reader, SearchQuery()) == ["p1", "p2"]
    finally:
        end(other)
    assert await writer.index.rebuild() == 2
    assert await find(reader, SearchQuery()) == ["p1", "p2"]
