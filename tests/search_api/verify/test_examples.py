"""/v1/verify answers what /openapi.json says."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from search_api.route import Route
from search_api.verify.routes import VERIFY_ROUTES


@pytest.mark.parametrize("route", VERIFY_ROUTES, ids=lambda r: r.name)
async def test_it_answers_what_the_description_says(client: TestClient[Any, Any], route: Route) -> None:
    """The example of every route is what the server answers, alone and in a list."""
    answer = await (await client.post(route.path, json=route.example)).json()
    assert route.answer_example is not None
    assert {**answer, "meta": None} == {**route.answer_example, "meta": None}
    listed = await (await client.post(route.path, json={"items": [route.example, route.example]})).json()
    del answer["meta"]
    assert listed["items"] == [{"status": 200, "result": answer, "problem": None}] * 2
