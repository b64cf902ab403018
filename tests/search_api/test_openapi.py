"""/openapi.json describes what is served."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import orjson
import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel, RootModel, TypeAdapter

from search_api.openapi import openapi_document
from search_api.routes import ROUTES
from search_api.schemas import Meta
from search_api.v5.answers import is_theirs


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
            shape = "application/json" if is_theirs(route.path) else "application/problem+json"
            assert list(operation["responses"][str(status)]["content"]) == [shape]
        status, model = next(iter(route.answers.items()))
        if model:
            assert operation["responses"][str(status)]["content"]["application/json"]["example"]


def test_examples_are_true() -> None:
    """Every example is a valid request or answer of its model."""
    for route in ROUTES:
        asked = route.body or route.asks
        if route.example:
            assert isinstance(asked.model_validate(route.example), asked), route.path
        answered: type[BaseModel] | None = next(iter(route.answers.values()))
        if answered and route.answer_example:
            assert isinstance(answered.model_validate(route.answer_example), answered), route.path


def described() -> list[Any]:
    """Every model of the routes that are made of tasks."""
    found: dict[str, type[BaseModel]] = {}

    def visit(kind: Any) -> None:
        for inner in get_args(kind):
            visit(inner)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__name__ not in found and kind is not Meta:
            found[kind.__name__] = kind
            for field in kind.model_fields.values():
                visit(field.annotation)

    for route in ROUTES:
        if route.path.startswith(("/v1/clean/", "/v1/verify/", "/v1/jobs", "/v1/enrich", "/v1/identify", "/v1/bulk", "/v5/")):
            for model in (route.body, route.asks if route.parameters else None, *route.answers.values()):
                visit(model)
    return [model for model in found.values() if not issubclass(model, RootModel)]


@pytest.mark.parametrize("model", described(), ids=lambda m: m.__name__)
def test_every_field_is_explained_by_an_example(model: type[BaseModel]) -> None:
    """Each field of what is cleaned and verified says what it is; one that holds no further object shows a valid example."""
    for name, field in model.model_fields.items():
        if name == "meta":
            continue
        assert field.description, f"{model.__name__}.{name} is not described"
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        assert field.examples or inner, f"{model.__name__}.{name} has no example"
        for example in field.examples or ():
            TypeAdapter(Annotated[field.annotation, field]).validate_json(orjson.dumps(example))
