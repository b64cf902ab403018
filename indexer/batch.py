"""One batch of normalised records: check suppression, decide who each is about, merge, write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engines.base import Collection, Writer
from indexer.clock import Digest, Memory, is_older, leave_marks, remember, succeed, without
from indexer.commit import MAX_TRIES, commit, settle
from indexer.earlier import EarlierVersions
from indexer.event_log import Reason
from indexer.frequencies import sampled
from indexer.grown import look_at_grown
from indexer.judging import apply_judgements, load_judgements
from indexer.objections import heed, heed_left, heed_stored, noted
from indexer.people import People
from indexer.periods import SourcePeriods
from indexer.person import own_ids
from indexer.placing import decide, note
from indexer.shared_keys import look_again
from privacy.policy import RetentionPolicy
from privacy.sources import Source
from privacy.suppression import Match, SuppressionList
from profiles.errors import WriteConflict
from profiles.judgement import Judgements
from profiles.models import SourceRecord, ValueKind
from profiles.normalise import NORMALISER_VERSION
from profiles.resolve.decide import Decision, Resolver, WeighingResolver, continues
from profiles.resolve.sample import Sample
from profiles.resolve.traits import Trait, traits_of

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
        self._resolver = resolver or WeighingResolver()
        self._dry_run = dry_run
        self._periods = SourcePeriods(writer.contacts, policy)
        self._actor = "ingest"
        self._judgements = Judgements()
        self._frequencies = Sample()
        self._is_sampled = False
        self._earlier = EarlierVersions(self._periods, today, keyed_digest(suppressions))

    async def begin(self, source: Source | None = None) -> None:
        """Read the periods of every source that records in the store may come from; settle what dead processes left, and heed objections
        they did not come to; read what people said of profiles, and let these follow it.
        """
        await self._periods.read()
        if source is not None:
            self._periods[source.id] = source.periods(self._policy.periods)
            self._actor = f"ingest of {source.id}"
        if not self._dry_run:
            await settle(self._writer, self._periods)
            await apply_judgements(self._writer, self._policy)
            await heed_left(self._writer, self._suppressions, self._policy, self._today)
        self._judgements = await load_judgements(self._writer)

    async def apply(self, records: Sequence[SourceRecord]) -> BatchResult:
        """Take the records, in their order. Raises WriteConflict when other processes win too often."""
        if not records:  # of most deliveries nothing is news: they end without a look at who is held
            return BatchResult()
        if not self._is_sampled:
            self._frequencies, self._is_sampled = await sampled(self._writer.contacts), True
        if self._dry_run:
            return await self._apply(records, MAX_TRIES)
        async with noted(self._writer, records):
            return await self._apply_in_parts(records)

    async def _apply_in_parts(self, records: Sequence[SourceRecord]) -> BatchResult:
        whole = self._writer.contacts.atomic or len(records) == 1
        try:
            return await self._apply(records, MAX_TRIES if whole else TRIES_WHOLE)
        except WriteConflict:
            if whole:
                raise
        result = BatchResult()
        for part in (records[: len(records) // 2], records[len(records) // 2 :]):
            result.add(await self._apply_in_parts(part))
        keys = [record.key for record in records]  # some were written before the conflict showed
        await heed_stored(self._writer, self._suppressions, self._policy, keys, self._today)
        return result

    async def _apply(self, records: Sequence[SourceRecord], tries: int) -> BatchResult:
        people, result = People(self._writer.contacts, self._actor), BatchResult()
        judged: list[tuple[SourceRecord, Match]] = []
        first = True

        async def decide() -> People:
            nonlocal people, result, judged, first
            if not first:  # we lost a race, perhaps to a judgement
                self._judgements = await load_judgements(self._writer)
            first = False
            self._frequencies.take_back()  # of a try that was not written
            result = BatchResult()
            judged = list(zip(records, await self._suppressions.match(records), strict=True))
            people = await self._decide(_admitted(judged, result), result)
            return people

        if self._dry_run:
            await decide()
            self._frequencies.keep()
            return result
        result.sequence = await commit(self._writer, decide, self._periods, tries)
        self._frequencies.found(people.created - people.merged)
        self._frequencies.keep()
        if result.sequence:
            taken = ((record, verdict) for record, verdict in judged if not verdict.suppressed and record.key in people.records)
            written = [(record, verdict, people.records[record.key].profile_id) for record, verdict in taken]
            written += [(people.records[key], Match(False), people.records[key].profile_id) for key in sorted(people.moved)]
            await heed(self._writer, self._suppressions, self._policy, written, self._today)
        return result

    async def _decide(self, records: Sequence[SourceRecord], result: BatchResult) -> People:
        """Who each record is about, from fresh reads."""
        people = People(self._writer.contacts, self._actor, self._judgements)
        await people.load(records)
        touched = [profile for record in records if (profile := await self._place(record, people, result))]
        hidden = await self._writer.service.all_keys(Collection.HIDDEN)
        await look_at_grown(people, touched, self._frequencies, self._earlier, hidden)
        people.unfound()
        result.profiles_new, result.profiles_merged = people.created, people.merged
        return people

    async def _place(self, record: SourceRecord, people: People, result: BatchResult) -> str | None:
        """Decide who one record is about, and give it to that person. Returns the person's id, None where nobody got it."""
        digest = keyed_digest(self._suppressions)
        old = people.records.get(record.key)
        own = None
        if old is not None:
            if _is_old(record, old):
                result.unchanged += record.content_hash == old.content_hash
                result.older += record.content_hash != old.content_hash
                return await self._place_late(record, old, people)
            own = people.person_of(old)
            record = succeed(old, record, digest)
        keys = people.keys_of(record)
        claims = people.claims(people.strong_keys(record))
        decision, reason = await decide(record, people, own, self._resolver, self._frequencies, self._earlier)
        person = people.persons[decision.profile_id] if decision.profile_id else None
        if person is not None:
            await people.open([person])
        memory = person.memory() if person else Memory()
        record = remember(record, memory, self._periods[record.source_id], self._today, digest)
        if not any(o.kind is ValueKind.NAME for o in record.observations):
            record = without(record, record.observations, digest)
        result.new += old is None
        result.changed += old is not None
        if person is None and not record.observations and old is not None:
            people.shelve(record)
            return None
        await people.load_keys(record)
        if old is None:
            self._frequencies.came(record.source_id, person is not None and record.source_id in person.traits().of(Trait.SOURCE))
        if person is None:
            person = await people.found(record, claims)
            self._frequencies.add(traits_of(record))
        people.log.attach(record.key, reason)
        people.assign(record, person)
        shared = people.share(decision.shared, person)
        people.fence(person, {*people.claims(people.strong_keys(record)), *await own_claims(record, people)} - {person.id}, keys)
        await _absorb(people, record, decision, reason)
        for link in decision.links:
            note(people, record, link, decision.weights)
        await look_again(people, shared, self._frequencies)
        return person.id

    async def _place_late(self, record: SourceRecord, held: SourceRecord, people: People) -> str | None:
        """Let an older version say who it was about, as it would have in time; of its values only marks are kept. Returns as `_place`."""
        own = people.person_of(held)
        known = leave_marks(held, record, keyed_digest(self._suppressions))
        if known is held or own is None or not continues(record, own.candidate()):
            return None
        await people.load_keys(known)
        decision, reason = await decide(record, people, own, self._resolver, self._frequencies, self._earlier)
        person = people.persons[decision.profile_id or own.id]
        await people.open([person])
        people.log.attach(known.key, reason)
        people.assign(known, person)
        await _absorb(people, known, decision, reason)
        return person.id


