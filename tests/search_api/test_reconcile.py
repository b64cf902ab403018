"""/reconcile: what a client of the Reconciliation Service API 0.2 may rely on, and when a match is clear."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient
from jsonschema import Draft7Validator

from search_api.keys import make_key
from search_api.reconcile.properties import PROPERTIES, name_likeness
from tests.search_api.conftest import MakeClient
from tests.search_api.desk import Desk
from tests.search_api.people import moved, person

Client = TestClient[Any, Any]

TEXT = {"type": "string", "minLength": 1}
TYPE = {"type": "object", "properties": {"id": TEXT, "name": TEXT}, "required": ["id", "name"]}
SERVICE = {"type": "object", "properties": {"service_url": TEXT, "service_path": {"type": "string", "pattern": "^/"}}}
ID_IN_BRACES = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}}}


def listed(item: dict[str, Any]) -> dict[str, Any]:
    """A list of these under `result`."""
    return {"type": "object", "properties": {"result": {"type": "array", "items": item}}, "required": ["result"]}


def named(*more: str) -> dict[str, Any]:
    """Something with an id and a name."""
    fields = {"id": TEXT, "name": TEXT, "description": {"type": "string"}, "notable": {"type": "array", "items": TYPE}}
    return {"type": "object", "properties": fields, "required": ["id", "name", *more], "additionalProperties": False}


# The shapes of the specification's chapters 3, 4, 6 and 7, as strict as this service keeps to them.
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace", "defaultTypes", "view", "preview", "suggest", "extend", "batchSize"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "identifierSpace": {"type": "string", "pattern": "^https?://"},
        "schemaSpace": {"type": "string", "pattern": "^https?://"},
        "defaultTypes": {"type": "array", "items": TYPE, "uniqueItems": True},
        "view": ID_IN_BRACES,
        "preview": {**ID_IN_BRACES, "required": ["url", "width", "height"]},
        "suggest": {
            "type": "object",
            "properties": dict.fromkeys(("entity", "property", "type"), SERVICE),
            "additionalProperties": False,
        },
        "extend": {
            "type": "object",
            "required": ["propose_properties", "property_settings"],
            "properties": {
                "propose_properties": SERVICE,
                "property_settings": {"type": "array", "items": {"type": "object", "required": ["type", "label", "name"]}},
            },
        },
        "batchSize": {"type": "integer", "minimum": 1},
    },
}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "type", "score", "match", "features"],
    "additionalProperties": False,
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "description": {"type": "string"},
        "type": {"type": "array", "items": TYPE},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "match": {"type": "boolean"},
        "features": {
            "type": "array",
            "items": {"type": "object", "required": ["id", "value"], "properties": {"id": TEXT, "value": {"type": ["boolean", "number"]}}},
        },
    },
}
RESULTS = {"type": "object", "additionalProperties": listed(CANDIDATE)}
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": named()},
        "rows": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["str"],
                        "properties": {"str": {"type": "string"}},
                        "additionalProperties": False,
                    },
                },
            },
        },
    },
}
FLYOUT = {"type": "object", "required": ["id", "html"], "properties": {"id": TEXT, "html": TEXT}}


def check(body: Any, schema: dict[str, Any]) -> Any:
    """The body, once it has the shape."""
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate(body)
    return body


async def reconcile(client: Client, *queries: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The candidates of each query of a batch, sent as clients send it."""
    batch = {f"q{n}": query for n, query in enumerate(queries)}
    response = await client.post("/reconcile", data={"queries": orjson.dumps(batch).decode()})
    assert response.status == 200, await response.text()
    results = check(await response.json(), RESULTS)
    return [results[f"q{n}"]["result"] for n in range(len(queries))]


def given(**values: Any) -> list[dict[str, Any]]:
    """Properties of a query."""
    return [{"pid": pid, "v": value} for pid, value in values.items()]


