"""Who is found first: the searches that mappings/ranking.toml serves, asked of a real index."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from engines.base import Reader
from privacy.reading import ProfileReader
from search_api.answers import search_answer
from search_api.requests import request_from_body
from tests.search_api.people import TODAY


async def found(reader: Reader, **body: Any) -> list[str]:
    """Ids of the hits, best first."""
    answer = await search_answer(ProfileReader(reader, lambda: TODAY), request_from_body({"size": 50, **body}))
    assert answer["total"] == len(answer["hits"])
    return [hit["id"] for hit in answer["hits"]]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("shumer senator new york", "schumer"),
        ("schumer", "schumer"),
        ("klobuchar minnesota", "klobuchar"),
        ("klobuchr", "klobuchar"),
        ("klobu", "klobuchar"),
        ("pelosee", "pelosi"),
        ("nancy pelosi", "pelosi"),
        ("Pelosi, Nancy", "pelosi"),
        ("virginia foxx", "foxx"),
        ("paris hilton", "hilton"),
        ("warnock georgia", "warnock"),
        ("hotel manager paris", "parisian"),
        ("austin smith", "austin"),
        ("smith austin texas", "smith_tx"),
        ("accountant birchhouse", "austin"),
        ("bob crossbury", "bob"),
        ("robert crossbury", "robert"),
        ("crossbbury stanwick retail", "bob"),
        ("maria garcia lopez", "garcia"),
        ("Garcia-Lopez", "garcia"),
        ("vp eng munich emberpoint", "jane"),
        ("engineer at Optovamark", "garcia"),
        ("c++", "bob"),
        ("C#", "robert"),
        ("node.js", "jane"),
        ("k8s emberpoint", "jane"),
        ("@senschumer", "schumer"),
        ("https://linkedin.com/in/jane-doe", "jane"),
        ("jane.doe@emberpoint.example", "jane"),
        ("(202) 555-0142", "schumer"),
        ("0049 30 23125104", "jane"),
        ("senator new york kirsten", "gillibrand"),
        ("J Doe", "jane"),
    ],
)
async def test_the_right_person_comes_first(reader: Reader, q: str, first: str) -> None:
    """A search for somebody shows that person first, however it is spelt."""
    hits = await found(reader, q=q)
    assert hits[:1] == [first]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"job_title": "senator"}, {"schumer", "gillibrand", "klobuchar", "warnock"}),
        ({"job_title": "VP Engineering"}, {"bob", "jane"}),
        ({"job_title": {"any": ["engineer"], "none": ["data"]}}, {"robert"}),
        ({"company": "Stanwick Retail Ltd"}, {"bob", "smith_tx"}),
        ({"company": "birchhouse", "location": "Berlin"}, {"robert"}),
        ({"location": "München"}, {"bob", "jane"}),
        ({"location": "DE"}, {"bob", "jane", "robert"}),
        ({"location": "Minnesota"}, {"klobuchar"}),
        ({"location": "Georgia"}, {"warnock"}),
        ({"location": "New York"}, {"schumer", "gillibrand"}),
        ({"location": "Austin, TX"}, {"smith_tx"}),
        ({"skill": "k8s"}, {"bob", "jane"}),
        ({"skill": {"all": ["python", "sql"]}}, {"garcia"}),
        ({"skill": {"any": ["python", "c++"]}}, {"garcia", "robert", "bob"}),
        ({"skill": {"any": ["python"], "none": ["c#"]}}, {"garcia"}),
        ({"name": "Crossbury", "has_email": False}, {"bob", "robert"}),
        ({"name": {"any": ["Jane Doe", "Amy Klobuchar"]}}, {"jane", "klobuchar"}),
        ({"has_email": True}, {"gillibrand", "jane"}),
        ({"email": "JANE.DOE@emberpoint.example"}, {"jane"}),
        ({"phone": "+1 (202) 555 0142"}, {"schumer"}),
        ({"link": "@senschumer"}, {"schumer"}),
    ],
)
async def test_fields_find_exactly_these(reader: Reader, body: dict[str, Any], expected: set[str]) -> None:
    """A field asks for what it says, in any spelling, and for nothing else."""
    assert set(await found(reader, **body)) == expected


hostile = st.text(max_size=30) | st.sampled_from(
    ["*", "a~2", "name:x", "AND", "\x00", "'; --", "a OR b", "[1 TO 2]", "İ", "ﷺ", "😀", "+", "\\", "~", "~a"]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("q", "name", "job_title", "company", "location", "skill", "seniority", "function", "email", "phone", "link", "cursor", "sort"),
            hostile,
        ),
    )
)
async def test_no_string_makes_the_server_stumble(client: Any, body: dict[str, str]) -> None:
    """Whatever is typed into any field, by either method, is answered or refused as the request's mistake."""
    posted = await client.post("/v1/profiles/search", json=body)
    asked = await client.get("/v1/profiles/search", params=body)
    assert {posted.status, asked.status} <= {200, 422}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(hostile.filter(lambda text: text not in ("", ".", "..")))
async def test_no_id_makes_the_server_stumble(client: Any, text: str) -> None:
    """Whatever stands in place of an id is an unknown profile."""
    response = await client.get(URL(f"/v1/profiles/{quote(text, safe='')}", encoded=True))
    assert response.status in (400, 404)


async def test_an_outdated_company_does_not_hide_the_person(client: Any) -> None:
    """When nobody matches every word, those who match all but one are shown, the answer says so, and its pages go on the same way."""
    body: dict[str, Any] = {"q": "robert crossbury emberpoint", "size": 1}
    page = await (await client.post("/v1/profiles/search", json=body)).json()
    assert page["interpreted"]["relaxed"] is True
    assert page["interpreted"]["at_least"] == 2
    assert page["hits"][0]["id"] == "robert"
    assert page["total"] >= 2
    following = await (await client.post("/v1/profiles/search", json={**body, "cursor": page["cursor"]})).json()
    assert following["total"] == page["total"]
    assert following["hits"][0]["id"] != "robert"
    strict = await (await client.post("/v1/profiles/search", json={"q": "robert crossbury birchhouse"})).json()
    assert (strict["interpreted"]["relaxed"], strict["total"]) == (False, 1)
