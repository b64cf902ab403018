"""What clients of the protocol send. Fields it does not know are passed over: clients of other versions send more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints

from search_api.words import MAX_VALUE

MAX_QUERIES = 50  # of a batch: OpenRefine sends 10; each is two or three searches
MAX_CANDIDATES = 25  # of a query: people look at three to five
MAX_PROPERTIES = 20  # of a query or an extension: there are eight, some given several times
MAX_IDS = 200  # of an extension: OpenRefine sends 10

Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_VALUE)]


class Lenient(BaseModel):
    """Frozen; unknown fields are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _texts(given: object) -> object:
    """A property value is a text, a number, a boolean, an entity, or a list of these: all are compared as texts."""
    values = given if isinstance(given, list) else [given]
    return [value.get("name") or value.get("id") if isinstance(value, dict) else _text(value) for value in values]


def _text(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) else value


class PropertyValue(Lenient):
    """A property and its values, any of which may hold."""

    pid: Said
    v: Annotated[Sequence[Said], BeforeValidator(_texts), Field(max_length=MAX_PROPERTIES)]


class Query(Lenient):
    """One row to match. query: a person's name, or a profile id."""

    query: Said = ""
    limit: Annotated[int, Field(ge=1)] = 5
    properties: Annotated[Sequence[PropertyValue], Field(max_length=MAX_PROPERTIES)] = ()
    type: str | list[str] | None = None
    type_strict: Literal["any", "all", "should"] | None = None


class Batch(RootModel[dict[str, Query]]):
    """Queries by the names the client gives them."""


class WantedProperty(Lenient):
    """A property to fetch. settings: `limit` = at most so many values, 0 for all."""

    id: Said
    settings: dict[str, Any] = {}


class Extension(Lenient):
    """Whose values to fetch, and which."""

    ids: Annotated[Sequence[Said], Field(max_length=MAX_IDS)]
    properties: Annotated[Sequence[WantedProperty], Field(max_length=MAX_PROPERTIES)]


class ReconcileForm(Lenient):
    """The parameters of the endpoint, each JSON as a text; without either, the answer is the manifest."""

    queries: Annotated[str | None, Field(description="A batch of queries.", examples=['{"q0": {"query": "Jane Doe"}}'])] = None
    extend: Annotated[
        str | None, Field(description="Values to fetch.", examples=['{"ids": ["p_01hx"], "properties": [{"id": "company"}]}'])
    ] = None


class PrefixRequest(Lenient):
    """What was typed so far, and how many suggestions to skip."""

    prefix: Annotated[Said, Field(description="What was typed so far.", examples=["jane d"])] = ""
    cursor: Annotated[int, Field(ge=0, le=1000, description="Suggestions to skip.")] = 0


class EntityRequest(Lenient):
    """Whom to show."""

    id: Annotated[Said, Field(description="A profile's id.", examples=["p_01hx"])]


class ProposalRequest(Lenient):
    """For which type to propose properties."""

    type: Annotated[Said, Field(description="The type; there is one.", examples=["person"])] = "person"
    limit: Annotated[int | None, Field(ge=1, le=1000, description="Properties at the most.")] = None