async def test_the_manifest_leads_to_services_that_answer(client: Client) -> None:
    """A client that knows nothing but the address finds everything by the manifest, and each address in it answers in its shape."""
    manifest = check(await (await client.get("/reconcile")).json(), MANIFEST)
    assert "authentication" not in manifest

    async def follow(url: str, **params: str) -> Any:
        base = manifest["suggest"]["entity"]["service_url"]
        assert url.startswith(base)
        response = await client.get(url.removeprefix(base), params=params)
        assert response.status == 200
        return await response.json() if "json" in response.content_type else await response.text()

    suggest = {kind: service["service_url"] + service["service_path"] for kind, service in manifest["suggest"].items()}
    (jane,) = check(await follow(suggest["entity"], prefix="jane d"), listed(named("notable")))["result"]
    assert (jane["id"], jane["name"]) == ("jane", "Jane Doe")
    assert check(await follow(suggest["property"], prefix="comp"), listed(named()))["result"] == [{"id": "company", "name": "Company"}]
    assert check(await follow(suggest["type"], prefix="per"), listed(TYPE))["result"] == manifest["defaultTypes"]
    entity = manifest["suggest"]["entity"]
    assert check(await follow((entity["service_url"] + entity["flyout_service_path"]).replace("${id}", "jane")), FLYOUT)["id"] == "jane"
    for template in (manifest["view"]["url"], manifest["preview"]["url"]):
        assert "<strong>Jane Doe</strong>" in await follow(template.replace("{{id}}", "jane"))
    proposals = manifest["extend"]["propose_properties"]
    proposed = await follow(proposals["service_url"] + proposals["service_path"], type="person", limit="3")
    assert (len(proposed["properties"]), proposed["type"], proposed["limit"]) == (3, "person", 3)


async def test_candidates_are_found_and_scored(desk: Desk) -> None:
    """Best first, with what the score rests on; an id as the query gives its profile; nobody is an empty list; GET asks the same."""
    await desk.hold(
        person("jane", name="Jane Doe", company="Emberpoint Inc", location="Munich, Germany"),
        person("jane2", name="Jane Doe", company="Optovamark", location="Madrid"),
        person("john", name="John Doe", company="Birchhouse"),
    )
    client = desk.client
    mine, none, by_id = await reconcile(
        client,
        {"query": "Doe, Jane", "properties": given(company="Emberpoint GmbH", location="Munich")},
        {"query": "Zzyzx Qwrtp"},
        {"query": "john"},
    )
    assert [candidate["id"] for candidate in mine][:2] == ["jane", "jane2"]
    assert mine[0]["features"] == [
        {"id": "name_likeness", "value": 1.0},
        {"id": "company", "value": True},
        {"id": "location", "value": True},
    ]
    assert (mine[0]["score"], mine[0]["match"], mine[1]["match"]) == (100.0, True, False)
    assert none == []
    assert (by_id[0]["id"], by_id[0]["match"]) == ("john", True)
    asked = await client.get("/reconcile", params={"queries": orjson.dumps({"q0": {"query": "Jane Doe", "limit": 1}}).decode()})
    assert len(check(await asked.json(), RESULTS)["q0"]["result"]) == 1


@pytest.mark.parametrize(
    ("query", "clear"),
    [
        ({"query": "Jane Doe"}, False),  # a name alone is not enough
        ({"query": "Jane Doe", "properties": given(company="Emberpoint")}, True),
        ({"query": "Jane Doe", "properties": given(location="Munich")}, False),  # a place is not enough beside it
        ({"query": "Jane Doe", "properties": given(location="Munich", job_title="VP of Engineering")}, True),
        ({"query": "Jane Doh", "properties": given(company="Emberpoint")}, False),
        ({"query": "Jane Doh", "properties": given(email="jane.doe@emberpoint.example")}, False),  # another mailbox
        ({"properties": given(email="Jane.Doe+news@emberpoint.example")}, True),
        ({"query": "Peter Miller", "properties": given(email="jane.doe+news@emberpoint.example")}, False),
        ({"query": "Jane Doe", "properties": given(company="Emberpoint", email="other@emberpoint.example")}, False),
        ({"query": "Jane Doe", "properties": given(phone="12", company="Emberpoint")}, True),  # a number that is none says nothing
        ({"query": "jane", "properties": []}, True),  # the id
    ],
)
async def test_a_match_is_claimed_only_when_it_is_clear(client: Client, query: dict[str, Any], clear: bool) -> None:
    """`match` needs two kinds of evidence, a name among them where one is given, and nothing that identifies against it."""
    (candidates,) = await reconcile(client, query)
    assert candidates[0]["id"] == "jane" if clear else True
    assert [candidate["match"] for candidate in candidates[:1]] == [clear]
    assert not any(candidate["match"] for candidate in candidates[1:])


