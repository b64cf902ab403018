"""What a route is: the shape of a row of the table in search_api/routes.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel

from search_api.errors import TookTooLong
from search_api.schemas import SearchRequest

ANSWER_SECONDS = 20.0  # most answers take milliseconds, a saved search with ten thousand matches some seconds
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    parameters: the query parameters it knows, and `asks` the model whose fields they are.    body: the model of its body.
    answers: model of each non-error answer, by status; None for an answer without a body, or one that is no JSON object.
    errors: statuses of its problem answers.    open: served without an API key.    operator: to operators' keys only.
    example, answer_example: shown in /openapi.json.    seconds: the answer may take; None = as long as its reader.
    takes, media: the types of the body and of the answer.
    headers: of the request that mean something here, and what.
    lenient: a protocol of others, whose clients send more than it asks for, from web pages too.
    """

    name: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    handler: Handler
    summary: str
    answers: dict[int, type[BaseModel] | None]
    errors: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    asks: type[BaseModel] = SearchRequest
    body: type[BaseModel] | None = None
    open: bool = False
    operator: bool = False
    example: dict[str, Any] | None = None
    answer_example: dict[str, Any] | None = None
    seconds: float | None = ANSWER_SECONDS
    lenient: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: str = "application/json"
    media: tuple[str, ...] = ("application/json",)


@asynccontextmanager
async def answered_within(seconds: float | None) -> AsyncIterator[None]:
    """Bound what is done for an answer, or for the next part of one. Raises TookTooLong."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():  # another's
            raise
        raise TookTooLong(f"the answer was not ready after {seconds:g} s: ask for less, or try again") from None
