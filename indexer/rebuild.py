"""Rebuild: profiles from their records, and the search index from the profiles, beside the one in use; then the swap."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from engines.base import Collection, Document, Write, Writer
from indexer.commit import MAX_TRIES, settle
from indexer.people import People, profile_write
from indexer.removal import REMAINS, all_periods
from privacy.policy import RetentionPolicy
from profiles.errors import WriteConflict
from profiles.retention import Periods

BATCH = 500
"""Profiles projected together; each is compared with what is stored, and only a difference is written."""


@dataclass(slots=True)
class RebuildSummary:
    """profiles: looked at.    corrected: differed from what their records make of them.    indexed: entries of the new index."""

    profiles: int = 0
    corrected: int = 0
    indexed: int = 0
    seconds: float = 0.0


async def reindex(
    writer: Writer, *, policy: RetentionPolicy, progress: Callable[[RebuildSummary], None] = lambda _: None
) -> RebuildSummary:
    """Project every profile anew from its records under today's policy, then build a new index beside the old one and swap.

    Searches go on meanwhile. Killed anywhere, the old index stays in use, and running it again gives the same result.
    """
    begun = time.monotonic()
    summary = RebuildSummary()
    periods = await all_periods(writer.contacts, policy)
    await settle(writer, periods)
    batch: list[Document] = []
    async for document in writer.contacts.scan(Collection.PROFILES):
        batch.append(document)
        if len(batch) == BATCH:
            await _project(writer, batch, periods, summary)
            progress(summary)
            batch = []
    if batch:
        await _project(writer, batch, periods, summary)
    await settle(writer, periods)
    noted = await writer.contacts.get(Collection.META, REMAINS.key)
    summary.indexed = await writer.index.rebuild()
    if noted is not None:
        with suppress(WriteConflict):  # more was destroyed meanwhile
            await writer.contacts.write([Write(Collection.META, REMAINS.key, None, noted.version)])
    summary.seconds = time.monotonic() - begun
    progress(summary)
    return summary


async def _project(writer: Writer, batch: list[Document], periods: Mapping[str, Periods], summary: RebuildSummary) -> None:
    """Correct the profiles that differ. Where an ingest changes one of them meanwhile, all are looked at again."""
    summary.profiles += len(batch)
    for tries_left in reversed(range(MAX_TRIES)):
        people = People(writer.contacts)
        await people.load_profiles(d.key for d in batch)
        stored = await writer.contacts.get_many(Collection.PROFILES, list(people.persons))
        corrections = [
            write
            for key, person in people.persons.items()
            if (document := stored.get(key)) is not None and document.version == person.version
            if (write := profile_write(people.project(person, periods), person.version)).body != document.body
        ]
        try:
            if corrections:
                rests_on = () if writer.contacts.atomic else people.rests_on(write.key for write in corrections)
                await writer.contacts.write(corrections, rests_on)
        except WriteConflict:
            if not tries_left:
                raise
        else:
            summary.corrected += len(corrections)
            return
