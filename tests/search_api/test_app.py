"""The HTTP service: one shape for success, one for errors, on every route."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from aiohttp.test_utils import TestClient

from search_api import app
from search_api.keys import make_key
from search_api.routes import ROUTES, Route
from search_api.schemas import ProblemAnswer
from search_api.v5.answers import is_theirs
from search_api.v5.schemas import ErrorAnswer
from tests.search_api.conftest import MakeClient
from tests.search_api.people import FAR, TODAY

Client = TestClient[Any, Any]


def is_problem(status: int, headers: Any, body: bytes) -> ProblemAnswer:
    """The answer as a problem, once its shape is checked."""
    assert headers["Content-Type"].split(";")[0] == "application/problem+json"
    problem = ProblemAnswer.model_validate_json(body)
    assert problem.status == status
    assert problem.request_id == headers["X-Request-ID"]
    return problem


THEIRS = {422: 400}
"""Statuses that /v5 says in its own way."""


def is_refused(route: Route, status: int, headers: Any, body: bytes) -> str:
    """What a refusal says, once its shape is checked: a problem, or under /v5 the error that its clients expect."""
    if not is_theirs(route.path):
        return str(is_problem(status, headers, body).errors)
    assert headers["Content-Type"].split(";")[0] == "application/json"
    error = ErrorAnswer.model_validate_json(body)
    assert error.status == THEIRS.get(status, status)
    return error.error.message


# Bodies of routes whose example names profiles that the store of these tests has not.
BODIES = {"judgement": {"profiles": ["jane", "schumer"], "verdict": "different"}}


async def call(client: Client, route: Route, id: str | None = None, **options: Any) -> Any:
    """Call a route with what it needs at least.    id: in its path; somebody's, or that of a search kept just now."""
    if route.body:
        example = BODIES.get(route.name, route.example) or {}
        data = urlencode(example) if "form" in route.takes else orjson.dumps(example)
        options = {"data": data, "headers": {"Content-Type": route.takes}} | options
    elif route.example and "params" not in options:
        options = {"params": route.example} | options
    elif route.path in ("/reconcile/flyout", "/reconcile/preview"):
        options = {"params": {"id": id or "jane"}} | options
    held = id or await existing(client, route, options.get("headers", {}))
    return await client.request(route.method, route.path.format(id=held), **options)


async def existing(client: Client, route: Route, headers: dict[str, str]) -> str:
    """An id for the route's path."""
    if "/searches/{" in route.path:
        return await saved(client, headers)
    return await worked_off(client, headers) if "/jobs/{" in route.path else "jane"


async def worked_off(client: Client, headers: dict[str, str]) -> str:
    """The id of a job that has just ended; any id, where the caller may send none."""
    own = {name: headers[name] for name in headers if name != "Content-Type"}
    response = await client.post("/v1/jobs", json={"task": "clean/skill", "items": [{"skill": "k8s"}]}, headers=own)
    job = str((await response.json()).get("id", "j1"))
    async with asyncio.timeout(30):
        while (await (await client.get(f"/v1/jobs/{job}", headers=own)).json()).get("state") in ("queued", "running"):
            pass
    return job


async def saved(client: Client, headers: dict[str, str]) -> str:
    """The id of a search kept just now; any id, where the caller may not keep one."""
    body = {"name": "Senators", "query": {"q": "senator"}}
    response = await client.post("/v1/searches", json=body, headers={name: headers[name] for name in headers if name != "Content-Type"})
    return str((await response.json()).get("id", "s1"))


