"""Their own client, pointed at the app on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from peopledatalabs import PDLPY

from tests.search_api.desk import Desk
from tests.search_api.people import PEOPLE

Call = Callable[[Callable[[PDLPY], Any]], Awaitable[Any]]
"""Does something with their client, which waits as programs of its time do, and gives back the response."""


def caller(client: TestClient[Any, Any], api_key: str = "none is asked for") -> Call:
    """Calls of their client to an app."""
    theirs = PDLPY(api_key=api_key, base_path=str(client.make_url("/v5")))

    async def call(do: Callable[[PDLPY], Any]) -> Any:
        return await asyncio.to_thread(do, theirs)

    return call


@pytest.fixture
async def call(desk: Desk) -> Call:
    """Calls to an app over a store with PEOPLE, on each engine."""
    await desk.hold(*PEOPLE)
    return caller(desk.client)
