"""Promises to operators: pairs to judge over HTTP, judged by an operator's key alone, without a write on any contact."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engines.base import CONTACTS, Collection
from engines.opening import open_reader
from indexer.explain import explain
from profiles.models import ValueKind
from search_api.app import make_app
from search_api.keys import make_key
from tests.indexer.conftest import TODAY, Desk
from tests.stores import ENGINES

ADA = {"record_id": "r1", "name": "Xanthippe Wolkenstein", "skills": ["Poetry"], "location": "Vienna, Austria"}
NAMESAKE = {"record_id": "r2", "name": "Xanthippe Wolkenstein", "emails": ["xw@x.example"], "location": "Vienna, Austria"}


@pytest.fixture(params=sorted(ENGINES))
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    from engines.opening import open_writer

    with ENGINES[request.param](tmp_path, request) as url:
        writer = await open_writer(url)
        yield Desk(writer, url, tmp_path)
        await writer.close()


async def everything(desk: Desk) -> dict[str, bytes]:
    return {f"{c}/{d.key}": d.body for c in sorted(CONTACTS) async for d in desk.writer.contacts.scan(c)}


async def test_a_pair_is_listed_judged_and_gone(desk: Desk) -> None:
    """Two of one rare name wait for a word; the HTTP process changes no contact; the next job follows what was judged."""
    await desk.ingest([ADA])
    await desk.ingest([NAMESAKE], "web")
    reader = await open_reader(desk.url)
    async with TestClient(TestServer(make_app(reader, key_digests=frozenset(), today=lambda: TODAY))) as client:
        body = await (await client.get("/v1/links")).json()
        (pair,) = body["pairs"]
        assert body["total"] == 1
        assert {card["name"] for card in pair["profiles"]} == {"Xanthippe Wolkenstein"}
        assert not any("olkenstein" in words for words in pair["because"])
        before = await everything(desk)
        ids = [card["id"] for card in pair["profiles"]]
        response = await client.post("/v1/judgements", json={"profiles": ids, "verdict": "same", "reason": "one face"})
        assert response.status == 202
        assert await everything(desk) == before
        await desk.ingest([])
        assert (await (await client.get("/v1/links")).json())["total"] == 0
        states = {(await client.get(f"/v1/profiles/{i}", allow_redirects=False)).status for i in ids}
        assert states == {200, 308}
    await reader.close()


async def test_pairs_are_weighed_as_they_are_known_today(desk: Desk) -> None:
    """A pair that later deliveries show to be two people is no longer listed; one that they make likelier comes first."""
    other = {"name": "Thusnelda Quandt", "location": "Graz, Austria"}
    await desk.ingest([ADA, {**other, "record_id": "r3"}])
    await desk.ingest([NAMESAKE, {**other, "record_id": "r4"}], "web")
    reader = await open_reader(desk.url)
    async with TestClient(TestServer(make_app(reader, key_digests=frozenset(), today=lambda: TODAY))) as client:

        async def listed(query: str = "") -> list[tuple[str, float, list[str]]]:
            body = await (await client.get(f"/v1/links{query}")).json()
            return [(pair["profiles"][0]["name"], pair["score"], [card["id"] for card in pair["profiles"]]) for pair in body["pairs"]]

        before = await listed()
        assert {name for name, *_ in before} == {ADA["name"], other["name"]}
        for name, _, ids in before:
            for profile in ids:
                assert await listed(f"?profile={profile}") == [entry for entry in before if entry[0] == name]
        assert await listed("?profile=p0") == []
        job = {"title": "Poet", "company": "Muses"}
        await desk.ingest([{**ADA, "links": ["https://github.com/xanthippe-a"], "jobs": [{**job, "started": "2020-01"}]}])
        await desk.ingest(
            [{**NAMESAKE, "links": ["https://github.com/xanthippe-b"], "jobs": [{"title": "Smith", "company": "Zeta"}]}], "web"
        )
        await desk.ingest([{**other, "record_id": "r3", "skills": ["Falconry"]}])
        await desk.ingest([{**other, "record_id": "r4", "skills": ["Falconry"]}], "web")
        ((name, score, _),) = await listed()
        assert name == other["name"]
        assert score > max(old for name, old, _ in before if name == other["name"])
    await reader.close()


async def test_whom_nobody_could_judge_is_not_listed(desk: Desk) -> None:
    """Two of a name that many have, in one city and with nothing else in common, wait for no word."""
    name = {"name": "James Walker", "location": "Vienna, Austria"}
    await desk.ingest([{**ADA, **name}])
    await desk.ingest([{**NAMESAKE, **name}], "web")
    assert await desk.writer.contacts.count(Collection.LINKS) == 1
    reader = await open_reader(desk.url)
    async with TestClient(TestServer(make_app(reader, key_digests=frozenset(), today=lambda: TODAY))) as client:
        assert (await (await client.get("/v1/links")).json())["total"] == 0
    await reader.close()


async def test_only_an_operators_key_may_review(desk: Desk) -> None:
    """Another key is told whose right it is; the operator's opens everything else as well."""
    await desk.ingest([ADA])
    (mine, mine_digest), (theirs, their_digest) = make_key(), make_key()
    reader = await open_reader(desk.url)
    app = make_app(reader, key_digests=frozenset({their_digest}), operator_digests=frozenset({mine_digest}), today=lambda: TODAY)
    async with TestClient(TestServer(app)) as client:
        refused = await client.get("/v1/links", headers={"X-API-Key": theirs})
        assert (refused.status, (await refused.json())["type"].rpartition(":")[2]) == (403, "operator-only")
        for path in ("/v1/links", "/v1/profiles/search?q=wolkenstein"):
            assert (await client.get(path, headers={"X-API-Key": mine})).status == 200
    await reader.close()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"profiles": ["p0", "p1"], "verdict": "same"}, 404, None),
        ({"profiles": ["p0"], "verdict": "same"}, 422, "/profiles/1"),
        ({"profiles": ["p0", "p1"], "verdict": "maybe"}, 422, "/verdict"),
        ({"profiles": ["p0", "p1"], "verdict": "same", "reason": "x" * 501}, 422, "/reason"),
        ({"verdict": "same"}, 422, "/profiles"),
    ],
)
async def test_a_word_that_cannot_be_taken_says_why(
    client: TestClient[Any, Any], body: dict[str, Any], status: int, field: str | None
) -> None:
    """An unknown profile, one profile alone, a third verdict, a reason as long as a letter: each names its field."""
    response = await client.post("/v1/judgements", json=body)
    assert response.status == status
    problem = await response.json()
    if field:
        assert problem["errors"][0]["pointer"] == field


