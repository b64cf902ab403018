"""The routes of exports, and how a stream is sent: no faster than it is read, and broken off where it cannot be finished."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

from aiohttp import web

from profiles.errors import QueryInvalid
from search_api import handlers
from search_api.exporting.lines import export_lines
from search_api.exporting.schemas import ExportOptions, ExportRequest
from search_api.passing import meaning_of_a_search
from search_api.requests import QUERY_PARAMETERS, parameters, request_from_query, told_as_query, validated
from search_api.route import ANSWER_SECONDS, Route, answered_within

WRITE_SECONDS = 60.0  # for a part of about 1 MB to be taken: a caller slower than 17 KB/s would hold a connection for hours

log = logging.getLogger("roster.api")

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
    """The first part is made before anything is sent, so that what cannot be asked is a problem like any other.

    Each part is made within the time of an answer; the whole may take as long as its reader.
    """
    profiles, sources = request.app[handlers.PROFILES], request.app[handlers.SOURCES]
    async with answered_within(ANSWER_SECONDS):
        try:
            query = await meaning_of_a_search(profiles, wanted.query, pointer)
        except QueryInvalid as error:
            raise QueryInvalid(_below(p, pointer) for p in error.problems) from None
        parts = export_lines(profiles, sources, query, wanted.format, wanted.after)
        part = await anext(parts, None)
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{_TYPES[wanted.format]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="profiles.{wanted.format}"',
            "Cache-Control": "private, no-store",
            "X-Request-ID": request[handlers.REQUEST_ID],
            "X-Content-Type-Options": "nosniff",
        }
    )
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        while part is not None:
            async with asyncio.timeout(WRITE_SECONDS):
                await response.write(part[0])
            async with answered_within(ANSWER_SECONDS):
                part = await anext(parts, None)
    except Exception as error:  # the answer has begun: without its end, the caller knows that it is not whole
        log.warning("an export was broken off: %s request_id=%s", type(error).__name__, request[handlers.REQUEST_ID])
        if request.transport is not None:
            request.transport.abort()
    return response


def _below(problem: Any, pointer: str) -> Any:
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
