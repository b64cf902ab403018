"""Answers and errors as their client expects them: the shape, the status codes, the headers.

Their 404 means that nobody was found. So people who may not be spoken of, the erased and the suppressed, are answered like people who are
not held: nothing tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from profiles import errors
from profiles.errors import Problem
from search_api.errors import MatchAmbiguous, PersonNotFound, ServiceOff, map_error

ROOT = "/v5"

NOBODY = "No records were found matching your request"

_STATUS = {409: 400, 410: 404, 413: 400, 415: 400, 422: 400, 451: 404}
"""Our status codes that they do not have -> theirs."""
_TYPES = {401: "authentication_error", 402: "payment_required", 404: "not_found", 429: "rate_limit_error"}
_NO_LIMIT = orjson.dumps({"minute": None, "day": None, "month": None}).decode()


def is_theirs(path: str) -> bool:
    """Whether a path belongs to this interface."""
    return path.startswith(f"{ROOT}/")


def answer(body: Mapping[str, Any] | list[Any], *, kind: str, spent: int = 0, pretty: bool = False, status: int = 200) -> web.Response:
    """An answer. kind: of their credits, as they name it.    spent: records that were given."""
    return web.Response(
        status=status,
        body=orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else None),
        content_type="application/json",
        headers={"Cache-Control": "private, no-cache", **_headers(), "X-Call-Credits-Type": kind, "X-Call-Credits-Spent": str(spent)},
    )


def error_body(error: Exception) -> dict[str, Any]:
    """An error as they say it."""
    mapped = map_error(error)
    status = _STATUS.get(mapped.status, mapped.status)
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    return {"status": status, "error": {"type": kind, "message": _message(error, mapped.status, mapped.title)}}


def error_response(error: Exception) -> web.Response:
    """The answer to an error."""
    body = error_body(error)
    headers = _headers()
    if isinstance(error, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    if body["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if body["status"] == 503:
        headers["Retry-After"] = "2"
    return web.Response(status=body["status"], body=orjson.dumps(body), content_type="application/json", headers=headers)


def _message(error: Exception, status: int, title: str) -> str:
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    if isinstance(error, errors.ProfileNotFound | errors.ProfileErased | errors.Suppressed | PersonNotFound):
        return "Several people fit what was sent; send more of them" if isinstance(error, MatchAmbiguous) else NOBODY
    if isinstance(error, ServiceOff):
        return str(error)
    if problems and status < 500:
        return "; ".join(dict.fromkeys(str(replace(p, pointer=p.pointer.lstrip("/"))) for p in problems))
    return str(error) if isinstance(error, errors.RosterError) and status < 500 else title


def _headers() -> dict[str, str]:
    """Roster counts no requests: there is no limit to tell, and it is told in their words. Their windows are minutes."""
    turn = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return {"X-RateLimit-Limit": _NO_LIMIT, "X-RateLimit-Remaining": _NO_LIMIT, "X-RateLimit-Reset": turn.strftime("%Y-%m-%dT%H:%M:%SZ")}