def _admitted(judged: Iterable[tuple[SourceRecord, Match]], result: BatchResult) -> list[SourceRecord]:
    """The records without suppressed persons and values.    judged: each with what the list says of it."""
    admitted = []
    for record, verdict in judged:
        if verdict.suppressed:
            result.suppressed += 1
        elif verdict.dropped:
            left = tuple(o for o in record.observations if o not in verdict.dropped)
            admitted.append(record.model_copy(update={"observations": left}))
        else:
            admitted.append(record)
    return admitted


async def _absorb(people: People, record: SourceRecord, decision: Decision, reason: Reason) -> None:
    """Merge those who are the record's person as well."""
    for absorbed in decision.absorbed:
        other = people.persons[absorbed]
        await people.load_key_holders(other)
        people.absorb(people.persons[people.records[record.key].profile_id], other, reason)


async def own_claims(record: SourceRecord, people: People) -> frozenset[str]:
    """The ids under which the record was about to found a profile, if a try before this one has left them with its keys."""
    keys, own = people.keys_of(record), own_ids(record.key)
    if found := own.intersection(people.claims(keys, shared=True)):
        await people.load_outlines(found)  # of a shared key nobody has looked who holds it
        return own.intersection(people.claims(keys, shared=True))
    return found


def _is_old(new: SourceRecord, old: SourceRecord) -> bool:
    """Whether a delivery brings nothing newer: the same again, or an older version."""
    if new.content_hash == old.content_hash:
        return old.normaliser_version == NORMALISER_VERSION
    return is_older(new, old)


def keyed_digest(suppressions: SuppressionList) -> Digest:
    """The keyed hash that marks of first sight are made with: the suppression list's, since both must outlive the value unread."""
    return lambda kind, key: suppressions.digests(kind, [key])[0]
