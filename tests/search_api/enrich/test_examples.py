"""/v1/enrich, /v1/identify and /v1/bulk answer what /openapi.json says."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from search_api.enrich.routes import ENRICH_ROUTES
from search_api.route import Route


@pytest.mark.parametrize("route", ENRICH_ROUTES, ids=lambda r: r.name)
async def test_it_answers_what_the_description_says(client: TestClient[Any, Any], route: Route) -> None:
    """The example of every route is what the server answers; bits move with the resolver's weights, here their sign counts."""
    response = await client.post(route.path, json=route.example)
    assert response.status == 200, await response.text()
    assert route.answer_example is not None
    assert signed({**await response.json(), "meta": None}) == signed({**route.answer_example, "meta": None})


def signed(body: Any) -> Any:
    """A body with the sign in place of every number of bits."""
    if isinstance(body, dict):
        return {name: value > 0 if name == "bits" else signed(value) for name, value in body.items()}
    return [signed(one) for one in body] if isinstance(body, list) else body
