"""The routes of jobs."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import web

from profiles.errors import JobUnfinished, Problem, QueryInvalid
from search_api import handlers
from search_api.asking import SERVICES, service_of
from search_api.examples import META
from search_api.jobs.keeping import PART, Job, Jobs
from search_api.jobs.running import JobRunner
from search_api.jobs.schemas import MAX_BODY, TASKS, JobAnswer, JobRequest
from search_api.jobs.webhooks import Teller, job_body
from search_api.requests import unknown_name, validated
from search_api.route import Route
from search_api.streaming import streamed
from search_api.tasks import Task
from search_api.verify.service import Verifier

JOBS: web.AppKey[Jobs] = web.AppKey("jobs", Jobs)
RUNNER: web.AppKey[JobRunner] = web.AppKey("runner", JobRunner)
TELLER: web.AppKey[Teller] = web.AppKey("teller", Teller)


def runnable(app: web.Application) -> dict[str, tuple[Task[Any, Any], Any]]:
    """The tasks this server can do, with the service each works with."""
    services = app[SERVICES]
    found = {name: (task, services.get(name.partition("/")[0])) for name, task in TASKS.items()}
    return {name: (task, service) for name, (task, service) in found.items() if service is not None or name.startswith("clean/")}


async def add(request: web.Request) -> web.Response:
    """POST /v1/jobs."""
    body = await handlers.json_body(request.clone(client_max_size=MAX_BODY))
    wanted = await asyncio.to_thread(validated, JobRequest, body)  # ten thousand questions take a moment
    task = TASKS.get(wanted.task)
    if task is None:
        named = unknown_name(wanted.task, tuple(TASKS), "is no task")
        raise QueryInvalid([Problem("/task", named.detail, named.allowed)])
    service_of(request.app, task)  # a server that cannot do it says so now
    await asyncio.to_thread(task.check, wanted.items)
    webhook = request.app[TELLER].accept(wanted.webhook.url, wanted.webhook.secret) if wanted.webhook else None
    repeatable = handlers.idempotency_key(request)
    job = await request.app[JOBS].add(request[handlers.CALLER], task.name, wanted.items, webhook, repeatable)
    request.app[RUNNER].wake()
    return handlers.answer(request, job_body(job), 202, {"Location": f"/v1/jobs/{job.id}"})


async def _job(request: web.Request) -> Job:
    return (await request.app[JOBS].get(request.match_info["id"], request[handlers.CALLER]))[0]


async def shown(request: web.Request) -> web.Response:
    """GET /v1/jobs/{id}."""
    return handlers.answer(request, job_body(await _job(request)))


async def deleted(request: web.Request) -> web.Response:
    """DELETE /v1/jobs/{id}."""
    await request.app[JOBS].delete(await _job(request))
    return handlers.no_content()


async def results(request: web.Request) -> web.StreamResponse:
    """GET /v1/jobs/{id}/results, a line at a time, at the reader's pace.

    Verdicts are as they count now, and of whoever was suppressed, erased or has expired since the job ran nothing is said.
    """
    job = await _job(request)
    if job.state != "finished":
        raise JobUnfinished("the job has not finished")
    parts = (await _lines(request.app, job, number) for number in range(job.parts))
    return await streamed(request, parts, {"Content-Type": "application/x-ndjson", "Cache-Control": "private, no-cache"})


async def _lines(app: web.Application, job: Job, number: int) -> bytes:
    """The lines of one part: {"number": place in the list, "status", "result", "problem"}."""
    task, jobs = TASKS[job.task], app[JOBS]
    body, _ = await jobs.part(job, number)
    service = service_of(app, task)
    items: list[dict[str, Any]] = body["results"]
    if isinstance(service, Verifier):
        items = await service.screened(items)
    now = jobs.now()
    return b"".join(
        orjson.dumps({"number": number * PART + place, **item, "result": task.decayed(item["result"], now) if item["result"] else None})
        + b"\n"
        for place, item in enumerate(items)
    )


_JOB = {
    "id": "j0f3c5e9b7a1d4c2e8f0c5e9b",
    "task": "verify/email",
    "state": "queued",
    "total": 2,
    "done": 0,
    "created_at": "2026-11-23T09:30:00Z",
    "finished_at": None,
    "expires_at": "2026-11-26T09:30:00Z",
    "results": None,
    "webhook": None,
    "meta": META,
}
_RAN = {"state": "finished", "done": 2, "finished_at": "2026-11-23T09:30:01Z", "results": "/v1/jobs/j0f3c5e9b7a1d4c2e8f0c5e9b/results"}
_READING = (401, 403, 404, 422, 500, 503)

JOB_ROUTES: tuple[Route, ...] = (
    Route(
        name="add_job",
        method="POST",
        path="/v1/jobs",
        handler=add,
        summary="Work off up to 50,000 questions of a route of /v1/verify or /v1/clean. The job belongs to the key it was sent with.",
        body=JobRequest,
        headers={
            "Idempotency-Key": "Your own name for this sending: the same list under the same key is one job, however often it is sent."
        },
        answers={202: JobAnswer},
        errors=(400, 401, 403, 413, 415, 422, 500, 503),
        example={"task": "verify/email", "items": [{"email": "jane.doe@emberpoint.example"}, {"email": "info@emberpoint.example"}]},
        answer_example=_JOB,
    ),
    Route(
        name="job",
        method="GET",
        path="/v1/jobs/{id}",
        handler=shown,
        summary="How far a job is.",
        answers={200: JobAnswer},
        errors=_READING,
        answer_example={**_JOB, **_RAN},
    ),
    Route(
        name="job_results",
        method="GET",
        path="/v1/jobs/{id}/results",
        handler=results,
        summary='The results of a finished job, a line of JSON each, in order: {"number", "status", "result", "problem"}.',
        answers={200: None},
        errors=(401, 403, 404, 409, 422, 500, 503),
        seconds=None,
        media=("application/x-ndjson",),
    ),
    Route(
        name="delete_job",
        method="DELETE",
        path="/v1/jobs/{id}",
        handler=deleted,
        summary="Stop a job, and remove all that was sent and found.",
        answers={204: None},
        errors=_READING,
    ),
)
