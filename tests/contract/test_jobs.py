"""Jobs on every engine: killed anywhere and taken up again, each question is answered once and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import Field

from engines.base import Collection, Reader, Write
from profiles.errors import JobNotFound, QueryInvalid, WriteConflict
from search_api.jobs.keeping import LEASE, MAX_KEPT, PART, Job, Jobs
from search_api.jobs.running import FAULTS, JobRunner
from search_api.jobs.webhooks import Teller
from search_api.tasks import Outcome, Task
from search_api.wire import Wire

LASTING = timedelta(hours=72)


class Clock:
    """Now, moved by hand."""

    now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now."""
        return self.now


class Number(Wire):
    """A question."""

    number: Annotated[int, Field(description="A number.")]


class Doubling:
    """A task's work: doubles numbers, counts what it was asked, and dies or fails where told."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.die_at: int | None = None
        self.fail = False

    async def __call__(self, _: object, questions: Sequence[Number]) -> list[Outcome]:
        """Double."""
        self.asked += [question.number for question in questions]
        if self.fail:
            raise RuntimeError("broken")
        if self.die_at is not None and self.die_at in self.asked:
            raise asyncio.CancelledError
        return [{"double": 2 * question.number} for question in questions]


@pytest.fixture
def work() -> Doubling:
    return Doubling()


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def jobs(reader: Reader, time: Clock) -> Jobs:
    """The jobs of a store, as a serving process has them."""
    return Jobs(reader.service, time, LASTING)


def server(jobs: Jobs, work: Doubling) -> JobRunner:
    """One server's worker."""
    return JobRunner(jobs, {"double": (Task("double", Number, Number, work), None)}, Teller(()))


def numbers(count: int) -> list[dict[str, Any]]:
    """So many questions."""
    return [{"number": number} for number in range(count)]


async def results(jobs: Jobs, job_id: str) -> list[int]:
    """What a job has found, in order; questions still open raise."""
    job, _ = await jobs.get(job_id)
    return [item["result"]["double"] for number in range(job.parts) for item in (await jobs.part(job, number))[0]["results"]]


async def test_a_job_is_worked_off_in_order(jobs: Jobs, work: Doubling) -> None:
    """Every question has its result in its place, and no question is kept."""
    count = 2 * PART + 7
    job = await jobs.add("me", "double", numbers(count), None)
    assert (job.parts, job.total, job.state) == (3, count, "queued")
    assert await server(jobs, work).step()
    done, _ = await jobs.get(job.id)
    assert (done.state, done.done) == ("finished", count)
    assert await results(jobs, job.id) == [2 * number for number in range(count)]
    assert not await server(jobs, work).step()


