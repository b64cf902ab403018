"""Promises of the main job: feeds become people, twice changes nothing, and what cannot be taken says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from engines.base import Collection
from engines.query import SearchQuery, Term
from indexer.export import export_assignments
from profiles.models import Profile, ProfileState, SourceRecord, ValueKind
from tests.indexer.conftest import TODAY, Desk

Person = Callable[..., dict[str, Any]]


def surname(number: int) -> str:
    """A made-up family name for each number, no two alike by an edit."""
    syllables = ["ba", "ko", "li", "mur", "ten", "vas", "gri", "dol", "hep", "zun"]
    return "".join(syllables[int(d)] for d in f"{number:04d}").capitalize()


async def profiles(desk: Desk) -> list[Profile]:
    found = [Profile.model_validate_json(d.body) async for d in desk.writer.contacts.scan(Collection.PROFILES)]
    return [p for p in found if p.state is ProfileState.ACTIVE]


async def contents(desk: Desk, *more: Collection) -> dict[str, bytes]:
    return {
        f"{c}/{d.key}": d.body
        for c in (Collection.RECORDS, Collection.KEYS, Collection.PROFILES, *more)
        async for d in desk.writer.contacts.scan(c)
    }


async def everything(desk: Desk) -> dict[str, bytes]:
    """Histories and possible links, too."""
    return await contents(desk, Collection.EVENTS, Collection.LINKS)


async def test_two_records_with_one_address_and_one_name_are_one_person(desk: Desk, person: Person) -> None:
    """The same e-mail under a nickname and in capitals gives one profile with both sources, found at once."""
    await desk.ingest([person(1, "Robert Smith", emails=["bob@firm.example"], skills=["Python"])])
    summary = await desk.ingest([person(9, "SMITH, Bob", emails=["BOB@FIRM.EXAMPLE"])], "web")
    (profile,) = await profiles(desk)
    assert {s.source_id for s in profile.of(ValueKind.EMAIL)[0].sources} == {"crm", "web"}
    assert (summary.new, summary.profiles_new) == (1, 0)
    hits = await desk.writer.search.search(SearchQuery(match=Term("email", "bob@firm.example"), today=TODAY))
    assert [h.id for h in hits.hits] == [profile.id]


async def test_the_same_again_changes_nothing(desk: Desk, person: Person) -> None:
    """A second run of the same feed, even with two versions of a record in it, leaves every byte as it was."""
    rows = [
        person(1, collected_at="2026-01-01", jobs=[{"title": "Clerk", "company": "Old Ltd"}], emails=["ada@x.example"]),
        person(2, "Alan Turing", phones=["+1 212-555-0123"]),
        person(1, collected_at="2026-02-01", jobs=[{"title": "Director", "company": "New Ltd"}], emails=["ada@x.example"]),
        person(3, "Grace Hopper", skills=["COBOL"]),
        person(3, "Grace Hopper", skills=["Compilers"]),
    ]
    await desk.ingest(rows)
    before = await everything(desk)
    again = await desk.ingest(rows)
    assert await everything(desk) == before
    assert (again.new, again.changed) == (0, 0)
    assert again.unchanged + again.older == 5


async def test_a_changed_record_replaces_its_own_contribution(desk: Desk, person: Person) -> None:
    """An address the source no longer gives is gone, and no longer leads to the person."""
    await desk.ingest([person(1, emails=["old@x.example"], skills=["Poetry"])])
    await desk.ingest([person(1, emails=["new@x.example"], skills=["Poetry"])])
    (profile,) = await profiles(desk)
    assert [v.value for v in profile.of(ValueKind.EMAIL)] == ["new@x.example"]
    for address, found in (("old@x.example", 0), ("new@x.example", 1)):
        assert (await desk.writer.search.search(SearchQuery(match=Term("email", address), today=TODAY))).total == found
    await desk.ingest([person(2, emails=["old@x.example"])])
    assert len(await profiles(desk)) == 2


async def test_a_record_that_knows_both_halves_joins_them_and_the_younger_id_redirects(desk: Desk, person: Person) -> None:
    """Two profiles become one under the older id; the other id says where it went."""
    await desk.ingest([person(1, emails=["ada@x.example"])])
    await desk.ingest([person(2, phones=["+1 212-555-0123"])])
    old, young = sorted(await profiles(desk), key=lambda p: p.created_at)
    summary = await desk.ingest([person(3, emails=["ada@x.example"], phones=["+1 212-555-0123"])])
    assert summary.profiles_merged == 1
    (joined,) = await profiles(desk)
    assert joined.id == old.id
    document = await desk.writer.contacts.get(Collection.PROFILES, young.id)
    assert document is not None
    assert Profile.model_validate_json(document.body).merged_into == old.id
    out = desk.folder / "assignments.csv"
    assert await export_assignments(desk.writer, out) == 3
    assert out.read_text().splitlines()[1:] == [f"crm,r{n},{old.id}" for n in (1, 2, 3)]


async def test_a_family_phone_keeps_two_people_apart(desk: Desk, person: Person) -> None:
    """One number, two first names: two profiles; who has the number and the name of one of them elsewhere is that one."""
    phone = ["+1 212-555-0123"]
    await desk.ingest([person(1, "Ada Byron", phones=phone), person(2, "George Byron", phones=phone)])
    await desk.ingest([person(3, "Ada Byron", phones=phone)], "web")
    assert sorted(p.records for p in await profiles(desk)) == [("crm/r1", "web/r3"), ("crm/r2",)]


async def test_what_cannot_be_taken_is_kept_with_line_field_and_reason(desk: Desk, person: Person) -> None:
    """A record without name or id is refused, a bad address left out; the rest of the feed is taken."""
    rejects = desk.folder / "rejects.jsonl"
    rows = [person(1, emails=["not an address"]), {"record_id": "r2"}, {"name": "Nobody Knows"}, person(4, "12345"), person(5)]
    summary = await desk.ingest(rows, rejects=rejects)
    noted = [orjson.loads(line) for line in rejects.read_bytes().splitlines()]
    assert [(n["line"], n["rejected"]) for n in noted] == [(1, "value"), (2, "record"), (3, "record"), (4, "record")]
    assert all(n["field"] and n["reason"] for n in noted)
    assert noted[1]["record"] == {"record_id": "r2"}
    assert (summary.new, summary.rejected_records, summary.rejected_values) == (2, 3, 1)
    assert rejects.stat().st_mode & 0o077 == 0


async def test_a_dry_run_writes_nothing(desk: Desk, person: Person) -> None:
    """It counts what would be done, and the store stays as it was."""
    summary = await desk.ingest([person(1), person(2, "12345")], dry_run=True)
    assert (summary.new, summary.rejected_records) == (1, 1)
    assert await contents(desk) == {}


async def test_worker_processes_give_the_same_as_one(desk: Desk, person: Person, tmp_path: Path) -> None:
    """However many processes normalise, the same feed gives the same people."""
    rows = [person(n, f"{'Ada' if n % 2 else 'Alan'} {surname(n % 40)}", emails=[f"t{n % 700}@x.example"]) for n in range(3000)]
    await desk.ingest(rows, workers=2, store=desk.url)
    first = {k: v for k, v in (await contents(desk)).items() if not k.startswith("profiles/")}
    ids = [p.id for p in await profiles(desk)]
    from engines.opening import open_writer  # a second store, for this test alone

    writer = await open_writer(f"embedded:{tmp_path / 'other'}")
    other = Desk(writer, f"embedded:{tmp_path / 'other'}", tmp_path)
    await other.ingest(rows)
    assert {k: v for k, v in (await contents(other)).items() if not k.startswith("profiles/")} == first
    assert [p.id for p in await profiles(other)] == ids
    await writer.close()


async def test_an_old_delivery_does_not_replace_a_newer_one(desk: Desk, person: Person) -> None:
    """A record collected earlier than what is held is counted as older and left alone."""
    await desk.ingest([person(1, collected_at="2026-05-01", skills=["New"])])
    summary = await desk.ingest([person(1, collected_at="2026-04-01", skills=["Old"])])
    assert summary.older == 1
    (profile,) = await profiles(desk)
    assert [v.value for v in profile.of(ValueKind.SKILL)] == ["New"]


async def test_no_update_renews_a_value(desk: Desk, person: Person) -> None:
    """The clock of an address starts on the day it was first seen, however often it is delivered again."""
    await desk.ingest([person(1, emails=["ada@x.example"], skills=["a"])], today=date(2026, 1, 1))
    await desk.ingest([person(1, emails=["ada@x.example"], skills=["b"])], today=date(2026, 8, 1))
    (profile,) = await profiles(desk)
    assert profile.of(ValueKind.EMAIL)[0].first_seen == date(2026, 1, 1)


async def test_what_a_source_knew_before_is_not_called_new(desk: Desk, person: Person) -> None:
    """An address collected in May and delivered in August was first and last seen in May; how long it is held counts from August."""
    await desk.ingest([person(1, collected_at="2026-05-04", emails=["ada@x.example"])], today=date(2026, 8, 1))
    await desk.ingest([person(1, collected_at="2026-04-01", emails=["ada@x.example"])], today=date(2026, 8, 2))
    email = (await profiles(desk))[0].of(ValueKind.EMAIL)[0]
    assert (email.first_seen, email.last_seen, email.sources[0].first_seen) == (date(2026, 5, 4), date(2026, 5, 4), date(2026, 8, 1))


async def test_two_ingests_at_once_make_one_person_of_twins(desk: Desk, person: Person) -> None:
    """Two feeds about the same people, taken at the same time, give each person one profile."""
    from engines.opening import open_writer  # the second process's view of the store

    writer = await open_writer(desk.url)
    (desk.folder / "second").mkdir()
    second = Desk(writer, desk.url, desk.folder / "second")
    rows = [person(n, f"Ada {surname(n)}", emails=[f"ada{n}@x.example"]) for n in range(1200)]
    try:
        await asyncio.gather(desk.ingest(rows), second.ingest(rows[::-1], "web"))
        assert sorted(p.records for p in await profiles(desk)) == sorted((f"crm/r{n}", f"web/r{n}") for n in range(1200))
    finally:
        await writer.close()


async def test_a_record_keeps_its_person_under_every_key(desk: Desk, person: Person) -> None:
    """Each stored record names the profile that lists it."""
    await desk.ingest([person(n, emails=[f"ada{n % 3}@x.example"]) for n in range(9)])
    owners = {p.id: set(p.records) for p in await profiles(desk)}
    records = [SourceRecord.model_validate_json(d.body) async for d in desk.writer.contacts.scan(Collection.RECORDS)]
    assert all(r.key in owners[r.profile_id] for r in records)
