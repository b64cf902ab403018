"""Promises of taking back: merges by a person's word, undone to the byte, kept apart for good, and all of it told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest

from engines.base import Collection
from indexer.expiry import expire
from indexer.judging import apply_judgements
from indexer.rebuild import reindex
from privacy.suppressing import suppress
from profiles.errors import InputInvalid, ProfileNotFound
from profiles.history import Chain
from profiles.judgement import Verdict
from profiles.models import Profile, ProfileState, ValueKind
from search_api.review.pairs import chains, find, give, judge, part
from tests.indexer.conftest import TODAY, Desk
from tests.indexer.test_ingest import contents, profiles

Person = Callable[..., dict[str, Any]]
ADA = {"emails": ["ada@x.example"], "skills": ["Poetry"]}
COUNTESS = {"phones": ["+1 212-555-0123"], "skills": ["Poetry"], "jobs": [{"title": "Analyst", "company": "Engines Ltd"}]}


async def said(desk: Desk, verdict: Verdict, one: str, other: str) -> None:
    """A person's word, given and followed."""
    word = judge(verdict, await find(desk.writer, one), await find(desk.writer, other), reason="seen their passports", actor="op")
    await give(desk.writer, word)
    await apply_judgements(desk.writer, desk.policy)


async def unmerged(desk: Desk, profile: str, *records: str) -> None:
    await give(desk.writer, await part(desk.writer, profile, records, reason="", actor="op"))
    await apply_judgements(desk.writer, desk.policy)


async def stored(desk: Desk, profile: str) -> Profile:
    document = await desk.writer.contacts.get(Collection.PROFILES, profile)
    assert document is not None
    return Profile.model_validate_json(document.body)


async def told(desk: Desk) -> dict[str, list[str]]:
    """Kinds of event by profile; every chain is whole."""
    found: dict[str, Chain] = {chain.profile: chain async for chain in chains(desk.writer)}
    assert all(chain.broken_at() is None for chain in found.values())
    return {profile: [str(event.kind) for event in chain.events] for profile, chain in found.items()}


async def two_people(desk: Desk, person: Person) -> tuple[str, str]:
    """Two profiles of one name and nothing else in common, the second seen later; ids, oldest first."""
    await desk.ingest([person(1, **ADA)])
    await desk.ingest([person(2, **COUNTESS)], "web", today=TODAY + timedelta(days=9))
    old, young = sorted(await profiles(desk), key=lambda p: p.created_at)
    return old.id, young.id


async def test_merged_and_unmerged_both_profiles_have_their_bytes_again(desk: Desk, person: Person) -> None:
    """The older id stays and the other leads to it; unmerged, each profile is as it was to the byte, first days included."""
    old, young = await two_people(desk, person)
    before = await contents(desk)
    await said(desk, Verdict.SAME, young, old)
    assert (await stored(desk, young)).merged_into == old
    assert len((await stored(desk, old)).records) == 2
    assert (await stored(desk, old)).of(ValueKind.SKILL)[0].first_seen == TODAY
    await unmerged(desk, young)
    assert await contents(desk) == before
    assert await told(desk) == {
        old: ["attached", "merged", "judged", "unmerged", "judged"],
        young: ["attached", "merged_into", "judged", "restored", "judged"],
    }


async def test_what_was_taken_apart_stays_apart(desk: Desk, person: Person) -> None:
    """The same input, new versions, a record that bridges the two, a reindex: the unmerged stay two people."""
    await desk.ingest([person(1, **ADA), person(2, emails=ADA["emails"], phones=COUNTESS["phones"])])
    (joined,) = await profiles(desk)
    await unmerged(desk, joined.id, "crm/r2")
    kept = sorted(p.records for p in await profiles(desk))
    assert kept == [("crm/r1",), ("crm/r2",)]
    for rows in (
        [person(1, **ADA), person(2, emails=ADA["emails"], phones=COUNTESS["phones"])],
        [person(1, **ADA, links=["https://github.com/ada-l"]), person(2, emails=ADA["emails"], links=["https://github.com/ada-l"])],
    ):
        await desk.ingest(rows, today=TODAY + timedelta(days=1))
        assert sorted(p.records for p in await profiles(desk)) == kept
    await desk.ingest([person(3, emails=ADA["emails"], links=["https://github.com/ada-l"])], today=TODAY + timedelta(days=2))
    homes = {record: p.id for p in await profiles(desk) for record in p.records}
    assert homes["crm/r1"] != homes["crm/r2"]
    await reindex(desk.writer, policy=desk.policy)
    assert {record: p.id for p in await profiles(desk) for record in p.records} == homes


async def test_judged_the_same_they_stay_one_though_nothing_else_says_so(desk: Desk, person: Person) -> None:
    """A new version under another name and address stays with the person; so does the record when the feed starts from nothing."""
    old, young = await two_people(desk, person)
    await said(desk, Verdict.SAME, "crm/r1", "web/r2")
    await desk.ingest([person(2, "Augusta King", emails=["king@y.example"])], "web", today=TODAY + timedelta(days=20))
    assert [p.records for p in await profiles(desk)] == [("crm/r1", "web/r2")]
    assert (await stored(desk, young)).state is ProfileState.MERGED
    assert (await stored(desk, old)).state is ProfileState.ACTIVE


