"""Promises about records that went to a namesake before their own person was known: they find their way to her."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from indexer.person import profile_id
from privacy.suppressing import suppress
from profiles.errors import InputInvalid
from profiles.history import EventKind
from profiles.judgement import Verdict
from profiles.models import ValueKind
from search_api.review.pairs import find, part
from tests.indexer.conftest import Desk
from tests.indexer.test_grown import JOB, NAME, events, held
from tests.indexer.test_ingest import profiles
from tests.indexer.test_judging import said, unmerged

Person = Callable[..., dict[str, Any]]
COLLEAGUE = "Xanthippe Wolkenstain"
FIRST = {"jobs": [{**JOB["jobs"][0], "started": "2015-03"}], "links": ["https://github.com/wolkenstein"]}
SECOND = {"jobs": [{**JOB["jobs"][0], "started": "2021-06"}], "links": ["https://github.com/wolkenstain-x"]}


async def colleagues(desk: Desk, person: Person) -> None:
    """Two records of a person whose name a page spells, and one of a colleague whose name is a letter away: it is taken for a slip."""
    await desk.ingest([person(n, NAME, **FIRST) for n in (1, 2)])
    await desk.ingest([person(3, COLLEAGUE, **JOB)], "web")
    assert await held(desk) == [("crm/r1", "crm/r2", "web/r3")]


async def test_the_first_record_of_a_colleague_follows_her(desk: Desk, person: Person) -> None:
    """Once the colleague has come with a page of her own, what was taken for a slip in the other's name is hers.

    Both histories say why, the id that the record came with leads to her, and the feed read again changes nothing.
    """
    await colleagues(desk, person)
    hers = [person(n, COLLEAGUE, **SECOND) for n in (4, 5)]
    await desk.ingest(hers, "fair")
    assert await held(desk) == [("crm/r1", "crm/r2"), ("fair/r4", "fair/r5", "web/r3")]
    before = await events(desk)
    told = {e.kind: e for e in before if "namesake" in "".join(e.because)}
    assert told.keys() == {EventKind.UNMERGED, EventKind.RESTORED, EventKind.MERGED, EventKind.MERGED_INTO}
    assert all(e.weights and e.judgement is None for e in told.values())
    assert "fair/r4" in (await find(desk.writer, profile_id("web/r3"))).profile.records
    await desk.ingest(hers, "fair")
    assert await events(desk) == before


async def test_it_brings_its_own_days_and_not_the_namesakes(desk: Desk, person: Person) -> None:
    """Its job counted from the day on which the namesake's was first seen, as long as it was with her; now again from its own."""
    await desk.ingest([person(n, NAME, **FIRST) for n in (1, 2)], today=date(2026, 2, 1))
    await desk.ingest([person(3, COLLEAGUE, **JOB)], "web", today=date(2026, 6, 1))
    await desk.ingest([person(n, COLLEAGUE, **SECOND) for n in (4, 5)], "fair", today=date(2026, 6, 20))
    found = {p.records: p for p in await profiles(desk)}
    seen = {records: {v.first_seen for v in p.values if v.kind is ValueKind.COMPANY} for records, p in found.items()}
    assert seen == {("crm/r1", "crm/r2"): {date(2026, 2, 1)}, ("fair/r4", "fair/r5", "web/r3"): {date(2026, 6, 1)}}


async def test_nothing_of_a_hidden_person_goes_to_anybody(desk: Desk, person: Person) -> None:
    """Who is suppressed waits to be purged with all she is taken to hold; no record of hers comes to light with a namesake's."""
    await desk.ingest([person(n, NAME, **FIRST) for n in (1, 2)])
    await desk.ingest([person(3, COLLEAGUE, **JOB, emails=["private@mailbox.example"])], "web")
    await suppress(desk.writer, desk.suppressions, ValueKind.LINK, FIRST["links"][0])
    await desk.ingest([person(n, COLLEAGUE, **SECOND) for n in (4, 5)], "fair")
    assert await held(desk) == [("fair/r4", "fair/r5")]


async def test_a_record_said_to_be_hers_stays(desk: Desk, person: Person) -> None:
    """Somebody has said that the record is of the person it is with: it does not follow the colleague."""
    await colleagues(desk, person)
    (whole,) = await profiles(desk)
    await unmerged(desk, whole.id, "web/r3")
    one, other = await profiles(desk)
    await said(desk, Verdict.SAME, one.id, other.id)
    await desk.ingest([person(n, COLLEAGUE, **SECOND) for n in (4, 5)], "fair")
    assert await held(desk) == [("crm/r1", "crm/r2", "web/r3"), ("fair/r4", "fair/r5")]


async def test_a_record_said_to_be_none_of_hers_stays(desk: Desk, person: Person) -> None:
    """Somebody has said that the colleague is not whom the record is with, the record included: it does not follow her."""
    await colleagues(desk, person)
    elsewhere = {"jobs": [{"title": "Falconer", "company": "Kilnworks"}]}
    await desk.ingest([person(4, COLLEAGUE, **{**SECOND, **elsewhere})], "fair")
    one, other = await profiles(desk)
    await said(desk, Verdict.DIFFERENT, one.id, other.id)
    await desk.ingest([person(5, COLLEAGUE, **SECOND)], "fair")
    assert await held(desk) == [("crm/r1", "crm/r2", "web/r3"), ("fair/r4", "fair/r5")]


async def test_a_merge_whose_records_have_gone_cannot_be_taken_back(desk: Desk, person: Person) -> None:
    """The source now says somebody else under the record's id: whoever unmerges the profile that it came with is told it is not there."""
    await colleagues(desk, person)
    await desk.ingest([person(3, "Bertha Falkenrath", emails=["bertha@kilnworks.example"])], "web")
    assert await held(desk) == [("crm/r1", "crm/r2"), ("web/r3",)]
    with pytest.raises(InputInvalid, match="no longer has"):
        await part(desk.writer, profile_id("web/r3"), [], reason="", actor="op")


async def test_a_record_that_fits_both_alike_stays(desk: Desk, person: Person) -> None:
    """Of two namesakes in one job nobody can say whose a record is that says no more: it stays with the one it came to."""
    await desk.ingest([person(1, NAME, **FIRST)])
    await desk.ingest([person(2, NAME, **JOB)], "web")
    await desk.ingest([person(3, NAME, **SECOND)], "fair")
    assert await held(desk) == [("crm/r1", "web/r2"), ("fair/r3",)]
