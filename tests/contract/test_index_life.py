"""The search index follows the truth: what is written is found, what is gone or expired is not, and a rebuild changes nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engines.base import Collection, Reader, Write, Writer
from engines.query import SearchQuery, Sort, Term
from profiles.models import Profile, ProfileState, ValueKind
from tests.contract.conftest import Clock, answer, find, index
from tests.contract.people import TODAY, drop, person, put

BERG = SearchQuery(match=Term("name", "berg"), today=TODAY)
TOMORROW = TODAY + timedelta(days=1)


async def test_a_new_store_can_be_searched(writer: Writer, reader: Reader) -> None:
    """A store just made is ready and finds nobody."""
    for store in (writer, reader):
        assert (await answer(store, BERG)).total == 0
        health = await store.search.health()
        assert health["ready"] is True
        assert health["reasons"] == []
        assert (health["documents"], health["backlog"]) == (0, 0)


async def test_written_is_found_once_the_sequence_is_indexed(writer: Writer, reader: Reader) -> None:
    """A write returns a number; once the index has come to it, searches of every process show the write."""
    sequence = await writer.contacts.write([put(person("p1"))])
    assert await reader.search.indexed_sequence() < sequence
    assert (await reader.search.health())["backlog"] == 1
    assert await find(reader, BERG) == []
    assert await writer.index.catch_up() == 1
    assert await reader.search.indexed_sequence() >= sequence
    assert await find(reader, BERG) == ["p1"]
    assert (await reader.search.health())["backlog"] == 0
    assert await writer.index.catch_up() == 0


async def test_sequences_grow_and_other_collections_do_not_hold_them_up(writer: Writer) -> None:
    """Each write of a profile has a higher number; waiting for the number of any write ends."""
    first = await writer.contacts.write([put(person("p1"))])
    second = await writer.contacts.write([put(person("p1"))])
    third = await writer.contacts.write([Write(Collection.META, "k", b"{}")])
    assert first < second
    await writer.index.catch_up()
    assert await writer.search.indexed_sequence() >= max(second, third)


async def test_a_serving_process_can_index_too(writer: Writer, reader: Reader) -> None:
    """The index may be brought up by a process that cannot write contacts."""
    await writer.contacts.write([put(person("p1"))])
    assert await reader.index.catch_up() == 1
    assert await find(writer, BERG) == ["p1"]


async def test_a_limit_leaves_the_rest_for_later(writer: Writer) -> None:
    """With a limit, the index comes that far and no further."""
    for n in range(5):
        await writer.contacts.write([put(person(f"p{n}"))])
    assert await writer.index.catch_up(limit=2) == 2
    assert (await answer(writer, BERG)).total == 2
    assert await writer.index.catch_up() == 3
    assert (await answer(writer, BERG)).total == 5


async def test_a_changed_profile_is_found_by_what_it_is_now(writer: Writer) -> None:
    """After a change the old words find nobody, the new ones one hit."""
    await index(writer, person("p1", "Anna Berg"), person("p2", "Otto Berg"))
    await index(writer, person("p1", "Anna Zoller"))
    assert await find(writer, BERG) == ["p2"]
    assert await find(writer, SearchQuery(match=Term("name", "zoller"))) == ["p1"]
    assert (await answer(writer, SearchQuery())).total == 2


@pytest.mark.parametrize("fate", ["deleted", "merged", "erased"])
async def test_gone_profiles_are_not_found(writer: Writer, reader: Reader, fate: str) -> None:
    """Deleted, merged and erased profiles vanish from hits at once, from counts and suggestions with the next indexing."""
    await index(writer, person("p1", company="Altenrich"), person("p2", "Otto Berg"))
    gone = {
        "deleted": drop("p1"),
        "merged": put(person("p1", state=ProfileState.MERGED, merged_into="p2")),
        "erased": put(person("p1", state=ProfileState.ERASED)),
    }[fate]
    await writer.contacts.write([gone])
    assert await find(reader, BERG) == ["p2"]
    await writer.index.catch_up()
    assert (await answer(reader, BERG)).total == 1
    assert list(await reader.search.suggest("company_name", "A")) == []
    assert (await reader.search.health())["documents"] == 1


async def test_a_profile_that_comes_back_is_found_once(writer: Writer) -> None:
    """Deleted and written again before the index saw either: one entry, with the new content."""
    await index(writer, person("p1", "Anna Berg"))
    await writer.contacts.write([drop("p1")])
    await writer.contacts.write([put(person("p1", "Anna Berg-Zoller"))])
    await writer.index.catch_up()
    assert await find(writer, BERG) == ["p1"]
    assert (await answer(writer, SearchQuery())).total == 1


async def test_hits_are_what_is_stored_now(writer: Writer, reader: Reader) -> None:
    """A hit shows the profile as stored, even when the index has not seen the last change."""
    await index(writer, person("p1", title="Engineer"))
    await writer.contacts.write([put(person("p1", title="Head of Sales"))])
    title = (await answer(reader, BERG)).hits[0].profile.first(ValueKind.JOB_TITLE)
    assert title is not None
    assert title.value == "Head of Sales"


# --- expiry ------------------------------------------------------------------------------------------------------------------------


async def test_an_expired_value_neither_matches_nor_shows(writer: Writer, reader: Reader, clock: Clock) -> None:
    """On the day a value expires it is found no more, purged or not; the person stays findable by the rest once indexed."""
    await index(writer, person("p1", email="anna@berg.example", email_expires=TOMORROW), person("p2", "Otto Berg"))
    by_mail = SearchQuery(match=Term("email", "anna@berg.example"), facets={"email_domain": 3}, today=TODAY)
    assert await find(reader, by_mail) == ["p1"]

    clock.day = TOMORROW
    expired = SearchQuery(match=by_mail.match, facets=by_mail.facets, today=TOMORROW)
    result = await answer(reader, expired)
    assert (result.total, result.hits, list(result.facets["email_domain"])) == (0, (), [])
    assert await writer.index.catch_up() == 1
    assert (await answer(reader, expired)).total == 0
    hits = (await answer(reader, SearchQuery(match=BERG.match, today=TOMORROW))).hits
    assert [hit.id for hit in hits] == ["p1", "p2"]
    assert hits[0].profile.of(ValueKind.EMAIL) == ()
    assert list(await reader.search.suggest("email_domain", "")) == []
    assert await writer.index.catch_up() == 0, "once is enough"


async def test_a_profile_of_which_nothing_is_left_leaves_the_index(writer: Writer, clock: Clock) -> None:
    """When the name itself expires nobody finds the profile, before and after indexing."""
    await index(writer, person("p1", expires=TOMORROW))
    clock.day = TOMORROW
    query = SearchQuery(match=BERG.match, today=TOMORROW)
    assert (await answer(writer, query)).total == 0
    await writer.index.catch_up()
    assert (await answer(writer, query)).total == 0
    assert (await writer.search.health())["documents"] == 0


async def test_hits_are_cut_by_the_day_of_the_query(writer: Writer) -> None:
    """The day a query is asked for decides what a hit shows, whatever day the index was written on."""
    await index(writer, person("p1", email="anna@berg.example", email_expires=TOMORROW))
    shown = (await answer(writer, BERG)).hits[0].profile
    assert shown.of(ValueKind.EMAIL)
    assert await find(writer, SearchQuery(match=BERG.match, today=TOMORROW)) == [], "the entry is stale until it is indexed anew"


# --- rebuild -----------------------------------------------------------------------------------------------------------------------


async def everything(store: Reader | Writer) -> list[tuple[str, Profile]]:
    """All hits in a fixed order."""
    return [(hit.id, hit.profile) for hit in (await answer(store, SearchQuery(size=1000, sort=Sort.NAME, today=TODAY))).hits]


async def test_a_rebuild_finds_the_same(writer: Writer, reader: Reader) -> None:
    """Built anew from the truth, the index answers as before; readers follow by themselves; progress reaches its end."""
    await index(writer, *(person(f"p{n}", f"Anna Berg{'abcdefghij'[n % 10]}") for n in range(40)))
    await writer.contacts.write([drop("p7"), put(person("late"))])
    before = await everything(reader)
    told: list[tuple[int, int]] = []
    assert await writer.index.rebuild(progress=lambda done, total: told.append((done, total))) == 40
    assert told[-1] == (40, 40)
    after = await everything(reader)
    assert [profile for _, profile in after] != []
    assert {key for key, _ in after} == {key for key, _ in before} - {"p7"} | {"late"}
    assert (await reader.search.health())["ready"]


async def test_searches_go_on_during_rebuilds_and_writes(writer: Writer, reader: Reader) -> None:
    """While the index is built anew, again and again, every search answers, and none sees half an index."""
    await index(writer, *(person(f"p{n:03}") for n in range(100)))
    done = asyncio.Event()

    async def build() -> None:
        for n in range(4):
            await writer.contacts.write([put(person(f"p{n:03}"))])
            await writer.index.rebuild()
        done.set()

    async def search() -> int:
        asked = 0
        while not done.is_set():
            result = await answer(reader, BERG)
            assert (result.total, len(result.hits)) == (100, 10)
            asked += 1
        return asked

    _, asked = await asyncio.gather(build(), search())
    assert asked > 4


async def test_nothing_written_during_a_rebuild_is_lost(writer: Writer, reader: Reader) -> None:
    """A profile written while the rebuild reads is in the new index."""
    await index(writer, *(person(f"p{n:04}") for n in range(1500)))
    loop = asyncio.get_running_loop()
    written: list[int] = []

    def progress(done: int, total: int) -> None:
        if not written:
            late = [put(person("p0000", "Anna Zoller")), put(person("late")), drop("p0001")]
            written.append(asyncio.run_coroutine_threadsafe(writer.contacts.write(late), loop).result(timeout=20))

    await writer.index.rebuild(progress=progress)
    await writer.index.catch_up()
    assert (await answer(reader, BERG)).total == 1499
    assert await find(reader, SearchQuery(match=Term("name", "zoller"))) == ["p0000"]