def success(route: Route) -> tuple[int, Any]:
    """The status of a route's usual answer, and its model."""
    return next(iter(route.answers.items()))


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
async def test_every_route_answers_in_its_shape(client: Client, route: Route) -> None:
    """Each route's answer is what /openapi.json says: its model, with `meta` beside the payload where the shape is ours."""
    response = await call(client, route)
    body = await response.read()
    status, model = success(route)
    assert response.status == status, body
    if model is not None:
        read = model.model_validate_json(body)
        assert is_theirs(route.path) or read.model_dump()["meta"]["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.lenient], ids=lambda r: r.name)
async def test_every_route_refuses_in_one_shape(client: Client, route: Route) -> None:
    """An unknown parameter is refused on every route, as an RFC 9457 problem where the shape is ours; it is named, and what is allowed."""
    response = await call(client, route, params={"sizes": "3"})
    assert "sizes" in is_refused(route, 422, response.headers, await response.read())
    if is_theirs(route.path):
        return
    problem = is_problem(422, response.headers, await response.read())
    assert [e.pointer for e in problem.errors] == ["sizes"]
    assert problem.instance == route.path
    assert problem.errors[0].allowed


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
async def test_wrong_method_says_which_are_right(client: Client, route: Route) -> None:
    """405 with Allow, in the one shape."""
    response = await client.patch(route.path.format(id="jane"))
    is_refused(route, 405, response.headers, await response.read())
    assert route.method in response.headers["Allow"].split(", ")


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
async def test_keys_are_asked_for_once_set(make_client: MakeClient, route: Route) -> None:
    """With keys, every route but the two health checks needs one; either header does."""
    key, digest = make_key()
    client = await make_client(key_digests=frozenset(), operator_digests=frozenset({digest}))
    response = await call(client, route)
    if route.open:
        assert response.status == 200
        return
    is_refused(route, 401, response.headers, await response.read())
    assert response.headers["WWW-Authenticate"] == "Bearer"
    json_type = {"Content-Type": route.takes} if route.body else {}
    for header in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        assert (await call(client, route, headers=header | json_type)).status == success(route)[0]


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
async def test_what_goes_wrong_inside_stays_inside(
    client: Client, route: Route, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is a 500 in the one shape; neither answer nor log repeats its text, which could hold what was asked."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Jane Doe was here")

    held = await existing(client, route, {})
    for name in ("answer", "no_content", "foreign", "html"):
        monkeypatch.setattr(f"search_api.handlers.{name}", broken)
    monkeypatch.setattr("search_api.exporting.routes.export_lines", broken)
    monkeypatch.setattr("search_api.jobs.routes._lines", broken)
    monkeypatch.setattr("search_api.v5.routes.answer", broken)
    with caplog.at_level(logging.INFO):
        response = await call(client, route, held)
    body = await response.read()
    is_refused(route, 500, response.headers, body)
    assert b"Jane" not in body
    assert "Jane" not in caplog.text
    assert f"RuntimeError request_id={response.headers['X-Request-ID']}" in caplog.text


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"q": "\xff"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"q=jane", "application/x-www-form-urlencoded", 415),
        (b'{"q": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"size": 1e300}', "application/json", 422),
        (b'{"cursor": "nonsense", "q": "smith"}', "application/json", 422),
        (b'{"seniority": "emperor"}', "application/json", 422),
        (b'{"phone": "12"}', "application/json", 422),
    ],
)
async def test_bad_bodies_have_their_status(client: Client, data: bytes, content_type: str, status: int) -> None:
    """Not JSON, not declared as JSON, too large, or asking for what cannot be: each says so."""
    response = await client.post("/v1/profiles/search", data=data, headers={"Content-Type": content_type})
    problem = is_problem(status, response.headers, await response.read())
    assert problem.detail


async def test_unknown_paths_are_problems_too(client: Client) -> None:
    """Nothing lives there: 404 in the one shape, which says where the paths are listed; a method that is none says which are."""
    response = await client.get("/v1/people")
    assert "/openapi.json" in is_problem(404, response.headers, await response.read()).detail
    response = await client.get("/v1/enrich")
    assert "POST" in is_problem(405, response.headers, await response.read()).detail


async def test_a_query_string_error_names_the_parameter(client: Client) -> None:
    """GET and POST name the same mistake in their own way."""
    response = await client.get("/v1/profiles/search", params={"seniority.none": "emperor"})
    problem = is_problem(422, response.headers, await response.read())
    assert problem.errors[0].pointer == "seniority.none"
    response = await client.post("/v1/profiles/search", json={"seniority": {"none": ["emperor"]}})
    problem = is_problem(422, response.headers, await response.read())
    assert problem.errors[0].pointer == "/seniority/none/0"


