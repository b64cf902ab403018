"""One batch of normalised records: check suppression, decide who each is about, merge, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from engines.base import Collection, Write, Writer
from indexer.clock import Digest, remember, succeed, without
from indexer.commit import MAX_TRIES, commit, settle
from indexer.people import People
from privacy.policy import RetentionPolicy
from privacy.sources import Source, SourceRegistry
from privacy.suppression import SuppressionList
from profiles.errors import WriteConflict
from profiles.models import SourceRecord, ValueKind
from profiles.normalise import NORMALISER_VERSION
from profiles.resolve.decide import Resolver, StrongKeyResolver
from profiles.resolve.keys import strong_keys
from profiles.retention import Periods

TRIES_WHOLE = 2
"""Times a batch is tried as a whole on a store without transactions. There, each of several processes at the same people wins some of
the conditions, and a smaller part of the batch is sooner won whole."""


@dataclass(slots=True)
class BatchResult:
    """What became of a batch, in records and profiles. sequence: see WriteDocuments.write; 0 when nothing was written."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    suppressed: int = 0
    profiles_new: int = 0
    profiles_merged: int = 0
    sequence: int = 0

    def add(self, other: BatchResult) -> None:
        """Count another batch, written later."""
        for name in ("new", "changed", "unchanged", "older", "suppressed", "profiles_new", "profiles_merged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sequence = max(self.sequence, other.sequence)


class Batch:
    """Applies batches; holds what they have in common."""

    def __init__(
        self,
        writer: Writer,
        policy: RetentionPolicy,
        suppressions: SuppressionList,
        today: date,
        *,
        resolver: Resolver | None = None,
        dry_run: bool = False,
    ) -> None:
        self._writer, self._policy, self._suppressions, self._today = writer, policy, suppressions, today
        self._resolver = resolver or StrongKeyResolver()
        self._dry_run = dry_run
        self._periods: dict[str, Periods] = {}

    async def begin(self, source: Source | None = None) -> None:
        """Read the periods of every source that records in the store may come from; settle what dead processes left."""
        self._periods |= await all_periods(self._writer, self._policy)
        if source is not None:
            self._periods[source.id] = source.periods(self._policy.periods)
        if not self._dry_run:
            await settle(self._writer, self._periods)

    async def apply(self, records: Sequence[SourceRecord]) -> BatchResult:
        """Take the records, in their order. Raises WriteConflict when other processes win too often."""
        whole = self._writer.contacts.atomic or len(records) == 1
        try:
            return await self._apply(records, MAX_TRIES if whole else TRIES_WHOLE)
        except WriteConflict:
            if whole:
                raise
        result = BatchResult()
        for part in (records[: len(records) // 2], records[len(records) // 2 :]):
            result.add(await self.apply(part))
        return result

    async def _apply(self, records: Sequence[SourceRecord], tries: int) -> BatchResult:
        listed, admitted = 0, list(records)
        people, result = People(self._writer.contacts), BatchResult()

        async def decide() -> People:
            nonlocal listed, admitted, people, result
            result = BatchResult()
            listed = await self._writer.service.count(Collection.SUPPRESSIONS)
            admitted = await self._admitted(records, result)
            people = await self._decide(admitted, result)
            return people

        if self._dry_run:
            await decide()
            return result
        sequence = await commit(self._writer, decide, self._periods, tries)
        if sequence and await self._writer.service.count(Collection.SUPPRESSIONS) != listed:
            await self._hide_suppressed(admitted, people)
        result.sequence = sequence
        return result

    async def _decide(self, records: Sequence[SourceRecord], result: BatchResult) -> People:
        """Who each record is about, from fresh reads."""
        people = People(self._writer.contacts)
        await people.load(records)
        if not self._periods.keys() >= {r.source_id for r in people.records.values()}:
            self._periods |= await all_periods(self._writer, self._policy)  # another process has just begun with a new source
        for record in records:
            await self._place(record, people, result)
        result.profiles_new, result.profiles_merged = people.created, people.merged
        return people

    async def _hide_suppressed(self, records: Sequence[SourceRecord], people: People) -> None:
        """Whoever was suppressed between our look at the list and our write is hidden now, and purged when the run ends."""
        verdicts = await self._suppressions.match(records)
        ids = {people.records[r.key].profile_id for r, verdict in zip(records, verdicts, strict=True) if verdict.suppressed}
        if ids:
            body = orjson.dumps({"created": self._today.isoformat()})
            await self._writer.service.write([Write(Collection.HIDDEN, i, body) for i in sorted(ids)])

    async def _admitted(self, records: Sequence[SourceRecord], result: BatchResult) -> list[SourceRecord]:
        """Without suppressed persons and values."""
        admitted = []
        for record, verdict in zip(records, await self._suppressions.match(records), strict=True):
            if verdict.suppressed:
                result.suppressed += 1
            elif verdict.dropped:
                admitted.append(
                    record.model_copy(update={"observations": tuple(o for o in record.observations if o not in verdict.dropped)})
                )
            else:
                admitted.append(record)
        return admitted

    async def _place(self, record: SourceRecord, people: People, result: BatchResult) -> None:
        """Decide who one record is about, and give it to that person."""
        digest = keyed_digest(self._suppressions)
        old = people.records.get(record.key)
        own = None
        if old is not None:
            if _is_old(record, old):
                result.unchanged += record.content_hash == old.content_hash
                result.older += record.content_hash != old.content_hash
                return
            own = people.person_of(old)
            record = succeed(old, record, digest)
        keys = strong_keys(record)
        claims = people.claims(keys)
        decision = self._resolver.decide(record, people.holders(keys), own.candidate() if own else None)
        person = people.persons[decision.profile_id] if decision.profile_id else None
        others = () if person is None else tuple(people.records[k] for k in person.records if k != record.key)
        record = remember(record, others, self._periods[record.source_id], self._today, digest)
        if not any(o.kind is ValueKind.NAME for o in record.observations):
            record = without(record, record.observations, digest)
        people.share(decision.shared)
        person = person or await people.found(record, claims)
        people.assign(record, person)
        people.fence(person, [claim for claim in claims if claim != person.id], keys)
        result.new += old is None
        result.changed += old is not None
        for absorbed in decision.absorbed:
            other = people.persons[absorbed]
            await people.load_key_holders(other)
            people.absorb(people.persons[people.records[record.key].profile_id], other)


def _is_old(new: SourceRecord, old: SourceRecord) -> bool:
    """Whether a delivery brings nothing newer: the same again, an earlier day, or a version of the same day that was replaced.

    A feed without dates of its own counts by the day of ingest; there, the same day's last version stays.
    """
    if new.content_hash == old.content_hash:
        return old.normaliser_version == NORMALISER_VERSION
    return new.collected_at < old.collected_at or (new.collected_at == old.collected_at and new.content_hash in old.superseded)


def keyed_digest(suppressions: SuppressionList) -> Digest:
    """The keyed hash that marks of first sight are made with: the suppression list's, since both must outlive the value unread."""
    return lambda kind, key: suppressions.digests(kind, [key])[0]


async def all_periods(writer: Writer, policy: RetentionPolicy) -> dict[str, Periods]:
    """Source id -> days per kind of value, disabled sources included: what they left is held no longer than promised."""
    return {entry.source.id: entry.source.periods(policy.periods) for entry in await SourceRegistry(writer.contacts).all()}
