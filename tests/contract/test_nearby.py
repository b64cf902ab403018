"""Who lives near a point, and in which order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from engines.base import Writer
from engines.distance import kilometres
from engines.query import Near, SearchQuery, Sort, Term
from profiles.errors import QueryInvalid
from tests.contract.conftest import answer, find, index
from tests.contract.people import TODAY, person
from tests.contract.test_paging import ids, pages

MUNICH, AUGSBURG, BERLIN, SYDNEY = (48.13743, 11.57549), (48.37154, 10.89851), (52.52437, 13.41053), (-33.86785, 151.20732)
SUVA, TAVEUNI, SVALBARD = (-18.14161, 178.44149), (-16.8, -179.97), (78.22334, 15.64689)


@pytest.fixture
async def people(writer: Writer) -> Writer:
    """People in several places, one in two, one nowhere."""
    await index(
        writer,
        person("berliner", title="Engineer", points=[BERLIN]),
        person("augsburger", title="Engineer", points=[AUGSBURG]),
        person("commuter", points=[SYDNEY, MUNICH], city="Munich"),
        person("muenchner", title="Engineer", points=[MUNICH]),
        person("nowhere", title="Engineer", city="Munich"),
        person("fijian", points=[SUVA]),
        person("arctic", points=[SVALBARD]),
    )
    return writer


@pytest.mark.parametrize(
    ("middle", "radius", "found"),
    [
        (MUNICH, 1, {"muenchner", "commuter"}),
        (MUNICH, 56, {"muenchner", "commuter"}),
        (MUNICH, 58, {"muenchner", "commuter", "augsburger"}),
        (MUNICH, 600, {"muenchner", "commuter", "augsburger", "berliner"}),
        (SYDNEY, 50, {"commuter"}),
        (TAVEUNI, 250, {"fijian"}),  # across the date line
        ((89.9, -170.0), 1400, {"arctic"}),  # across the pole
        ((0.0, 0.0), 50, set()),
        ((0.0, 0.0), 20_016, {"muenchner", "commuter", "augsburger", "berliner", "fijian", "arctic"}),
    ],
)
async def test_within_a_radius(people: Writer, middle: tuple[float, float], radius: float, found: set[str]) -> None:
    """One of a person's places lies in the circle, as the crow flies; who has no known place is in none."""
    assert set(await find(people, SearchQuery(near=Near(*middle, radius)))) == found


async def test_hits_tell_the_distance_to_the_nearest_place(people: Writer) -> None:
    """In kilometres, whatever the order; without a circle nothing is told."""
    for sort in Sort:
        hits = (await answer(people, SearchQuery(near=Near(*MUNICH, 600), sort=sort))).hits
        far = {hit.id: round(hit.kilometres, 1) for hit in hits if hit.kilometres is not None}
        assert far == {"muenchner": 0.0, "commuter": 0.0, "augsburger": 56.5, "berliner": 504.9}
    assert {hit.kilometres for hit in (await answer(people, SearchQuery())).hits} == {None}


async def test_near_holds_for_totals_and_facets(people: Writer) -> None:
    """The circle is a filter as others are: nobody outside is counted."""
    query = SearchQuery(match=Term("job_title", "engineer"), near=Near(*MUNICH, 100), facets={"job_title_name": 5})
    result = await answer(people, query)
    assert (result.total, list(result.facets["job_title_name"])) == (2, [("Engineer", 2)])


async def test_by_distance_the_nearest_comes_first(people: Writer) -> None:
    """Nearest first; the nearest of several places counts; a match decides who, not in which order."""
    query = SearchQuery(near=Near(*AUGSBURG, 1000), sort=Sort.DISTANCE)
    found = await find(people, query)
    assert (found[0], set(found[1:3]), found[3]) == ("augsburger", {"muenchner", "commuter"}, "berliner")
    assert await find(people, replace(query, match=Term("job_title", "engineer"))) == ["augsburger", "muenchner", "berliner"]


async def test_distance_is_from_somewhere(people: Writer) -> None:
    """An order by distance without a point is refused."""
    with pytest.raises(QueryInvalid) as caught:
        await answer(people, SearchQuery(sort=Sort.DISTANCE))
    assert caught.value.problems[0].pointer == "sort"


async def test_pages_by_distance(writer: Writer) -> None:
    """Page by page one gets everyone once, nearest first, however many live in one place; also while others come and go."""
    draw = random.Random(2)
    towns = [(draw.uniform(47, 50), draw.uniform(9, 13)) for _ in range(12)]
    crowd = [person(f"p{n:03}", points=draw.sample(towns, draw.randint(1, 2))) for n in range(240)]
    await index(writer, *crowd)
    query = SearchQuery(near=Near(*MUNICH, 150), sort=Sort.DISTANCE, size=1000)
    whole = await answer(writer, query)
    far = [hit.kilometres or 0.0 for hit in whole.hits]
    assert far == sorted(far)
    assert len(whole.hits) == whole.total > 100
    assert max(far) <= 150
    for size in (1, 7, 50, whole.total):
        found = await pages(writer, replace(query, size=size))
        assert ids(found) == [hit.id for hit in whole.hits]
        assert {page.total for page in found} == {whole.total}
    first = await answer(writer, replace(query, size=50))
    await index(writer, person("nearest", points=[MUNICH]), person(whole.hits[60].id, points=[SYDNEY], updated=TODAY))
    later = await answer(writer, replace(query, cursor=first.cursor))
    assert [hit.id for hit in later.hits] == [hit.id for n, hit in enumerate(whole.hits) if n >= 50 and n != 60]


def test_distances_are_those_of_the_globe() -> None:
    """Within one in two hundred of the measured distances of well-known cities."""
    assert kilometres(*MUNICH, *BERLIN) == pytest.approx(504.2, rel=0.005)
    assert kilometres(*BERLIN, *SYDNEY) == pytest.approx(16_090, rel=0.005)
    assert kilometres(*MUNICH, *MUNICH) == 0
