"""Promises of expiry: what is over is never found, is purged on request, and does not come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engines.base import Collection
from engines.query import SearchQuery, Term
from indexer.expiry import ExpirySummary, expire
from indexer.explain import explain
from indexer.rebuild import reindex
from privacy.reading import ProfileReader
from privacy.sources import SourceRegistry
from profiles.errors import ProfileErased
from profiles.models import ValueKind
from search_api.saved.keeping import SavedSearches
from search_api.saved.schemas import KEPT_DAYS
from tests.indexer.conftest import TODAY, Desk, source
from tests.indexer.test_ingest import profiles

Person = Callable[..., dict[str, Any]]
PHONE = "+12125550123"


async def expired(desk: Desk, today: date, apply: bool = True) -> ExpirySummary:
    return await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=today, apply=apply)


def door(desk: Desk, today: date) -> ProfileReader:
    return ProfileReader(desk.writer, lambda: today)


async def stored(desk: Desk) -> bytes:
    return b"".join([d.body for c in (Collection.RECORDS, Collection.PROFILES) async for d in desk.writer.contacts.scan(c)])


async def test_an_expired_value_is_not_found_even_before_the_purge(desk: Desk, person: Person) -> None:
    """On the day its time is over a phone number finds nobody and is not shown; the person still is."""
    await desk.ingest([person(1, phones=[PHONE], skills=["Poetry"])])
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.PHONE])
    for today, found in ((day - timedelta(days=1), 1), (day, 0)):
        assert (await door(desk, today).search(SearchQuery(match=Term("phone", PHONE)))).total == found
    (owner,) = [p async for p in door(desk, day).all()]
    assert owner.of(ValueKind.PHONE) == ()
    assert owner.of(ValueKind.SKILL) != ()


async def test_the_preview_says_what_would_go_and_changes_nothing(desk: Desk, person: Person) -> None:
    """Without consent, expire only counts."""
    await desk.ingest([person(1, phones=[PHONE])])
    before = await stored(desk)
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.PHONE])
    summary = await expired(desk, day, apply=False)
    assert (summary.profiles, summary.persons, summary.values[ValueKind.PHONE], summary.applied) == (1, 0, 1, False)
    assert await stored(desk) == before


async def test_the_purge_takes_the_value_out_of_everything(desk: Desk, person: Person) -> None:
    """After the purge no stored byte holds the number, and a second purge finds nothing to do."""
    await desk.ingest([person(1, phones=["(212) 555-0123"], skills=["Poetry"])])
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.PHONE])
    await expired(desk, day)
    assert b"5550123" not in await stored(desk)
    assert b"555-0123" not in await stored(desk)
    assert (await expired(desk, day)).profiles == 0
    assert (await door(desk, day).search(SearchQuery(match=Term("skill_key", "poetry")))).total == 1


async def test_a_later_delivery_does_not_bring_the_value_back(desk: Desk, person: Person) -> None:
    """The same feed, a changed record, or another record of the person: the purged number stays out, new values come in."""
    await desk.ingest([person(1, phones=[PHONE], emails=["ada@x.example"])])
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.PHONE])
    await expired(desk, day)
    await desk.ingest([person(1, phones=[PHONE], emails=["ada@x.example"])], today=day)
    await desk.ingest([person(1, phones=[PHONE], emails=["ada2@x.example"])], today=day)
    await desk.ingest([person(7, phones=[PHONE], emails=["ada2@x.example"])], "web", today=day)
    assert PHONE.encode() not in await stored(desk)
    assert (await door(desk, day).search(SearchQuery(match=Term("email", "ada2@x.example")))).total == 1


async def test_when_the_name_is_over_the_person_is_gone(desk: Desk, person: Person) -> None:
    """Nothing nameless is kept: the id answers that it was erased, and nothing readable is left."""
    await desk.ingest([person(1, emails=["ada@x.example"])])
    (owner,) = [p async for p in door(desk, TODAY).all()]
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.NAME])
    assert (await expired(desk, day)).persons == 1
    with pytest.raises(ProfileErased):
        await door(desk, day).get(owner.id)
    left = await stored(desk)
    assert b"ada" not in left.lower()
    assert [d.key async for d in desk.writer.contacts.scan(Collection.KEYS)] == []


async def test_nothing_is_left_of_an_address_that_several_had_when_all_of_them_are_gone(desk: Desk, person: Person) -> None:
    """That it was shared is known by its digest, which anybody can make of an address: it goes with the last of them."""
    await desk.ingest([person(n, name, emails=["byron@x.example"]) for n, name in enumerate(("Ada Lovelace", "Bertram Wolkenstein"))])
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.NAME])
    assert (await expired(desk, day)).persons == 2
    assert [d.key async for d in desk.writer.contacts.scan(Collection.KEYS)] == []


async def test_the_last_day_of_a_record_is_kept_by_a_rebuild(desk: Desk, person: Person) -> None:
    """A record its source no longer vouches for is found by nobody, before and after a rebuild."""
    await desk.ingest([person(1, valid_until="2026-01-31", skills=["Poetry"]), person(2, "Alan Turing", skills=["Poetry"])])
    for _ in range(2):
        hits = await door(desk, TODAY).search(SearchQuery(match=Term("skill_key", "poetry")))
        assert [h.profile.of(ValueKind.NAME)[0].value for h in hits.hits] == ["Alan Turing"]
        await reindex(desk.writer, policy=desk.policy)


async def test_a_rebuild_gives_the_same_bytes(desk: Desk, person: Person) -> None:
    """Profiles made anew from their records are what they were."""
    await desk.ingest([person(n, emails=[f"ada{n % 3}@x.example"], skills=[f"Skill {n}"]) for n in range(9)])
    before = await stored(desk)
    summary = await reindex(desk.writer, policy=desk.policy)
    assert (summary.profiles, summary.corrected, summary.indexed) == (3, 0, 3)
    assert await stored(desk) == before


async def test_a_licence_that_ends_earlier_than_it_said_ends_what_rests_on_it(desk: Desk, person: Person) -> None:
    """The contract is terminated: after a reindex nothing of the source is served beyond its new last day, and expiry destroys it;
    what another source says as well stays.
    """
    await desk.ingest([person(1, emails=["ada@x.example"], phones=[PHONE]), person(2, "Alan Turing")])
    await desk.ingest([person(1, emails=["ada@x.example"])], "web")
    last = TODAY + timedelta(days=3)
    licence = {"evidence": "contract 1", "from": date(2026, 1, 1), "until": last}
    await SourceRegistry(desk.writer.contacts).add(source("crm", licence=licence))
    await reindex(desk.writer, policy=desk.policy)
    for today, names, phones in ((last, 2, 1), (last + timedelta(days=1), 1, 0)):
        served = [p async for p in door(desk, today).all()]
        assert (len(served), sum(len(p.of(ValueKind.PHONE)) for p in served)) == (names, phones)
    await expired(desk, last + timedelta(days=1))
    assert b"Turing" not in await stored(desk)
    assert b"2125550123" not in await stored(desk)
    (left,) = [p async for p in door(desk, last + timedelta(days=1)).all()]
    assert {s.source_id for v in left.values for s in v.sources} == {"web"}


async def test_saved_searches_nobody_asks_go_with_what_was_kept_beside_them(desk: Desk) -> None:
    """On its last day a saved search and its matches leave the store; one that was asked in between stays, and so does its cursor."""
    kept = {}
    for name in ("idle", "asked"):
        searches = SavedSearches(desk.writer.service, name, TODAY)
        kept[name] = await searches.add(name, {"q": "poet"})
        await searches.keep_matches(kept[name], {"p1": "as it was"}, "mark", None)
    between = SavedSearches(desk.writer.service, "asked", TODAY + timedelta(days=200))
    await between.renew(await between.get(kept["asked"].id))
    last = TODAY + timedelta(days=KEPT_DAYS)
    for day, left in ((last - timedelta(days=1), ["asked", "idle"]), (last, ["asked"])):
        await expired(desk, day)
        for collection in (Collection.SEARCHES, Collection.MATCHES):
            assert [document.key.partition("/")[0] async for document in desk.writer.service.scan(collection)] == left
    searches = SavedSearches(desk.writer.service, "asked", last)
    still = await searches.get(kept["asked"].id)
    assert await searches.matches(still, still.marks[0]) == {"p1": "as it was"}


async def test_an_ingest_counts_what_is_past_its_day_until_it_is_purged_and_no_account_names_it(desk: Desk, person: Person) -> None:
    """As the help of `roster why` says: a record whose day is over still draws another to it, and `why` finds nothing between them."""
    address = ["ada.lovelace@firm.example"]
    await desk.ingest([person(1, emails=address, valid_until=(TODAY + timedelta(days=5)).isoformat())])
    late = TODAY + timedelta(days=9)
    await desk.ingest([person(2, emails=address)], "web", today=late)
    assert [profile.records for profile in await profiles(desk)] == [("crm/r1", "web/r2")]
    for day, kinds in ((TODAY, {"email", "given", "family"}), (late, set())):
        told = await explain(desk.writer, ("crm/r1",), ("web/r2",), lambda day=day: day)  # type: ignore[misc]  # a default binds the loop's value
        assert {"email", "given", "family"} & {found.kind for found in told.comparison.evidence if found.weight > 0} == kinds
