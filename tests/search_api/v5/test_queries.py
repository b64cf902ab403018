"""What a clause or a field of People Data Labs' two query languages finds, and what is told of those that cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from search_api.v5.conditions import MAX_CLAUSES, MAX_DEPTH, MAX_LIST
from search_api.v5.elastic import CLAUSES
from search_api.v5.fields import FIELDS
from tests.search_api.desk import Desk
from tests.search_api.people import person, value

Client = TestClient[Any, Any]


def job(kind: str, text: str, *, company: str = "", current: bool | None = None) -> Any:
    """A value of a job."""
    return value(kind, text).model_copy(update={"job": company or None, "current": current})


PEOPLE = (
    person(
        "ada",
        job("company", "Emberpoint GmbH", current=True),
        job("company", "Wiatrowo Soft", current=False),
        job("job_title", "VP Engineering", company="emberpoint", current=True),
        name="Ada Garcia Lopez",
        location="Munich, Germany",
        skill=["Python", "k8s"],
        email="ada@emberpoint.example",
        link=["https://www.linkedin.com/in/ada-gl", "https://github.com/adagl"],
    ),
    person("ben", name="Ben Ada", job_title="Data Engineer", company="Wiatrowo Soft", location="Warsaw, Poland", phone="+48 22 555 01 00"),
    person("cleo", name="Cleo Smith-Jones", job_title="Sales Manager", company="Acme Tools Ltd", location="Portland, Oregon"),
    person("dora", name="Dora Smith", job_title="Accountant", location="Poland"),
)

FINDS: tuple[tuple[dict[str, Any], str | None, str], ...] = (
    ({"match_all": {}}, "", "ada ben cleo dora"),
    ({"term": {"id": "ben"}}, "id='ben'", "ben"),
    ({"term": {"full_name": "Dora SMITH"}}, "full_name='Dora SMITH'", "dora"),
    ({"match": {"full_name": "ada smith"}}, None, "ada ben dora cleo"),
    ({"match": {"full_name": {"query": "ada ben", "operator": "and"}}}, None, "ben"),
    ({"term": {"first_name": "ada"}}, "first_name='ada'", "ada"),
    ({"term": {"last_name": "ada"}}, "last_name='ada'", "ben"),
    ({"term": {"last_name": "smith"}}, "last_name='smith'", "dora cleo"),
    ({"term": {"job_title": "vp eng"}}, "job_title='vp eng'", "ada"),
    ({"match": {"job_title": "data manager"}}, None, "ben cleo"),
    ({"match_phrase": {"job_title": "sales manager"}}, None, "cleo"),
    ({"match_phrase": {"job_title": "manager sales"}}, None, ""),
    ({"wildcard": {"job_title": "*engineer*"}}, "job_title LIKE '%engineer%'", "ada ben"),
    ({"prefix": {"job_title": "acc"}}, "job_title LIKE 'acc%'", "dora"),
    ({"term": {"job_title_role": "sales"}}, "job_title_role='sales'", "cleo"),
    ({"term": {"job_title_levels": "vp"}}, "job_title_levels='vp'", "ada"),
    ({"terms": {"job_title_levels": ["manager", "vp"]}}, "job_title_levels IN ('manager', 'vp')", "ada cleo"),
    ({"term": {"job_company_name": "wiatrowo soft sp. z o.o."}}, "job_company_name='wiatrowo soft sp. z o.o.'", "ben"),
    ({"term": {"experience.company.name": "wiatrowo soft"}}, "experience.company.name='wiatrowo soft'", "ada ben"),
    ({"match": {"job_company_name": "tools"}}, None, "cleo"),
    ({"exists": {"field": "job_company_name"}}, "job_company_name IS NOT NULL", "ada ben cleo"),
    ({"term": {"location_country": "poland"}}, "location_country='poland'", "ben dora"),
    ({"term": {"location_country": "PL"}}, "location_country='PL'", "ben dora"),
    ({"term": {"location_name": "portland, oregon, united states"}}, "location_name='portland, oregon, united states'", "cleo"),
    ({"term": {"location_locality": "münchen"}}, "location_locality='münchen'", "ada"),
    ({"prefix": {"location_locality": "war"}}, "location_locality LIKE 'war%'", "ben"),
    ({"term": {"location_region": "bavaria"}}, "location_region='bavaria'", "ada"),
    ({"exists": {"field": "location_locality"}}, "location_locality IS NOT NULL", "ada ben cleo"),
    ({"term": {"skills": "Kubernetes"}}, "skills='Kubernetes'", "ada"),
    ({"terms": {"skills": ["python", "cobol"]}}, "skills IN ('python', 'cobol')", "ada"),
    ({"term": {"emails.address": "ADA@emberpoint.example"}}, "emails.address='ADA@emberpoint.example'", "ada"),
    ({"term": {"work_email": "ada@emberpoint.example"}}, "work_email='ada@emberpoint.example'", "ada"),
    ({"exists": {"field": "emails"}}, "emails IS NOT NULL", "ada"),
    ({"term": {"phone_numbers": "+48225550100"}}, "phone_numbers='+48225550100'", "ben"),
    ({"bool": {"must_not": {"exists": {"field": "phone_numbers"}}}}, "phone_numbers IS NULL", "ada cleo dora"),
    ({"term": {"linkedin_url": "linkedin.com/in/ada-gl"}}, "linkedin_url='linkedin.com/in/ada-gl'", "ada"),
    ({"term": {"github_username": "adagl"}}, "github_username='adagl'", "ada"),
    ({"term": {"profiles.network": "github"}}, "profiles.network='github'", "ada"),
    ({"exists": {"field": "linkedin_url"}}, "linkedin_url IS NOT NULL", "ada"),
    (
        {"range": {"updated": {"gte": "2026-10-01", "lt": "2026-10-02"}}},
        "updated BETWEEN '2026-10-01' AND '2026-10-01'",
        "ada ben cleo dora",
    ),
    ({"range": {"updated": {"gt": "2026-10-01"}}}, "updated > '2026-10-01'", ""),
    (
        {"bool": {"must": [{"term": {"location_country": "poland"}}], "must_not": [{"match": {"job_title": "engineer"}}]}},
        "location_country='poland' AND NOT job_title='data engineer'",
        "dora",
    ),
    (
        {"bool": {"should": [{"term": {"skills": "python"}}, {"term": {"last_name": "smith"}}], "minimum_should_match": 1}},
        "(skills='python' OR last_name='smith')",
        "ada cleo dora",
    ),
    (
        {"bool": {"filter": {"exists": {"field": "job_company_name"}}, "should": [{"term": {"skills": "python"}}]}},
        "job_company_name IS NOT NULL AND (skills='python' OR job_company_name <> 'no such')",
        "ada ben cleo",
    ),
    ({"bool": {}}, None, "ada ben cleo dora"),
)


async def ask(client: Client, body: dict[str, Any]) -> Any:
    """A search by POST."""
    response = await client.post("/v5/person/search", json=body)
    return await response.json()


async def test_what_each_clause_finds(desk: Desk) -> None:
    """Every clause and field finds whom its name promises, in both languages alike; a should beside a must only orders."""
    await desk.hold(*PEOPLE)
    wrong = []
    for query, where, expected in FINDS:
        bodies: list[dict[str, Any]] = [{"query": query}]
        if where is not None:
            bodies.append({"sql": f"SELECT * FROM person WHERE {where}" if where else "SELECT * FROM person"})
        for body in bodies:
            answer = await ask(desk.client, {**body, "size": 100})
            found = {record["id"] for record in answer["data"]} if answer["status"] == 200 else answer
            if found != set(expected.split()):
                wrong.append((body, found))
    assert not wrong


def test_every_clause_is_tried() -> None:
    """The table above leaves out no kind of clause."""
    said = repr([query for query, _, _ in FINDS])
    assert all(f"'{kind}'" in said for kind in CLAUSES)


@pytest.mark.parametrize(
    ("body", "names", "allowed"),
    [
        ({"query": {"fuzzy": {"job_title": "x"}}}, "query", "match_phrase"),
        ({"query": {"term": {"job_company_size": "1-10"}}}, "job_company_size", "job_company_name"),
        ({"query": {"term": {"job_titel": "x"}}}, "did you mean job_title?", "job_title_role"),
        (
            {"query": {"bool": {"must": [{"match_all": {}}, {"exists": {"field": "work_email"}}]}}},
            "query/bool/must/1/exists",
            "exists of emails",
        ),
        ({"query": {"match": {"job_title": {"query": "x", "fuzziness": 2}}}}, "query/match", "operator"),
        ({"query": {"term": {"job_title": {"value": "x", "boost": 2}}}}, "query/term", "value"),
        ({"query": {"wildcard": {"job_title": "*engineer"}}}, "query/wildcard", "at the end"),
        ({"query": {"prefix": {"emails": "jane"}}}, "emails cannot be asked so", "term"),
        ({"query": {"range": {"job_start_date": {"gte": "2020-01-01"}}}}, "job_start_date", "updated"),
        ({"query": {"range": {"updated": {"gte": "soon"}}}}, "query/range", "ISO date"),
        ({"query": {"terms": {"skills": ["x"] * (MAX_LIST + 1)}}}, "query/terms", str(MAX_LIST)),
        ({"query": {"term": {"location_country": "atlantis"}}}, "location_country", "ISO 3166-1"),
        ({"query": {"term": {"emails": "no address"}}}, "emails", "@"),
        ({"query": {"bool": {"must": [{"match_all": {}}], "boost": 2}}}, "query/bool", "minimum_should_match"),
        ({"query": {"match_all": {}, "term": {"id": "x"}}}, "query", "one of"),
        ({"sql": "SELECT * FROM company WHERE name='x'"}, "sql", "person"),
        ({"sql": "SELECT * FROM person WHERE sex='male'"}, "sex", "full_name"),
        ({"sql": "SELECT * FROM person WHERE job_title LIKE 'a%b'"}, "sql", "%"),
        ({"sql": "SELECT * FROM person ORDER BY id"}, "sql", "AND, OR, NOT"),
        ({"sql": "SELECT * FROM person WHERE id=(SELECT 1)"}, "sql", "'value'"),
        ({"sql": "DROP TABLE person"}, "sql", "SELECT"),
        ({"query": {"match_all": {}}, "sql": "SELECT * FROM person"}, "twice", "either query or sql"),
        ({}, "asks nothing", "either query or sql"),
        ({"query": {"match_all": {}}, "from": 10}, "goes on", "scroll_token"),
        ({"query": {"match_all": {}}, "size": 101}, "size", "100"),
        ({"query": {"match_all": {}}, "scroll_token": "x"}, "scroll_token", "page before"),
        ({"query": {"match_all": {}}, "data_include": "shoe_size"}, "data_include", "full_name"),
        ({"query": {"match_all": {}}, "sort": "x"}, "sort", "scroll_token"),
    ],
    ids=lambda value: "",
)
async def test_what_cannot_be_asked_is_named(client: Client, body: dict[str, Any], names: str, allowed: str) -> None:
    """An unknown clause, field, option, limit or value: 400 in their form, with the place and with what is allowed there."""
    answer = await ask(client, body)
    assert (answer["status"], answer["error"]["type"]) == (400, "invalid_request_error"), answer
    assert names in answer["error"]["message"]
    assert allowed in answer["error"]["message"]


async def test_every_mistake_is_told_at_once(client: Client) -> None:
    """Who asks three impossible things reads of all three."""
    must = [{"term": {"sex": "male"}}, {"exists": {"field": "work_email"}}, {"nested": {}}]
    message = (await ask(client, {"query": {"bool": {"must": must}}}))["error"]["message"]
    assert all(f"query/bool/must/{n}" in message for n in range(3))


def nested(depth: int) -> dict[str, Any]:
    """A query of so many levels."""
    query: dict[str, Any] = {"term": {"last_name": "doe"}}
    for _ in range(depth - 1):
        query = {"bool": {"must": [query]}}
    return query


async def test_depth_and_size_have_limits(desk: Desk) -> None:
    """What is just allowed is answered on each engine; one level, value or character more is told with the limit."""
    most = {
        "bool": {"should": [{"terms": {"skills": [f"skill {n} {m}" for m in range(MAX_LIST)]}} for n in range(MAX_CLAUSES // MAX_LIST)]}
    }
    more = {"bool": {"must": [most, {"term": {"id": "x"}}]}}
    for allowed in (nested(MAX_DEPTH), most):
        assert (await ask(desk.client, {"query": allowed}))["status"] == 200
    for refused, limit in ((nested(MAX_DEPTH + 1), MAX_DEPTH), (more, MAX_CLAUSES), (nested(300), MAX_DEPTH)):
        answer = await ask(desk.client, {"query": refused})
        assert answer["status"] == 400
        assert str(limit) in answer["error"]["message"]
    for sql in (f"SELECT * FROM person WHERE {'(' * 5000}", f"SELECT * FROM person WHERE {'NOT ' * 2000} id='x'", "x" * 10_001):
        assert (await ask(desk.client, {"sql": sql}))["status"] == 400


async def test_a_url_says_the_same_as_a_body(client: Client) -> None:
    """Their examples put the query into the url as JSON; that finds the same."""
    for params in ({"query": '{"term": {"last_name": "doe"}}'}, {"sql": "SELECT * FROM person WHERE last_name='doe'", "titlecase": "True"}):
        response = await client.get("/v5/person/search", params=params)
        assert [record["id"] for record in (await response.json())["data"]] == ["jane"]
    refused = await client.get("/v5/person/search", params={"query": "{"})
    assert refused.status == 400


def test_every_field_has_a_clause() -> None:
    """No field stands in the table that nothing could ask for."""
    assert all(field.ways() for field in FIELDS.values())
