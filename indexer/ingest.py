"""The main job: a feed's file -> profiles. Read, map, gate, normalise, check suppression, resolve, merge, write, index.

Work goes in batches. A record whose batch was not written to the end is news again, one that was is none (commit.py); so a run can be
killed anywhere and run again with the same result, and several runs may go on at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from engines.base import Writer
from engines.collecting import OBJECTS_OF_A_BATCH, seldom
from indexer.batch import Batch, BatchResult
from indexer.following import IndexFollower, catch_up
from indexer.purge import purge_hidden
from indexer.readers import READERS, Row, open_feed
from indexer.rejects import Rejects
from indexer.workers import Job, Outcome, Preparers, prepare_anew
from privacy.policy import RetentionPolicy
from privacy.sources import Source, usable
from privacy.suppression import SuppressionList
from profiles.errors import InputInvalid, SourceInvalid
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
    """What a run did, in records; rejected_values counts single values left out of records that were taken.

    reasons: the commonest reasons for rejects, as indexer/rejects.py counts them.
    """

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
    reasons: list[dict[str, Any]] = field(default_factory=list)

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
    workers: processes that share the work, this one included; the others need the url of the store and the folder of imported taxonomies.
    rejects: where to write what could not be taken (see indexer/rejects.py).
    Raises SourceInvalid when the source may not be used today, InputInvalid when the file cannot be read.
    """
    if problems := usable(source, today):
        raise SourceInvalid(problems)
    seldom(OBJECTS_OF_A_BATCH)  # and so it stays: see `collected_seldom`
    begun = time.monotonic()
    counted, stream, size = open_feed(feed)
    try:
        noted = Rejects(rejects, feed)
    except InputInvalid:
        stream.close()
        raise
    summary = IngestSummary()
    job = Job(source, today, store, taxonomy)
    preparers, ahead = Preparers(job, workers, writer), 2 * workers
    taking = _Taking(job, noted, summary, ahead)
    batch = Batch(writer, policy, suppressions, today, dry_run=dry_run)
    follower = IndexFollower(preparers.catch_up)
    try:
        await batch.begin(source)
        async for rows, outcomes in _prepared(READERS[source.feed.format](stream, source.feed), preparers, ahead):
            result = await batch.apply(taking.records(rows, outcomes))
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
    summary.reasons = noted.reasons()
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


class _Taking:
    """Picks the records that are news out of what was prepared; what could not be taken is noted."""

    def __init__(self, job: Job, rejects: Rejects, summary: IngestSummary, ahead: int) -> None:
        self._job, self._rejects, self._summary = job, rejects, summary
        # A row is compared with what the store holds while up to `ahead` chunks before it wait to be written: what these change is
        # looked at again.
        self._changing: deque[set[str]] = deque(maxlen=ahead + 2)

    def records(self, rows: list[Row], outcomes: list[Outcome]) -> list[SourceRecord]:
        """The records to take of a chunk, in order."""
        self._changing.append(set())
        records = []
        for row, outcome in zip(rows, outcomes, strict=True):
            overtaken = outcome.known and any(outcome.known in keys for keys in self._changing)
            if (record := self._record(row, prepare_anew(self._job, row) if overtaken else outcome)) is not None:
                self._changing[-1].add(record.key)
                records.append(record)
        return records

    def _record(self, row: Row, outcome: Outcome) -> SourceRecord | None:
        self._summary.read += 1
        for problem in outcome.left_out:
            self._rejects.value(row.line, problem)
        if outcome.record is not None:
            return outcome.unpacked()
        if outcome.refused:
            self._rejects.record(row.line, outcome.refused, row.fields)
        else:
            self._summary.unchanged += 1
        return None
