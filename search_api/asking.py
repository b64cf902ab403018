"""Routes of tasks: one question or a list of them in, the result or the list of what became of each out."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from profiles.errors import RosterError
from search_api import handlers
from search_api.errors import ServiceOff
from search_api.route import Handler, Route
from search_api.tasks import Task, item_body

SERVICES: web.AppKey[dict[str, Any]] = web.AppKey("services", dict)
"""What the tasks work with, by the first part of their names."""

ERRORS = (400, 401, 403, 413, 415, 422, 500, 503)


def service_of(app: web.Application, task: Task[Any, Any]) -> Any:
    """What a task works with; None for one that needs nothing. Raises ServiceOff where the server has it not."""
    service = app[SERVICES].get(task.name.partition("/")[0])
    if service is None and task.name.startswith("verify/"):
        raise ServiceOff("this server verifies nothing: it has no key of the suppression list (ROSTER_SUPPRESSION_KEY)")
    return service


def asked(task: Task[Any, Any]) -> Handler:
    """The handler of a task's route."""

    async def handle(request: web.Request) -> web.Response:
        questions, several = task.read(await handlers.json_body(request))
        outcomes = await task.run(service_of(request.app, task), questions)
        if several:
            return handlers.answer(request, {"items": [item_body(outcome) for outcome in outcomes]})
        if isinstance(outcomes[0], RosterError):
            raise outcomes[0]
        return handlers.answer(request, outcomes[0])

    handle.__name__ = task.name
    return handle


def task_route(
    task: Task[Any, Any], summary: str, example: dict[str, Any], answer_example: dict[str, Any], errors: tuple[int, ...] = ERRORS
) -> Route:
    """The route of a task. answer_example: to the question `example`, without `meta`."""
    return Route(
        name=task.name.replace("/", "_").replace("-", "_"),
        method="POST",
        path=f"/v1/{task.name}",
        handler=asked(task),
        summary=f"{summary} One, or up to 100 as `items`.",
        body=task.body,
        answers={200: task.answer},
        errors=errors,
        example=example,
        answer_example={**answer_example, "meta": {"request_id": "3f0c5e9b7a1d4c2e", "took_ms": 0.4}},
    )
