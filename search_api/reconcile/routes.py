"""The routes of the reconciliation protocol. Its answers are in its own shapes, without `meta`; errors are problems as everywhere."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from pydantic import BaseModel

from profiles.errors import Problem, QueryInvalid
from search_api import handlers
from search_api.errors import BatchTooLarge, BodyTypeUnknown, BodyUnreadable
from search_api.keys import check_key
from search_api.protocol import body_of
from search_api.reconcile import answers
from search_api.reconcile.matching import match
from search_api.reconcile.schemas import (
    MAX_QUERIES,
    Batch,
    EntityRequest,
    Extension,
    PrefixRequest,
    ProposalRequest,
    ReconcileForm,
)
from search_api.requests import parameters, validated
from search_api.route import Route
from search_api.version import roster_version

M = TypeVar("M", bound=BaseModel)

_AT_ONCE = 4  # queries of a batch under way at a time: as many as the engine reads beside each other
_FORM = "application/x-www-form-urlencoded"


async def asked(request: web.Request) -> web.Response:
    """GET /reconcile: the manifest, which needs no key, or the answer to `queries` or `extend`."""
    form = parameters(ReconcileForm, request.query.items())
    if form.queries is None and form.extend is None:
        secure = request.headers.get("X-Forwarded-Proto", request.scheme).lower() == "https"
        base = f"{'https' if secure else 'http'}://{request.host}"
        keyed = bool(request.app[handlers.KEY_DIGESTS])
        return handlers.foreign(answers.manifest(base, keyed=keyed, version=roster_version()))
    check_key(request.headers, request.app[handlers.KEY_DIGESTS])
    return await _answered(request, form)


async def posted(request: web.Request) -> web.Response:
    """POST /reconcile."""
    if request.content_type != _FORM:
        raise BodyTypeUnknown([Problem("", "the Content-Type is not that of a form", _FORM)])
    try:
        fields = parse_qsl((await body_of(request)).decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise BodyUnreadable([Problem("", "the body is not a form in UTF-8", "queries=... or extend=...")]) from None
    form = parameters(ReconcileForm, fields)
    if form.queries is None and form.extend is None:
        raise QueryInvalid([Problem("", "asks for nothing", "a field `queries`, or `extend`")])
    return await _answered(request, form)


async def _answered(request: web.Request, form: ReconcileForm) -> web.Response:
    profiles = request.app[handlers.PROFILES]
    if form.extend is not None:
        return handlers.foreign(await answers.extended(profiles, _read(Extension, form.extend, "extend")))
    queries = _read(Batch, form.queries or "", "queries").root
    if len(queries) > MAX_QUERIES:
        raise BatchTooLarge([Problem("queries", "holds too many queries", f"at most {MAX_QUERIES}")])
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> dict[str, Any]:
        async with turn:
            return {"result": await match(profiles, queries[name], f"queries/{name if name.isalnum() else ''}")}

    found = await asyncio.gather(*(one(name) for name in queries))
    return handlers.foreign(dict(zip(queries, found, strict=True)))


def _read(model: type[M], text: str, parameter: str) -> M:
    """A parameter that is JSON. Raises QueryInvalid."""
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise QueryInvalid([Problem(parameter, "is not JSON", "an object")]) from None
    try:
        return validated(model, told)
    except QueryInvalid as error:
        raise QueryInvalid(Problem(f"{parameter}{p.pointer}", p.detail, p.allowed) for p in error.problems) from None


async def entities(request: web.Request) -> web.Response:
    """GET /reconcile/suggest/entity."""
    return handlers.foreign(await answers.suggested_people(request.app[handlers.PROFILES], _parameters(PrefixRequest, request)))


async def properties(request: web.Request) -> web.Response:
    """GET /reconcile/suggest/property."""
    return handlers.foreign(answers.suggested_properties(_parameters(PrefixRequest, request)))


async def types(request: web.Request) -> web.Response:
    """GET /reconcile/suggest/type."""
    return handlers.foreign(answers.suggested_types(_parameters(PrefixRequest, request)))


async def proposals(request: web.Request) -> web.Response:
    """GET /reconcile/properties."""
    return handlers.foreign(answers.proposed_properties(_parameters(ProposalRequest, request)))


async def flyout(request: web.Request) -> web.Response:
    """GET /reconcile/flyout."""
    wanted = _parameters(EntityRequest, request)
    return handlers.foreign({"id": wanted.id, "html": answers.summary(await request.app[handlers.PROFILES].get(wanted.id))})


async def preview(request: web.Request) -> web.Response:
    """GET /reconcile/preview."""
    wanted = _parameters(EntityRequest, request)
    return handlers.html(answers.page(await request.app[handlers.PROFILES].get(wanted.id)))


def _parameters(model: type[M], request: web.Request) -> M:
    """Parameters by the protocol; what else a client sends is passed over."""
    return parameters(model, [(name, value) for name, value in request.query.items() if name in model.model_fields])


_ERRORS = (401, 403, 422, 500, 503)
_BATCH = '{"q0": {"query": "Jane Doe", "limit": 3, "properties": [{"pid": "company", "v": "Acme"}]}}'
_JANE = {"id": "p_01hx", "name": "Jane Doe", "description": "Vice President of Engineering, Acme, Munich, Bavaria, Germany"}
_PERSON = {"id": "person", "name": "Person"}
_FEATURES = [{"id": "name_likeness", "value": 1.0}, {"id": "company", "value": True}]
_RESULT = {"q0": {"result": [{**_JANE, "type": [_PERSON], "score": 100.0, "features": _FEATURES, "match": True}]}}


def _get(name: str, path: str, handler: Any, summary: str, asks: type[BaseModel], answer: Any, **more: Any) -> Route:
    return Route(
        name=f"reconcile_{name}",
        method="GET",
        path=path,
        handler=handler,
        summary=summary,
        parameters=tuple(asks.model_fields),
        asks=asks,
        answers={200: None},
        answer_example=answer,
        lenient=True,
        **{"errors": _ERRORS, **more},
    )


RECONCILE_ROUTES: tuple[Route, ...] = (
    _get(
        "manifest",
        "/reconcile",
        asked,
        "Reconciliation Service API 0.2, for OpenRefine and other clients: the manifest, or the answer to `queries` or `extend`.",
        ReconcileForm,
        answers.manifest("https://roster.example", keyed=True, version="0.1.0"),
        errors=(401, 403, 413, 422, 500, 503),
        open=True,
    ),
    Route(
        name="reconcile",
        method="POST",
        path="/reconcile",
        handler=posted,
        summary="The same as a form. `match` is true of a candidate that is clear: two kinds of evidence, and nobody else near.",
        body=ReconcileForm,
        answers={200: None},
        errors=(400, 401, 403, 413, 415, 422, 500, 503),
        example={"queries": _BATCH},
        answer_example=_RESULT,
        takes=_FORM,
        lenient=True,
    ),
    _get(
        "entities",
        "/reconcile/suggest/entity",
        entities,
        "People whose name begins so.",
        PrefixRequest,
        {"result": [{**_JANE, "notable": [_PERSON]}]},
    ),
    _get(
        "suggested_properties",
        "/reconcile/suggest/property",
        properties,
        "Properties whose name begins so.",
        PrefixRequest,
        {"result": [{"id": "company", "name": "Company"}]},
    ),
    _get("types", "/reconcile/suggest/type", types, "Types: there is one.", PrefixRequest, {"result": [_PERSON]}),
    _get(
        "properties",
        "/reconcile/properties",
        proposals,
        "What there is to fetch of a person.",
        ProposalRequest,
        {"properties": [{"id": "company", "name": "Company"}], "type": "person"},
    ),
    _get(
        "flyout",
        "/reconcile/flyout",
        flyout,
        "A few lines about a person, to show beside a suggestion.",
        EntityRequest,
        {"id": "p_01hx", "html": "<p><strong>Jane Doe</strong><br>Vice President of Engineering, Acme</p>"},
        errors=(401, 403, 404, 410, 422, 500, 503),
    ),
    _get(
        "preview",
        "/reconcile/preview",
        preview,
        "The same as a page.",
        EntityRequest,
        None,
        errors=(401, 403, 404, 410, 422, 500, 503),
        media=("text/html",),
    ),
)