async def test_the_last_word_on_a_pair_holds(desk: Desk, person: Person) -> None:
    """Different, then the same, then different again: each is followed, and told once."""
    old, young = await two_people(desk, person)
    for verdict, count in ((Verdict.DIFFERENT, 2), (Verdict.SAME, 1), (Verdict.DIFFERENT, 2)):
        await said(desk, verdict, "crm/r1", "web/r2")
        assert len(await profiles(desk)) == count
    events = await told(desk)
    assert await apply_judgements(desk.writer, desk.policy) == 0
    assert await told(desk) == events
    assert {p.id for p in await profiles(desk)} == {old, young}


async def test_a_word_given_while_nobody_could_follow_it_is_followed_by_the_next_job(desk: Desk, person: Person) -> None:
    """Judged over HTTP, or killed before it was applied: the next ingest applies it first."""
    old, young = await two_people(desk, person)
    await give(desk.writer, judge(Verdict.SAME, await find(desk.writer, old), await find(desk.writer, young), reason="", actor="op"))
    await desk.ingest([])
    assert [p.id for p in await profiles(desk)] == [old]


async def test_ingesting_twice_tells_nothing_twice(desk: Desk, person: Person) -> None:
    """A second run of the same feed adds no event, and a changed record that stays where it was none either."""
    rows = [person(n, f"Ada Byron{'abc'[n % 3]}", emails=[f"a{n % 3}@x.example"]) for n in range(9)]
    await desk.ingest(rows)
    before = {d.key: d.body async for d in desk.writer.contacts.scan(Collection.EVENTS)}
    assert sum(map(len, (await told(desk)).values())) == 9
    await desk.ingest(rows)
    await desk.ingest([{**row, "skills": ["Poetry"]} for row in rows], today=TODAY + timedelta(days=1))
    assert {d.key: d.body async for d in desk.writer.contacts.scan(Collection.EVENTS)} == before


async def test_an_event_says_who_why_and_by_which_weights(desk: Desk, person: Person) -> None:
    """The second record's event names the ingest, the evidence in bits and the version of the weights, and no value."""
    await desk.ingest([person(1, **ADA), person(2, emails=ADA["emails"])])
    (chain,) = [chain async for chain in chains(desk.writer)]
    first, second = chain.events
    assert (first.actor, first.because) == ("ingest of crm", ())
    assert any(words.startswith("email same (+") for words in second.because)
    assert second.weights
    body = chain.to_json().lower()
    assert not re.search(rb"\b(ada|lovelace|x\.example|r1)\b", body)  # whole words: the letters may well stand within a hash


async def test_a_person_erased_leaves_only_references(desk: Desk, person: Person) -> None:
    """After a suppression the history still tells that records went, and from which source; nothing in it is the person's."""
    await desk.ingest([{**person(1, **ADA), "record_id": "ada@x.example"}])
    (profile,) = await profiles(desk)
    await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@x.example", today=TODAY)
    await desk.ingest([])
    assert await profiles(desk) == []
    assert (await told(desk))[profile.id] == ["attached", "left"]
    (history,) = [d.body async for d in desk.writer.contacts.scan(Collection.EVENTS)]
    assert not re.search(rb"\bada\b|x\.example", history.lower())  # whole words: the letters may well stand within a hash
    assert orjson.loads(history)[0]["records"][0].startswith("crm#")


async def test_a_person_somebody_judged_is_erased_like_any_other(desk: Desk, person: Person) -> None:
    """Merged or taken apart by a person's word, whoever is suppressed goes, what is over goes, and feeds are taken as before."""
    old, young = await two_people(desk, person)
    await said(desk, Verdict.SAME, old, young)
    await unmerged(desk, young)
    await suppress(desk.writer, desk.suppressions, ValueKind.EMAIL, "ada@x.example", today=TODAY)
    await desk.ingest([])
    assert [p.id for p in await profiles(desk)] == [young]
    over = TODAY + timedelta(days=9999)
    await expire(desk.writer, policy=desk.policy, suppressions=desk.suppressions, today=over, apply=True)
    assert await profiles(desk) == []
    assert (await told(desk))[old][-2:] == ["judged", "left"]


async def test_what_cannot_be_is_refused_with_the_reason(desk: Desk, person: Person) -> None:
    """An unknown id, a profile with itself, one that was never merged, all of its records: each says what would be right."""
    old, young = await two_people(desk, person)
    with pytest.raises(ProfileNotFound, match="no profile"):
        await find(desk.writer, "p0000")
    with pytest.raises(ProfileNotFound, match="no record"):
        await find(desk.writer, "crm/r99")
    with pytest.raises(InputInvalid, match="one and the same"):
        judge(Verdict.SAME, await find(desk.writer, old), await find(desk.writer, old), reason="", actor="op")
    with pytest.raises(InputInvalid, match="not been merged"):
        await part(desk.writer, old, (), reason="", actor="op")
    with pytest.raises(InputInvalid, match="nothing"):
        await part(desk.writer, old, ("crm/r1",), reason="", actor="op")
    with pytest.raises(InputInvalid, match="not of this profile"):
        await part(desk.writer, old, ("web/r2",), reason="", actor="op")
    await said(desk, Verdict.SAME, old, young)
    with pytest.raises(InputInvalid, match=rf"merged into it \({young}\)"):
        await part(desk.writer, old, (), reason="", actor="op")