async def test_two_who_fit_alike_are_no_match(desk: Desk) -> None:
    """Namesakes at one company: both are candidates, neither is taken."""
    await desk.hold(*(person(key, name="Jane Doe", company="Emberpoint Inc") for key in ("one", "two")))
    (candidates,) = await reconcile(desk.client, {"query": "Jane Doe", "properties": given(company="Emberpoint")})
    assert [(candidate["score"], candidate["match"]) for candidate in candidates] == [(100.0, False)] * 2


async def test_values_are_fetched(desk: Desk) -> None:
    """Every property of everyone asked for, best first, at most as many as wanted; merged ids have the survivor's, unknown ones none."""
    await desk.hold(person("jane", name="Jane Doe", skill=["Python", "SQL"], email="jane@emberpoint.example"), moved("old", "jane"))
    wanted = {
        "ids": ["jane", "old", "nobody"],
        "properties": [{"id": "skill"}, {"id": "email"}, {"id": "company"}, {"id": "name", "settings": {"limit": "1"}}],
    }
    response = await desk.client.post("/reconcile", data={"extend": orjson.dumps(wanted).decode()})
    body = check(await response.json(), EXTENSION)
    assert [meta["id"] for meta in body["meta"]] == ["skill", "email", "company", "name"]
    assert body["rows"]["jane"]["skill"] == [{"str": "Python"}, {"str": "SQL"}]
    assert body["rows"]["jane"]["company"] == []
    assert body["rows"]["old"] == body["rows"]["jane"]
    assert body["rows"]["nobody"] == {"skill": [], "email": [], "company": [], "name": []}


async def test_nobody_hidden_is_anywhere(desk: Desk) -> None:
    """A suppressed person is no candidate and no suggestion, has no values, no flyout and no preview."""
    await desk.hold(person("jane", name="Jane Doe", email="jane@emberpoint.example"))
    await desk.hide("jane")
    client = desk.client
    assert await reconcile(client, {"query": "Jane Doe"}, {"query": "jane"}, {"properties": given(email="jane@emberpoint.example")}) == [
        [],
        [],
        [],
    ]
    assert (await desk.get("/reconcile/suggest/entity", prefix="jane"))["result"] == []
    extend = orjson.dumps({"ids": ["jane"], "properties": [{"id": "email"}]}).decode()
    assert (await desk.get("/reconcile", extend=extend))["rows"] == {"jane": {"email": []}}
    assert [(await client.get(f"/reconcile/{page}", params={"id": "jane"})).status for page in ("flyout", "preview")] == [410, 410]


@pytest.mark.parametrize("empty", [{}, {"query": ""}, {"query": "  "}, {"query": "", "properties": given(company="", email=[])}])
async def test_an_empty_cell_does_not_hold_up_the_rows_beside_it(desk: Desk, empty: dict[str, Any]) -> None:
    """A row with nothing in it finds nobody; the others of its batch are answered as ever."""
    await desk.hold(person("jane", name="Jane Doe"))
    before, nobody, after = await reconcile(desk.client, {"query": "Jane Doe"}, empty, {"query": "Jane Doe"})
    assert (nobody, [one["id"] for one in before], before) == ([], ["jane"], after)