async def test_request_ids_are_kept_or_made(client: Client) -> None:
    """A caller's request id comes back; one that could say something of a person, in a log, is replaced."""
    for kept in ("4bf92f3577b34da6a3ce929d0e0e4736", "0f8fad5b-d9cb-469f-a165-70867728950e"):
        response = await client.get("/healthz", headers={"X-Request-ID": kept})
        assert response.headers["X-Request-ID"] == kept
    for replaced in ("jane-doe", "2025550147", "a b" * 100):
        response = await client.get("/healthz", headers={"X-Request-ID": replaced})
        assert response.headers["X-Request-ID"] != replaced
        assert len(response.headers["X-Request-ID"]) == 16


async def test_a_strangers_name_for_this_machine_is_refused(client: Client) -> None:
    """A web page cannot read a server without keys by pointing its own name at it."""
    response = await client.get("/v1/profiles/search", headers={"Host": "evil.example:80"})
    assert is_problem(403, response.headers, await response.read()).status == 403


async def test_a_profile_shows_every_value_with_its_sources(client: Client) -> None:
    """Contact details come with who says so, since when and until when; the record's page is shown for public sources."""
    body = await (await client.get("/v1/profiles/jane")).json()
    assert body["name"] == "Jane Doe"
    email = body["emails"][0]
    assert email["value"] == "jane.doe+news@emberpoint.example"
    assert (email["first_seen"], email["last_seen"], email["expires_at"]) == ("2026-10-01", "2026-10-01", FAR.isoformat())
    assert email["sources"] == [
        {
            "id": "registry",
            "name": "Example business registry",
            "kind": "public",
            "record_id": "r-1",
            "collected_at": "2026-10-01",
            "url": "https://registry.example/r-1",
        }
    ]
    assert "keys" not in email


async def test_an_unchanged_profile_is_not_sent_twice(client: Client) -> None:
    """If-None-Match with the ETag is answered 304 without a body."""
    first = await client.get("/v1/profiles/jane")
    tag = first.headers["ETag"]
    for wanted in (tag, f'"other", {tag}', "*"):
        again = await client.get("/v1/profiles/jane", headers={"If-None-Match": wanted})
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
    assert (await client.get("/v1/profiles/jane", headers={"If-None-Match": '"other"'})).status == 200


