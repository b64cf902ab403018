"""The routes of exports."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from profiles.errors import Problem, QueryInvalid
from search_api import handlers
from search_api.exporting.lines import export_lines
from search_api.exporting.schemas import ExportOptions, ExportRequest
from search_api.passing import meaning_of_a_search
from search_api.requests import QUERY_PARAMETERS, parameters, request_from_query, told_as_query, validated
from search_api.route import ANSWER_SECONDS, Route, answered_within
from search_api.streaming import streamed

_OPTIONS = tuple(ExportOptions.model_fields)
_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv"}


async def export_posted(request: web.Request) -> web.StreamResponse:
    """POST /v1/profiles/export."""
    return await _export(request, validated(ExportRequest, await handlers.json_body(request)), "/query")


async def export_asked(request: web.Request) -> web.StreamResponse:
    """GET /v1/profiles/export."""
    options = parameters(ExportOptions, [pair for pair in request.query.items() if pair[0] in _OPTIONS])
    query = request_from_query([pair for pair in request.query.items() if pair[0] not in _OPTIONS])
    try:
        return await _export(request, ExportRequest(query=query, format=options.format, after=options.after), "")
    except QueryInvalid as error:
        raise told_as_query(error) from None


async def _export(request: web.Request, wanted: ExportRequest, pointer: str) -> web.StreamResponse:
    profiles, sources = request.app[handlers.PROFILES], request.app[handlers.SOURCES]
    async with answered_within(ANSWER_SECONDS):
        try:
            query = await meaning_of_a_search(profiles, wanted.query, pointer)
        except QueryInvalid as error:
            raise QueryInvalid(_below(p, pointer) for p in error.problems) from None
    parts = export_lines(profiles, sources, query, wanted.format, wanted.after)
    return await streamed(
        request,
        (lines async for lines, _ in parts),
        {
            "Content-Type": f"{_TYPES[wanted.format]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="profiles.{wanted.format}"',
            "Cache-Control": "private, no-store",
        },
    )


def _below(problem: Problem, pointer: str) -> Problem:
    """A problem of the query, told from the top of the body."""
    inside = problem.pointer.startswith(pointer) if pointer else True
    return problem if inside else replace(problem, pointer=f"{pointer}/{problem.pointer.lstrip('/')}")


_SUMMARY = (
    "Everyone who matches, as a stream in order of id, with whole profiles: unbounded in number, each person once. The chunked answer has"
    " its end only when it is whole; to take it up again, send `after` with the id of the last whole line."
)
EXPORT_ROUTES: tuple[Route, ...] = (
    Route(
        name="export",
        method="POST",
        path="/v1/profiles/export",
        handler=export_posted,
        summary=_SUMMARY,
        body=ExportRequest,
        answers={200: None},
        errors=(400, 401, 403, 413, 415, 422, 500, 503),
        example={"query": {"job_title": "data scientist", "location": "Munich"}, "format": "csv"},
        media=("application/x-ndjson", "text/csv"),
        seconds=None,
    ),
    Route(
        name="export_by_query",
        method="GET",
        path="/v1/profiles/export",
        handler=export_asked,
        summary="The same as a query string.",
        parameters=(*(name for name in QUERY_PARAMETERS), *_OPTIONS),
        asks=ExportOptions,
        answers={200: None},
        errors=(401, 403, 422, 500, 503),
        media=("application/x-ndjson", "text/csv"),
        seconds=None,
    ),
)
