"""The handlers: read the request, ask search_api/answers.py, send the body. No decision about profiles is made here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from time import perf_counter
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from engines.base import Reader
from privacy.reading import ProfileReader
from profiles.errors import Problem, ProfileMoved, QueryInvalid
from search_api.answers import SourceNames, profile_answer, search_answer
from search_api.errors import BodyTypeUnknown, BodyUnreadable, NotReady
from search_api.protocol import body_of
from search_api.requests import request_from_body, request_from_query, told_as_body, told_as_query

READER: web.AppKey[Reader] = web.AppKey("reader", Reader)
PROFILES: web.AppKey[ProfileReader] = web.AppKey("profiles", ProfileReader)
SOURCES: web.AppKey[SourceNames] = web.AppKey("sources", SourceNames)
TODAY: web.AppKey[Callable[[], date]] = web.AppKey("today", Callable)  # type: ignore[arg-type]  # a key is named after any type
OPENAPI: web.AppKey[bytes] = web.AppKey("openapi", bytes)
KEY_DIGESTS: web.AppKey[frozenset[str]] = web.AppKey("key_digests", frozenset)
OPERATOR_DIGESTS: web.AppKey[frozenset[str]] = web.AppKey("operator_digests", frozenset)

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
STARTED: web.RequestKey[float] = web.RequestKey("started", float)
CALLER: web.RequestKey[str] = web.RequestKey("caller", str)
"""Whose key it was (search_api/keys.py)."""


def answer(
    request: web.Request, body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None, *, pretty: bool = False
) -> web.Response:
    """The one success shape: the payload with `meta` beside it. Answers may hold personal data, so no cache keeps them unasked.

    pretty: indented, for people.
    """
    meta = {"request_id": request[REQUEST_ID], "took_ms": round((perf_counter() - request[STARTED]) * 1000, 2)}
    return web.Response(
        status=status,
        body=orjson.dumps({**body, "meta": meta}, option=orjson.OPT_INDENT_2 if pretty else None),
        content_type="application/json",
        headers={"Cache-Control": "private, no-cache", **(headers or {})},
    )


def foreign(body: Any) -> web.Response:
    """An answer in the shape of another protocol, without `meta`."""
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "private, no-cache"})


def html(text: str) -> web.Response:
    """A page that loads nothing and runs nothing, whatever a feed has put into a name."""
    headers = {"Cache-Control": "private, no-cache", "Content-Security-Policy": "default-src 'none'"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def no_content() -> web.Response:
    """The answer to what is done and has nothing to say."""
    return web.Response(status=204, headers={"Cache-Control": "private, no-cache"})


async def preflight(request: web.Request) -> web.Response:
    """OPTIONS: what a browser asks before a page may ask. The middleware adds the answer."""
    return no_content()


async def search_posted(request: web.Request) -> web.Response:
    """POST /v1/profiles/search."""
    wanted = request_from_body(await json_body(request))
    try:
        return answer(request, await search_answer(request.app[PROFILES], wanted))
    except QueryInvalid as error:
        raise told_as_body(error) from None


async def search_asked(request: web.Request) -> web.Response:
    """GET /v1/profiles/search."""
    wanted = request_from_query(request.query.items())
    try:
        return answer(request, await search_answer(request.app[PROFILES], wanted))
    except QueryInvalid as error:
        raise told_as_query(error) from None


async def profile(request: web.Request) -> web.Response:
    """GET /v1/profiles/{id}."""
    try:
        body = await profile_answer(request.app[PROFILES], request.app[SOURCES], request.match_info["id"])
    except ProfileMoved as moved:
        return answer(request, {"moved_to": moved.to}, 308, {"Location": f"/v1/profiles/{quote(moved.to, safe='')}"})
    # Weak: `meta` differs between two answers that say the same of the person.
    tag = f'W/"{hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]}"'
    if _known(request.headers.get("If-None-Match", ""), tag):
        return web.Response(status=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    return answer(request, body, headers={"ETag": tag})


async def health(request: web.Request) -> web.Response:
    """GET /healthz."""
    return answer(request, {"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """GET /readyz."""
    state = await request.app[READER].search.health()
    if not state.get("ready"):
        raise NotReady(str(reason) for reason in state.get("reasons") or ("the search index is not ready",))
    return answer(request, {"ready": True, "documents": state.get("documents"), "backlog": state.get("backlog")})


async def openapi(request: web.Request) -> web.Response:
    """GET /openapi.json."""
    document = request.app[OPENAPI]
    return foreign(orjson.Fragment(document))


LONGEST_KEY = 255  # characters of an Idempotency-Key; a UUID has 36


def idempotency_key(request: web.Request) -> str:
    """The caller's own name for what they send; "" for none. Raises QueryInvalid."""
    name = request.headers.get("Idempotency-Key", "")
    allowed = f"at most {LONGEST_KEY} characters of plain ASCII"
    if len(name) > LONGEST_KEY:
        raise QueryInvalid([Problem("Idempotency-Key", "is too long", allowed)])
    if not (name.isascii() and name.isprintable()):
        raise QueryInvalid([Problem("Idempotency-Key", "is no plain text", allowed)])
    return name


async def json_body(request: web.Request) -> object:
    """The decoded body. Raises BodyTypeUnknown, BodyUnreadable."""
    if request.content_type != "application/json":
        raise BodyTypeUnknown([Problem("", "the Content-Type is not JSON", "application/json")])
    raw = await body_of(request)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable([Problem("", f"the body is not JSON (line {error.lineno}, column {error.colno})", "JSON, in UTF-8")]) from None


def _known(header: str, tag: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison with each tag of If-None-Match; "*" is any."""
    tags = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
