"""Hits of which no more is wanted than a list shows: they may come from the search index, and are as true as those read from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from engines.base import Reader, Writer
from engines.opensearch.connection import Connection
from engines.opensearch.looks import HELD_SECONDS, Looks, Stamp, clock
from engines.opensearch.search import OpenSearchSearch
from engines.query import Hit, SearchQuery, Sort, Term
from privacy.reading import ProfileReader
from profiles.errors import WriteConflict
from profiles.models import Profile, ProfileState, ValueKind
from tests.contract.conftest import answer, index
from tests.contract.people import TODAY, drop, person, put
from tests.opensearch.asking import ask
from tests.stores import on_opensearch

BRIEF = SearchQuery(match=Term("name", "berg"), brief=True, today=TODAY, sort=Sort.NAME)


def listed(hits: tuple[Hit, ...]) -> list[object]:
    """What a list shows of them."""
    shown = (ValueKind.NAME, ValueKind.JOB_TITLE, ValueKind.COMPANY, ValueKind.LOCATION, ValueKind.SKILL, ValueKind.LINK)
    return [(hit.id, hit.served.updated, [[value.value for value in hit.served.of(kind)] for kind in shown]) for hit in hits]


def reads(url: str) -> int:
    """How many profiles the cluster has been asked for by id so far."""
    server, _, prefix = url.removeprefix("opensearch+").rpartition("/")
    return int(ask(f"{server}/{prefix}-profiles/_stats/get")["_all"]["total"]["get"]["total"])


async def from_the_index(reader: Reader, url: str) -> tuple[Hit, ...]:
    """The hits, once they come without a profile being read."""
    async with asyncio.timeout(60):
        while True:
            before = reads(url)
            found = await answer(reader, BRIEF)
            if reads(url) == before:
                return found.hits


@pytest.mark.parametrize("change", ["other title", "deleted", "merged", "erased"])
async def test_a_brief_hit_is_what_is_stored_now(writer: Writer, reader: Reader, change: str) -> None:
    """Asked again and again while nothing changes, and then after a change that the index has not seen: the change shows at once."""
    everyone = [person("p1", "Anna Berg", title="Engineer", email="anna@berg.example"), person("p2", "Otto Berg", skills=["Python"])]
    await index(writer, *everyone)
    for _ in range(5):
        whole = await answer(reader, replace(BRIEF, brief=False))
        assert listed((await answer(reader, BRIEF)).hits) == listed(whole.hits)
    await writer.contacts.write(
        [
            {
                "other title": put(person("p1", "Anna Berg", title="Head of Sales")),
                "deleted": drop("p1"),
                "merged": put(person("p1", state=ProfileState.MERGED, merged_into="p2")),
                "erased": put(person("p1", state=ProfileState.ERASED)),
            }[change]
        ]
    )
    found = listed((await answer(reader, BRIEF)).hits)
    assert found == listed((await answer(reader, replace(BRIEF, brief=False))).hits)
    assert ("Head of Sales" in str(found)) == (change == "other title")
    assert len(found) == (2 if change == "other title" else 1)


@on_opensearch
async def test_opensearch_reads_no_profile_for_a_list_while_nothing_changes(writer: Writer, reader: Reader, url: str) -> None:
    """There, a list of hits costs one search when the index is known to show every profile; that is found out anew after each change."""
    await index(writer, person("p1", "Anna Berg", title="Engineer"), person("p2", "Otto Berg"))
    assert [hit.id for hit in await from_the_index(reader, url)] == ["p1", "p2"]
    await writer.contacts.write([put(person("p1", "Anna Berg", title="Head of Sales"))])
    before = reads(url)
    assert "Head of Sales" in str(listed((await answer(reader, BRIEF)).hits))
    assert reads(url) > before, "the index does not show it yet"
    await writer.index.catch_up()
    assert "Head of Sales" in str(listed(await from_the_index(reader, url)))
    assert "Head of Sales" in str(listed((await answer(reader, replace(BRIEF, explain=True, brief=False))).hits))


@on_opensearch
async def test_opensearch_shows_no_old_state_when_an_old_version_is_put_back(
    writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, a version put back in use holds what was; until it has been brought up, and if that fails for good, hits are read."""
    await index(writer, person("p1", "Anna Berg", title="Engineer"), person("p2", "Otto Berg"))
    await writer.index.rebuild()
    await index(writer, person("p1", "Anna Berg", title="Head of Sales"))
    await from_the_index(reader, url)

    async def cut_off(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("engines.opensearch.freshness._ASKED_AGAIN_SECONDS", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr("engines.opensearch.admin.fill", cut_off)
        with pytest.raises(ConnectionError):
            await writer.index.rollback()
    for _ in range(50):
        assert "Head of Sales" in str(listed((await answer(reader, BRIEF)).hits))
    await writer.index.rebuild()
    assert "Head of Sales" in str(listed(await from_the_index(reader, url)))


@on_opensearch
async def test_opensearch_acknowledges_no_write_while_lists_may_be_without_it(
    writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, however long a search relies on what was known a moment before: who writes hears of it only when every search shows it."""
    await index(writer, person("p1", "Anna Berg", title="Engineer"), person("p2", "Otto Berg"))
    monkeypatch.setattr("engines.opensearch.looks.HELD_SECONDS", 0.5)
    for title in ("Head of Sales", "Head of Engineering"):
        await from_the_index(reader, url)
        await writer.contacts.write([put(person("p1", "Anna Berg", title=title))])
        assert title in str(listed((await answer(reader, BRIEF)).hits))
        await writer.index.catch_up()


@on_opensearch
async def test_opensearch_tells_of_no_conflict_while_lists_may_be_without_what_was_written(
    writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, a call that meets a conflict may have changed a profile: whoever hears of it, and finds nothing left to write, is shown so."""
    await index(writer, person("p1", "Anna Berg", title="Engineer"), person("p2", "Otto Berg"))
    monkeypatch.setattr("engines.opensearch.looks.HELD_SECONDS", 0.5)
    await from_the_index(reader, url)
    with pytest.raises(WriteConflict):
        await writer.contacts.write([put(person("p1", "Anna Berg", title="Head of Sales")), put(person("p2", "Otto Berg"), expected=0)])
    assert "Head of Sales" in str(listed((await answer(reader, BRIEF)).hits))


@on_opensearch
async def test_opensearch_shows_no_old_state_when_the_index_is_caught_up_during_a_search(
    writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, a search that found an old entry takes nothing from it, though the index is known to be up to date before it ends."""
    await index(writer, person("p1", "Anna Berg", title="Engineer"), person("p2", "Otto Berg"))
    await writer.contacts.write([put(person("p1", "Anna Berg", title="Head of Sales"))])
    monkeypatch.setattr("engines.opensearch.freshness._ASKED_AGAIN_SECONDS", 0.0)
    found, caught_up = asyncio.Event(), asyncio.Event()
    ask_all, stamp = OpenSearchSearch._ask_all, Looks.stamp

    async def told(self: OpenSearchSearch, *asked: Any) -> list[Any]:
        answers = await ask_all(self, *asked)
        found.set()
        return answers

    async def slow(self: Looks, looked_at: str) -> Stamp:
        if not found.is_set():
            await caught_up.wait()
        return await stamp(self, looked_at)

    monkeypatch.setattr(OpenSearchSearch, "_ask_all", told)
    monkeypatch.setattr(Looks, "stamp", slow)
    searching = asyncio.create_task(answer(reader, BRIEF))
    await found.wait()
    await writer.index.catch_up()
    await from_the_index(reader, url)
    caught_up.set()
    assert "Head of Sales" in str(listed((await searching).hits))


@on_opensearch
async def test_opensearch_is_asked_once_for_many_searches_whether_anything_was_written(
    writer: Writer, reader: Reader, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, searches that follow each other closely share the answer: it holds for a moment, on which no write is acknowledged."""
    await index(writer, person("p1", "Anna Berg"))
    profiles, looks, shards = ProfileReader(reader, lambda: TODAY), 0, Connection.shards

    async def counted(self: Connection, indices: Sequence[str], *, filter_path: str) -> Mapping[str, Any]:
        nonlocal looks
        looks += 1
        return await shards(self, indices, filter_path=filter_path)

    monkeypatch.setattr(Connection, "shards", counted)
    begun = clock()
    for _ in range(10):
        assert all(found.total == 1 for found in await asyncio.gather(*(profiles.search(BRIEF) for _ in range(10))))
    # Two before all that is looked at is known; and what finds out whether the index is up to date takes no look of its own.
    assert looks <= 3 + (clock() - begun) / HELD_SECONDS


@on_opensearch
async def test_opensearch_lists_are_true_under_writes(writer: Writer, reader: Reader, url: str) -> None:
    """There, whoever asks after a write was acknowledged sees it in the list, however often the index is caught up meanwhile."""
    titles = ("Engineer", "Head of Sales")
    await index(writer, person("p1", "Anna Berg", title=titles[0]))

    async def caught_up(done: asyncio.Event) -> None:
        while not done.is_set():
            await writer.index.catch_up()

    done = asyncio.Event()
    following = asyncio.create_task(caught_up(done))
    try:
        for n in range(40):
            wanted: Profile = person("p1", "Anna Berg", title=titles[n % 2])
            await writer.contacts.write([put(wanted)])
            for _ in range(3):
                assert titles[n % 2] in str(listed((await answer(reader, SearchQuery(brief=True, today=TODAY))).hits))
    finally:
        done.set()
        await following