@pytest.mark.parametrize("die_at", [0, PART, 2 * PART + 3])
async def test_killed_anywhere_it_goes_on_where_it_stood(
    jobs: Jobs, work: Doubling, time: Clock, die_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that dies leaves the job; another takes it over once the lease is out, and only the part under way is asked again."""
    job = await jobs.add("me", "double", numbers(3 * PART), None)
    work.die_at, save = die_at, jobs.save

    async def dead(held: Job, version: int) -> int:
        """Not even the lease is given back."""
        if die_at in work.asked:
            raise WriteConflict("a dead server writes nothing")
        return await save(held, version)

    monkeypatch.setattr(jobs, "save", dead)
    with pytest.raises(asyncio.CancelledError):
        await server(jobs, work).step()
    monkeypatch.undo()
    work.die_at = None
    second = server(jobs, work)
    assert not await second.step()  # still held
    time.now += LEASE
    assert await second.step()
    assert await results(jobs, job.id) == [2 * number for number in range(3 * PART)]
    assert len(work.asked) == 4 * PART  # one part twice


async def test_a_server_told_to_stop_gives_the_job_back(jobs: Jobs, work: Doubling) -> None:
    """Stopped in good order, another goes on at once."""
    job = await jobs.add("me", "double", numbers(2 * PART), None)
    work.die_at = PART
    with pytest.raises(asyncio.CancelledError):
        await server(jobs, work).step()
    work.die_at = None
    assert await server(jobs, work).step()
    assert await results(jobs, job.id) == [2 * number for number in range(2 * PART)]


async def test_servers_side_by_side_answer_each_question_once(jobs: Jobs, work: Doubling) -> None:
    """Several servers share the jobs; none is worked on twice."""
    made = [await jobs.add("me", "double", numbers(PART + 1), None) for _ in range(4)]
    await asyncio.gather(*(server(jobs, work).step() for _ in range(6)))
    while await server(jobs, work).step():
        pass
    for job in made:
        assert len(await results(jobs, job.id)) == PART + 1
    assert len(work.asked) == 4 * (PART + 1)


async def test_two_cannot_write_one_part(jobs: Jobs) -> None:
    """Whoever comes second with results is refused."""
    job = await jobs.add("me", "double", numbers(1), None)
    _, version = await jobs.part(job, 0)
    await jobs.answered(job, 0, [{"first": 1}], version)
    with pytest.raises(WriteConflict):
        await jobs.answered(job, 0, [{"second": 1}], version)


async def test_what_is_over_is_gone(jobs: Jobs, work: Doubling, time: Clock, reader: Reader) -> None:
    """After its time nothing of a job is shown, and the next sweep removes questions and results."""
    job = await jobs.add("me", "double", numbers(PART + 1), None)
    time.now += LASTING
    with pytest.raises(JobNotFound):
        await jobs.get(job.id)
    assert not await server(jobs, work).step()
    assert [await reader.service.count(kind) for kind in (Collection.JOBS, Collection.JOB_PARTS)] == [0, 0]
    assert work.asked == []


async def test_parts_without_a_job_are_swept(jobs: Jobs, time: Clock, reader: Reader) -> None:
    """Questions of a job that was never finished being sent do not stay."""
    job = await jobs.add("me", "double", numbers(PART + 1), None)
    await reader.service.write([Write(Collection.JOBS, job.id, None)])
    time.now += LASTING + timedelta(days=1)
    await jobs.sweep()
    assert await reader.service.count(Collection.JOB_PARTS) == 0


async def test_deleting_stops_it(jobs: Jobs, work: Doubling, reader: Reader) -> None:
    """A deleted job is worked on no further, and nothing of it stays."""
    job = await jobs.add("me", "double", numbers(3 * PART), None)
    plain = work.__call__

    class Deleting(Doubling):
        """Its caller deletes the job while it is worked on."""

        async def __call__(self, service: object, questions: Sequence[Number]) -> list[Outcome]:
            """Double, with the job gone meanwhile."""
            await jobs.delete(job)
            return await plain(service, questions)

    assert await server(jobs, Deleting()).step()
    assert [await reader.service.count(kind) for kind in (Collection.JOBS, Collection.JOB_PARTS)] == [0, 0]
    assert len(work.asked) == PART


async def test_a_job_that_keeps_failing_is_given_up(jobs: Jobs, work: Doubling, time: Clock) -> None:
    """A fault of ours is tried again, and after some times told instead of tried for ever."""
    job = await jobs.add("me", "double", numbers(1), None)
    work.fail = True
    for _ in range(FAULTS):
        assert await server(jobs, work).step()
        time.now += LEASE
    assert (await jobs.get(job.id))[0].state == "failed"
    assert not await server(jobs, work).step()


async def test_jobs_belong_to_their_caller(jobs: Jobs) -> None:
    """Another caller's job is as unknown as none."""
    job = await jobs.add("me", "double", numbers(1), None)
    assert (await jobs.get(job.id, "me"))[0] == job
    with pytest.raises(JobNotFound):
        await jobs.get(job.id, "you")


async def test_a_caller_has_only_so_many(jobs: Jobs) -> None:
    """Too many jobs of one caller are refused; others are not affected."""
    for _ in range(MAX_KEPT):
        await jobs.add("me", "double", numbers(1), None)
    with pytest.raises(QueryInvalid):
        await jobs.add("me", "double", numbers(1), None)
    await jobs.add("you", "double", numbers(1), None)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no JSON", b'{"id": "old", "task": 7, "expires_at": "2026-11-25T00:00:00Z"}'])
async def test_a_job_of_another_version_is_nobodys(
    jobs: Jobs, work: Doubling, time: Clock, reader: Reader, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """One that cannot be read keeps nobody from sending and working; it is told in the log once, and goes when its time is over."""
    await reader.service.write([Write(Collection.JOBS, "old", body)])
    job = await jobs.add("me", "double", [{"number": 1}], None)
    assert await server(jobs, work).step()
    with pytest.raises(JobNotFound):
        await jobs.get("old")
    assert (await jobs.get(job.id))[0].state == "finished"
    assert ["another version" in record.message for record in caplog.records if record.name == "roster.jobs"] == [True]
    time.now += LASTING + timedelta(days=1)
    await jobs.sweep()
    assert await reader.service.count(Collection.JOBS) == 0


async def test_the_name_of_a_job_of_another_version_can_be_used(jobs: Jobs, reader: Reader) -> None:
    """A list sent again under its own name, whose job this version cannot read, is taken as new."""
    job = await jobs.add("me", "double", [{"number": 1}], None, "mine")
    await reader.service.write([Write(Collection.JOBS, job.id, b"{}")])
    again = await jobs.add("me", "double", [{"number": 2}], None, "mine")
    assert (await jobs.get(again.id))[0] == again


async def test_the_same_sent_twice_is_one_job(jobs: Jobs, work: Doubling, time: Clock) -> None:
    """Under one name of the caller's the same list is one job, before and after it has run; another list is refused; others are free."""
    first = await jobs.add("me", "double", numbers(PART + 1), None, "monday")
    assert await jobs.add("me", "double", numbers(PART + 1), None, "monday") == first
    assert await server(jobs, work).step()
    again = await jobs.add("me", "double", numbers(PART + 1), None, "monday")
    assert (again.id, again.state) == (first.id, "finished")
    with pytest.raises(QueryInvalid):
        await jobs.add("me", "double", numbers(3), None, "monday")
    assert (await jobs.add("you", "double", numbers(3), None, "monday")).id != first.id
    assert len(work.asked) == PART + 1
    time.now += LASTING
    assert (await jobs.add("me", "double", numbers(3), None, "monday")).total == 3


async def test_the_same_sent_twice_at_once_is_one_job(jobs: Jobs, work: Doubling, reader: Reader, time: Clock) -> None:
    """Two sendings that cross each other make one job; what the other left behind goes in time."""
    sent = await asyncio.gather(*(jobs.add("me", "double", numbers(PART), None, "monday") for _ in range(4)))
    assert len({job.id for job in sent}) == 1
    while await server(jobs, work).step():
        pass
    assert await results(jobs, sent[0].id) == [2 * number for number in range(PART)]
    assert len(work.asked) == PART
    time.now += LASTING + timedelta(days=1)
    await jobs.sweep()
    assert await reader.service.count(Collection.JOB_PARTS) == 0
