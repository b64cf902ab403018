"""Promises about people who have grown: what several records say together brings two profiles together, or takes one apart again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engines.base import Collection
from profiles.history import Event, EventKind
from profiles.judgement import Verdict
from search_api.review.pairs import chains
from tests.indexer.conftest import Desk
from tests.indexer.test_ingest import profiles
from tests.indexer.test_judging import said, unmerged

Person = Callable[..., dict[str, Any]]
NAME = "Xanthippe Wolkenstein"
LINK = {"links": ["https://github.com/xw-engines"]}
JOB = {"jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}
OTHER_LINK = {"links": ["https://github.com/another-wolkenstein"]}


def a_marriage(person: Person) -> list[dict[str, Any]]:
    """One person: two records that have but the name in common, and a third, under her new name, that hangs together with the first."""
    return [person(1, NAME, **LINK), person(2, NAME, **JOB), person(3, "Xanthippe Bradamante", **LINK, **JOB)]


def two_namesakes(person: Person) -> list[dict[str, Any]]:
    """Two people of one name in one job (records 1 and 3, 2 and 4), which the first two records do not show."""

    def job(started: str) -> dict[str, Any]:
        return {"jobs": [{"title": "Analyst", "company": "Engines Ltd", "started": started}]}

    return [
        person(1, NAME, **JOB, **LINK),
        person(2, NAME, **JOB, emails=["xanthippe2@engines.example"]),
        person(3, NAME, **job("2015-03"), **LINK, emails=["xanthippe@engines.example"]),
        person(4, NAME, **job("2021-06"), **OTHER_LINK, emails=["xanthippe2@engines.example"]),
    ]


async def held(desk: Desk) -> list[tuple[str, ...]]:
    """Records of each living profile."""
    return sorted(p.records for p in await profiles(desk))


async def events(desk: Desk) -> list[Event]:
    """Everything told, of all profiles; every chain is whole."""
    found = [chain async for chain in chains(desk.writer)]
    assert all(chain.broken_at() is None for chain in found)
    return [event for chain in found for event in chain.events]


async def test_two_profiles_come_together_when_one_has_grown(desk: Desk, person: Person) -> None:
    """What is known of a person under her new name joins her to a profile under the old one that fits none of her records by itself.

    The history says why, the feed read again changes nothing, and the merge can be taken back for good.
    """
    rows = a_marriage(person)
    await desk.ingest(rows[:2])
    assert await held(desk) == [("crm/r1",), ("crm/r2",)]
    assert (await desk.ingest(rows)).profiles_merged == 1
    assert await held(desk) == [("crm/r1", "crm/r2", "crm/r3")]
    before = await events(desk)
    merged = next(e for e in before if e.kind is EventKind.MERGED)
    assert merged.because[0] == "both have grown"
    await desk.ingest(rows)
    assert await events(desk) == before
    (whole,) = await profiles(desk)
    await unmerged(desk, whole.id, "crm/r2")
    await desk.ingest([*rows, person(4, "Xanthippe Bradamante", **LINK, **JOB)])
    assert ("crm/r2",) in await held(desk)


async def test_all_in_one_delivery_is_the_same(desk: Desk, person: Person) -> None:
    """Whether records come together or one after another, the same people come of them."""
    await desk.ingest(a_marriage(person))
    assert await held(desk) == [("crm/r1", "crm/r2", "crm/r3")]


async def test_a_word_keeps_apart_what_has_grown(desk: Desk, person: Person) -> None:
    """Two profiles judged to be different stay so, whatever they come to share."""
    rows = a_marriage(person)
    await desk.ingest(rows[:2])
    one, other = await profiles(desk)
    await said(desk, Verdict.DIFFERENT, one.id, other.id)
    await desk.ingest(rows)
    assert await held(desk) == [("crm/r1", "crm/r3"), ("crm/r2",)]


async def test_two_namesakes_part_when_their_records_contradict(desk: Desk, person: Person) -> None:
    """Two people of one name in one job were taken for one; when each has shown a beginning, an address and a profile link, they are two.

    Both histories say so, the pair waits for a person's word, and the feed read again changes nothing.
    """
    rows = two_namesakes(person)
    await desk.ingest(rows[:3])
    assert await held(desk) == [("crm/r1", "crm/r2", "crm/r3")]
    await desk.ingest(rows)
    assert await held(desk) == [("crm/r1", "crm/r3"), ("crm/r2", "crm/r4")]
    before = await events(desk)
    parted = [e for e in before if e.kind in (EventKind.UNMERGED, EventKind.RESTORED)]
    assert len(parted) == 2
    assert all("two people's" in e.because[0] and e.weights and e.judgement is None for e in parted)
    assert await desk.writer.contacts.count(Collection.LINKS) >= 1
    await desk.ingest(rows)
    assert await events(desk) == before


async def test_a_word_holds_together_what_contradicts(desk: Desk, person: Person) -> None:
    """Two profiles that somebody has said to be one person are not taken apart."""
    rows = two_namesakes(person)
    await desk.ingest(rows)
    one, other = await profiles(desk)
    await said(desk, Verdict.SAME, one.id, other.id)
    await desk.ingest([*rows, person(5, NAME, **JOB, **LINK)])
    assert await held(desk) == [("crm/r1", "crm/r2", "crm/r3", "crm/r4", "crm/r5")]


async def test_a_source_that_lists_seats_may_name_one_person_twice(desk: Desk, person: Person) -> None:
    """Two ids of one source speak against one person, unless the source has several records of most people, such as one a seat.

    Of two records of a rare name and one position, the answer depends on what the source does with others.
    """
    firms = ("Engines Ltd", "Kilnworks")
    twice = [person(n, NAME, jobs=[{"title": "Plant Manager", "company": firm}]) for n, firm in enumerate(firms, 1)]
    await desk.ingest(twice)
    assert await held(desk) == [("crm/r1",), ("crm/r2",)]
    seats = [
        person(100 * number + seat, member, links=[f"https://github.com/member-{number}"], jobs=[{"title": "Member", "company": body}])
        for number, member in enumerate(MEMBERS, 1)
        for seat, body in enumerate(BODIES)
    ]
    await desk.ingest(seats)
    assert len(await held(desk)) == 2 + len(MEMBERS)
    await desk.ingest([{**row, "skills": ["Falconry"]} for row in twice])
    assert ("crm/r1", "crm/r2") in await held(desk)


MEMBERS = ("Adele Brandt", "Bruno Castell", "Celia Dorn", "Dario Engel", "Edith Falk", "Felix Gerber", "Greta Holm", "Hugo Iversen")
BODIES = ("Budget", "Rules", "Ethics", "Water", "Roads", "Parks", "Schools", "Harbour")


async def test_a_colleague_whose_name_is_a_letter_away_is_parted_when_it_is_said_again(desk: Desk, person: Person) -> None:
    """Her first record looks like a slip in the other's name, which a page spells. Said by another source as well, it is none."""
    other = "Xanthippe Wolkenstain"
    await desk.ingest([person(n, NAME, **JOB, links=["https://github.com/wolkenstein"]) for n in (1, 2)])
    await desk.ingest([person(3, other, **JOB)], "web")
    assert await held(desk) == [("crm/r1", "crm/r2", "web/r3")]
    await desk.ingest([person(4, other, **JOB)], "fair")
    assert await held(desk) == [("crm/r1", "crm/r2"), ("fair/r4", "web/r3")]
