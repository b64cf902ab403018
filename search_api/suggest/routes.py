"""The route of completions."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from engines.suggesting import SUGGEST_FIELDS, beginnings, shown
from privacy.reading import ProfileReader
from profiles.models import ValueKind
from search_api import handlers
from search_api.examples import META
from search_api.requests import parameters
from search_api.route import Route
from search_api.suggest.schemas import CompletionRequest, CompletionsAnswer

SPARE = 3  # terms for each value wanted: a value may start so in several places ("Manager of Managers", "Munich" and "Munchen")


async def completions_answer(profiles: ProfileReader, wanted: CompletionRequest) -> dict[str, Any]:
    """The body of an answer, without `meta`: schemas.CompletionsAnswer."""
    kind = ValueKind(wanted.field)
    for beginning in beginnings(kind, wanted.prefix):
        found = shown(await profiles.suggest(SUGGEST_FIELDS[kind], beginning, SPARE * wanted.size), wanted.size)
        if found:
            return {"suggestions": [{"value": value, "count": count} for value, count in found]}
    return {"suggestions": []}


async def suggest(request: web.Request) -> web.Response:
    """GET /v1/suggest."""
    wanted = parameters(CompletionRequest, request.query.items())
    return handlers.answer(request, await completions_answer(request.app[handlers.PROFILES], wanted))


SUGGEST_ROUTES: tuple[Route, ...] = (
    Route(
        name="suggest",
        method="GET",
        path="/v1/suggest",
        handler=suggest,
        summary="What could be meant while somebody types: values that profiles hold and that start so, or one of whose words does.",
        parameters=tuple(CompletionRequest.model_fields),
        asks=CompletionRequest,
        answers={200: CompletionsAnswer},
        errors=(401, 403, 422, 500, 503),
        example={"field": "job_title", "prefix": "engin"},
        answer_example={"suggestions": [{"value": "Software Engineer", "count": 412}], "meta": META},
    ),
)
