"""/v1/searches: kept for whoever kept them, and what has changed in what they find."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from engines.base import SERVICE, Collection
from profiles.served import read_served
from search_api.keys import make_key
from search_api.saved import differences, schemas
from tests.search_api.conftest import MakeClient
from tests.search_api.desk import Desk
from tests.search_api.people import TODAY, erased, person, value

ENGINEERS = {"name": "Engineers", "query": {"job_title": "Software Engineer"}}


async def keep(desk: Desk, **body: Any) -> str:
    """Keep a search; its id."""
    response = await desk.client.post("/v1/searches", json={**ENGINEERS, **body})
    assert response.status == 201, await response.text()
    kept = await response.json()
    assert response.headers["Location"] == f"/v1/searches/{kept['id']}"
    return str(kept["id"])


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Who, and what."""
    return sorted((change["id"], change["change"]) for change in answer["changes"])


def engineer(id: str, name: str = "Jane Doe", **more: Any) -> Any:
    """Somebody the search finds."""
    return person(id, name=name, job_title="Software Engineer", **more)


async def test_new_changed_and_gone(desk: Desk) -> None:
    """Found now and not before, found with other values, no longer found: each is told once; nothing different is an empty answer."""
    await desk.hold(engineer("p1"), engineer("p2"), person("p3", name="Ada Byron", job_title="Accountant"))
    at = f"/v1/searches/{await keep(desk)}/changes"
    first = await desk.get(at)
    assert told(first) == [("p1", "new"), ("p2", "new")]
    assert (first["total"], first["more"]) == (2, False)
    assert first["changes"][0]["profile"]["job_title"] == "Software Engineer"
    again = await desk.get(at, since=first["cursor"])
    assert (again["changes"], again["cursor"]) == ([], first["cursor"])
    await desk.hold(engineer("p1", "Jane Roe"), person("p2", name="Jane Doe", job_title="Accountant"), engineer("p4"))
    second = await desk.get(at, since=first["cursor"])
    assert told(second) == [("p1", "changed"), ("p2", "gone"), ("p4", "new")]
    assert (await desk.get(at, since=second["cursor"]))["changes"] == []


async def test_the_same_from_another_day_is_no_change(desk: Desk) -> None:
    """A feed that says the same again, later, changes nobody."""
    await desk.hold(engineer("p1"))
    at = f"/v1/searches/{await keep(desk)}/changes"
    cursor = (await desk.get(at))["cursor"]
    await desk.hold(engineer("p1", updated=TODAY))
    assert (await desk.get(at, since=cursor))["changes"] == []


async def test_whoever_may_not_be_shown_is_gone(desk: Desk) -> None:
    """Suppressed at once, expired on the day, erased: gone, by id alone."""
    soon = TODAY + timedelta(days=2)
    await desk.hold(
        engineer("p1"), engineer("p2"), person("p3", value("job_title", "Software Engineer", expires_at=soon), value("name", "Ada Byron"))
    )
    at = f"/v1/searches/{await keep(desk)}/changes"
    cursor = (await desk.get(at))["cursor"]
    await desk.hide("p1")
    await desk.hold(erased("p2"))
    desk.later(2)
    answer = await desk.get(at, since=cursor)
    assert told(answer) == [("p1", "gone"), ("p2", "gone"), ("p3", "gone")]
    assert [change["profile"] for change in answer["changes"]] == [None, None, None]


async def test_in_small_answers_the_same_is_told(desk: Desk) -> None:
    """What does not fit comes with the next answer; an answer that was lost is given again for the same cursor."""
    await desk.hold(*(engineer(f"p{n}") for n in range(5)))
    at = f"/v1/searches/{await keep(desk)}/changes"
    seen: list[tuple[str, str]] = []
    cursor: str | None = None
    while True:
        since = {"since": cursor} if cursor else {}
        lost, answer = await desk.get(at, size=2, **since), await desk.get(at, size=2, **since)
        assert told(lost) == told(answer)
        seen += told(answer)
        cursor = answer["cursor"]
        if not answer["more"]:
            break
    assert sorted(seen) == [(f"p{n}", "new") for n in range(5)]
    for n in range(5):
        await desk.hold(erased(f"p{n}"))
    sizes = []
    for _ in range(3):
        answer = await desk.get(at, size=2, since=cursor)
        sizes.append((len(answer["changes"]), answer["more"]))
        cursor = answer["cursor"]
    assert sizes == [(2, True), (2, True), (1, False)]


async def test_what_is_kept_of_people_cannot_be_tried_against_guesses(desk: Desk) -> None:
    """Whoever reads the store and knows all that is held of somebody cannot tell that a search had found them: it takes the cursor."""
    jane = engineer("p1", email="jane@firm.example")
    await desk.hold(jane)
    cursors = [(await desk.get(f"/v1/searches/{await keep(desk)}/changes"))["cursor"] for _ in range(2)]
    kept = {d.key.rpartition("/")[2]: orjson.loads(d.body) async for d in desk.writer.service.scan(Collection.MATCHES)}
    assert kept.keys() == {differences.mark_of(cursor) for cursor in cursors}
    assert len({matches["p1"] for matches in kept.values()}) == 2
    served = read_served(jane.model_dump_json().encode(), TODAY)
    assert served is not None
    for cursor in cursors:
        assert kept[differences.mark_of(cursor)]["p1"] == differences.digest(served, cursor[schemas.MARK :])
    halves = {one: desk.writer.service if one in SERVICE else desk.writer.contacts for one in Collection}
    bodies = [document.body for one, half in halves.items() async for document in half.scan(one)]
    assert not any(cursor[schemas.MARK :].encode() in body for cursor in cursors for body in bodies)


