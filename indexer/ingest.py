"""The main job: a feed's file -> profiles. Read, map, gate, normalise, check suppression, resolve, merge, write, index.

Work goes in batches. A batch is written whole or not at all, and a record met again is no news; so a run can be killed anywhere and
run again with the same result, and several runs may go on at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from engines.base import Collection, Writer
from indexer.batch import Batch, BatchResult
from indexer.following import IndexFollower
from indexer.prepare import content_hash
from indexer.purge import purge_hidden
from indexer.readers import READERS, CountedFile, Row, open_feed
from indexer.rejects import Rejects
from indexer.workers import Job, Prepared, Preparers
from privacy.fieldmap import FieldMap
from privacy.gate import gate
from privacy.policy import RetentionPolicy
from privacy.sources import Source, usable
from privacy.suppression import SuppressionList
from profiles.errors import Problem, RecordRejected, SourceInvalid
from profiles.models import SourceRecord
from profiles.normalise import NORMALISER_VERSION

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


@dataclass(slots=True)
class _Chunk:
    """A batch on its way: the lines of its records, and their normalised forms to come."""

    lines: list[int] = field(default_factory=list)
    mapped: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    prepared: Future[list[Prepared]] | None = None


class _Run:
    """One run of `ingest`."""

    def __init__(self, writer: Writer, source: Source, today: date, rejects: Rejects) -> None:
        self.writer, self.source, self.today, self.rejects = writer, source, today, rejects
        self.map = FieldMap(source)
        self.summary = IngestSummary()

    async def chunk(self, rows: list[Row]) -> _Chunk:
        """Map and gate rows, and leave out what the store holds already, before anything dear is done to it."""
        chunk = _Chunk()
        for row in rows:
            self.summary.read += 1
            if row.fields is None:
                self.rejects.record(row.line, (row.problem,) if row.problem else (), None)
            else:
                self._admit(row.line, row.fields, chunk)
        keys = [f"{self.source.id}/{m['record_id']}" for m in chunk.mapped]
        held = await self.writer.contacts.get_many(Collection.RECORDS, keys)
        known = {key: orjson.loads(d.body) for key, d in held.items()}
        fresh = [n for n, key in enumerate(keys) if not _is_known(known.get(key), chunk.mapped[n])]
        self.summary.unchanged += len(keys) - len(fresh)
        return _Chunk([chunk.lines[n] for n in fresh], [chunk.mapped[n] for n in fresh], [chunk.rows[n] for n in fresh])

    def _admit(self, line: int, fields: dict[str, Any], chunk: _Chunk) -> None:
        problems: list[Problem] = []
        try:
            mapped = self.map.apply(fields, problems)
            mapped, hidden = gate(mapped, self.source, self.today)
        except RecordRejected as refused:
            self.rejects.record(line, refused.problems, fields)
            return
        for problem in (*problems, *hidden):
            self.rejects.value(line, problem)
        chunk.lines.append(line)
        chunk.mapped.append(mapped)
        chunk.rows.append(fields)

    def finished(self, chunk: _Chunk, prepared: list[Prepared]) -> list[SourceRecord]:
        """The chunk's records; what was refused is noted."""
        records = []
        for line, fields, done in zip(chunk.lines, chunk.rows, prepared, strict=True):
            if done.body is None:
                self.rejects.record(line, done.problems, fields)
                continue
            for problem in done.problems:
                self.rejects.value(line, problem)
            records.append(SourceRecord.model_validate_json(done.body))
        return records


def _is_known(held: dict[str, Any] | None, mapped: dict[str, Any]) -> bool:
    return held is not None and held["normaliser_version"] == NORMALISER_VERSION and held["content_hash"] == content_hash(mapped)


async def ingest(
    writer: Writer,
    *,
    source: Source,
    feed: Path | str,
    policy: RetentionPolicy,
    suppressions: SuppressionList,
    today: date,
    workers: int = 1,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> IngestSummary:
    """Take a feed's file into the store.

    feed: a path, or "-" for standard input.    workers: processes that normalise.    dry_run: read and check everything, write nothing.
    rejects: where to write what could not be taken (see indexer/rejects.py).
    Raises SourceInvalid when the source may not be used today, InputInvalid when the file cannot be read.
    """
    if problems := usable(source, today):
        raise SourceInvalid(problems)
    begun = time.monotonic()
    counted, stream, size = open_feed(feed)
    noted = Rejects(rejects)
    run = _Run(writer, source, today, noted)
    preparers = Preparers(Job(source.id, source.country, today), workers)
    batch = Batch(writer, policy, suppressions, today, dry_run=dry_run)
    follower = IndexFollower(writer)
    try:
        await batch.begin(source)
        rows = READERS[source.feed.format](stream, source.feed)
        await _pump(run, rows, preparers, batch, follower, 2 * workers, lambda: progress(_progress(run, counted, size, begun)))
        await follower.finish()
        if not dry_run:
            await purge_hidden(writer, policy)
    finally:
        preparers.close()
        noted.close()
        stream.close()
    run.summary.rejected_records, run.summary.rejected_values = noted.records, noted.values
    run.summary.seconds = time.monotonic() - begun
    return run.summary


def _progress(run: _Run, counted: CountedFile, size: int | None, begun: float) -> Progress:
    return Progress(run.summary.read, counted.bytes_read, size, time.monotonic() - begun)


async def _pump(
    run: _Run,
    rows: Iterator[Row],
    preparers: Preparers,
    batch: Batch,
    follower: IndexFollower,
    ahead: int,
    report: Callable[[], None],
) -> None:
    """Keep `ahead` chunks being normalised while the oldest is resolved and written, in order: memory holds no more than these."""
    underway: deque[_Chunk] = deque()
    ended = False
    while underway or not ended:
        while not ended and len(underway) <= ahead:
            taken = list(islice(rows, BATCH))
            ended = len(taken) < BATCH
            chunk = await run.chunk(taken)
            chunk.prepared = preparers.submit(chunk.mapped)
            underway.append(chunk)
        chunk = underway.popleft()
        if chunk.prepared is not None:
            records = run.finished(chunk, await asyncio.wrap_future(chunk.prepared))
            result = await batch.apply(records)
            run.summary.add(result)
            await follower.follow(result.sequence)
        report()