async def test_r03_whoever_reviews_is_shown_nothing_past_its_day(desk: Desk) -> None:
    """Neither `roster why` nor the list of pairs tells a value whose time is over, purged or not; of who is gone nothing is said."""
    await desk.ingest([ADA | {"phones": ["+12025550142"]}])
    await desk.ingest([NAMESAKE], "web")
    periods = desk.policy.periods

    async def told(days: int) -> str:
        explained = await explain(desk.writer, ("crm/r1",), ("crm/r1",), lambda: TODAY + timedelta(days))
        return " ".join(evidence.value for evidence in explained.comparison.evidence)

    assert "12025550142" in await told(periods[ValueKind.PHONE] - 1)
    assert "12025550142" not in await told(periods[ValueKind.PHONE])
    reader = await open_reader(desk.url)
    days = [TODAY]
    async with TestClient(TestServer(make_app(reader, key_digests=frozenset(), today=lambda: days[0]))) as client:
        (pair,) = (await (await client.get("/v1/links")).json())["pairs"]
        days[0] += timedelta(periods[ValueKind.LOCATION])
        pairs = (await (await client.get("/v1/links")).json())["pairs"]
        assert not any(card["location"] for pair in pairs for card in pair["profiles"])
        days[0] = TODAY + timedelta(periods[ValueKind.NAME])
        assert (await (await client.get("/v1/links")).json())["total"] == 0
        ids = [card["id"] for card in pair["profiles"]]
        assert (await client.post("/v1/judgements", json={"profiles": ids, "verdict": "same"})).status == 410
    await reader.close()
