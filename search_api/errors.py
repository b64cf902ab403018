"""Errors over HTTP: the error tree mapped once, and the one shape (RFC 9457 problem details) every error takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from profiles import errors
from profiles.errors import Problem

PROBLEM_TYPE = "application/problem+json"


class RequestMalformed(errors.InputInvalid):
    """What came in is not HTTP (400)."""


class BodyUnreadable(errors.InputInvalid):
    """The body is not JSON (400)."""


class BodyTypeUnknown(errors.InputInvalid):
    """The body is declared as something other than JSON (415)."""


class BatchTooLarge(errors.InputInvalid):
    """More questions at once than one answer has (413)."""


class HostRefused(errors.AccessRefused):
    """A server without keys was addressed by a name that is not this machine's (403)."""


class ServiceOff(errors.RosterError):
    """The server is not set up for what was asked (503); the text says what is missing."""


class TookTooLong(errors.StoreError):
    """The time an answer may take has passed (503)."""


class OperatorOnly(errors.AccessRefused):
    """The caller's key is no operator's (403)."""


class NotReady(errors.StoreError):
    """The service cannot answer searches now (503); `reasons` says why."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.problems = tuple(Problem("", reason) for reason in reasons)
        super().__init__("not ready")


class PersonNotFound(errors.RosterError):
    """Nobody held is the person asked for (404); the text says what is missing."""


class MatchAmbiguous(PersonNotFound):
    """Several people fit what was sent about equally well (404); none is named."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How an error is said over HTTP."""

    status: int
    slug: str
    title: str


# Most specific first: the first class an error is an instance of decides.
ERROR_MAP: tuple[tuple[type[errors.RosterError], Mapped], ...] = (
    (RequestMalformed, Mapped(400, "request-malformed", "The request is malformed")),
    (BodyUnreadable, Mapped(400, "body-unreadable", "The body is not JSON")),
    (BodyTypeUnknown, Mapped(415, "body-type-unknown", "The body must be JSON")),
    (BatchTooLarge, Mapped(413, "batch-too-large", "Too many questions at once")),
    (errors.InputInvalid, Mapped(422, "request-invalid", "The request asks for something that cannot be")),
    (errors.ProfileNotFound, Mapped(404, "profile-not-found", "No profile has this id")),
    (MatchAmbiguous, Mapped(404, "match-ambiguous", "Several people fit what was sent")),
    (PersonNotFound, Mapped(404, "person-not-found", "Nobody here fits what was sent")),
    (errors.SearchNotFound, Mapped(404, "search-not-found", "You keep no search with this id")),
    (errors.ProfileErased, Mapped(410, "profile-erased", "The profile was erased or has expired")),
    (errors.JobNotFound, Mapped(404, "job-not-found", "You have no job with this id, or its time is over")),
    (errors.JobUnfinished, Mapped(409, "job-unfinished", "The job has not finished")),
    (errors.Suppressed, Mapped(451, "suppressed", "Nothing may be said about this")),
    (HostRefused, Mapped(403, "host-refused", "This server answers its own machine only")),
    (OperatorOnly, Mapped(403, "operator-only", "This needs an operator's key")),
    (errors.AccessRefused, Mapped(401, "access-refused", "An API key is needed")),
    (ServiceOff, Mapped(503, "service-off", "This server is not set up for this")),
    (NotReady, Mapped(503, "not-ready", "The service is not ready")),
    (TookTooLong, Mapped(503, "took-too-long", "The answer took too long")),
    (errors.StoreBusy, Mapped(503, "store-busy", "The store is busy; try again")),
    (errors.StoreError, Mapped(503, "store-unavailable", "The store cannot be reached or read")),
)
HTTP_ERRORS: Mapping[int, Mapped] = {
    400: Mapped(400, "request-malformed", "The request is malformed"),
    404: Mapped(404, "path-unknown", "Nothing lives at this path"),
    405: Mapped(405, "method-not-allowed", "This path does not know this method"),
    413: Mapped(413, "body-too-large", "The body is too large"),
}
INTERNAL = Mapped(500, "internal", "Something went wrong here")
_DETAILS = {  # said for errors that have no text of their own, or whose text could name paths or hosts of the machine
    "store-unavailable": "the store cannot be reached or read; the server's operator sees why with `roster status`",
    "store-busy": "another process holds the store; try again",
    "path-unknown": "no route is called so; GET /openapi.json lists them all",
    "internal": "the server's log has the details under this request id",
}


def map_error(error: Exception) -> Mapped:
    """How an error is said over HTTP; anything not raised on purpose is a 500."""
    if isinstance(error, web.HTTPException):
        return HTTP_ERRORS.get(error.status, Mapped(error.status, f"http-{error.status}", error.reason)) if error.status < 500 else INTERNAL
    return next((mapped for kind, mapped in ERROR_MAP if isinstance(error, kind)), INTERNAL)


def problem_body(error: Exception) -> dict[str, Any]:
    """What went wrong, as far as it is the error's own: type, title, detail and errors."""
    mapped = map_error(error)
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    said = "; ".join(dict.fromkeys(p.detail for p in problems)) if problems else ""
    own = str(error) if isinstance(error, errors.RosterError) and not problems else ""
    if isinstance(error, web.HTTPMethodNotAllowed):
        own = f"it is asked by {' or '.join(sorted(error.allowed_methods))}"
    return {
        "type": f"urn:roster:problem:{mapped.slug}",
        "title": mapped.title,
        "detail": _DETAILS.get(mapped.slug) or said or own or mapped.title,
        "errors": [{"pointer": p.pointer, "detail": p.detail, "allowed": p.allowed} for p in problems],
    }


def problem_response(error: Exception, *, instance: str, request_id: str) -> web.Response:
    """The problem+json answer to an error.

    instance: the route's pattern, never the path asked for, so that an answer passed on or kept says nothing about a person.
    """
    mapped = map_error(error)
    body = {**problem_body(error), "status": mapped.status, "instance": instance, "request_id": request_id}
    headers = {}
    if isinstance(error, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    if mapped.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if mapped.status == 503 and not isinstance(error, ServiceOff):  # waiting does not help there
        headers["Retry-After"] = "2"
    return web.Response(status=mapped.status, body=orjson.dumps(body), content_type=PROBLEM_TYPE, headers=headers)
