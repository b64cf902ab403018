"""Normalising in worker processes: chunks of mapped records go out, normalised records come back in the order they left.

Small feeds never start a process. A worker whose parent dies ends by itself, so that a killed ingest leaves nothing running.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import wait

from indexer.prepare import Mapped, prepare
from profiles.errors import Problem, RecordRejected

PARALLEL_FROM = 2000
"""Records after which worker processes start: starting one costs about a second, what 2,000 records cost without."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one mapped record: its JSON, or None when it was refused; and the problems either way."""

    body: bytes | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """What every chunk of a run has in common."""

    source_id: str
    country: str | None
    today: date


def prepare_chunk(job: Job, chunk: Sequence[Mapped]) -> list[Prepared]:
    """Normalise a chunk, in order."""
    done = []
    for mapped in chunk:
        try:
            record, problems = prepare(mapped, job.source_id, job.country, job.today)
        except RecordRejected as refused:
            done.append(Prepared(None, refused.problems))
        else:
            done.append(Prepared(record.model_dump_json(exclude_defaults=True).encode(), tuple(problems)))
    return done


class Preparers:
    """Runs prepare_chunk here, or in up to `workers` processes once the feed has proved long."""

    def __init__(self, job: Job, workers: int) -> None:
        self._job = job
        self._workers = workers
        self._taken = 0
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, chunk: Sequence[Mapped]) -> Future[list[Prepared]]:
        """A future of the chunk's result."""
        self._taken += len(chunk)
        if self._pool is None and self._workers > 1 and self._taken > PARALLEL_FROM:
            self._pool = ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
        if self._pool is not None:
            return self._pool.submit(prepare_chunk, self._job, chunk)
        future: Future[list[Prepared]] = Future()
        future.set_result(prepare_chunk(self._job, chunk))
        return future

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A killed parent closes its end of a pipe; without this its workers would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_exit, args=(parent.sentinel,), daemon=True).start()


def _wait_and_exit(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
