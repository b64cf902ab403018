"""Promises about keys of several people: found by themselves, told, and what rested on them alone parts again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engines.base import Collection
from profiles.history import EventKind
from search_api.review.pairs import chains
from tests.indexer.conftest import Desk
from tests.indexer.test_ingest import profiles

Person = Callable[..., dict[str, Any]]
TEAM = {"links": ["https://github.com/engines-team"]}


async def test_a_record_leaves_when_the_profile_link_that_held_it_is_everybodys(desk: Desk, person: Person) -> None:
    """Two records of a common name are joined by a social profile, until somebody else turns up with it too: then they are two people.

    The histories say so, the pair waits for a person's word, and the feed read again changes nothing.
    """
    rows = [person(1, "Mary Smith", **TEAM), person(2, "Mary Smith", **TEAM), person(3, "Bertram Wolkenstein", **TEAM)]
    await desk.ingest(rows[:2])
    assert [p.records for p in await profiles(desk)] == [("crm/r1", "crm/r2")]
    await desk.ingest(rows)
    assert sorted(p.records for p in await profiles(desk)) == [("crm/r1",), ("crm/r2",), ("crm/r3",)]
    told = [event async for chain in chains(desk.writer) for event in chain.events]
    assert {event.key.partition(":")[0] for event in told if event.kind is EventKind.SHARED and event.key} == {"link"}
    assert sum("a key that tied it there is shared" in words for event in told for words in event.because) == 1
    assert await desk.writer.contacts.count(Collection.LINKS) >= 1
    before = {c: {d.key: d.body async for d in desk.writer.contacts.scan(c)} for c in (Collection.EVENTS, Collection.RECORDS)}
    await desk.ingest(rows)
    assert {c: {d.key: d.body async for d in desk.writer.contacts.scan(c)} for c in before} == before


async def test_a_rare_name_needs_no_link_of_its_own(desk: Desk, person: Person) -> None:
    """Where the rest is enough, a record stays though the link is a team's."""
    job = {"jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}
    rows = [person(n, "Xanthippe Wolkenstein", **TEAM, **job) for n in (1, 2)]
    await desk.ingest([*rows, person(3, "Bertram Smith", **TEAM)])
    assert sorted(p.records for p in await profiles(desk)) == [("crm/r1", "crm/r2"), ("crm/r3",)]


async def test_an_address_that_was_met_under_two_names_does_not_keep_her_apart_who_had_both(desk: Desk, person: Person) -> None:
    """She has married: her former address is taken for one of two people, until another address spells the name she had."""
    before = {"jobs": [{"title": "Head of Finance", "company": "Kilnworks"}], "emails": ["augusta@kilnworks.example"]}
    job = {"jobs": [{"title": "Finance Manager", "company": "Engines Ltd"}], "links": ["https://github.com/awolkenstein"]}
    rows = [person(1, "Augusta Fonfort", **before), person(2, "Augusta Wolkenstein", emails=before["emails"], **job)]
    await desk.ingest(rows)
    assert sorted(p.records for p in await profiles(desk)) == [("crm/r1",), ("crm/r2",)]
    rows.append(person(3, "Augusta Wolkenstein", emails=["augusta.fonfort@engines.example"], **job))
    await desk.ingest(rows)
    assert [p.records for p in await profiles(desk)] == [("crm/r1", "crm/r2", "crm/r3")]
