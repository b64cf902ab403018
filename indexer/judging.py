"""Letting profiles follow what people said of them (profiles/judgement.py): merging, giving back, and keeping apart.

A judgement is written first, by whoever may judge, and applied here; killed in between, the next job applies it. Applied or not, the
resolver places no record against it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from engines.base import Collection, Document, Reader, Write, Writer
from indexer.commit import commit, settle
from indexer.event_log import Reason
from indexer.people import People
from indexer.periods import all_periods
from indexer.person import Person
from privacy.policy import RetentionPolicy
from profiles.errors import WriteConflict
from profiles.history import Chain, reference
from profiles.judgement import Judgement, Judgements, Side, Verdict
from profiles.models import Profile, ProfileState


@dataclass(frozen=True, slots=True)
class Change:
    """What a judgement changes, if anything.

    merged: the profile that goes into `profile`.    given_back: the profile that gets `records` (their keys) out of `profile`.
    """

    profile: str
    merged: str | None = None
    given_back: str | None = None
    records: tuple[str, ...] = ()


async def load_judgements(store: Reader | Writer) -> Judgements:
    """All there are. People make them one by one, so they fit in memory: a thousand take about a megabyte."""
    return Judgements([Judgement.model_validate_json(d.body) async for d in store.service.scan(Collection.JUDGEMENTS)])


def _of(person: Person, side: Side) -> set[str]:
    """Keys of the person's records that the side names."""
    named = set(side.records)
    return {key for key in person.records if reference(key) in named}


# --- as judgements are given ---------------------------------------------------------------------------------------------------


async def apply_judgements(writer: Writer, policy: RetentionPolicy) -> int:
    """Let profiles follow every judgement that they do not follow yet, in the order in which they were given; returns their number."""
    documents = [d async for d in writer.service.scan(Collection.JUDGEMENTS)]
    found = [(Judgement.model_validate_json(d.body), d) for d in documents]
    pending = sorted(((j, d) for j, d in found if not j.applied), key=lambda pair: (pair[0].at, pair[0].id))
    if not pending:
        return 0
    periods = await all_periods(writer.contacts, policy)
    await settle(writer, periods)
    known = Judgements(j for j, _ in found)
    for judgement, document in pending:

        async def decide(judgement: Judgement = judgement) -> People:
            people = People(writer.contacts, judgement.actor, known)
            await follow(people, judgement)
            return people

        await commit(writer, decide, periods)
        await _mark_applied(writer, judgement, document)
    return len(pending)


async def _mark_applied(writer: Writer, judgement: Judgement, document: Document) -> None:
    body = judgement.model_copy(update={"applied": True}).model_dump_json(exclude_defaults=True).encode()
    try:
        await writer.service.write([Write(Collection.JUDGEMENTS, judgement.id, body, document.version)])
    except WriteConflict:  # another job has applied it at the same time, to the same end; or taken its reason out: applied again next time
        return


async def preview(store: Reader | Writer, judgement: Judgement) -> Change | None:
    """What the judgement would change; None when profiles are already as it says."""
    return await follow(People(store.contacts, judgement.actor, await load_judgements(store)), judgement)


async def follow(people: People, judgement: Judgement) -> Change | None:
    """Change the people as a judgement says, and tell of it."""
    await people.load_profiles(side.profile for side in judgement.sides)
    one, other = (people.person_at(side.profile) for side in judgement.sides)
    change, pair = None, tuple(side.profile for side in judgement.sides)
    if one is not None and other is not None:
        pair = (one.id, other.id)
        if one is not other and judgement.verdict is Verdict.SAME:
            change = await _join(people, one, other, judgement)
        elif one is other and judgement.verdict is Verdict.DIFFERENT:
            change = await _part(people, one, judgement)
            pair = (change.profile, change.given_back or "") if change else pair
    if len(set(pair)) == 2:
        people.log.judge(pair, judgement.id, judgement.verdict)
    return change


async def _join(people: People, one: Person, other: Person, judgement: Judgement) -> Change:
    survivor, absorbed = sorted((one, other), key=lambda p: (p.created_at, p.id))
    await people.load_key_holders(absorbed)
    people.absorb(survivor, absorbed, Reason((f"judgement {judgement.id}",)))
    return Change(survivor.id, merged=absorbed.id)


async def _part(people: People, person: Person, judgement: Judgement) -> Change | None:
    """Give records back: those of the side that came in under an id of its own, else of the side named second."""
    leaving = next((side for side in reversed(judgement.sides) if side.profile != person.id), judgement.sides[1])
    keys = _of(person, leaving)
    if not keys or keys == person.records.keys():
        return None
    await people.load_key_holders(person)
    other = await people.home_of(person, keys, leaving.profile)
    await people.log.load([person.id], people.judgements.ids)
    people.give_back(person, other, keys, people.log.days_before(person.id, other.id))
    people.log.part(person.id, other.id, keys, Reason((f"judgement {judgement.id}",)), judgement.id)
    return Change(person.id, given_back=other.id, records=tuple(sorted(keys)))


# --- when somebody is no longer held -----------------------------------------------------------------------------------------------


async def forget_reasons(writer: Writer) -> None:
    """Take the reason out of every judgement about somebody who was erased: it is in a person's own words, and may name either of the two.

    The judgement stays, and keeps whoever is left apart from others.
    """
    forgotten = False
    while writes := [write async for write in _forgetting(writer)]:
        forgotten = True
        with suppress(WriteConflict):  # another job has just applied one of them: look again
            await writer.service.write(writes)
    if forgotten:
        await writer.service.scrub()


async def _forgetting(writer: Writer) -> AsyncIterator[Write]:
    async for document in writer.service.scan(Collection.JUDGEMENTS):
        judgement = Judgement.model_validate_json(document.body)
        if judgement.reason and await _is_of_erased(writer, judgement):
            body = judgement.model_copy(update={"reason": ""}).model_dump_json(exclude_defaults=True).encode()
            yield Write(Collection.JUDGEMENTS, judgement.id, body, document.version)


async def _is_of_erased(writer: Writer, judgement: Judgement) -> bool:
    """Whether somebody it was about is erased: one of its profiles, or wherever they or its records went."""
    named = {record for side in judgement.sides for record in side.records}
    asked, seen = {side.profile for side in judgement.sides}, set[str]()
    while asked:
        seen |= asked
        found = await writer.contacts.get_many(Collection.PROFILES, sorted(asked))
        profiles = [Profile.model_validate_json(document.body) for document in found.values()]
        if any(profile.state is ProfileState.ERASED for profile in profiles):
            return True
        chains = await writer.contacts.get_many(Collection.EVENTS, sorted(asked))
        events = [event for document in chains.values() for event in Chain.from_json(document.key, document.body).events]
        went = {event.other for event in events if event.other and not named.isdisjoint(event.records)}
        asked = (went | {profile.merged_into for profile in profiles if profile.merged_into}) - seen
    return False
