"""Expiry: destroys what may no longer be held. Reading never shows an expired value, purged or not; this removes it from the truth.

Each purged value leaves a keyed hash with its first day (indexer/clock.py), so that the next delivery cannot bring it back as new.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from engines.base import Collection, Write, Writer
from indexer.batch import keyed_digest
from indexer.clock import Digest, without
from indexer.commit import commit, settle
from indexer.following import catch_up
from indexer.judging import forget_reasons
from indexer.objections import heed_left
from indexer.people import People
from indexer.periods import SourcePeriods, all_periods
from indexer.person import Person, project
from indexer.purge import purge_hidden
from indexer.removal import BATCH, REMAINS, clear_files
from privacy.policy import RetentionPolicy
from privacy.suppression import SuppressionList
from profiles.merge import identity
from profiles.models import Profile, ValueKind
from profiles.retention import live


@dataclass(slots=True)
class ExpirySummary:
    """What is over (preview) or was purged. values: source values by kind; persons: profiles with nothing left to be named by."""

    profiles: int = 0
    persons: int = 0
    values: Counter[ValueKind] = field(default_factory=Counter)
    applied: bool = False


async def expire(
    writer: Writer, *, policy: RetentionPolicy, suppressions: SuppressionList, today: date, apply: bool, wait: bool = False
) -> ExpirySummary:
    """Count what is over by `today`; with `apply`, purge it from records, keys, profiles and index.

    Afterwards neither the truth nor the search index holds a readable byte of it: the index is built anew when anything was destroyed,
    here or by a suppression since. Can be killed and run again: a purged value is no longer due, and what a killed run left half-done
    is settled first.
    """
    summary = ExpirySummary(applied=apply)
    periods, digest = await all_periods(writer.contacts, policy), keyed_digest(suppressions)
    if apply:
        await settle(writer, periods)
        await heed_left(writer, suppressions, policy, today)
    waiting: list[str] = []
    async for document in writer.contacts.due(Collection.PROFILES, today):
        profile = Profile.model_validate_json(document.body)
        _count(profile, today, summary)
        waiting.append(profile.id)
        if apply and len(waiting) >= BATCH:
            await _purge(writer, waiting, periods, digest, today)
            waiting = []
    if apply:
        if waiting:
            await _purge(writer, waiting, periods, digest, today)
        await purge_hidden(writer, policy)
        await forget_reasons(writer)
        await _forget(writer, today)
        await catch_up(writer.index)  # until then entries with expired values match nothing
        await clear_files(writer, wait=wait)
    return summary


async def _forget(writer: Writer, today: date) -> None:
    """Saved searches that nobody has asked for so long that they are over, what was kept beside them, and disclosures past their time."""
    for collection in (Collection.SEARCHES, Collection.MATCHES, Collection.DISCLOSURES):
        over = [Write(collection, document.key, None) async for document in writer.service.due(collection, today)]
        if over:
            await writer.service.write(over)


def _count(profile: Profile, today: date, summary: ExpirySummary) -> None:
    summary.profiles += 1
    summary.persons += live(profile, today) is None
    for value in profile.values:
        summary.values[value.kind] += sum(s.expires_at <= today for s in value.sources)


async def _purge(writer: Writer, ids: list[str], periods: SourcePeriods, digest: Digest, today: date) -> None:
    async def decide() -> People:
        people = People(writer.contacts, actor="expiry")
        await people.load_profiles(ids)
        await periods.cover(people.records.values())
        for person in list(people.persons.values()):
            await people.load_key_holders(person)
            await _purge_person(people, person, periods, digest, today)
        return people

    await commit(writer, decide, periods, beside=[REMAINS])


async def _purge_person(people: People, person: Person, periods: SourcePeriods, digest: Digest, today: date) -> None:
    """Take out of each record what is over; everything, when no name is left."""
    profile = Profile.model_validate(project(person, periods))
    over = {(*identity(value), f"{s.source_id}/{s.record_id}") for value in profile.values for s in value.sources if s.expires_at <= today}
    nameless = live(profile, today) is None
    for record in list(person.records.values()):
        gone = [o for o in record.observations if nameless or (*identity(o), record.key) in over]
        if gone:
            left = without(record, gone, digest)
            await people.load_keys(left)
            people.assign(left, person)
