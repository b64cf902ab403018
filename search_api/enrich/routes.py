"""The routes of enrichment. What each answers to its example is tried by a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from profiles.errors import QueryInvalid, RosterError
from search_api import handlers
from search_api.answers import KIND_FIELDS, SHOWN_TEXTS, SourceNames, profile_body
from search_api.enrich.matching import Enricher, Wanted
from search_api.enrich.repeating import KEPT, Found, Repeater, Sending, Shown
from search_api.enrich.schemas import (
    BulkAnswer,
    BulkQuestion,
    EnrichAnswer,
    EnrichRequest,
    IdentifyAnswer,
    IdentifyRequest,
)
from search_api.enrich.wishes import Holds, Show, included, required_of
from search_api.errors import PersonNotFound, ServiceOff
from search_api.examples import META
from search_api.requests import validated
from search_api.route import Route
from search_api.schemas import ValueAnswer, WholeProfile
from search_api.tasks import Outcome, item_body

ENRICHER: web.AppKey[Enricher | None] = web.AppKey("enricher", Enricher)
REPEATER: web.AppKey[Repeater | None] = web.AppKey("repeater", Repeater)
SECONDS = 60.0  # a list of a hundred may take

_HELD: Mapping[str, Holds] = {
    field: (lambda profile, kind=kind: profile.first(kind) is not None)  # type: ignore[misc]  # bound as it is now
    for field, kind in (*SHOWN_TEXTS, *KIND_FIELDS)
}
_PARTS = {name: tuple(ValueAnswer.model_fields) if name in dict(KIND_FIELDS) else () for name in WholeProfile.model_fields}


def enricher_of(request: web.Request) -> Enricher:
    """What enriches. Raises ServiceOff where the server cannot tell whom it must not speak of."""
    enricher = request.app[ENRICHER]
    if enricher is None:
        raise ServiceOff("this server enriches nothing: it has no key of the suppression list (ROSTER_SUPPRESSION_KEY)")
    return enricher


def _shown(data_include: str | None) -> Show:
    return (lambda body: body) if data_include is None else included(data_include, _PARTS)


async def _body(found: Shown, sources: SourceNames, show: Show, include_if_matched: bool) -> dict[str, Any]:
    """A match: schemas.MatchBody."""
    named, profile = found
    return {
        "likelihood": named.likelihood,
        "why": named.why,
        "matched": list(named.matched) if include_if_matched else None,
        "not_compared": named.not_compared,
        "profile": show(await profile_body(profile, sources)),
    }


def _sending(request: web.Request, body: object) -> Sending:
    return Sending(request[handlers.CALLER], handlers.idempotency_key(request), request.path, body)


async def _enriched(request: web.Request, body: object, asked: Sequence[EnrichRequest]) -> list[Outcome]:
    """What becomes of each request: schemas.MatchBody, or the error that a call for it alone would get."""
    enricher, repeater, sources = enricher_of(request), request.app[REPEATER], request.app[handlers.SOURCES]
    assert repeater is not None  # noqa: S101  # where there is an enricher there is this
    read = [_wanted(one) for one in asked]

    async def find() -> list[Found]:
        found = iter(await enricher.match([one[0] for one in read if not isinstance(one, RosterError)]))
        matches = (one if isinstance(one, RosterError) else next(found) for one in read)
        return [one if isinstance(one, RosterError) else [one] for one in matches]

    outcomes: list[Outcome] = []
    shown = await repeater.answer(_sending(request, body), [one.person() for one in asked], find)
    for one, wanted, answer in zip(asked, read, shown, strict=True):
        if isinstance(answer, RosterError):
            outcomes.append(answer)
        elif not answer:
            outcomes.append(PersonNotFound("the person who was found may not be shown any more"))
        else:
            assert not isinstance(wanted, RosterError)  # noqa: S101  # it would be the answer
            outcomes.append(await _body(answer[0], sources, wanted[1], one.include_if_matched))
    return outcomes


def _wanted(asked: EnrichRequest) -> tuple[Wanted, Show] | RosterError:
    try:
        required = required_of(asked.required, _HELD) if asked.required else None
        wanted = Wanted(asked.person(), asked.min_likelihood, *([required] if required else []))
        return wanted, _shown(asked.data_include)
    except QueryInvalid as error:
        return error


async def enrich(request: web.Request) -> web.Response:
    """POST /v1/enrich."""
    body = await handlers.json_body(request)
    wanted = validated(EnrichRequest, body)
    [outcome] = await _enriched(request, body, [wanted])
    if isinstance(outcome, RosterError):
        raise outcome
    return handlers.answer(request, outcome, pretty=wanted.pretty)


async def identify(request: web.Request) -> web.Response:
    """POST /v1/identify."""
    body = await handlers.json_body(request)
    wanted = validated(IdentifyRequest, body)
    show = _shown(wanted.data_include)
    enricher, repeater, sources = enricher_of(request), request.app[REPEATER], request.app[handlers.SOURCES]
    assert repeater is not None  # noqa: S101  # where there is an enricher there is this

    async def find() -> list[Found]:
        return list(await enricher.candidates([wanted.person()], wanted.size))

    [found] = await repeater.answer(_sending(request, body), [wanted.person()], find)
    if isinstance(found, RosterError):
        raise found
    bodies = [await _body(one, sources, show, wanted.include_if_matched) for one in found]
    return handlers.answer(request, {"candidates": bodies}, pretty=wanted.pretty)


async def bulk(request: web.Request) -> web.Response:
    """POST /v1/bulk."""
    body = await handlers.json_body(request)
    wanted = validated(BulkQuestion, body)
    outcomes = await _enriched(request, body, [one.params for one in wanted.requests])
    items = [{**item_body(outcome), "metadata": one.metadata} for one, outcome in zip(wanted.requests, outcomes, strict=True)]
    return handlers.answer(request, {"items": items}, pretty=wanted.pretty)


_REPEATABLE = {
    "Idempotency-Key": "Your own name for this request: sent again under it, the same request names the same people, as far as they may "
    f"still be shown, for {KEPT // timedelta(hours=1)} hours."
}
_EXAMPLE = {"email": "jane.doe+news@emberpoint.example", "name": "Jane Doe", "data_include": "id,name,company,emails.value"}
_MATCH = {
    "likelihood": 10,
    "why": [
        {"says": "the e-mail address is the same", "speaks_for": "yes", "bits": 17.6},
        {"says": "the family name is the same", "speaks_for": "yes", "bits": 14.2},
        {"says": "the first name is the same", "speaks_for": "yes", "bits": 9.5},
        {"says": "the company has the same domain", "speaks_for": "yes", "bits": 1.5},
    ],
    "matched": None,
    "not_compared": {},
    "profile": {
        "id": "pmrs52a2ewgtjac0b",
        "name": "Jane Doe",
        "company": "Emberpoint",
        "emails": [{"value": "jane.doe+news@emberpoint.example"}],
    },
}
_NOBODY = {
    "type": "urn:roster:problem:person-not-found",
    "title": "Nobody here fits what was sent",
    "detail": "nobody here is like what was sent",
    "errors": [],
}
_ASKING = (400, 401, 403, 413, 415, 422, 451, 500, 503)

ENRICH_ROUTES: tuple[Route, ...] = (
    Route(
        name="enrich",
        method="POST",
        path="/v1/enrich",
        handler=enrich,
        summary="The one person meant by what you know of them, with everything held. 404 when it is nobody here, or could be several.",
        body=EnrichRequest,
        headers=_REPEATABLE,
        answers={200: EnrichAnswer},
        errors=tuple(sorted({*_ASKING, 404})),
        example=_EXAMPLE,
        answer_example={**_MATCH, "meta": META},
    ),
    Route(
        name="identify",
        method="POST",
        path="/v1/identify",
        handler=identify,
        summary="Up to 20 people who may be meant by what you know, likeliest first, with what speaks for and against each.",
        body=IdentifyRequest,
        headers=_REPEATABLE,
        answers={200: IdentifyAnswer},
        errors=_ASKING,
        example=_EXAMPLE,
        answer_example={"candidates": [_MATCH], "meta": META},
    ),
    Route(
        name="bulk",
        method="POST",
        path="/v1/bulk",
        handler=bulk,
        summary="Up to 100 requests of /v1/enrich in one call: answered in their order, each with its status and your `metadata`.",
        body=BulkQuestion,
        headers=_REPEATABLE,
        answers={200: BulkAnswer},
        errors=_ASKING,
        seconds=SECONDS,
        example={"requests": [{"params": _EXAMPLE, "metadata": {"row": 1}}, {"params": {"email": "nobody@emberpoint.example"}}]},
        answer_example={
            "items": [
                {"status": 200, "result": _MATCH, "problem": None, "metadata": {"row": 1}},
                {"status": 404, "result": None, "problem": _NOBODY, "metadata": None},
            ],
            "meta": META,
        },
    ),
)
