"""Promises of repetition: a feed read again, whenever and however, changes nothing; and no detour renews a clock or splits a person."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import orjson
import pytest

from engines.base import Collection, ReadDocuments, Unchanged, Write
from indexer.expiry import expire
from indexer.export import export_assignments
from indexer.frequencies import sampled
from indexer.ingest import ingest
from profiles.errors import InputInvalid, WriteConflict
from profiles.models import Profile, ProfileState, ValueKind
from profiles.resolve.frequencies import GIVEN
from profiles.resolve.sample import FEW, RECORDS_ENOUGH, Sample
from tests.indexer.conftest import TODAY, Desk, source
from tests.indexer.test_ingest import everything, profiles, surname

Person = Callable[..., dict[str, Any]]
TOMORROW = TODAY + timedelta(days=1)
PHONE = "+1 212-555-0123"


async def expired(desk: Desk, today: date) -> None:
    await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=today, apply=True)


async def test_a_feed_without_dates_read_again_tomorrow_changes_nothing(desk: Desk, person: Person) -> None:
    """Several versions of a record in one file, duplicates, and another record of the person: every byte is as it was, no event added."""
    rows = [
        person(1, jobs=[{"title": "Clerk", "company": "Old Ltd"}], emails=["ada@x.example"]),
        person(2, "Ada K. Lovelace", emails=["ada@x.example"], skills=["Poetry"]),
        person(1, jobs=[{"title": "Director", "company": "New Ltd"}], emails=["ada@x.example"]),
        person(1, jobs=[{"title": "Chair", "company": "New Ltd"}], phones=[PHONE], emails=["ada@x.example"]),
        person(2, "Ada K. Lovelace", emails=["ada@x.example"], skills=["Poetry"]),
    ]
    await desk.ingest(rows)
    before = await everything(desk)
    for days in (0, 1, 1, 30):
        await desk.ingest(rows, today=TODAY + timedelta(days=days))
        assert await everything(desk) == before


async def test_two_versions_of_a_record_in_one_file_leave_nobody_behind(desk: Desk, person: Person) -> None:
    """The first is about somebody new, the second about a person who is held: nobody was founded, so nobody is told of as erased."""
    await desk.ingest([person(1, emails=["ada@x.example"])])
    told = await desk.ingest([person(2, "Alan Turing"), person(2, emails=["ada@x.example"])])
    assert told.profiles_new == 0
    (one,) = [Profile.model_validate_json(d.body) async for d in desk.writer.contacts.scan(Collection.PROFILES)]
    assert one.records == ("crm/r1", "crm/r2")


async def test_a_delivery_without_news_draws_no_sample(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most deliveries bring nothing new: then no sample of who is held is drawn."""
    looks = []

    async def counted(contacts: ReadDocuments) -> Sample:
        looks.append(contacts)
        return await sampled(contacts)

    monkeypatch.setattr("indexer.batch.sampled", counted)
    rows = [person(1, emails=["ada@x.example"])]
    await desk.ingest(rows)
    assert len(looks) == 1
    summary = await desk.ingest(rows, today=TOMORROW)
    assert (summary.unchanged, len(looks)) == (1, 1)
    summary = await desk.ingest([*rows, person(2, "Grace Hopper")], today=TOMORROW)
    assert (summary.unchanged, summary.new, len(looks)) == (1, 1, 2)


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_a_batch_decided_again_counts_once(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    """Where other processes were faster a batch is decided again: how common a name is does not grow with each try."""
    samples: list[Sample] = []

    async def remembered(contacts: ReadDocuments) -> Sample:
        samples.append(await sampled(contacts))
        return samples[-1]

    write, left = desk.writer.contacts.write, lost

    async def slower(writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        nonlocal left
        if left and any(w.collection is Collection.RECORDS for w in writes):
            left -= 1
            raise WriteConflict("somebody was faster")
        return await write(writes, rests_on)

    monkeypatch.setattr("indexer.batch.sampled", remembered)
    monkeypatch.setattr(desk.writer.contacts, "write", slower)
    await desk.ingest([person(n, f"Ada {surname(n)}", emails=[f"a{n}@x.example"]) for n in range(RECORDS_ENOUGH)])
    (sample,) = samples
    assert (left, sample.held()) == (0, RECORDS_ENOUGH)
    assert sample.count(GIVEN, "ada") == round(RECORDS_ENOUGH / FEW * sample.persons())


async def test_the_file_before_read_again_after_the_newer_one_changes_nothing(desk: Desk, person: Person) -> None:
    """On one day today's file and then, by mistake, yesterday's again: today's stays, as often as it happens."""
    old, new = [person(1, skills=["Poetry"])], [person(1, skills=["Poetry"]), person(1, skills=["Engines"])]
    await desk.ingest(old)
    await desk.ingest(new, today=TOMORROW)
    before = await everything(desk)
    for rows in (old, new, new, old):
        await desk.ingest(rows, today=TOMORROW)
        assert await everything(desk) == before
    (profile,) = await profiles(desk)
    assert [v.value for v in profile.of(ValueKind.SKILL)] == ["Engines"]


async def test_a_compressed_feed_is_the_same_feed(desk: Desk, person: Person) -> None:
    """Compression changes how a feed travels, not what it says."""
    rows = [person(n, emails=[f"a{n}@x.example"]) for n in range(5)]
    await desk.ingest(rows)
    before = await everything(desk)
    feed = desk.folder / "feed.jsonl.gz"
    feed.write_bytes(gzip.compress(b"".join(orjson.dumps(r) + b"\n" for r in rows)))
    summary = await ingest(desk.writer, source=source(), feed=feed, policy=desk.policy, suppressions=desk.suppressions, today=TODAY)
    assert (summary.unchanged, await everything(desk)) == (5, before)


async def test_a_title_that_was_given_up_and_taken_again_is_shown_again(desk: Desk, person: Person) -> None:
    """A return to an earlier version is news on a later day, and the value still counts from its first day."""
    clerk, director = (person(1, jobs=[{"title": t, "company": "New Ltd"}]) for t in ("Clerk", "Director"))
    for days, row in enumerate((clerk, director, clerk)):
        await desk.ingest([row], today=TODAY + timedelta(days=days))
    (profile,) = await profiles(desk)
    assert [(v.value, v.first_seen) for v in profile.of(ValueKind.JOB_TITLE)] == [("Clerk", TODAY)]


async def test_a_value_dropped_by_the_source_that_gave_it_first_is_held_no_longer_by_the_second(desk: Desk, person: Person) -> None:
    """Two sources know a number; the first lets go of it. The clock of the second is still that of the first sight."""
    await desk.ingest([person(1, emails=["ada@x.example"], phones=[PHONE])])
    await desk.ingest([person(7, emails=["ada@x.example"], phones=[PHONE])], "web", today=TODAY + timedelta(days=100))
    (before,) = await profiles(desk)
    await desk.ingest([person(1, emails=["ada@x.example"])], today=TODAY + timedelta(days=101))
    (after,) = await profiles(desk)
    assert after.of(ValueKind.PHONE)[0].expires_at == before.of(ValueKind.PHONE)[0].expires_at
    assert after.of(ValueKind.PHONE)[0].first_seen == TODAY


async def test_a_source_with_a_shorter_period_does_not_lengthen_the_others_by_its_purge(desk: Desk, person: Person) -> None:
    """What is purged for one source was seen by it all the same."""
    first = [person(1, emails=["ada@x.example"], phones=[PHONE], valid_until=(TODAY + timedelta(days=9)).isoformat())]
    await desk.ingest(first)
    await desk.ingest([person(7, emails=["ada@x.example"], phones=[PHONE])], "web", today=TODAY + timedelta(days=5))
    await expired(desk, TODAY + timedelta(days=20))
    (profile,) = await profiles(desk)
    assert profile.of(ValueKind.PHONE)[0].first_seen == TODAY


async def test_two_people_found_to_be_one_count_from_the_earlier_first_sight(desk: Desk, person: Person) -> None:
    """A merge renews nothing, even when the record that saw a value first then lets go of it."""
    await desk.ingest([person(1, emails=["ada@x.example"], skills=["Poetry"])])
    await desk.ingest([person(2, phones=[PHONE], skills=["Poetry"])], today=TODAY + timedelta(days=50))
    await desk.ingest([person(3, emails=["ada@x.example"], phones=[PHONE])], today=TODAY + timedelta(days=60))
    await desk.ingest([person(1, emails=["ada@x.example"])], today=TODAY + timedelta(days=61))
    (profile,) = await profiles(desk)
    assert profile.of(ValueKind.SKILL)[0].first_seen == TODAY


async def test_changes_to_a_record_of_an_expired_person_leave_no_trail_of_profiles(desk: Desk, person: Person) -> None:
    """A source that goes on sending somebody whose time is over brings nobody back, and does not fill the store either."""
    await desk.ingest([person(1, emails=["ada@x.example"])])
    day = TODAY + timedelta(days=desk.policy.periods[ValueKind.NAME])
    await expired(desk, day)
    count = await desk.writer.contacts.count(Collection.PROFILES)
    for n in range(1, 4):
        await desk.ingest([person(1, emails=[f"ada{n}@x.example"])], today=day + timedelta(days=n))
    assert await profiles(desk) == []
    assert await desk.writer.contacts.count(Collection.PROFILES) == count
    assert await desk.writer.contacts.count(Collection.KEYS) == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_order_of_records_does_not_decide_who_is_who(desk: Desk, person: Person, order: tuple[int, ...]) -> None:
    """Three records of one person and one of her brother, in any order: the same two people with the same values."""
    rows = [
        person(1, emails=["ada@x.example"], jobs=[{"title": "Clerk", "company": "Old Ltd"}], collected_at="2026-01-01"),
        person(2, emails=["ada@x.example"], phones=[PHONE], jobs=[{"title": "Chair", "company": "New Ltd"}], collected_at="2026-03-01"),
        person(3, "Ada King Lovelace", phones=[PHONE], skills=["Engines", "Poetry"], collected_at="2026-02-01"),
    ]
    await desk.ingest([*(rows[n] for n in order), person(4, "George Lovelace", emails=["george@x.example"])])
    found = sorted(await profiles(desk), key=lambda p: p.records)
    assert [p.records for p in found] == [("crm/r1", "crm/r2", "crm/r3"), ("crm/r4",)]
    said = [v.model_dump(mode="json") for v in found[0].values]
    assert (found[0].of(ValueKind.JOB_TITLE)[0].value, len(said)) == ("Chair", 10)


async def test_a_chain_of_merges_leads_every_id_to_the_one_left(desk: Desk, person: Person) -> None:
    """C goes into B and B into A: each old id leads on, and the export names A for every record.

    When the record that brought two of them together has become somebody else's, what has nothing else in common parts again.
    """
    keys: list[dict[str, Any]] = [{"emails": ["ada@x.example"]}, {"phones": [PHONE]}, {"links": ["https://github.com/ada-l"]}]
    for n, key in enumerate(keys):
        await desk.ingest([person(n, **key)])
    a, b, c = (p.id for p in sorted(await profiles(desk), key=lambda p: p.created_at))
    await desk.ingest([person(8, **keys[1], **keys[2])])
    await desk.ingest([person(9, **keys[0], **keys[1])])
    states = {}
    for one in (a, b, c):
        document = await desk.writer.contacts.get(Collection.PROFILES, one)
        assert document is not None
        profile = Profile.model_validate_json(document.body)
        states[one] = (profile.state, profile.merged_into)
    assert states == {a: (ProfileState.ACTIVE, None), b: (ProfileState.MERGED, a), c: (ProfileState.MERGED, b)}
    out = desk.folder / "assignments.csv"
    await export_assignments(desk.writer, out)
    assert {line.split(",")[2] for line in out.read_text().splitlines()[1:]} == {a}
    await desk.ingest([person(9, "Charles Babbage")])
    assert len(await profiles(desk)) == 2
    await desk.ingest([person(2, **keys[2], skills=["Poetry"])])
    assert {p.records for p in await profiles(desk)} == {("crm/r0",), ("crm/r1", "crm/r2", "crm/r8"), ("crm/r9",)}


@pytest.mark.parametrize("damage", ["cut short", "overwritten"])
async def test_a_compressed_feed_damaged_on_its_way_says_so_and_the_whole_one_mends_it(desk: Desk, person: Person, damage: str) -> None:
    """The error names the damage, nothing half-read is held, and the feed delivered again brings all of it."""
    rows = [person(n, emails=[f"a{n}@x.example"], skills=[f"Skill {n * n}"]) for n in range(1200)]
    await desk.ingest(rows[:1])
    whole = gzip.compress(b"".join(orjson.dumps(r) + b"\n" for r in rows))
    half = len(whole) // 2
    feed = desk.folder / "feed.jsonl.gz"
    given: dict[str, Any] = {"source": source(), "feed": feed, "policy": desk.policy, "suppressions": desk.suppressions, "today": TODAY}
    feed.write_bytes(whole[:half] if damage == "cut short" else whole[:half] + b"\xff" * 500 + whole[half + 500 :])
    with pytest.raises(InputInvalid, match="damaged"):
        await ingest(desk.writer, **given)
    feed.write_bytes(whole)
    await ingest(desk.writer, **given)
    assert await desk.writer.contacts.count(Collection.RECORDS) == 1200
