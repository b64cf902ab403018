"""/openapi.json describes what is served."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel

from search_api.openapi import openapi_document
from search_api.routes import ROUTES


@pytest.fixture(scope="module")
def document() -> Any:
    """The document as read."""
    return orjson.loads(openapi_document())


def test_it_is_valid_openapi(document: Any) -> None:
    """A tool that reads OpenAPI 3.1 can read it."""
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_is_described(document: Any) -> None:
    """Each route stands in it with a summary, its answers, its errors in the one shape and, where it answers with a body, an example."""
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert described == {(route.method, route.path) for route in ROUTES}
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["summary"]
        assert set(operation["responses"]) == {str(s) for s in (*route.answers, *route.errors)}
        for status in route.errors:
            assert list(operation["responses"][str(status)]["content"]) == ["application/problem+json"]
        if route.answers[200]:
            assert operation["responses"]["200"]["content"]["application/json"]["example"]


def test_examples_are_true() -> None:
    """Every example is a valid request or answer of its model."""
    for route in ROUTES:
        if route.body and route.example:
            route.body.model_validate(route.example)
        model: type[BaseModel] | None = route.answers[200]
        if model and route.answer_example:
            model.model_validate(route.answer_example)
