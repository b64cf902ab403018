"""Whatever is sent, the answer is one that the routes table knows, and soon."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from search_api.route import Route
from search_api.routes import ROUTES
from search_api.schemas import ProblemAnswer
from search_api.v5.answers import is_theirs
from search_api.v5.schemas import ErrorAnswer
from tests.search_api.hostile import Hostile

Client = TestClient[Any, Any]

FROM_A_ROUTE = 15  # requests; bench/hostile_requests.py sends ten thousand


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.path.startswith("/v1/verify")], ids=lambda route: route.name)
async def test_nothing_that_is_sent_breaks_anything(client: Client, route: Route) -> None:
    """Unicode of all kinds, ten thousand letters, brackets in brackets, expressions that never end, injections, wrong types, no JSON: each
    gets an answer that /openapi.json lists, no fault of ours; an error is in the one shape.
    """
    hostile = Hostile(ROUTES.index(route))
    for _ in range(FROM_A_ROUTE):
        sent = hostile.request(route)
        if len(sent.url) > 8000:  # what is too long for a line of HTTP: tests/search_api/test_serve.py
            continue
        url = URL(f"{client.make_url('/')}{sent.url.lstrip('/')}", encoded=True)
        async with client.session.request(
            route.method, url, data=io.BytesIO(sent.data) if sent.data else None, headers=sent.headers, allow_redirects=False
        ) as response:
            body = await response.read()
        at = f"{route.method} {sent.url[:300]} {(sent.data or b'')[:300]!r}"
        assert response.status < 500, at
        assert response.status in {*route.answers, *route.errors, 400, 404, 405, 413}, at
        if response.status >= 400:
            shape = ErrorAnswer if is_theirs(route.path) else ProblemAnswer
            assert shape.model_validate_json(body).status == response.status, at
    assert (await client.get("/readyz")).status == 200
