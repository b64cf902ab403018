"""The wire of /v5: what their client sends, and the frame of what it gets back. Inside, `data` is as their person schema has it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from search_api.enrich.schemas import MAX_REQUESTS, PersonQuestion
from search_api.schemas import MAX_CURSOR
from search_api.tasks import MAX_TEXT
from search_api.v5.sql import MAX_SQL
from search_api.wire import Wire, said

MAX_SIZE = 100  # records of one page, as they have it

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]


def _decoded(given: object) -> object:
    """A query in a url is JSON in a string."""
    if not isinstance(given, str):
        return given
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError:
        raise PydanticCustomError("query", "is not JSON", {"allowed": "a query as a JSON object"}) from None


class Shown(Wire):
    """How an answer is written."""

    pretty: Annotated[bool, said("With line breaks and indentation.", True)] = False
    titlecase: Annotated[bool, said("Names and titles as roster shows them; else all in lower case.", True)] = False


class PersonSearch(Shown):
    """A search in one of their two languages."""

    query: Annotated[
        dict[str, Any] | None, BeforeValidator(_decoded), said("An Elasticsearch query.", {"term": {"location_country": "poland"}})
    ] = None
    sql: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_SQL)] | None,
        said("A statement; columns and LIMIT are passed over.", "SELECT * FROM person WHERE location_country='poland'"),
    ] = None
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Records at most.", examples=[10])] = 1
    scroll_token: Annotated[
        Annotated[str, StringConstraints(max_length=MAX_CURSOR)] | None, said("Of the page before, with the same query.", None)
    ] = None
    dataset: Annotated[Text | None, said("all, resume, email or phone, several with commas; -email: without those.", "email,phone")] = None
    data_include: Annotated[Text | None, said("Fields of a record, with commas; -name: without it.", "id,full_name")] = None
    from_: Annotated[int, said("Also from. Only 0: scroll_token goes on where a page ended.", 0)] = 0

    @model_validator(mode="before")
    @classmethod
    def _both_spellings(cls, given: Any) -> Any:
        if isinstance(given, dict) and "from" in given and "from_" not in given:
            return {("from_" if name == "from" else name): value for name, value in given.items()}
        return given

    @model_validator(mode="after")
    def _one_language(self) -> PersonSearch:
        if (self.query is None) == (self.sql is None):
            raise PydanticCustomError("language", "asks nothing, or twice", {"allowed": "either query or sql"})
        if self.from_:
            raise PydanticCustomError("offset", "goes on by a number of records", {"allowed": "from 0, and scroll_token to go on"})
        return self


class PersonRetrieve(Shown):
    """A record by its id."""

    data_include: Annotated[Text | None, said("The fields of the record that are wanted.", "id,full_name")] = None


class PersonEnrich(PersonQuestion, Shown):
    """Somebody to find."""

    pdl_id: Annotated[Text | None, said("The id of a record; nothing else is looked at beside it.", "pmrs52a2ewgtjac0b")] = None
    min_likelihood: Annotated[int, Field(ge=1, le=10, description="The likelihood a match must have.", examples=[6])] = 2
    required: Annotated[Text | None, said("Fields a record must hold, with AND, OR and NOT.", "emails AND phone_numbers")] = None
    data_include: Annotated[Text | None, said("Fields of the record, with commas; -name: without it.", "id,full_name")] = None
    include_if_matched: Annotated[bool, said("Whether the answer names the fields that agree.", True)] = False
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Without meaning here.", examples=[1])] = 1


class PersonIdentify(PersonEnrich):
    """Somebody who may be one of several."""

    min_likelihood: Annotated[int, Field(ge=1, le=10, description="The likelihood a candidate must have.", examples=[1])] = 1
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Candidates at most; never more than 20.", examples=[20])] = 20


class BulkPerson(Wire):
    """One request of a bulk call."""

    params: Annotated[PersonEnrich, said("As person/enrich takes it.")]
    metadata: Annotated[dict[str, Any] | None, said("Anything of yours; it comes back and is not kept.", {"row": 7})] = None


class PersonBulk(Shown):
    """Up to 100 people to find. What stands beside the requests holds for all of those that do not say it themselves."""

    requests: Annotated[tuple[BulkPerson, ...], Field(min_length=1, max_length=MAX_REQUESTS, description="The requests.")]
    min_likelihood: Annotated[int, Field(ge=1, le=10, description="The likelihood a match must have.", examples=[6])] = 2
    required: Annotated[Text | None, said("Fields a record must hold.", "emails")] = None
    data_include: Annotated[Text | None, said("Fields of the records.", "id,full_name")] = None
    include_if_matched: Annotated[bool, said("Whether the answers name the fields that agree.", True)] = False
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Without meaning here.", examples=[1])] = 1


class EnrichedAnswer(Wire):
    """The record of the person found."""

    status: Annotated[int, said("As the HTTP status.", 200)]
    likelihood: Annotated[int, said("1 to 10; docs/enrich.md says how often a match of each is right.", 10)]
    data: Annotated[dict[str, Any], said("In their person schema.", {})]
    matched: Annotated[
        list[str], Field(default_factory=list, description="With `include_if_matched`: fields that agree.", examples=[["email"]])
    ]


class Candidate(Wire):
    """A record that may be meant."""

    data: Annotated[dict[str, Any], said("In their person schema.", {})]
    match_score: Annotated[int, said("1 to 99: the probability that it is the person, in percent.", 99)]
    matched_on: Annotated[
        list[str], Field(default_factory=list, description="With `include_if_matched`: fields that agree.", examples=[["email"]])
    ]


class IdentifiedAnswer(Wire):
    """Who may be meant."""

    status: Annotated[int, said("As the HTTP status.", 200)]
    matches: Annotated[list[Candidate], said("Likeliest first.")]


class AutocompleteRequest(Shown):
    """What has been typed so far."""

    field: Annotated[
        Literal[
            "all_location", "class", "company", "country", "industry", "location", "location_name", "major", "region", "role", "school",
            "skill", "sub_role", "title", "website",
        ],
        said("What is typed. Nothing is held of class, industry, major, school and sub_role.", "title"),
    ]  # fmt: skip
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=100), said("The beginning; none asks for the most frequent.", "eng")
    ] = ""
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Suggestions at most.", examples=[10])] = 10


class CompanyClean(Shown):
    """A company by name, website or both."""

    name: Annotated[Text | None, said("The name.", "Emberpoint Inc.")] = None
    website: Annotated[Text | None, said("The website.", "emberpoint.example")] = None
    profile: Annotated[Text | None, said("A profile of the company: not held.", None)] = None
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Without meaning here.", examples=[1])] = 1

    @model_validator(mode="after")
    def _something(self) -> CompanyClean:
        if not (self.name or self.website):
            raise PydanticCustomError("company", "names no company", {"allowed": "name or website; profiles of companies are not held"})
        return self


class LocationClean(Shown):
    """A place."""

    location: Annotated[Text, said("The place in any spelling.", "Greater Munich Area")]
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Without meaning here.", examples=[1])] = 1


class JobTitleEnrich(Shown):
    """A job title."""

    job_title: Annotated[Text, said("The title in any spelling.", "VP Eng")]
    size: Annotated[int, Field(ge=1, le=MAX_SIZE, description="Without meaning here.", examples=[1])] = 1


class TheirError(Wire):
    """What went wrong."""

    type: Annotated[str, said("Their word for the kind of error.", "invalid_request_error")]
    message: Annotated[str, said("Where, what, and what is allowed.", "size: is too big (allowed: at most 100)")]


class ErrorAnswer(Wire):
    """The shape of every error of /v5."""

    status: Annotated[int, said("As the HTTP status.", 400)]
    error: Annotated[TheirError, said("What went wrong.")]


class PersonsAnswer(Wire):
    """A page of records."""

    status: Annotated[int, said("As the HTTP status.", 200)]
    data: Annotated[list[dict[str, Any]], said("Records in their person schema.", [])]
    scroll_token: Annotated[str | None, said("For the next page; null at the end.", None)]
    total: Annotated[int, said("Records that match.", 1)]


class PersonAnswer(Wire):
    """A record."""

    status: Annotated[int, said("As the HTTP status.", 200)]
    data: Annotated[dict[str, Any], said("In their person schema.", {})]
    billed: Annotated[bool, said("Never: roster sells nothing.", False)]


class Suggestion(Wire):
    """A value to search for."""

    name: Annotated[str | None, said("The value.", "software engineer")]
    count: Annotated[int, said("Records that hold it.", 412)]
    meta: Annotated[dict[str, Any], said("Of a place, its parts.", {})]


class AutocompleteAnswer(Wire):
    """Values that begin so, the most frequent first."""

    status: Annotated[int, said("As the HTTP status.", 200)]
    data: Annotated[list[Suggestion], said("Values, the most frequent first.")]
    fields: Annotated[list[str], said("The fields in which they can be searched for.", ["job_title"])]
