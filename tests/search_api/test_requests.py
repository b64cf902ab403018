"""What may be asked: bodies and query strings become the same request, and every mistake is named at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import Problem, QueryInvalid
from search_api.requests import request_from_body, request_from_query
from search_api.schemas import MAX_Q, SearchRequest
from search_api.words import MAX_VALUE, MAX_VALUES


def problems(call: object, *args: object) -> dict[str, tuple[str, str]]:
    """The mistakes a call names, by pointer."""
    with pytest.raises(QueryInvalid) as caught:
        call(*args)  # type: ignore[operator]
    return {p.pointer: (p.detail, p.allowed) for p in caught.value.problems}


def test_three_ways_to_give_values_are_one() -> None:
    """A string, a list and an object with any-of ask the same."""
    said = [request_from_body({"job_title": form}) for form in ("CTO", ["CTO"], {"any": ["CTO"]})]
    assert said[0] == said[1] == said[2]
    assert said[0].job_title.any == ("CTO",)


def test_query_string_and_body_ask_the_same() -> None:
    """Whatever a body can ask, a query string can ask too."""
    body = request_from_body(
        {
            "q": "jane",
            "job_title": {"any": ["CTO", "CIO"], "none": ["Assistant"]},
            "skill": {"all": ["Python", "SQL"]},
            "has_email": True,
            "updated_since": "2026-01-31",
            "sort": "name",
            "size": 25,
            "facets": ["company", "city"],
            "facet_size": 5,
        }
    )
    query = request_from_query(
        [
            ("q", "jane"), ("job_title", "CTO"), ("job_title", "CIO"), ("job_title.none", "Assistant"), ("skill.all", "Python"),
            ("skill.all", "SQL"), ("has_email", "true"), ("updated_since", "2026-01-31"), ("sort", "name"), ("size", "25"),
            ("facets", "company"), ("facets", "city"), ("facet_size", "5"),
        ]
    )  # fmt: skip
    assert query == body
    assert body.updated_since == date(2026, 1, 31)


def test_every_mistake_is_named_at_once() -> None:
    """One answer names each wrong field, what was wrong and what is allowed."""
    wrong = problems(
        request_from_body,
        {
            "q": "x" * (MAX_Q + 1),
            "name": {"any": ["y" * (MAX_VALUE + 1)]},
            "company": 7,
            "skill": {"most": ["a"]},
            "location": ["ok", ""],
            "size": 101,
            "sort": "age",
            "facets": ["emails"],
            "updated_since": "yesterday",
            "has_email": "perhaps",
            "jobtitle": "CTO",
        },
    )
    assert wrong["/q"] == ("is too long", f"at most {MAX_Q} characters")
    assert wrong["/name/any/0"] == ("is too long", f"at most {MAX_VALUE} characters")
    assert "a list of strings" in wrong["/company"][1]
    assert wrong["/skill/most"][1] == "any, all, none, minimum"
    assert wrong["/location/any/1"][0] == "is empty"
    assert wrong["/size"] == ("is too big", "at most 100")
    assert "relevance" in wrong["/sort"][1]
    assert "job_title" in wrong["/facets/0"][1]
    assert wrong["/updated_since"][1].startswith("an ISO date")
    assert wrong["/has_email"][1] == "true or false"
    assert "did you mean job_title?" in wrong["/jobtitle"][0]


def test_too_many_values_are_refused() -> None:
    """Fifty values a field, whatever list they stand in."""
    wrong = problems(request_from_body, {"skill": {"any": ["a"] * 30, "none": ["b"] * (MAX_VALUES - 29)}})
    assert wrong["/skill"] == ("too many values", "at most 50 values")


def test_a_minimum_is_asked_of_as_many_values() -> None:
    """Two of one value can never match: the request is told, by either method."""
    wrong = problems(request_from_body, {"skill": {"any": ["python"], "minimum": 2}, "name": {"minimum": 0}})
    assert wrong["/skill"] == ("the minimum is more than there are values", "at most 1, the number of values in any")
    assert wrong["/name/minimum"] == ("is too small", "at least 1")
    asked = request_from_query([("skill", "python"), ("skill", "sql"), ("skill.minimum", "2")])
    assert (asked.skill.any, asked.skill.minimum) == (("python", "sql"), 2)
    twice = problems(request_from_query, [("skill", "a"), ("skill.minimum", "1"), ("skill.minimum", "1")])
    assert twice["skill.minimum"][0] == "given more than once"


def test_query_string_mistakes_name_parameters() -> None:
    """In a query string the parameter is named, not a place in a body."""
    wrong = problems(request_from_query, [("job_titel", "CTO"), ("size", "many"), ("q", "a"), ("q", "b"), ("skill.all", "")])
    assert "did you mean job_title?" in wrong["job_titel"][0]
    assert wrong["size"] == ("is not a whole number", "a whole number")
    assert wrong["q"][0] == "given more than once"
    assert wrong["skill.all"][0] == "is empty"


def test_an_empty_box_asks_for_nothing() -> None:
    """A form sends its empty boxes; they ask for nothing."""
    assert request_from_query([("q", ""), ("email", ""), ("size", "")]) == SearchRequest()


def test_a_body_that_is_no_object_is_refused() -> None:
    """A list or a number is not a search."""
    assert "object" in problems(request_from_body, [1, 2])[""][0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def told(call: Callable[[Any], SearchRequest], given: object) -> tuple[Problem, ...]:
    """The mistakes a call names; none when it understood."""
    try:
        call(given)
    except QueryInvalid as error:
        return error.problems
    return ()


@given(st.dictionaries(st.sampled_from([*SearchRequest.model_fields, "x"]), json_values, max_size=5))
def test_any_body_is_a_request_or_a_named_mistake(body: dict[str, object]) -> None:
    """No body makes the server stumble: it is a request, or a list of mistakes that name their places."""
    assert all(p.pointer.startswith("/") and p.detail and p.allowed for p in told(request_from_body, body))


@given(st.lists(st.tuples(st.text(max_size=15) | st.sampled_from(["q", "size", "skill.none", "facets"]), st.text(max_size=15)), max_size=5))
def test_any_query_string_is_a_request_or_a_named_mistake(pairs: list[tuple[str, str]]) -> None:
    """No query string makes the server stumble either; a name that looks like no field's is not repeated."""
    names = {"", *(name.partition(".")[0] for name, _ in pairs)}
    assert all(p.pointer.partition(".")[0] in names and p.detail and p.allowed for p in told(request_from_query, pairs))
