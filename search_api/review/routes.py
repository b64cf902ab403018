"""The routes of reviews. They are an operator's: what is decided here changes who is who for everyone."""

from __future__ import annotations

from aiohttp import web

from engines.base import Collection
from profiles.judgement import Judgement, Judgements, Verdict
from search_api import handlers
from search_api.examples import META
from search_api.requests import parameters, validated
from search_api.review import pairs, queue
from search_api.review.schemas import JudgementAnswer, JudgementRequest, LinksAnswer, LinksRequest
from search_api.route import Route


async def links(request: web.Request) -> web.Response:
    """GET /v1/links."""
    wanted = parameters(LinksRequest, request.query.items())
    store = request.app[handlers.READER]
    given = [Judgement.model_validate_json(d.body) async for d in store.service.scan(Collection.JUDGEMENTS)]
    found, total = await queue.waiting(store, request.app[handlers.PROFILES], Judgements(given), wanted.size, wanted.profile)
    return handlers.answer(request, {"total": total, "pairs": [queue.pair_answer(pair) for pair in found]})


async def judge(request: web.Request) -> web.Response:
    """POST /v1/judgements."""
    wanted = validated(JudgementRequest, await handlers.json_body(request))
    store = request.app[handlers.READER]
    one, other = [await pairs.find(store, text, request.app[handlers.TODAY]) for text in wanted.profiles]
    actor = f"key {request[handlers.CALLER][:8]}"
    judgement = pairs.judge(Verdict(wanted.verdict), one, other, reason=wanted.reason, actor=actor)
    await pairs.give(store, judgement)
    sides = [side.profile for side in judgement.sides]
    return handlers.answer(request, {"judgement": judgement.id, "profiles": sides, "verdict": judgement.verdict}, 202)


_CARD = {"name": "Jane Doe", "job_title": "Data Scientist", "company": "Acme", "location": "Munich, Bavaria, Germany"}

REVIEW_ROUTES: tuple[Route, ...] = (
    Route(
        name="links",
        method="GET",
        path="/v1/links",
        handler=links,
        summary="Pairs of profiles that may be one person, as they are known today, and that nobody has judged, likeliest first. "
        "Needs an operator's key.",
        parameters=tuple(LinksRequest.model_fields),
        asks=LinksRequest,
        answers={200: LinksAnswer},
        errors=(401, 403, 422, 500, 503),
        operator=True,
        answer_example={
            "total": 1,
            "pairs": [
                {
                    "profiles": [{"id": "p_01hx", **_CARD}, {"id": "p_02ky", **_CARD, "location": None}],
                    "score": 8.4,
                    "because": ["given exact (+10.5)", "family exact (+14.1)", "company different (-1.6)"],
                    "weights": "1",
                    "at": "2026-11-01T09:30:00Z",
                }
            ],
            "meta": META,
        },
    ),
    Route(
        name="judgement",
        method="POST",
        path="/v1/judgements",
        handler=judge,
        summary="Say whether two profiles, or two records, are one person. It holds against all evidence, from the indexer's next job on. "
        "Needs an operator's key.",
        body=JudgementRequest,
        answers={202: JudgementAnswer},
        errors=(400, 401, 403, 404, 410, 413, 415, 422, 500, 503),
        operator=True,
        example={"profiles": ["p_01hx", "p_02ky"], "verdict": "different", "reason": "father and son"},
        answer_example={"judgement": "j8f0c5e9b7a1d4c2e", "profiles": ["p_01hx", "p_02ky"], "verdict": "different", "meta": META},
    ),
)