async def test_merged_erased_and_unknown_profiles_say_so(client: Client) -> None:
    """A merged id leads on, an erased one is gone, an unknown one was never there."""
    response = await client.get("/v1/profiles/jane_old", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (308, "/v1/profiles/jane")
    assert (await (await client.get("/v1/profiles/jane_old")).json())["id"] == "jane"
    for id, status in (("gone", 410), ("nobody", 404), ("..%2Fx", 404)):
        response = await client.get(f"/v1/profiles/{id}")
        is_problem(status, response.headers, await response.read())


async def test_expired_values_never_leave(make_client: MakeClient) -> None:
    """On its last day a value is gone from every answer, purged or not."""
    client = await make_client(today=lambda: FAR)
    response = await client.get("/v1/profiles/jane")
    is_problem(410, response.headers, await response.read())
    assert (await (await client.get("/v1/profiles/search", params={"q": "jane doe"})).json())["hits"] == []
    client = await make_client(today=lambda: FAR - timedelta(days=1))
    assert (await client.get("/v1/profiles/jane")).status == 200


async def test_hits_show_no_contact_details(client: Client) -> None:
    """A list of hits holds no address and no number, only whether there are some."""
    response = await client.post("/v1/profiles/search", json={"q": "jane doe"})
    raw = await response.read()
    assert b"@" not in raw
    assert b"23125" not in raw
    hit = orjson.loads(raw)["hits"][0]
    assert (hit["id"], hit["name"], hit["has_email"], hit["has_phone"], hit["has_link"]) == ("jane", "Jane Doe", True, True, True)
    assert hit["location"] == "Munich, Bavaria, Germany"
    assert sorted(hit["skills"]) == ["Kubernetes", "Node.js"]


async def test_pages_neither_overlap_nor_miss(client: Client) -> None:
    """Following the cursor shows everyone once."""
    seen: list[str] = []
    cursor: str | None = None
    while True:
        body = {"job_title": ["Senator", "Representative", "Engineer"], "size": 2, "sort": "name", **({"cursor": cursor} if cursor else {})}
        page = await (await client.post("/v1/profiles/search", json=body)).json()
        seen += [hit["id"] for hit in page["hits"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 8


async def test_facets_count_what_matches(client: Client) -> None:
    """Facets count the matching profiles, biggest first; size 0 gives them alone."""
    page = await (await client.get("/v1/profiles/search", params={"job_title": "senator", "size": "0", "facets": "region"})).json()
    assert (page["total"], page["hits"]) == (4, [])
    assert page["facets"] == {
        "region": [{"value": "New York", "count": 2}, {"value": "Georgia", "count": 1}, {"value": "Minnesota", "count": 1}]
    }


async def test_the_log_knows_the_route_and_nothing_of_the_person(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """The access log has method, route, status, time and request id: no path, no query, no name."""
    with caplog.at_level(logging.DEBUG):
        await client.get("/v1/profiles/search", params={"q": "Zyxmark Qwertz", "size": "a Zyxmark"})
        await client.get("/v1/profiles/Zyxmark")
        await client.get("/Zyxmark")
        await client.post("/v1/profiles/search", json={"Zyxmark": 1, "email": "zyxmark@emberpoint.example"})
    assert "Zyxmark" not in caplog.text
    assert "zyxmark" not in caplog.text
    assert caplog.text.count("/v1/profiles/{id} 404") == 1


async def test_ready_says_why_not(make_client: MakeClient, reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When searches cannot be answered, /readyz is 503 with the store's own reasons; /healthz is not."""
    client = await make_client()
    body = await (await client.get("/readyz")).json()
    assert body["ready"] is True
    assert body["documents"] == 15

    async def health() -> dict[str, Any]:
        return {"ready": False, "reasons": ["the index is being rebuilt"]}

    monkeypatch.setattr(reader.search, "health", health)
    response = await client.get("/readyz")
    problem = is_problem(503, response.headers, await response.read())
    assert [e.detail for e in problem.errors] == ["the index is being rebuilt"]
    assert (await client.get("/healthz")).status == 200


async def test_work_beside_the_requests_ends_with_the_server(caplog: pytest.LogCaptureFixture) -> None:
    """Work that had failed is told of, without its words; a server told again to stop while it waits for the rest does stop."""

    async def fails() -> None:
        raise ValueError("Ada Lovelace")

    ended, tidying = asyncio.Event(), asyncio.Event()

    async def tidies() -> None:
        try:
            await ended.wait()
        except asyncio.CancelledError:
            tidying.set()
            await ended.wait()

    failed, rest = asyncio.create_task(fails()), asyncio.create_task(tidies())
    await asyncio.wait([failed])
    stopping = asyncio.create_task(app._ended(failed, rest))
    await tidying.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    ended.set()
    await app._ended(failed, rest)
    assert "ValueError" in caplog.text
    assert "Ada" not in caplog.text


async def test_updated_since_counts_the_day(client: Client) -> None:
    """Only profiles changed on or after the day."""
    page = await (await client.get("/v1/profiles/search", params={"updated_since": "2026-11-20"})).json()
    assert [hit["id"] for hit in page["hits"]] == ["jane"]
    assert date(2026, 11, 20) < TODAY


async def test_no_answer_takes_longer_than_its_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not ready in time is given up and says so: a caller waits for nothing that never comes, and may try again."""
    never = asyncio.Event()

    async def stuck(*_: object) -> None:
        await never.wait()

    place = ("GET", "/v1/profiles/search")
    monkeypatch.setattr("search_api.handlers.search_answer", stuck)
    monkeypatch.setitem(app._BY_PLACE, place, replace(app._BY_PLACE[place], seconds=0.05))
    response = await client.get(place[1], params={"q": "smith"})
    problem = is_problem(503, response.headers, await response.read())
    assert problem.type == "urn:roster:problem:took-too-long"
    assert response.headers["Retry-After"]
