"""The main job: a feed's file -> profiles. Read, map, gate, normalise, check suppression, resolve, merge, write, index.

Work goes in batches. A record whose batch was not written to the end is news again, one that was is none (commit.py); so a run can be
killed anywhere and run again with the same result, and several runs may go on at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from engines.base import Writer
from indexer.batch import Batch, BatchResult
from indexer.following import IndexFollower, catch_up
from indexer.purge import purge_hidden
from indexer.readers import READERS, Row, open_feed
from indexer.rejects import Rejects
from indexer.workers import Job, Outcome, Preparers
from privacy.policy import RetentionPolicy
from privacy.sources import Source, usable
from privacy.suppression import SuppressionList
from profiles.errors import SourceInvalid
from profiles.models import SourceRecord

BATCH = 500
"""Records in one transaction: its fixed cost (a durable commit, about 1 ms) is then under 1 %, and a kill loses under a second of work."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. bytes_total is None for standard input; bytes count the file as it lies on disk."""

    records: int
    bytes_read: int
    bytes_total: int | None
    seconds: float


@dataclass(slots=True)
class IngestSummary:
    """What a run did, in records; rejected_values counts single values left out of records that were taken."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    suppressed: int = 0
    rejected_records: int = 0
    rejected_values: int = 0
    profiles_new: int = 0
    profiles_merged: int = 0
    seconds: float = 0.0

    def add(self, result: BatchResult) -> None:
        """Count a batch."""
        for name in ("new", "changed", "unchanged", "older", "suppressed", "profiles_new", "profiles_merged"):
            setattr(self, name, getattr(self, name) + getattr(result, name))


async def ingest(
    writer: Writer,
    *,
    source: Source,
    feed: Path | str,
    policy: RetentionPolicy,
    suppressions: SuppressionList,
    today: date,
    store: str | None = None,
    taxonomy: Path | None = None,
    workers: int = 1,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> IngestSummary:
    """Take a feed's file into the store.

    feed: a path, or "-" for standard input.    dry_run: read and check everything, write nothing.
    workers: processes that map and normalise; they need the url of the store and the folder of imported taxonomies as well.
    rejects: where to write what could not be taken (see indexer/rejects.py).
    Raises SourceInvalid when the source may not be used today, InputInvalid when the file cannot be read.
    """
    if problems := usable(source, today):
        raise SourceInvalid(problems)
    begun = time.monotonic()
    counted, stream, size = open_feed(feed)
    noted = Rejects(rejects)
    summary = IngestSummary()
    preparers = Preparers(Job(source, today, store, taxonomy), workers, writer)
    batch = Batch(writer, policy, suppressions, today, dry_run=dry_run)
    follower = IndexFollower(preparers.catch_up)
    try:
        await batch.begin(source)
        async for rows, outcomes in _prepared(READERS[source.feed.format](stream, source.feed), preparers, 2 * workers):
            result = await batch.apply(_taken(rows, outcomes, noted, summary))
            summary.add(result)
            await follower.follow(result.new + result.changed)
            progress(Progress(summary.read, counted.bytes_read, size, time.monotonic() - begun))
        await follower.finish()
        await catch_up(writer.index)  # the writing process trims what the index has taken
        if not dry_run:
            await purge_hidden(writer, policy)
    finally:
        preparers.close()
        noted.close()
        stream.close()
    summary.rejected_records, summary.rejected_values = noted.records, noted.values
    summary.seconds = time.monotonic() - begun
    return summary


async def _prepared(rows: Iterator[Row], preparers: Preparers, ahead: int) -> AsyncIterator[tuple[list[Row], list[Outcome]]]:
    """Chunks of rows with what became of them, in order; up to `ahead` are being prepared, so memory holds no more than these."""
    underway: deque[tuple[list[Row], Awaitable[list[Outcome]]]] = deque()
    ended = False
    while underway or not ended:
        while not ended and len(underway) <= ahead:
            chunk = list(islice(rows, BATCH))
            ended = len(chunk) < BATCH
            underway.append((chunk, preparers.submit(chunk)))
        chunk, outcomes = underway.popleft()
        yield chunk, await outcomes


def _taken(rows: list[Row], outcomes: list[Outcome], rejects: Rejects, summary: IngestSummary) -> list[SourceRecord]:
    """The records that are news; what could not be taken is noted."""
    records = []
    for row, outcome in zip(rows, outcomes, strict=True):
        summary.read += 1
        for problem in outcome.left_out:
            rejects.value(row.line, problem)
        if outcome.body is not None:
            records.append(SourceRecord.model_validate_json(outcome.body))
        elif outcome.refused:
            rejects.record(row.line, outcome.refused, row.fields)
        else:
            summary.unchanged += 1
    return records
