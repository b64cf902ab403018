"""Rebuild: profiles from their records, and the search index from the profiles, beside the one in use; then the swap."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engines.base import Collection, Document, Writer
from indexer.batch import all_periods
from indexer.commit import settle
from indexer.people import People, profile_write
from privacy.policy import RetentionPolicy
from profiles.errors import WriteConflict
from profiles.models import Profile, ProfileState
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
    periods = await all_periods(writer, policy)
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
    summary.indexed = await writer.index.rebuild()
    summary.seconds = time.monotonic() - begun
    progress(summary)
    return summary


async def _project(writer: Writer, batch: list[Document], periods: Mapping[str, Periods], summary: RebuildSummary) -> None:
    people = People(writer.contacts)
    await people.load_profiles(d.key for d in batch)
    corrections = []
    for document in batch:
        summary.profiles += 1
        stored = Profile.model_validate_json(document.body)
        person = people.persons.get(document.key)
        if stored.state is not ProfileState.ACTIVE or person is None:
            continue
        write = profile_write(people.project(person, periods), document.version)
        if write.body != document.body:
            corrections.append(write)
    if corrections:
        try:
            await writer.contacts.write(corrections)
        except WriteConflict:
            return  # an ingest has just projected some of these by the same rule; what it did not touch is looked at next time
        summary.corrected += len(corrections)
