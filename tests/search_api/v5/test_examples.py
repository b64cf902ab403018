"""The examples of /openapi.json: each route of /v5 answers its example with exactly the answer that is shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient

from search_api.route import Route
from search_api.v5.routes import V5_ROUTES

Client = TestClient[Any, Any]


@pytest.mark.parametrize("route", V5_ROUTES, ids=lambda route: route.name)
async def test_the_answer_shown_is_the_answer_given(client: Client, route: Route) -> None:
    """Who tries an example of the description gets what the description promises."""
    assert route.example
    path = route.path.replace("{id}", "jane")
    if route.method == "POST":
        response = await client.post(path, json=route.example)
    else:
        response = await client.get(f"{path}?{urlencode(route.example)}")
    assert response.status == 200, await response.text()
    assert await response.json() == route.answer_example