@pytest.mark.parametrize("digit", [0, schemas.MARK, 2 * schemas.MARK - 1])
async def test_a_cursor_with_a_digit_that_is_another_is_refused(desk: Desk, digit: int) -> None:
    """In either half: a mistyped cursor is told so, rather than that everybody has changed."""
    await desk.hold(engineer("p1"))
    at = f"/v1/searches/{await keep(desk)}/changes"
    cursor = (await desk.get(at))["cursor"]
    mistyped = cursor[:digit] + ("0" if cursor[digit] != "0" else "1") + cursor[digit + 1 :]
    response = await desk.client.get(at, params={"since": mistyped})
    assert response.status == 422
    assert (await response.json())["errors"][0]["pointer"] == "since"


async def test_an_old_cursor_is_refused(desk: Desk) -> None:
    """A cursor two answers back says so, rather than leave anything out."""
    await desk.hold(engineer("p1"))
    at = f"/v1/searches/{await keep(desk)}/changes"
    first = (await desk.get(at))["cursor"]
    await desk.hold(engineer("p2"))
    second = (await desk.get(at, since=first))["cursor"]
    await desk.hold(engineer("p3"))
    await desk.get(at, since=second)
    response = await desk.client.get(at, params={"since": first})
    assert response.status == 422
    assert (await response.json())["errors"][0]["pointer"] == "since"


async def test_kept_listed_shown_deleted(desk: Desk) -> None:
    """A search is listed with all, shown by its id as it was given, and gone once deleted, with what was kept beside it."""
    await desk.hold(engineer("p1"))
    ids = [await keep(desk, name=f"Search {n}") for n in range(3)]
    await desk.get(f"/v1/searches/{ids[0]}/changes")
    listed = (await desk.get("/v1/searches"))["searches"]
    assert [search["name"] for search in listed] == ["Search 0", "Search 1", "Search 2"]
    assert (await desk.get(f"/v1/searches/{ids[0]}"))["query"] == {"job_title": {"any": ["Software Engineer"]}}
    assert (await desk.client.delete(f"/v1/searches/{ids[0]}")).status == 204
    for path in (f"/v1/searches/{ids[0]}", f"/v1/searches/{ids[0]}/changes"):
        assert (await desk.client.get(path)).status == 404
    assert (await desk.client.delete(f"/v1/searches/{ids[0]}")).status == 404
    assert [d.key async for d in desk.writer.service.scan(Collection.MATCHES)] == []


async def test_a_search_nobody_asks_is_forgotten(desk: Desk) -> None:
    """After its day it is not shown any more; being asked renews it."""
    await desk.hold(engineer("p1"))
    asked, idle = await keep(desk), await keep(desk)
    cursor = (await desk.get(f"/v1/searches/{asked}/changes"))["cursor"]
    desk.later(200)
    await desk.get(f"/v1/searches/{asked}/changes", since=cursor)
    desk.later(schemas.KEPT_DAYS - 150)
    assert [search["id"] for search in (await desk.get("/v1/searches"))["searches"]] == [asked]
    assert (await desk.client.get(f"/v1/searches/{idle}")).status == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"name": "x"}, ["/query"]),
        ({"name": "", "query": {}}, ["/name"]),
        ({"name": "x", "query": {"seniority": "emperor"}}, ["/query/seniority/any/0"]),
        ({"name": "x", "query": {"size": 3, "facets": ["company"]}}, ["/query/facets", "/query/size"]),
        ({"name": "x", "query": {"count_without": True, "q": "cto"}}, ["/query/count_without"]),
        ({"name": "x", "query": {"jobtitle": "cto"}}, ["/query/jobtitle"]),
    ],
)
async def test_only_what_can_be_asked_is_kept(desk: Desk, body: dict[str, Any], pointers: list[str]) -> None:
    """A query is read when it is kept; each mistake is named by its place in the body."""
    response = await desk.client.post("/v1/searches", json=body)
    assert response.status == 422
    assert [error["pointer"] for error in (await response.json())["errors"]] == pointers


async def test_a_search_belongs_to_the_key_it_was_kept_with(make_client: MakeClient) -> None:
    """Another key neither lists, nor shows, nor asks, nor deletes it, and is told no more than that there is none."""
    (mine, my_digest), (other, other_digest) = make_key(), make_key()
    client = await make_client(key_digests=frozenset({my_digest, other_digest}))
    kept = await (await client.post("/v1/searches", json=ENGINEERS, headers={"X-API-Key": mine})).json()
    there = f"/v1/searches/{kept['id']}"
    for method, path in (("GET", there), ("GET", f"{there}/changes"), ("DELETE", there)):
        assert (await client.request(method, path, headers={"X-API-Key": other})).status == 404
    assert (await (await client.get("/v1/searches", headers={"X-API-Key": other})).json())["searches"] == []
    assert (await client.delete(there, headers={"X-API-Key": mine})).status == 204


async def test_limits_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many searches, or one that finds too many: the answer says what to do."""
    await desk.hold(engineer("p1"), engineer("p2"))
    monkeypatch.setattr(differences, "MAX_MATCHES", 1)
    monkeypatch.setattr("search_api.saved.keeping.MAX_SEARCHES", 1)
    kept = await keep(desk)
    refused = [await desk.client.get(f"/v1/searches/{kept}/changes"), await desk.client.post("/v1/searches", json=ENGINEERS)]
    for response in refused:
        assert response.status == 422
        assert (await response.json())["errors"][0]["allowed"]
