"""What a route is: the shape of a row of the table in search_api/routes.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    parameters: the query parameters it knows.    body: the model of its JSON body.    answers: model of each non-error answer, by status;
    None for an answer without a body.    errors: statuses of its problem answers.    open: served without an API key.
    example, answer_example: shown in /openapi.json.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    summary: str
    answers: dict[int, type[BaseModel] | None]
    errors: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    open: bool = False
    example: dict[str, Any] | None = None
    answer_example: dict[str, Any] | None = None
