"""Rebuild: profiles from their records, and the search index from the profiles, beside the one in use; then the swap."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from engines.base import Collection, Document, Unchanged, Write, Writer
from engines.throttle import Throttle
from indexer.commit import MAX_TRIES, settle
from indexer.outline import outline_of
from indexer.people import People
from indexer.periods import SourcePeriods, all_periods
from indexer.removal import REMAINS
from privacy.policy import RetentionPolicy
from profiles.errors import StoreError, WriteConflict
from profiles.models import ProfileState

Progress = Callable[[str, int, int], None]
CHECKING, LISTING, INDEXING = "profiles made again from their records", "records found in their profiles", "profiles in the new index"
"""The parts of a rebuild, as `Progress` is told them."""

BATCH = 500
"""Profiles projected together; each is compared with what is stored, and only a difference is written."""


@dataclass(slots=True)
class RebuildSummary:
    """profiles: looked at.    corrected: differed from what their records make of them.    indexed: profiles in the new index.

    seconds: of all.    index_seconds: of these, for building the index.
    """

    profiles: int = 0
    corrected: int = 0
    indexed: int = 0
    seconds: float = 0.0
    index_seconds: float = 0.0


async def reindex(
    writer: Writer, *, policy: RetentionPolicy, progress: Progress = lambda *_: None, max_rate: float | None = None
) -> RebuildSummary:
    """Project every profile anew from its records under today's policy, then build a new index beside the old one and swap.

    progress: told what it is at, how much of it is done, of how much.    max_rate: profiles, or records, a second at the most.
    Searches go on meanwhile. Killed anywhere, the old index stays in use, and running it again gives the same result.
    Raises StoreBusy, before anything is done, while another process rebuilds; StoreError when there are profiles and no records.
    """
    begun = time.monotonic()
    summary = RebuildSummary()
    async with writer.index.rebuilding() as build:
        periods = await all_periods(writer.contacts, policy)
        await settle(writer, periods)
        await _refuse_without_records(writer)
        listed = await _remake(writer, periods, summary, progress, Throttle(max_rate))
        if listed != await writer.contacts.count(Collection.RECORDS):  # mostly none is missing, and they need not be read again
            await _bring_back(writer, periods, summary, progress, Throttle(max_rate))
        await settle(writer, periods)
        noted = await writer.contacts.get(Collection.META, REMAINS.key)
        building = time.monotonic()
        summary.indexed = await build(lambda done, of: progress(INDEXING, done, of), max_rate=max_rate)
        summary.index_seconds = time.monotonic() - building
    if noted is not None and await writer.index.scrub(kept=True):
        with suppress(WriteConflict):  # more was destroyed meanwhile
            await writer.contacts.write([Write(Collection.META, REMAINS.key, None, noted.version)])
    summary.seconds = time.monotonic() - begun
    return summary


async def _refuse_without_records(writer: Writer) -> None:
    """Raises StoreError for people without any records: made again from nothing, all of them would be gone."""
    if await writer.contacts.count(Collection.RECORDS):
        return
    async for document in writer.contacts.scan(Collection.PROFILES):
        if outline_of(document).state is ProfileState.ACTIVE:
            raise StoreError(
                "the store holds profiles and none of the records they were made from, so that nothing would be left of them:"
                " restore the records from a backup, or ingest the feeds again"
            )


async def _remake(writer: Writer, periods: SourcePeriods, summary: RebuildSummary, progress: Progress, throttle: Throttle) -> int:
    """Every profile from its records. Returns how many records profiles list."""
    total, listed = await writer.contacts.count(Collection.PROFILES), 0
    async for batch in _batches(writer, Collection.PROFILES, throttle.part(BATCH)):
        listed += await _project(writer, batch, periods, summary)
        progress(CHECKING, summary.profiles, max(total, summary.profiles))
        await asyncio.sleep(throttle.pause(len(batch)))
    return listed


async def _project(writer: Writer, batch: list[Document], periods: SourcePeriods, summary: RebuildSummary) -> int:
    """Correct the profiles that differ. Returns how many records they list."""

    async def look() -> Correction:
        people = People(writer.contacts, actor="reindex")
        await people.load_profiles(d.key for d in batch)
        await periods.cover(people.records.values())
        corrections = people.corrections(periods)
        return Correction(people, corrections, people.rests_on(write.key for write in corrections))

    summary.profiles += len(batch)
    people = await _corrected(writer, look, summary)
    return people.listed(d.key for d in batch)


class Correction(NamedTuple):
    """What is to be written of people who were looked at, and what it rests on."""

    people: People
    writes: Sequence[Write]
    rests_on: Sequence[Unchanged]


async def _corrected(writer: Writer, look: Callable[[], Awaitable[Correction]], summary: RebuildSummary) -> People:
    """Write what differs; where an ingest changes any of it meanwhile, all are looked at again. Returns the people as looked at."""
    for tries_left in reversed(range(MAX_TRIES)):
        people, writes, rests_on = await look()
        try:
            if writes:
                await writer.contacts.write(writes, () if writer.contacts.atomic else rests_on)
        except WriteConflict:
            if not tries_left:
                raise
        else:
            summary.corrected += sum(write.collection is Collection.PROFILES for write in writes)
            return people
    raise AssertionError("unreachable")


async def _bring_back(writer: Writer, periods: SourcePeriods, summary: RebuildSummary, progress: Progress, throttle: Throttle) -> None:
    """Make profiles list the records that name them: one that none lists would be shown to nobody, and expire and be erased with nobody."""
    total, done = await writer.contacts.count(Collection.RECORDS), 0
    async for batch in _batches(writer, Collection.RECORDS, throttle.part(BATCH)):
        await _list(writer, batch, periods, summary)
        done += len(batch)
        progress(LISTING, done, max(total, done))
        await asyncio.sleep(throttle.pause(len(batch)))


async def _batches(writer: Writer, collection: Collection, size: int) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in writer.contacts.scan(collection):
        batch.append(document)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def _list(writer: Writer, batch: list[Document], periods: SourcePeriods, summary: RebuildSummary) -> None:
    """Settle the records of a batch that their profiles do not list, as those of a call that was cut short."""
    records = [orjson.loads(document.body) for document in batch]
    named = {d.key: r["profile_id"] for d, r in zip(batch, records, strict=True) if r.get("observations")}
    found = await writer.contacts.get_many(Collection.PROFILES, sorted(set(named.values())))
    # Looked for as text: reading three times as many profiles made a rebuild take a half longer.
    unlisted = [key for key, profile in named.items() if profile not in found or orjson.dumps(key) not in found[profile].body]

    async def look() -> Correction:
        people = People(writer.contacts, actor="reindex")
        await people.load_touched((), unlisted)
        await periods.cover(people.records.values())
        people.realign(())
        return Correction(people, people.repairs(periods), people.rests_on())

    if unlisted:
        await _corrected(writer, look, summary)
