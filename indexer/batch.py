"""One batch of normalised records: check suppression, decide who each is about, merge, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from engines.base import Collection, Write, Writer
from indexer.clock import Digest, Memory, is_older, leave_marks, remember, succeed, without
from indexer.commit import MAX_TRIES, commit, settle
from indexer.earlier import EarlierVersions
from indexer.event_log import Reason
from indexer.frequencies import sampled
from indexer.grown import look_at_grown
from indexer.judging import apply_judgements, load_judgements
from indexer.people import People
from indexer.periods import SourcePeriods
from indexer.person import profile_id
from indexer.placing import decide, note
from indexer.removal import Held, remove
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
from profiles.resolve.traits import traits_of

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
        """Read the periods of every source that records in the store may come from; settle what dead processes left; read what people
        said of profiles, and let these follow it.
        """
        await self._periods.read()
        if source is not None:
            self._periods[source.id] = source.periods(self._policy.periods)
            self._actor = f"ingest of {source.id}"
        if not self._dry_run:
            await settle(self._writer, self._periods)
            await apply_judgements(self._writer, self._policy)
        self._judgements = await load_judgements(self._writer)

    async def apply(self, records: Sequence[SourceRecord]) -> BatchResult:
        """Take the records, in their order. Raises WriteConflict when other processes win too often."""
        if not records:  # of most deliveries nothing is news: they end without a look at who is held
            return BatchResult()
        if not self._is_sampled:
            self._frequencies, self._is_sampled = await sampled(self._writer.contacts), True
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
        people, result = People(self._writer.contacts, self._actor), BatchResult()
        judged: dict[str, tuple[SourceRecord, Match]] = {}
        first = True

        async def decide() -> People:
            nonlocal people, result, judged, first
            if not first:  # we lost a race, perhaps to a judgement
                self._judgements = await load_judgements(self._writer)
            first = False
            result = BatchResult()
            admitted, judged = await self._admitted(records, result)
            people = await self._decide(admitted, result)
            return people

        if self._dry_run:
            await decide()
            return result
        sequence = await commit(self._writer, decide, self._periods, tries)
        result.sequence = sequence
        self._frequencies.found(people.created - people.merged)
        if sequence:
            await self._look_again(judged, people)
        return result

    async def _decide(self, records: Sequence[SourceRecord], result: BatchResult) -> People:
        """Who each record is about, from fresh reads."""
        people = People(self._writer.contacts, self._actor, self._judgements)
        await people.load(records)
        touched = [profile for record in records if (profile := await self._place(record, people, result))]
        await look_at_grown(people, touched, self._frequencies, self._earlier)
        result.profiles_new, result.profiles_merged = people.created, people.merged
        return people

    async def _look_again(self, before: dict[str, tuple[SourceRecord, Match]], people: People) -> None:
        """What was suppressed between our look at the list and our write: persons are hidden now, and purged when the run ends;
        single values are taken out again.
        """
        verdicts = await self._suppressions.match([record for record, _ in before.values()])
        hidden: set[str] = set()
        stripped: set[str] = set()
        values: set[Held] = set()
        for (record, earlier), verdict in zip(before.values(), verdicts, strict=True):
            if verdict != earlier and (held := people.records.get(record.key)) is not None:
                (hidden if verdict.suppressed else stripped).add(held.profile_id)
                values |= {(o.kind, o.keys[0]) for o in verdict.dropped}
        if hidden:
            body = orjson.dumps({"created": self._today.isoformat()})
            await self._writer.service.write([Write(Collection.HIDDEN, i, body) for i in sorted(hidden)])
        if stripped:
            await remove(self._writer, sorted(stripped), self._policy, values)

    async def _admitted(
        self, records: Sequence[SourceRecord], result: BatchResult
    ) -> tuple[list[SourceRecord], dict[str, tuple[SourceRecord, Match]]]:
        """Without suppressed persons and values; and the records with what the list said of each that was let in."""
        admitted: list[SourceRecord] = []
        judged: dict[str, tuple[SourceRecord, Match]] = {}
        for record, verdict in zip(records, await self._suppressions.match(records), strict=True):
            if verdict.suppressed:
                result.suppressed += 1
                continue
            judged[record.key] = (record, verdict)
            left = tuple(o for o in record.observations if o not in verdict.dropped) if verdict.dropped else record.observations
            admitted.append(record if not verdict.dropped else record.model_copy(update={"observations": left}))
        return admitted, judged

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
        keys = people.candidate_keys(record)
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
        if person is None:
            person = await people.found(record, claims)
            self._frequencies.add(traits_of(record))
        people.log.attach(record.key, reason)
        people.assign(record, person)
        shared = people.share(decision.shared, person)
        people.fence(person, {*people.claims(people.strong_keys(record)), *own_claim(record, people)} - {person.id}, keys)
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


async def _absorb(people: People, record: SourceRecord, decision: Decision, reason: Reason) -> None:
    """Merge those who are the record's person as well."""
    for absorbed in decision.absorbed:
        other = people.persons[absorbed]
        await people.load_key_holders(other)
        people.absorb(people.persons[people.records[record.key].profile_id], other, reason)


def own_claim(record: SourceRecord, people: People) -> set[str]:
    """The id under which the record was about to found a profile, if a try before this one has left it with its keys."""
    return {profile_id(record.key)} & set(people.claims(people.candidate_keys(record)))


def _is_old(new: SourceRecord, old: SourceRecord) -> bool:
    """Whether a delivery brings nothing newer: the same again, or an older version."""
    if new.content_hash == old.content_hash:
        return old.normaliser_version == NORMALISER_VERSION
    return is_older(new, old)


def keyed_digest(suppressions: SuppressionList) -> Digest:
    """The keyed hash that marks of first sight are made with: the suppression list's, since both must outlive the value unread."""
    return lambda kind, key: suppressions.digests(kind, [key])[0]
