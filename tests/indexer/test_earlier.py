"""Promises about earlier versions of records: what somebody once said still tells who she is, in whatever order deliveries come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from engines.base import Collection
from indexer.clock import succeed
from indexer.earlier import EarlierVersions
from indexer.person import Person as Profiled
from profiles.history import EventKind
from profiles.models import Observation, SourceRecord, ValueKind
from profiles.resolve.traits import Trait
from tests.indexer.conftest import Desk
from tests.indexer.test_clock import FIRST, PERIODS, digest, record
from tests.indexer.test_grown import events, held
from tests.indexer.test_ingest import everything, profiles

Person = Callable[..., dict[str, Any]]
NAME = "Xanthippe Wolkenstein"
BEFORE = {"jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}
NOW = {"jobs": [{"title": "Head Gardener", "company": "Lilac Nurseries"}]}


def deliveries(person: Person) -> dict[str, dict[str, Any]]:
    """A person's record before and after she changed her job, and a copy that knows only the old one."""
    return {
        "before": person(1, NAME, collected_at="2026-05-01", **BEFORE),
        "after": person(1, NAME, collected_at="2026-08-01", **NOW),
        "copy": person(2, NAME, collected_at="2026-06-01", **BEFORE),
    }


@pytest.mark.parametrize("order", list(permutations(("before", "after", "copy"))), ids=" ".join)
async def test_in_every_order_one_person(desk: Desk, person: Person, order: tuple[str, ...]) -> None:
    """A copy of a job that its holder has left finds her, whichever of the three comes first; again, and nothing changes."""
    rows = deliveries(person)
    for name in order:
        await desk.ingest([rows[name]])
    assert await held(desk) == [("crm/r1", "crm/r2")]
    before = await everything(desk)
    for name in order:
        await desk.ingest([rows[name]])
    assert await everything(desk) == before


async def test_all_in_one_delivery_is_the_same(desk: Desk, person: Person) -> None:
    """In one feed as in several."""
    rows = deliveries(person)
    await desk.ingest([rows["after"], rows["before"], rows["copy"]])
    assert await held(desk) == [("crm/r1", "crm/r2")]


async def test_history_says_that_an_earlier_version_spoke(desk: Desk, person: Person) -> None:
    """Whoever asks why the copy is hers reads that it was not what her records say today."""
    rows = deliveries(person)
    for name in ("before", "after", "copy"):
        await desk.ingest([rows[name]])
    (told,) = [e for e in await events(desk) if e.kind is EventKind.ATTACHED and e.because]
    assert any(said.startswith("company same") for said in told.because)
    assert told.because[-1] == "an earlier version of a record said the same"


async def test_nothing_of_an_old_version_is_held_that_comes_late(desk: Desk, person: Person) -> None:
    """It leaves keyed hashes of what it said, and no value: neither in the record nor in the profile."""
    rows = deliveries(person)
    await desk.ingest([rows["after"]])
    (profile,) = await profiles(desk)
    summary = await desk.ingest([rows["before"]])
    assert summary.older == 1
    assert await profiles(desk) == [profile]
    document = await desk.writer.contacts.get(Collection.RECORDS, "crm/r1")
    assert document is not None
    assert b"Engines" not in document.body
    assert {m.kind for m in SourceRecord.model_validate_json(document.body).first_sights} == {ValueKind.JOB_TITLE, ValueKind.COMPANY}


def test_what_may_no_longer_be_held_tells_nothing() -> None:
    """When the period of an old value is over, its hash only keeps it away: nobody is known by it any more."""
    company = Observation(kind=ValueKind.COMPANY, said="Engines", value="Engines", keys=("engines",), first_seen=FIRST)
    before = record("a", company)
    her = Profiled("p1", datetime(2026, 1, 1, tzinfo=UTC), 1)
    her.keep(succeed(before, record("b"), digest))
    over = FIRST + timedelta(days=PERIODS[ValueKind.COMPANY])
    assert EarlierVersions({"crm": PERIODS}, over, digest).traits(her, before) is None
    known = EarlierVersions({"crm": PERIODS}, over - timedelta(days=1), digest).traits(her, before)
    assert known is not None
    assert list(known.of(Trait.COMPANY)) == ["engines"]