@pytest.mark.parametrize(
    ("data", "status", "pointer"),
    [
        ({"queries": "{"}, 422, "queries"),
        ({"queries": "[]"}, 422, "queries"),
        ({"queries": '{"q0": {"query": "x", "limit": 0}}'}, 422, "queries/q0/limit"),
        ({"queries": '{"q0": {"query": "x", "properties": [{"pid": "P31", "v": "y"}]}}'}, 422, "queries/q0/properties/0/pid"),
        ({"extend": '{"ids": ["x"], "properties": [{"id": "P31"}]}'}, 422, "extend/properties/0/id"),
        (
            {"extend": '{"ids": ["x"], "properties": [{"id": "name", "settings": {"limit": "x"}}]}'},
            422,
            "extend/properties/0/settings/limit",
        ),
        ({"other": "x"}, 422, ""),
        ({"queries": orjson.dumps({f"q{n}": {"query": "x"} for n in range(51)}).decode()}, 413, "queries"),
    ],
)
async def test_mistakes_are_named(client: Client, data: dict[str, str], status: int, pointer: str) -> None:
    """What is no batch, asks for too much, or names an unknown property: the answer says where and what is allowed."""
    response = await client.post("/reconcile", data=data)
    assert response.status == status
    assert [error["pointer"] for error in (await response.json())["errors"]] == [pointer]


async def test_pages_may_ask(client: Client, make_client: MakeClient) -> None:
    """A server with keys lets pages of any origin read, after a preflight without a key; one without keys those of this machine alone."""
    page = {"Origin": "https://client.example"}
    openrefine = {"Origin": "http://127.0.0.1:3333"}
    assert "Access-Control-Allow-Origin" not in (await client.get("/reconcile", headers=page)).headers
    assert (await client.get("/reconcile", headers=openrefine)).headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:3333"
    assert "Access-Control-Allow-Origin" not in (await client.get("/v1/profiles/jane", headers=openrefine)).headers
    _, digest = make_key()
    keyed = await make_client(key_digests=frozenset({digest}))
    for method, path in (
        ("GET", "/reconcile"),
        ("OPTIONS", "/reconcile"),
        ("OPTIONS", "/reconcile/suggest/entity"),
        ("POST", "/reconcile"),
    ):
        response = await keyed.request(method, path, headers=page)
        assert response.headers["Access-Control-Allow-Origin"] == "*", path
        assert response.status == {"GET": 200, "OPTIONS": 204, "POST": 401}[method]


async def test_with_keys_only_the_manifest_is_open(make_client: MakeClient) -> None:
    """The manifest says that a key is needed, and how it is sent; everything else asks for it, queries by GET too."""
    key, digest = make_key()
    client = await make_client(key_digests=frozenset({digest}))
    manifest = await (await client.get("/reconcile")).json()
    assert manifest["authentication"] == {"type": "apiKey", "name": "X-API-Key", "in": "header"}
    queries = {"queries": '{"q0": {"query": "Jane Doe"}}'}
    assert (await client.get("/reconcile", params=queries)).status == 401
    assert (await client.get("/reconcile", params=queries, headers={"X-API-Key": key})).status == 200


async def test_pages_run_nothing(desk: Desk) -> None:
    """Whatever a feed has put into a name, a preview shows it as text."""
    await desk.hold(person("jane", name="Jane Doe", company="<script>alert(1)</script> GmbH"))
    response = await desk.client.get("/reconcile/preview", params={"id": "jane"})
    assert "<script" not in await response.text()
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "<script" not in (await desk.get("/reconcile/flyout", id="jane"))["html"]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Jane Doe", 1.0, 1.0),
        ("DOE, Jane", 1.0, 1.0),
        ("Jane Mary Doe", 0.95, 0.97),
        ("J. Doe", 0.85, 0.95),
        ("Jane Do", 0.8, 0.95),
        ("John Smith", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_likeness_of_names(text: str, least: float, most: float) -> None:
    """The same words in any order are the same name; a middle name, an initial and a slip cost little, another name everything."""
    assert least <= name_likeness(person("jane", name="Jane Doe"), text) <= most


def test_every_kind_of_value_is_a_property() -> None:
    """Rows can be compared by everything a profile holds."""
    assert {property.kind for property in PROPERTIES.values()} == {*type(PROPERTIES["name"].kind)}
