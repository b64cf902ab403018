"""Where jobs are kept: in the service half of the store, the questions in parts beside the job, each replaced by its results.

A part is one document: it holds questions or results, never both, and is exchanged by one conditional write. So whatever kills a server, no
question is lost and none has two results. The job's own document is written after its parts: a job that was told exists whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from engines.base import Collection, Document, Write, WriteDocuments
from profiles.errors import JobNotFound, Problem, QueryInvalid, StoreForbidden, WriteConflict

PART = 100  # questions worked on together: as many as one call answers
WRITTEN_AT_ONCE = 20  # parts a write: about 200 KB
MAX_KEPT = 50  # jobs of one caller at a time
LEASE = timedelta(seconds=15)  # a job is its server's for so long after the last sign of life; renewed at a third of it


class Webhook(BaseModel):
    """Where a job's end is told, how often that was tried, and when it is tried next (None: told, or given up)."""

    model_config = ConfigDict(frozen=True)

    url: str
    secret: str
    attempts: int = 0
    next_at: datetime | None = None
    told_at: datetime | None = None


class Job(BaseModel):
    """A job. caller: whose key it was.    holder, held_until: the server that works on it.    done: questions answered.

    parts_at: what the keys of its parts begin with.    digest: of what was sent, by which a repetition is known.
    faults: times its work failed for a reason that is not the questions'.    state: "failed" after too many of them.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    caller: str
    task: str
    parts_at: str
    digest: str
    created_at: datetime
    expires_at: datetime
    total: int
    done: int = 0
    state: Literal["queued", "running", "finished", "failed"] = "queued"
    finished_at: datetime | None = None
    holder: str = ""
    held_until: datetime | None = None
    faults: int = 0
    webhook: Webhook | None = None

    @property
    def parts(self) -> int:
        """How many parts it has."""
        return -(-self.total // PART)

    @property
    def is_open(self) -> bool:
        """Whether there is work to do."""
        return self.state in ("queued", "running")


log = logging.getLogger("roster.jobs")

Held = tuple[Job, int]
"""A job, and the version of its document."""


class Jobs:
    """All jobs of a store. now: asked at every use.    lasting: how long a job is kept, questions, results and all."""

    def __init__(self, service: WriteDocuments, now: Callable[[], datetime], lasting: timedelta) -> None:
        self._service, self.now, self._lasting = service, now, lasting
        self._passed_over: set[str] = set()

    async def add(
        self, caller: str, task: str, questions: Sequence[Mapping[str, Any]], webhook: Webhook | None, repeatable: str = ""
    ) -> Job:
        """Keep a job; it is durable when this returns.

        repeatable: the caller's own name for this sending; the same again is the same job, whatever became of the first answer. Raises
        QueryInvalid when the caller has too many jobs, or has sent something else under this name.
        """
        digest = hashlib.sha256(orjson.dumps([task, questions, webhook.url if webhook else None])).hexdigest()
        job_id = f"j{hashlib.sha256(orjson.dumps([caller, repeatable])).hexdigest()[:24]}" if repeatable else f"j{secrets.token_hex(12)}"
        if repeatable and (earlier := await self._earlier(job_id, digest)):
            return earlier
        if len([job async for job, _ in self.all() if job.caller == caller]) >= MAX_KEPT:
            raise QueryInvalid([Problem("", f"you have {MAX_KEPT} jobs already", "delete one, or wait for the oldest to expire")])
        now = self.now()
        job = Job(
            id=job_id, caller=caller, task=task, parts_at=f"{job_id}-{secrets.token_hex(8)}", digest=digest, created_at=now,
            expires_at=now + self._lasting, total=len(questions), webhook=webhook,
        )  # fmt: skip
        parts = [
            self._part(job, number, {"questions": questions[start : start + PART]}, 0)
            for number, start in enumerate(range(0, len(questions), PART))
        ]
        for start in range(0, len(parts), WRITTEN_AT_ONCE):
            await self._service.write(parts[start : start + WRITTEN_AT_ONCE])
        try:
            await self._service.write([self._write(job, 0)])
        except WriteConflict:  # the same was sent twice at once; these parts are nobody's, and go when their day comes
            return await self._earlier(job_id, digest) or job
        return job

    async def _earlier(self, job_id: str, digest: str) -> Job | None:
        """The job that was sent under this name before."""
        document = await self._service.get(Collection.JOBS, job_id)
        if document is None:
            return None
        job = self._read(document)
        if job is None:
            await self._service.write([Write(Collection.JOBS, job_id, None)])
            return None
        if job.expires_at <= self.now():
            await self.delete(job)
            return None
        if job.digest != digest:
            allowed = "a new key for another list; the same list for the same key"
            raise QueryInvalid([Problem("Idempotency-Key", "was sent with another list before", allowed)])
        return job

    async def get(self, job_id: str, caller: str | None = None) -> Held:
        """A job. Raises JobNotFound: no such job, another caller's, or its time is over."""
        document = await self._service.get(Collection.JOBS, job_id)
        job = self._read(document) if document else None
        if job is None or document is None or job.expires_at <= self.now() or caller not in (None, job.caller):
            raise JobNotFound("no job has this id, or its time is over")
        return job, document.version

    async def all(self) -> AsyncIterator[Held]:
        """Every job whose time is not over."""
        now = self.now()
        async for document in self._service.scan(Collection.JOBS):
            job = self._read(document)
            if job is not None and job.expires_at > now:
                yield job, document.version

    async def save(self, job: Job, version: int) -> int:
        """Write a job back under the version it was read in; returns the new version. Raises WriteConflict, JobNotFound."""
        await self._service.write([self._write(job, version)])
        document = await self._service.get(Collection.JOBS, job.id)
        if document is None:
            raise JobNotFound("the job was deleted")
        if self._read(document) != job:
            raise WriteConflict("jobs: somebody else has written this one since")
        return document.version

    async def part(self, job: Job, number: int) -> tuple[dict[str, Any], int]:
        """{"questions": [...]} or {"results": [...]} of a part, and its version. Raises JobNotFound when it is gone."""
        document = await self._service.get(Collection.JOB_PARTS, _part_key(job, number))
        if document is None:
            raise JobNotFound("the job was deleted, or its time is over")
        body: dict[str, Any] = orjson.loads(document.body)
        return body, document.version

    async def answered(self, job: Job, number: int, results: Sequence[Mapping[str, Any]], version: int) -> None:
        """Put the results of a part in the place of its questions. Raises WriteConflict when somebody else has."""
        await self._service.write([self._part(job, number, {"results": results}, version)])

    async def delete(self, job: Job) -> None:
        """Remove a job with all that was sent and found."""
        await self._service.write([Write(Collection.JOBS, job.id, None)])
        await self._remove_parts([_part_key(job, number) for number in range(job.parts)])

    async def sweep(self) -> int:
        """Remove every job whose time is over, and parts that no job came to own. Returns how many jobs went."""
        now, gone = self.now(), 0
        async for document in self._service.scan(Collection.JOBS):
            job = self._read(document)
            if job is None:
                if _is_over(document, now):
                    await self._service.write([Write(Collection.JOBS, document.key, None)])  # its parts go when their day comes
                    gone += 1
            elif job.expires_at <= now:
                await self.delete(job)
                gone += 1
        left = [document.key async for document in self._service.due(Collection.JOB_PARTS, now.date())]
        await self._remove_parts(left)
        if gone or left:
            with contextlib.suppress(StoreForbidden):  # in a cluster a server may not, and its deleted documents go with the next merge
                await self._service.scrub()
        return gone

    async def _remove_parts(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), WRITTEN_AT_ONCE):
            await self._service.write([Write(Collection.JOB_PARTS, key, None) for key in keys[start : start + WRITTEN_AT_ONCE]])

    def _read(self, document: Document) -> Job | None:
        """The job of a document; None for one that another version of roster wrote in a way this one does not know: here it is nobody's."""
        try:
            return Job.model_validate_json(document.body)
        except ValidationError as error:
            if document.key not in self._passed_over:
                self._passed_over.add(document.key)
                fields = {str(one["loc"][0]) for one in error.errors(include_input=False, include_url=False) if one["loc"]}
                log.warning("a job that another version wrote is passed over: %s", ", ".join(sorted(fields)) or "not JSON")
            return None

    def _write(self, job: Job, version: int) -> Write:
        return Write(Collection.JOBS, job.id, job.model_dump_json().encode(), version)

    def _part(self, job: Job, number: int, body: Mapping[str, Any], version: int) -> Write:
        """The day after the job's last is when a part is found by itself, should its job never have been written."""
        due = job.expires_at.date() + timedelta(days=1)
        return Write(Collection.JOB_PARTS, _part_key(job, number), orjson.dumps(body), version, due)


def _is_over(document: Document, now: datetime) -> bool:
    """Whether an unreadable job's time is over, or cannot be told: a newer server's jobs are its own as long as they last."""
    try:
        return _Kept.model_validate_json(document.body).expires_at <= now
    except (ValidationError, TypeError):
        return True


class _Kept(BaseModel):
    """What every version says of a job."""

    expires_at: datetime


def _part_key(job: Job, number: int) -> str:
    return f"{job.parts_at}/{number:06}"
