"""/v1/clean: the normalisers as a service."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_api.clean.routes import CLEAN_ROUTES
from search_api.clean.tasks import CLEAN_TASKS
from search_api.route import Route
from search_api.tasks import Task
from tests.search_api.test_app import is_problem

Client = TestClient[Any, Any]


@pytest.mark.parametrize("route", CLEAN_ROUTES, ids=lambda r: r.name)
async def test_it_answers_what_the_description_says(client: Client, route: Route) -> None:
    """The example of every route in /openapi.json is what the server answers, alone and in a list."""
    answer = await (await client.post(route.path, json=route.example)).json()
    assert route.answer_example is not None
    assert {**answer, "meta": None} == {**route.answer_example, "meta": None}
    listed = await (await client.post(route.path, json={"items": [route.example, route.example]})).json()
    del answer["meta"]
    assert listed["items"] == [{"status": 200, "result": answer, "problem": None}] * 2


@pytest.mark.parametrize(
    ("path", "question", "reason"),
    [
        ("name", {}, "empty"),
        ("company", {"company": "self-employed"}, "no employer"),
        ("job-title", {"job_title": "retired"}, "no job"),
        ("location", {"location": "Remote"}, "not where"),
        ("skill", {"skill": "n/a"}, "placeholder"),
        ("phone", {"phone": "030 23125"}, "country"),
        ("email", {"email": "jane.doe"}, "no @"),
        ("profile-link", {"link": "https://www.linkedin.com/company/acme"}, "organisation"),
    ],
)
async def test_what_is_none_says_why(client: Client, path: str, question: dict[str, str], reason: str) -> None:
    """A text that is no value of the kind is no error: the answer says that, why, and what would be one, and repeats nothing."""
    response = await client.post(f"/v1/clean/{path}", json=question)
    answer = await response.json()
    assert response.status == 200
    assert (answer["recognised"], answer["value"], answer["key"], answer["parts"]) == (False, None, None, None)
    assert reason in answer["reason"]


async def test_an_item_that_is_none_leaves_the_others(client: Client) -> None:
    """In a list every item has its own result, in the order asked."""
    items = [{"phone": "nonsense"}, {"phone": "+49 30 23125 104"}]
    answer = await (await client.post("/v1/clean/phone", json={"items": items})).json()
    assert [item["result"]["value"] for item in answer["items"]] == [None, "+493023125104"]


@pytest.mark.parametrize(
    ("body", "pointer", "allowed"),
    [
        ({}, "/email", "a value"),
        ({"email": 7}, "/email", "a string"),
        ({"emial": "jane@emberpoint.example"}, "/emial", "email"),
        ({"items": []}, "/items", "at least 1"),
        ({"items": [{"email": "a@b.example"}] * 101}, "/items", "at most 100"),
        ({"items": [{"email": "a@b.example"}, {"email": None}]}, "/items/1/email", "a string"),
        ({"items": [{"emial": "a@b.example"}]}, "/items/0/emial", "email"),
        ({"email": "x" * 2001}, "/email", "at most 2000 characters"),
        ([], "", 'or {"items": [..]} with up to 100'),
    ],
)
async def test_a_body_of_another_shape_is_told(client: Client, body: Any, pointer: str, allowed: str) -> None:
    """What is missing, unknown, too much or of the wrong type is a 422 that names the field and what is allowed."""
    response = await client.post("/v1/clean/email", json=body)
    problem = is_problem(422, response.headers, await response.read())
    told = {error.pointer: error.allowed for error in problem.errors}
    assert allowed in told[pointer]


@pytest.mark.parametrize("task", CLEAN_TASKS, ids=lambda t: t.name)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
async def test_no_text_breaks_it(task: Task[Any, Any], text: str) -> None:
    """Whatever is sent, the answer has its shape and can be read again from JSON."""
    field = next(iter(task.question.model_fields))
    (result,) = await task.run(None, [task.question.model_validate({field: text})])
    assert isinstance(task.result.model_validate_json(orjson.dumps(result)), task.result)
