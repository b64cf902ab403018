"""Orders and pages: the same every time, without overlap and without a gap."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.base import Reader, Writer
from engines.cursors import cursor_behind
from engines.query import Best, Everything, Hits, SearchQuery, Sort, Term
from profiles.errors import QueryInvalid
from tests.contract.conftest import answer, find, index
from tests.contract.people import TODAY, drop, person, put

FAMILIES = ("Adler", "Berg", "de Vries", "Zoller")
ORDERS = [sort for sort in Sort if sort is not Sort.DISTANCE]  # which has a point, and a file: test_nearby.py
ENGINEERS = SearchQuery(match=Best((Term("job_title", "engineer"), Term("city", "Munich", 2.0))))


@pytest.fixture
async def crowd(writer: Writer) -> Writer:
    """Three hundred people, many of one name, one day, one score; written in several goes."""
    shuffled = [
        person(
            f"p{n:03}",
            f"{('Anna', 'Otto')[n % 2]} {FAMILIES[n % 4]}",
            title="Engineer",
            city="Munich" if n % 3 == 0 else None,
            updated=TODAY - timedelta(days=n % 5),
        )
        for n in range(300)
    ]
    random.Random(1).shuffle(shuffled)
    for start in range(0, 300, 100):
        await index(writer, *shuffled[start : start + 100])
    return writer


async def pages(store: Writer | Reader, query: SearchQuery) -> list[Hits]:
    """Every page of an answer."""
    found = [await answer(store, query)]
    while found[-1].cursor:
        found.append(await answer(store, replace(query, cursor=found[-1].cursor)))
    return found


def ids(found: list[Hits]) -> list[str]:
    """All ids, page after page."""
    return [hit.id for page in found for hit in page.hits]


@pytest.mark.parametrize("sort", ORDERS)
async def test_pages_make_up_the_whole_answer(crowd: Writer, sort: Sort) -> None:
    """Page by page one gets everyone once, in the order of the whole; the total is the same on each page; the last has no cursor."""
    query = replace(ENGINEERS, sort=sort)
    whole = await answer(crowd, replace(query, size=1000))
    assert (whole.total, len(whole.hits), whole.cursor) == (300, 300, None)
    for size in (7, 100, 300):
        found = await pages(crowd, replace(query, size=size))
        assert ids(found) == [hit.id for hit in whole.hits]
        assert {page.total for page in found} == {300}
        assert len(found) == -(-300 // size)


async def test_by_relevance_better_comes_first(crowd: Writer) -> None:
    """No hit scores more than the one before it."""
    scores = [hit.score for hit in (await answer(crowd, replace(ENGINEERS, size=300))).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


async def test_by_name_is_by_family_name_then_given_name(crowd: Writer) -> None:
    """Family name first, then given name; an equal name does not break the order."""
    hits = (await answer(crowd, SearchQuery(sort=Sort.NAME, size=300))).hits
    names = [" ".join((*hit.profile.values[0].parts["family_tokens"], *hit.profile.values[0].parts["given_tokens"])) for hit in hits]
    assert names == sorted(names)


async def test_by_day_the_newest_comes_first(crowd: Writer) -> None:
    """Sorted by the day of the last change, newest first."""
    days = [hit.profile.updated for hit in (await answer(crowd, SearchQuery(sort=Sort.UPDATED, size=300))).hits]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("sort", ORDERS)
async def test_pages_hold_while_others_write(crowd: Writer, reader: Reader, sort: Sort) -> None:
    """Profiles that come and go between two pages do not make those that stay appear twice or not at all."""
    query = replace(ENGINEERS, sort=sort, size=40)
    page = await answer(reader, query)
    seen, n = [hit.id for hit in page.hits], 0
    while page.cursor:
        n += 1
        gone = f"p{n * 29:03}"
        await crowd.contacts.write([put(person(f"new{n}", "Aaron Aal", title="Engineer", city="Munich")), drop(gone)])
        await crowd.index.catch_up()
        page = await answer(reader, replace(query, cursor=page.cursor))
        seen += [hit.id for hit in page.hits]
    assert len(seen) == len(set(seen))
    stayed = {f"p{m:03}" for m in range(300)} - {f"p{m * 29:03}" for m in range(1, n + 1)}
    assert stayed <= set(seen)


async def test_by_id_nothing_moves_and_any_id_is_a_place(crowd: Writer) -> None:
    """Sorted by id, one goes on behind any profile, known or not: an answer cut short is taken up again from what arrived of it."""
    query = replace(ENGINEERS, sort=Sort.ID, size=1000)
    everybody = [f"p{n:03}" for n in range(300)]
    assert await find(crowd, query) == everybody
    for last in ("p000", "p150", "p1505", "p298"):
        assert await find(crowd, replace(query, cursor=cursor_behind(query, last))) == [key for key in everybody if key > last]


async def test_the_order_survives_a_rebuild(crowd: Writer) -> None:
    """Equal names and days come in the same order after the index was built anew."""
    for sort in (Sort.NAME, Sort.UPDATED):
        before = await find(crowd, SearchQuery(sort=sort, size=300))
        await crowd.index.rebuild()
        assert await find(crowd, SearchQuery(sort=sort, size=300)) == before


async def test_equal_scores_keep_their_order(writer: Writer) -> None:
    """Equally good hits come in the same order every time, and changing a profile does not move it."""
    await index(writer, *(person(f"p{n}") for n in (3, 1, 2)))
    query = SearchQuery(match=Term("name", "berg"))
    before = await find(writer, query)
    assert sorted(before) == ["p1", "p2", "p3"]
    await index(writer, person("p3", updated=TODAY - timedelta(days=1)))
    assert await find(writer, query) == before


async def test_a_cursor_belongs_to_its_question(crowd: Writer) -> None:
    """A cursor of another query or another order is refused; a changed page size is fine."""
    cursor = (await answer(crowd, ENGINEERS)).cursor
    for other in (
        SearchQuery(cursor=cursor),
        replace(ENGINEERS, cursor=cursor, sort=Sort.NAME),
        replace(ENGINEERS, cursor=cursor, filters=(Everything(),)),
    ):
        with pytest.raises(QueryInvalid) as caught:
            await answer(crowd, other)
        assert caught.value.problems[0].pointer == "cursor"
    assert len((await answer(crowd, replace(ENGINEERS, cursor=cursor, size=50))).hits) == 50


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cursor=st.one_of(
        st.text(max_size=60), st.binary(max_size=40).map(lambda b: b.hex()), st.sampled_from(["", "=", "W10", "e30", "bnVsbA"])
    )
)
async def test_nonsense_is_no_cursor(writer: Writer, cursor: str) -> None:
    """Any other text is refused as a cursor, in every order."""
    for sort in ORDERS:
        with pytest.raises(QueryInvalid):
            await answer(writer, SearchQuery(sort=sort, cursor=cursor))


async def test_damaged_cursors_are_refused_or_harmless(crowd: Writer) -> None:
    """A cursor with a letter changed never breaks anything."""
    for sort in ORDERS:
        query = replace(ENGINEERS, sort=sort)
        cursor = (await answer(crowd, query)).cursor
        assert cursor
        for at in range(0, len(cursor), 3):
            broken = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
            with suppress(QueryInvalid):
                assert (await answer(crowd, replace(query, cursor=broken))).total == 300
    assert (await crowd.search.health())["ready"]
