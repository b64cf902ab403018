"""The routes of saved searches."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from profiles.errors import QueryInvalid
from search_api import handlers
from search_api.examples import META
from search_api.passing import meaning
from search_api.requests import parameters, request_from_body, validated
from search_api.route import Route
from search_api.saved.differences import found_answer
from search_api.saved.keeping import SavedSearches
from search_api.saved.schemas import FoundAnswer, FoundRequest, SavedSearch, SavedSearchAnswer, SavedSearchesAnswer


def _searches(request: web.Request) -> SavedSearches:
    return SavedSearches(request.app[handlers.READER].service, request[handlers.CALLER], request.app[handlers.TODAY]())


async def save(request: web.Request) -> web.Response:
    """POST /v1/searches. The query is read as a search would read it, so that none is kept which cannot be asked."""
    wanted = validated(SavedSearch, await handlers.json_body(request))
    query = wanted.query.model_dump(mode="json", exclude_unset=True)
    try:
        meaning(request_from_body(query))
    except QueryInvalid as error:
        raise QueryInvalid(replace(p, pointer=f"/query/{p.pointer.lstrip('/')}") for p in error.problems) from None
    kept = await _searches(request).add(wanted.name, query)
    return handlers.answer(request, kept.body(), 201, {"Location": f"/v1/searches/{kept.id}"})


async def listed(request: web.Request) -> web.Response:
    """GET /v1/searches."""
    return handlers.answer(request, {"searches": [kept.body() for kept in await _searches(request).all()]})


async def shown(request: web.Request) -> web.Response:
    """GET /v1/searches/{id}."""
    return handlers.answer(request, (await _searches(request).get(request.match_info["id"])).body())


async def deleted(request: web.Request) -> web.Response:
    """DELETE /v1/searches/{id}."""
    await _searches(request).delete(request.match_info["id"])
    return handlers.no_content()


async def differences(request: web.Request) -> web.Response:
    """GET /v1/searches/{id}/changes."""
    wanted = parameters(FoundRequest, request.query.items())
    profiles = request.app[handlers.PROFILES]
    return handlers.answer(request, await found_answer(profiles, _searches(request), request.match_info["id"], wanted))


_KEPT = {
    "id": "s8f0c5e9b7a1d4c2e",
    "name": "Data people in Munich",
    "query": {"job_title": "data scientist", "location": "Munich"},
    "created": "2026-11-01",
    "kept_until": "2027-12-06",
}
_JANE = {"id": "p_01hx", "name": "Jane Doe", "job_title": "Data Scientist", "company": "Acme", "location": "Munich, Bavaria, Germany"}
_READING = (401, 403, 404, 422, 500, 503)

SAVED_ROUTES: tuple[Route, ...] = (
    Route(
        name="save_search",
        method="POST",
        path="/v1/searches",
        handler=save,
        summary="Keep a search, to ask later what has changed in what it finds. It belongs to the key it was kept with.",
        body=SavedSearch,
        answers={201: SavedSearchAnswer},
        errors=(400, 401, 403, 413, 415, 422, 500, 503),
        example={"name": _KEPT["name"], "query": _KEPT["query"]},
        answer_example={**_KEPT, "meta": META},
    ),
    Route(
        name="saved_searches",
        method="GET",
        path="/v1/searches",
        handler=listed,
        summary="All searches kept with this key.",
        answers={200: SavedSearchesAnswer},
        errors=(401, 403, 422, 500, 503),
        answer_example={"searches": [_KEPT], "meta": META},
    ),
    Route(
        name="saved_search",
        method="GET",
        path="/v1/searches/{id}",
        handler=shown,
        summary="One kept search.",
        answers={200: SavedSearchAnswer},
        errors=_READING,
        answer_example={**_KEPT, "meta": META},
    ),
    Route(
        name="delete_search",
        method="DELETE",
        path="/v1/searches/{id}",
        handler=deleted,
        summary="Forget a search.",
        answers={204: None},
        errors=_READING,
    ),
    Route(
        name="search_changes",
        method="GET",
        path="/v1/searches/{id}/changes",
        handler=differences,
        summary="Who is found now and was not before, who is found with other values, and who is no longer found.",
        parameters=tuple(FoundRequest.model_fields),
        asks=FoundRequest,
        answers={200: FoundAnswer},
        errors=_READING,
        answer_example={
            "total": 41,
            "changes": [
                {"id": "p_01hx", "change": "new", "profile": {**_JANE, "updated": "2026-11-01"}},
                {"id": "p_01hz", "change": "gone", "profile": None},
            ],
            "cursor": "8f0c5e9b7a1d4c2e3b6a90d14f7c82e5",
            "more": False,
            "meta": META,
        },
    ),
)
