"""The routes of enrichment. What each answers to its example is tried by a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from profiles.errors import QueryInvalid, RosterError
from search_api import handlers
from search_api.answers import KIND_FIELDS, SHOWN_TEXTS, SourceNames, profile_body
from search_api.enrich.likelihood import in_words
from search_api.enrich.matching import Enricher, Match, Wanted
from search_api.enrich.schemas import (
    BulkAnswer,
    BulkQuestion,
    EnrichAnswer,
    EnrichRequest,
    IdentifyAnswer,
    IdentifyRequest,
)
from search_api.enrich.wishes import Holds, Show, included, required_of
from search_api.errors import ServiceOff
from search_api.examples import META
from search_api.requests import validated
from search_api.route import Route
from search_api.schemas import ValueAnswer, WholeProfile
from search_api.tasks import Outcome, item_body

ENRICHER: web.AppKey[Enricher | None] = web.AppKey("enricher", Enricher)
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


async def _body(found: Match, sources: SourceNames, show: Show, include_if_matched: bool) -> dict[str, Any]:
    """A match: schemas.MatchBody."""
    return {
        "likelihood": found.likelihood,
        "why": [
            {"says": in_words(one), "speaks_for": "yes" if one.weight > 0 else "no", "bits": round(one.weight, 1)} for one in found.evidence
        ],
        "matched": list(found.matched) if include_if_matched else None,
        "not_compared": dict(found.not_compared),
        "profile": show(await profile_body(found.profile, sources)),
    }


async def enriched(enricher: Enricher, sources: SourceNames, asked: Sequence[EnrichRequest]) -> list[Outcome]:
    """What becomes of each request: schemas.MatchBody, or the error that a call for it alone would get."""
    read = [_wanted(one) for one in asked]
    found = iter(await enricher.match([one[0] for one in read if not isinstance(one, RosterError)]))
    outcomes: list[Outcome] = []
    for request, one in zip(asked, read, strict=True):
        match = one if isinstance(one, RosterError) else next(found)
        if isinstance(match, RosterError):
            outcomes.append(match)
        else:
            assert not isinstance(one, RosterError)  # noqa: S101  # it would have been taken above
            outcomes.append(await _body(match, sources, one[1], request.include_if_matched))
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
    wanted = validated(EnrichRequest, await handlers.json_body(request))
    [outcome] = await enriched(enricher_of(request), request.app[handlers.SOURCES], [wanted])
    if isinstance(outcome, RosterError):
        raise outcome
    return handlers.answer(request, outcome, pretty=wanted.pretty)


async def identify(request: web.Request) -> web.Response:
    """POST /v1/identify."""
    wanted = validated(IdentifyRequest, await handlers.json_body(request))
    show = _shown(wanted.data_include)
    [found] = await enricher_of(request).candidates([wanted.person()], wanted.size)
    if isinstance(found, RosterError):
        raise found
    sources = request.app[handlers.SOURCES]
    bodies = [await _body(one, sources, show, wanted.include_if_matched) for one in found]
    return handlers.answer(request, {"candidates": bodies}, pretty=wanted.pretty)


async def bulk(request: web.Request) -> web.Response:
    """POST /v1/bulk."""
    wanted = validated(BulkQuestion, await handlers.json_body(request), EnrichRequest)
    outcomes = await enriched(enricher_of(request), request.app[handlers.SOURCES], [one.params for one in wanted.requests])
    items = [{**item_body(outcome), "metadata": one.metadata} for one, outcome in zip(wanted.requests, outcomes, strict=True)]
    return handlers.answer(request, {"items": items}, pretty=wanted.pretty)


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
