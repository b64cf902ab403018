"""The route of the change feed."""

from __future__ import annotations

from aiohttp import web

from search_api import handlers
from search_api.changes.feed import feed_answer
from search_api.changes.schemas import ChangesAnswer, ChangesRequest
from search_api.examples import META, WHOLE_PROFILE
from search_api.requests import parameters
from search_api.route import Route


async def changes(request: web.Request) -> web.Response:
    """GET /v1/changes."""
    app = request.app
    wanted = parameters(ChangesRequest, request.query.items())
    return handlers.answer(request, await feed_answer(app[handlers.READER], app[handlers.SOURCES], wanted, app[handlers.TODAY]()))


CHANGE_ROUTES: tuple[Route, ...] = (
    Route(
        name="changes",
        method="GET",
        path="/v1/changes",
        handler=changes,
        summary="What has become of profiles since, for whoever keeps a copy: each once, as it is now. A cursor never grows too old; after"
        " the store was restored from a backup it is refused, and one begins anew.",
        parameters=tuple(ChangesRequest.model_fields),
        asks=ChangesRequest,
        answers={200: ChangesAnswer},
        errors=(401, 403, 422, 500, 503),
        answer_example={
            "changes": [
                {"id": "p_01hx", "change": "added", "moved_to": None, "profile": WHOLE_PROFILE},
                {"id": "p_01hy", "change": "merged", "moved_to": "p_01hx", "profile": None},
                {"id": "p_01hz", "change": "deleted", "moved_to": None, "profile": None},
            ],
            "cursor": "WzEsIjNmMGM6NzEiLDE3OTU2NjEyMzQuNV0",
            "more": False,
            "meta": META,
        },
    ),
)
