"""/openapi.json: OpenAPI 3.1, generated from the routes table and the wire models; nothing in it is written twice."""

from __future__ import annotations

import re
from typing import Any, Literal

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from profiles.errors import AccessRefused, Problem, ProfileNotFound, QueryInvalid, StoreBusy
from search_api import schemas
from search_api.errors import ERROR_MAP, HTTP_ERRORS, INTERNAL, PROBLEM_TYPE, HostRefused
from search_api.requests import QUERY_PARAMETERS
from search_api.route import Route
from search_api.routes import ROUTES
from search_api.v5.answers import error_body, is_theirs
from search_api.v5.routes import KEY
from search_api.v5.schemas import ErrorAnswer
from search_api.version import roster_version
from search_api.words import MAX_VALUE, MAX_VALUES

REQUEST_ID_PATTERN = "^([0-9a-f]{16,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
"""Request ids as proxies make them, random hexadecimal digits or a UUID. It ends in the log: a longer alphabet, or fewer digits, could
say a name or a phone number."""

_REF = "#/components/schemas/{model}"
_REQUEST_ID_HEADER = {
    "schema": {"type": "string"},
    "description": "The request's id: yours if you sent a UUID or 16 to 64 hexadecimal digits, else made here.",
}
_STATUS_WORDS = {
    200: "The answer.",
    201: "It is kept; Location leads to it.",
    202: "It is taken; what follows from it comes later.",
    204: "It is gone.",
    304: "Nothing has changed since the answer with this ETag.",
    308: "The profile was merged into another; Location leads to it.",
}


_SAMPLES: dict[int, Exception] = {
    400: QueryInvalid([Problem("size", "is too big", "at most 100")]),
    401: AccessRefused("this needs an API key"),
    403: HostRefused("this server answers only on localhost"),
    404: ProfileNotFound("no profile has this id"),
    500: RuntimeError(),
    503: StoreBusy("another process holds the store"),
}


def openapi_document() -> bytes:
    """The document as JSON bytes, the same for the same version."""
    answers = [model for route in ROUTES for model in route.answers.values() if model]
    bodies = [route.body for route in ROUTES if route.body]
    wanted: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [(schemas.SearchRequest, "validation")]
    wanted += [(route.asks, "validation") for route in ROUTES if route.parameters and route.asks is not schemas.SearchRequest]
    wanted += [(model, "validation") for model in bodies]
    wanted += [(schemas.ProblemAnswer, "serialization"), (ErrorAnswer, "serialization")]
    wanted += [(model, "serialization") for model in answers]
    _, defs = models_json_schema(wanted, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, defs["$defs"])
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "roster",
            "version": roster_version(),
            "description": "Find people by name, job title, company, location and skills. Every error is an RFC 9457 problem, "
            "but under /v5, where errors are as People Data Labs has them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": defs["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "key_in_url": {"type": "apiKey", "in": "query", "name": KEY},
            },
        },
    }
    return orjson.dumps(document)


def _operation(route: Route, defs: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"{(\w+)}", route.path)),
            *(_parameter(name, defs, route) for name in route.parameters if name != KEY),
            *(
                {"name": name, "in": "header", "required": False, "description": said, "schema": {"type": "string"}}
                for name, said in route.headers.items()
            ),
            {"name": "X-Request-ID", "in": "header", "required": False, "schema": {"type": "string", "pattern": REQUEST_ID_PATTERN}},
        ],
        "responses": {str(status): _success(route, status) for status in route.answers}
        | {str(code): _their_error(code) if is_theirs(route.path) else _error(code) for code in route.errors},
        "security": [] if route.open else [{}, {"bearer": []}, {"key": []}, *([{"key_in_url": []}] if is_theirs(route.path) else [])],
    }
    if route.body:
        content: dict[str, Any] = {"schema": {"$ref": _REF.format(model=route.body.__name__)}}
        if route.example:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {route.takes: content}}
    return operation


def _parameter(name: str, defs: dict[str, Any], route: Route) -> dict[str, Any]:
    field, _, mode = name.partition(".")
    asked = defs[route.asks.__name__]
    schema: dict[str, Any] = (defs["SearchRequest"]["properties"] | asked["properties"])[field]
    if mode == "minimum":
        schema = {"type": "integer", "minimum": 1, "maximum": MAX_VALUES, "description": "How many of the values must match."}
    elif field in schemas.WORD_FIELDS:
        schema = {"type": "array", "items": {"type": "string", "maxLength": MAX_VALUE}, "maxItems": MAX_VALUES}
    said = {"all": "Every one of these.", "none": "Not one of these."}.get(mode, schema.get("description", "At least one of these."))
    return {
        "name": name,
        "in": "query",
        "required": name in asked.get("required", ()),
        "description": said,
        "schema": schema,
        **_example(name),
    }


def _example(name: str) -> dict[str, Any]:
    examples = {"q": "klobuchar minnesota", "job_title": ["engineer"], "location": ["Munich"], "facets": ["company"]}
    return {"example": examples[name]} if name in examples and name in QUERY_PARAMETERS else {}


def _success(route: Route, status: int) -> dict[str, Any]:
    response: dict[str, Any] = {"description": _STATUS_WORDS[status], "headers": {"X-Request-ID": _REQUEST_ID_HEADER}}
    if status in (201, 308) or (status == 202 and route.path == "/v1/jobs"):
        response["headers"] = {**response["headers"], "Location": {"schema": {"type": "string"}}}
    if route.path.endswith("{id}") and status in (200, 304):
        response["headers"] = {**response["headers"], "ETag": {"schema": {"type": "string"}}}
    model = route.answers[status]
    if model or status == 200:
        content: dict[str, Any] = {"schema": {"$ref": _REF.format(model=model.__name__)} if model else {"type": "object"}}
        if status < 300 and route.answer_example:
            content["example"] = route.answer_example
        response["content"] = dict.fromkeys(route.media, content)
    return response


def _error(status: int) -> dict[str, Any]:
    mapped = [m for m in (*HTTP_ERRORS.values(), *(m for _, m in ERROR_MAP), INTERNAL) if m.status == status]
    titles = " / ".join(dict.fromkeys(m.title for m in mapped))
    example = {
        "type": f"urn:roster:problem:{mapped[-1].slug}",
        "title": mapped[-1].title,
        "status": status,
        "detail": mapped[-1].title,
        "instance": "/v1/profiles/search",
        "request_id": "3f0c5e9b7a1d4c2e",
        "errors": [{"pointer": "/size", "detail": "is too big", "allowed": "at most 100"}] if status == 422 else [],
    }
    return {
        "description": titles,
        "headers": {"X-Request-ID": _REQUEST_ID_HEADER},
        "content": {PROBLEM_TYPE: {"schema": {"$ref": _REF.format(model="ProblemAnswer")}, "example": example}},
    }


def _their_error(status: int) -> dict[str, Any]:
    """An error of /v5."""
    example = error_body(_SAMPLES[status])
    return {
        "description": example["error"]["type"],
        "headers": {"X-Request-ID": _REQUEST_ID_HEADER},
        "content": {"application/json": {"schema": {"$ref": _REF.format(model=ErrorAnswer.__name__)}, "example": example}},
    }
