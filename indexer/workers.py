"""Everything that is done to a row by itself: map, gate, see whether it is news, normalise. Here or in worker processes.

Chunks of rows go out, and what became of each row comes back in the order they left. Small feeds never start a process. A worker whose
parent dies ends by itself, so that a killed ingest leaves nothing running.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Awaitable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import NamedTuple

import orjson

from engines.base import Collection, ReadDocuments, Reader, Writer
from engines.collecting import OBJECTS_OF_A_BATCH, seldom
from engines.opening import open_reader
from indexer.following import catch_up
from indexer.prepare import Mapped, content_hash, prepare
from indexer.readers import Row
from privacy.fieldmap import FieldMap
from privacy.gate import gate
from privacy.sources import Source
from profiles.errors import Problem, RecordRejected
from profiles.models import SourceRecord
from profiles.normalise import NORMALISER_VERSION, job_title, skill

PARALLEL_FROM = 2000
"""Records after which worker processes start: starting one costs about a second, what 2,000 records cost without."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every chunk of a run has in common.

    store: its url, for the workers' own eyes; None keeps everything in this process.
    taxonomy: the folder of imported taxonomies, which workers load as this process has done; None for none.
    """

    source: Source
    today: date
    store: str | None = None
    taxonomy: Path | None = None


class Outcome(NamedTuple):
    """What became of a row.

    record: normalised; None when it was refused, or is no news. As JSON where it comes from another process: pickled, it is no faster.
    refused: why the record as a whole was not taken.    left_out: what could not be taken of it.
    known: the record's key, when just this was held as the row was looked at.
    """

    record: SourceRecord | bytes | None
    refused: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()
    known: str = ""

    def packed(self) -> Outcome:
        """Ready to be sent to another process."""
        if not isinstance(self.record, SourceRecord):
            return self
        return self._replace(record=self.record.model_dump_json(exclude_defaults=True).encode())

    def unpacked(self) -> SourceRecord | None:
        """The record, wherever it was normalised."""
        return SourceRecord.model_validate_json(self.record) if isinstance(self.record, bytes) else self.record


@lru_cache(maxsize=4)
def _field_map(source: str) -> FieldMap:
    return FieldMap(Source.model_validate_json(source))


async def prepare_rows(job: Job, rows: Sequence[Row], contacts: ReadDocuments) -> list[Outcome]:
    """What becomes of each row, in order; what the store holds already is found out before anything dear is done."""
    field_map = _field_map(job.source.model_dump_json(by_alias=True))
    admitted: list[tuple[Mapped, list[Problem]] | Outcome] = [_admit(row, field_map, job) for row in rows]
    keys = {n: f"{job.source.id}/{entry[0]['record_id']}" for n, entry in enumerate(admitted) if not isinstance(entry, Outcome)}
    held = await contacts.get_many(Collection.RECORDS, list(keys.values()))
    outcomes = []
    for n, entry in enumerate(admitted):
        if isinstance(entry, Outcome):
            outcomes.append(entry)
        elif (document := held.get(keys[n])) and _is_known(document.body, entry[0]):
            outcomes.append(Outcome(None, left_out=tuple(entry[1]), known=keys[n]))
        else:
            outcomes.append(_prepared(entry[0], entry[1], job))
    return outcomes


def prepare_anew(job: Job, row: Row) -> Outcome:
    """What becomes of a row whatever the store holds: for one that was known when looked at, and then overtaken by the row before it."""
    entry = _admit(row, _field_map(job.source.model_dump_json(by_alias=True)), job)
    return entry if isinstance(entry, Outcome) else _prepared(entry[0], entry[1], job)


def _admit(row: Row, field_map: FieldMap, job: Job) -> tuple[Mapped, list[Problem]] | Outcome:
    """The row through field map and gate, with what was left out; or why it is refused."""
    if row.fields is None:
        return Outcome(None, refused=(row.problem,) if row.problem else ())
    problems: list[Problem] = []
    try:
        mapped, hidden = gate(field_map.apply(row.fields, problems), job.source, job.today)
    except RecordRejected as refused:
        return Outcome(None, refused=refused.problems)
    return mapped, problems + hidden


def _is_known(held: bytes, mapped: Mapped) -> bool:
    record = orjson.loads(held)
    return bool(record["normaliser_version"] == NORMALISER_VERSION and record["content_hash"] == content_hash(mapped))


def _prepared(mapped: Mapped, problems: list[Problem], job: Job) -> Outcome:
    try:
        record, more = prepare(mapped, job.source.id, job.source.country, job.today)
    except RecordRejected as refused:
        return Outcome(None, refused=refused.problems)
    return Outcome(record, left_out=(*problems, *more))


class Preparers:
    """Runs prepare_rows here, or in worker processes once the feed has proved long.

    workers: how many processes are to share the work, this one included, which then only resolves.
    """

    def __init__(self, job: Job, workers: int, writer: Writer) -> None:
        self._job = job
        self._workers = workers if job.store else 1
        self._writer = writer
        self._taken = 0
        self._pool: ProcessPoolExecutor | None = None
        self._here: set[asyncio.Task[list[Outcome]]] = set()

    def submit(self, rows: Sequence[Row]) -> Awaitable[list[Outcome]]:
        """What becomes of the rows, to be awaited; begun at once where there are worker processes."""
        self._taken += len(rows)
        if self._pool is None and self._workers > 1 and self._taken > PARALLEL_FROM:
            self._pool = ProcessPoolExecutor(self._workers - 1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
        if self._pool is not None:
            return asyncio.wrap_future(self._pool.submit(_in_worker, self._job, rows))
        task = asyncio.create_task(prepare_rows(self._job, rows, self._writer.contacts))
        self._here.add(task)
        task.add_done_callback(self._here.discard)
        return task

    async def catch_up(self) -> bool:
        """Bring the index up to the writes so far, in a worker process where there is one, so that resolving need not share its core.

        False when another process is indexing, which takes our writes along.
        """
        if self._pool is not None:
            return await asyncio.wrap_future(self._pool.submit(_index_in_worker, self._job))
        return await catch_up(self._writer.index)

    def close(self) -> None:
        """Stop the processes, and what was begun here."""
        for task in self._here:
            task.cancel()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


_loop: asyncio.AbstractEventLoop | None = None
_reader: Reader | None = None


def _in_worker(job: Job, rows: Sequence[Row]) -> list[Outcome]:
    """prepare_rows in a worker process."""
    loop, reader = _opened(job)
    return [outcome.packed() for outcome in loop.run_until_complete(prepare_rows(job, rows, reader.contacts))]


def _index_in_worker(job: Job) -> bool:
    """Following the writes in a worker process; only the writing process trims the outbox."""
    loop, reader = _opened(job)
    return loop.run_until_complete(catch_up(reader.index))


def _opened(job: Job) -> tuple[asyncio.AbstractEventLoop, Reader]:
    """A worker opens the store once, to read; it has one task at a time and lives for one run."""
    global _loop, _reader
    if _loop is None or _reader is None:
        _loop = asyncio.new_event_loop()
        _reader = _loop.run_until_complete(open_reader(job.store or ""))
        skill.use_taxonomy(job.taxonomy)
        job_title.use_taxonomy(job.taxonomy)
    return _loop, _reader


def _end_with_parent() -> None:
    """A killed parent closes its end of a pipe; without this its workers would wait for work for ever.

    Ctrl-C reaches every process of a terminal: the parent alone answers it, and stops its workers.
    """
    seldom(OBJECTS_OF_A_BATCH)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_exit, args=(parent.sentinel,), daemon=True).start()


def _wait_and_exit(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
