"""From the wire to a SearchRequest: JSON bodies and query strings, and every mistake in them as a Problem.

A query string says the same as a body: `job_title=a&job_title=b` is any-of, `job_title.all=a` and `job_title.none=b` the other two.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from profiles.errors import Problem, QueryInvalid
from search_api.schemas import FACETS, MAX_CURSOR, WORD_FIELDS, SearchRequest
from search_api.words import MODES

FIELDS = tuple(SearchRequest.model_fields)
QUERY_PARAMETERS = (*FIELDS, *(f"{field}.{mode}" for field in WORD_FIELDS for mode in MODES), "skill.minimum")
M = TypeVar("M", bound=BaseModel)
_REPEATABLE = frozenset({*WORD_FIELDS, "facets"})


def request_from_body(body: object) -> SearchRequest:
    """The request a decoded JSON body stands for. Raises QueryInvalid with every mistake in it."""
    if not isinstance(body, dict):
        raise QueryInvalid([Problem("", "the body is not a JSON object", 'an object such as {"q": "klobuchar minnesota"}')])
    try:
        return SearchRequest.model_validate(body)
    except ValidationError as wrong:
        raise QueryInvalid(_problems(wrong, _pointer, SearchRequest, FIELDS)) from None


def request_from_query(pairs: Iterable[tuple[str, str]]) -> SearchRequest:
    """The request a query string stands for (decoded pairs, in order). Raises QueryInvalid with every mistake in it."""
    fields: dict[str, Any] = {}
    unwelcome: list[Problem] = []
    for name, value in pairs:
        field, _, mode = name.partition(".")
        if name not in QUERY_PARAMETERS:
            unwelcome.append(unknown_name(name, QUERY_PARAMETERS, "unknown parameter"))
        elif mode == "minimum":
            if mode in fields.setdefault(field, {}):
                unwelcome.append(Problem(name, "given more than once", "one value"))
            fields[field][mode] = value
        elif field in WORD_FIELDS:
            fields.setdefault(field, {}).setdefault(mode or "any", []).append(value)
        elif field in _REPEATABLE:
            fields.setdefault(field, []).append(value)
        elif field in fields:
            unwelcome.append(Problem(name, "given more than once", "one value"))
        elif value != "":  # an empty box of a form asks for nothing
            fields[field] = value
    try:
        request = SearchRequest.model_validate(fields)
    except ValidationError as wrong:
        unwelcome += _problems(wrong, _parameter, SearchRequest, QUERY_PARAMETERS)
    if unwelcome:
        raise QueryInvalid(unwelcome)
    return request


def validated(model: type[M], body: object) -> M:
    """A decoded JSON body as a model. Raises QueryInvalid with every mistake in it."""
    fields = tuple(model.model_fields)
    if not isinstance(body, dict):
        raise QueryInvalid([Problem("", "the body is not a JSON object", f"an object with {', '.join(fields)}")])
    try:
        return model.model_validate(body)
    except ValidationError as wrong:
        raise QueryInvalid(_problems(wrong, _pointer, model, fields)) from None


def parameters(model: type[M], pairs: Iterable[tuple[str, str]]) -> M:
    """The parameters of a query string, each said once, as a model. Raises QueryInvalid with every mistake in it."""
    fields: dict[str, str] = {}
    unwelcome = []
    for name, value in pairs:
        if name in fields:
            unwelcome.append(Problem(name, "given more than once", "one value"))
        elif value != "":
            fields[name] = value
    try:
        read = model.model_validate(fields)
    except ValidationError as wrong:
        unwelcome += _problems(wrong, _parameter, model, tuple(model.model_fields))
    if unwelcome:
        raise QueryInvalid(unwelcome)
    return read


def refuse_parameters(names: Iterable[str], allowed: tuple[str, ...] = ()) -> None:
    """Raise QueryInvalid for query parameters a route does not know."""
    problems = [unknown_name(name, allowed, "unknown parameter") for name in names if name not in allowed]
    if problems:
        raise QueryInvalid(problems)


def told_as_body(error: QueryInvalid) -> QueryInvalid:
    """The same mistakes with JSON pointers, whichever room found them."""
    return QueryInvalid(replace(p, pointer=f"/{p.pointer.lstrip('/')}" if p.pointer else "") for p in error.problems)


def told_as_query(error: QueryInvalid) -> QueryInvalid:
    """The same mistakes with names of query parameters instead of JSON pointers: "/job_title/all/0" is job_title.all."""
    return QueryInvalid(replace(p, pointer=_parameter(tuple(p.pointer.lstrip("/").split("/")))) for p in error.problems)


def unknown_name(name: str, allowed: tuple[str, ...], what: str) -> Problem:
    """A Problem that names the nearest known name, where one is near.

    The unknown one is repeated when it looks like a field's name; anything else may be somebody's.
    """
    near = difflib.get_close_matches(name[:100].lower(), allowed, n=1, cutoff=0.6)
    listed = ", ".join(n for n in allowed if "." not in n) or "none here"
    return Problem(name if _FIELD_LIKE.fullmatch(name) else "", f"{what}; did you mean {near[0]}?" if near else what, listed)


_FIELD_LIKE = re.compile(r"[a-z][a-z_]{0,29}(\.[a-z]{1,9})?")


def _pointer(path: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _parameter(path: tuple[int | str, ...]) -> str:
    """("job_title", "all", 0) is the parameter job_title.all; any-of is the bare name, and "" what is wrong with all of them together."""
    if not path:
        return ""
    mode = path[1] if len(path) > 1 and path[1] in ("all", "none", "minimum") else ""
    return f"{path[0]}.{mode}" if mode else str(path[0])


def _problems(
    wrong: ValidationError, pointer: Callable[[tuple[int | str, ...]], str], model: type[BaseModel], names: tuple[str, ...]
) -> list[Problem]:
    """names: those that are known at the top; below it, those of the model there."""
    found = []
    errors = wrong.errors(include_url=False, include_input=False)
    spoilt = {tuple(error["loc"])[: depth + 1] for error in errors for depth in range(len(error["loc"]) - 1)}
    for error in errors:
        path = tuple(error["loc"])
        if error["type"] == "too_short" and path in spoilt:  # values that are wrong do not count, and are told of themselves
            continue
        if error["type"] == "extra_forbidden":
            unknown = str(path[-1])
            meant = unknown_name(unknown, names if len(path) == 1 else _fields_at(model, path[:-1]), "unknown field")
            found.append(Problem(pointer(path if meant.pointer else path[:-1]), meant.detail, meant.allowed))
        else:
            found.append(Problem(pointer(path), *_said(error)))
    return found


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> tuple[str, ...]:
    """The fields of the object at a path in a model; () where it is no model's."""
    here: type[BaseModel] | None = model
    for step in path:
        if here is not None and isinstance(step, str):
            here = _model_in(here.model_fields[step].annotation) if step in here.model_fields else None
    return tuple(here.model_fields) if here else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's annotation holds, in a list or beside None; None where it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _said(error: ErrorDetails) -> tuple[str, str]:
    """What was wrong and what is allowed, for pydantic's error types; neither repeats the input."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    kind = error["type"]
    top = error["loc"][0] if error["loc"] else ""
    if "allowed" in context:  # our own errors say it themselves
        return error["msg"], str(context["allowed"])
    if kind == "string_too_short":
        return "is empty", "at least one character"
    if kind == "missing":
        return "is missing", "a value"
    if kind == "too_short":
        return "has too few values", f"at least {context.get('min_length')}"
    if kind == "literal_error":
        return "is not one of the allowed values", ", ".join(FACETS) if top == "facets" else str(context.get("expected", ""))
    limits = {
        "string_too_long": ("is too long", f"at most {context.get('max_length')} characters"),
        "too_long": ("has too many values", f"at most {context.get('max_length')}"),
        "greater_than_equal": ("is too small", f"at least {context.get('ge')}"),
        "less_than_equal": ("is too big", f"at most {context.get('le')}"),
    }
    if kind in limits:
        return limits[kind]
    expected = {"string": "a string", "int": "a whole number", "bool": "true or false", "date": "an ISO date such as 2026-11-23"}
    for word, allowed in expected.items():
        if kind.startswith(word):
            return f"is not {allowed}", allowed
    if kind in ("dict_type", "model_type"):
        return "is not a JSON object", "a JSON object"
    if kind in ("tuple_type", "list_type"):
        return "is not a list", "a list of strings"
    return "cannot be read", f"at most {MAX_CURSOR} characters of plain text" if top == "cursor" else "see /openapi.json"
