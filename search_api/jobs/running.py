"""Working jobs off: each server takes the oldest that nobody holds, answers it part by part, and tells its end to the webhook.

A job is held by a lease that is renewed while its server lives; when that dies, another takes the job over where it stood. Two servers that
should ever work on one part at the same time cannot both write it (see keeping.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from profiles.errors import JobNotFound, RosterError, WriteConflict
from search_api.jobs.keeping import LEASE, Held, Job, Jobs
from search_api.jobs.webhooks import Teller
from search_api.tasks import Task, item_body

POLL = 5.0  # seconds between looks for work that another server left; work of this server's callers starts at once
SWEEP = timedelta(minutes=10)  # between removals of what is over; nothing of it is shown meanwhile
FAULTS = 5  # times a job's work may fail before it is given up

log = logging.getLogger("roster.jobs")


class JobRunner:
    """One server's worker. tasks: by name, with the service each works with.    sweeps: what removes other things whose time is over."""

    def __init__(
        self,
        jobs: Jobs,
        tasks: Mapping[str, tuple[Task[Any, Any], Any]],
        teller: Teller,
        sweeps: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._jobs, self._tasks, self._teller = jobs, tasks, teller
        self._name = secrets.token_hex(8)
        self._awake = asyncio.Event()
        self._sweeps = sweeps
        self._swept: datetime | None = None

    def wake(self) -> None:
        """There is new work."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                while await self.step():
                    pass
            except RosterError as error:
                log.warning("jobs wait: %s", type(error).__name__)
            except Exception as error:
                log.error("a job's work failed: %s", type(error).__name__)
            self._awake.clear()
            # Not asyncio.wait_for: woken and cancelled at the same moment, it forgets that it was cancelled (before Python 3.12).
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._awake.wait()

    async def step(self) -> bool:
        """Do one thing: sweep, tell an end, or work on a job to its end. False when there is nothing to do now."""
        now = self._jobs.now()
        if self._swept is None or now - self._swept >= SWEEP:
            self._swept = now
            await self._jobs.sweep()
            for sweep in self._sweeps:
                await sweep()
        open_jobs: list[Held] = []
        async for job, version in self._jobs.all():
            if job.webhook and job.webhook.next_at and job.webhook.next_at <= now and not _is_held(job, now):
                return await self._tell(job, version)
            if job.is_open and not _is_held(job, now) and job.task in self._tasks:
                open_jobs.append((job, version))
        if not open_jobs:
            return False
        job, version = min(open_jobs, key=lambda held: (held[0].created_at, held[0].id))
        await self._work(job, version)
        return True

    async def _work(self, job: Job, version: int) -> None:
        """Take the job and answer its parts. Whoever took it first, or deletes it, wins; this one then leaves it."""
        hold = _Hold(self._jobs, self._name, job, version)
        try:
            await hold.update(state="running")
        except (WriteConflict, JobNotFound):
            return
        keeping = asyncio.create_task(hold.keep())
        try:
            await self._answer_all(hold)
        except (WriteConflict, JobNotFound):
            return  # taken over, or deleted
        except asyncio.CancelledError:
            with contextlib.suppress(RosterError):
                await hold.release()
            raise
        except Exception as error:
            log.error("a job's work failed: %s", type(error).__name__)
            with contextlib.suppress(WriteConflict, JobNotFound):
                await hold.fail()
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])  # awaited by itself, its being cancelled could not be told from our own
            if not keeping.cancelled():
                keeping.exception()  # heard: whoever lost the job has been told already

    async def _answer_all(self, hold: _Hold) -> None:
        task, service = self._tasks[hold.job.task]
        done = 0
        for number in range(hold.job.parts):
            body, version = await self._jobs.part(hold.job, number)
            if "questions" in body:
                asked = [task.question.model_validate(question) for question in body["questions"]]
                outcomes = await task.run(service, asked)
                await self._jobs.answered(hold.job, number, [item_body(outcome) for outcome in outcomes], version)
                done += len(asked)
                await hold.update(done=done)
            else:
                done += len(body["results"])
        await hold.finish(done)

    async def _tell(self, job: Job, version: int) -> bool:
        """Tell the webhook, holding the job meanwhile so that no other server does."""
        hold = _Hold(self._jobs, self._name, job, version)
        with contextlib.suppress(WriteConflict, JobNotFound):
            await hold.update()
            webhook = await self._teller.tell(hold.job, self._jobs.now())
            await hold.update(webhook=webhook, held_until=None)
        return True


def _is_held(job: Job, now: datetime) -> bool:
    return job.held_until is not None and job.held_until > now


class _Hold:
    """A job in this server's hands. Every write renews the lease; one that fails means that the job is somebody else's now."""

    def __init__(self, jobs: Jobs, name: str, job: Job, version: int) -> None:
        self._jobs, self._name, self.job, self._version = jobs, name, job, version
        self._lock = asyncio.Lock()

    async def update(self, **changes: Any) -> None:
        """Write the job with these changes."""
        async with self._lock:
            held = {"holder": self._name, "held_until": self._jobs.now() + LEASE}
            job = self.job.model_copy(update={**held, **changes})
            self._version = await self._jobs.save(job, self._version)
            self.job = job

    async def keep(self) -> None:
        """Renew the lease while a part takes long; ends when the job is no longer this server's."""
        with contextlib.suppress(WriteConflict, JobNotFound):
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                await self.update()

    async def finish(self, done: int) -> None:
        """Everything is answered."""
        now = self._jobs.now()
        await self.update(state="finished", done=done, finished_at=now, held_until=None, **self._due(now))

    async def fail(self) -> None:
        """Leave the job for another try, or give it up."""
        now, faults = self._jobs.now(), self.job.faults + 1
        if faults >= FAULTS:
            await self.update(state="failed", faults=faults, finished_at=now, held_until=None, **self._due(now))
        else:
            await self.update(faults=faults, held_until=now + LEASE)

    async def release(self) -> None:
        """Let another server go on at once."""
        await self.update(held_until=None)

    def _due(self, now: datetime) -> dict[str, Any]:
        return {"webhook": self.job.webhook.model_copy(update={"next_at": now})} if self.job.webhook else {}
