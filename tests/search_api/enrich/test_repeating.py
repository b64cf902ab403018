"""A request sent again under the caller's own name for it (`Idempotency-Key`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from engines.base import Collection, Reader, Write
from privacy.suppression import SuppressionList
from profiles.models import Profile, ValueKind
from search_api.app import RUNNER
from search_api.enrich.repeating import KEPT
from tests.search_api.people import person
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import JANE, KEY, NOW, MakeClient, fill

Client = TestClient[Any, Any]
MAIL = "jane.doe+news@emberpoint.example"
ASKED = {"name": "Jane Doe", "company": "Emberpoint"}


async def ask(client: Client, body: dict[str, Any], path: str = "enrich", key: str = "mine") -> tuple[int, dict[str, Any]]:
    """Status and answer, without `meta`."""
    response = await client.post(f"/v1/{path}", json=body, headers={"Idempotency-Key": key})
    answer: dict[str, Any] = await response.json()
    for varying in ("meta", "request_id"):
        answer.pop(varying, None)
    return response.status, answer


@pytest.mark.parametrize(("path", "body"), [("enrich", ASKED), ("identify", ASKED), ("bulk", {"requests": [{"params": ASKED}]})])
async def test_the_same_again_is_the_same_answer(client: Client, tmp_path: Any, path: str, body: dict[str, Any]) -> None:
    """Whoever has come in meanwhile, a repetition names the people whom the first named; under another key, or none, it is asked anew."""
    first = await ask(client, body, path)
    await fill(f"embedded:{tmp_path / 'store'}", [JANE, person("twin", name="Jane Doe", company="Emberpoint")])
    assert await ask(client, body, path) == first
    assert await ask(client, body, path, key="") == await ask(client, body, path, key="other") != first


async def test_nobody_stays_nobody(client: Client, tmp_path: Any) -> None:
    """That nobody was found is an answer like others."""
    asked = {"email": "ada@emberpoint.example"}
    first = await ask(client, asked)
    assert (first[0], first[1]["type"]) == (404, "urn:roster:problem:person-not-found")
    await fill(f"embedded:{tmp_path / 'store'}", [JANE, person("ada", name="Ada Roe", email="ada@emberpoint.example")])
    assert await ask(client, asked) == first
    assert (await ask(client, asked, key="other"))[0] == 200


@pytest.mark.parametrize(("path", "body"), [("enrich", {**ASKED, "min_likelihood": 3}), ("identify", ASKED)])
async def test_a_key_is_for_one_request(client: Client, path: str, body: dict[str, Any]) -> None:
    """Another body, or another route, under the same key is a mistake, and said to be one."""
    assert (await ask(client, ASKED))[0] == 200
    response = await client.post(f"/v1/{path}", json=body, headers={"Idempotency-Key": "mine"})
    [error] = is_problem(422, response.headers, await response.read()).errors
    assert (error.pointer, "another request" in error.detail) == ("Idempotency-Key", True)


async def test_who_may_not_be_shown_any_more_is_not(client: Client, reader: Reader) -> None:
    """A repetition shows nobody who was hidden or erased since, and says nothing about what was suppressed since."""
    by_name, by_mail = {"requests": [{"params": ASKED}]}, {"requests": [{"params": {"email": MAIL}}, {"params": {"email": "a@b.example"}}]}
    for path, body in (("enrich", ASKED), ("identify", ASKED), ("bulk", by_name)):
        assert (await ask(client, body, path, key=path))[0] == 200
    assert [one["status"] for one in (await ask(client, by_mail, "bulk"))[1]["items"]] == [200, 404]
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    assert (await ask(client, ASKED, key="enrich"))[0] == 404
    assert (await ask(client, ASKED, "identify", key="identify"))[1] == {"candidates": []}
    assert [one["status"] for one in (await ask(client, by_name, "bulk", key="bulk"))[1]["items"]] == [404]
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, MAIL)
    status, answer = await ask(client, by_mail, "bulk")
    assert (status, [one["status"] for one in answer["items"]]) == (200, [451, 404])
    assert "jane" not in str(answer).lower()


async def test_nothing_held_of_anybody_is_kept(client: Client, reader: Reader) -> None:
    """What is kept for repetitions is who was found and why: no value of the person, nothing that was sent, not the key."""
    asked = {"email": MAIL, "name": "Jane Doe", "company": "n/a", "include_if_matched": True}
    assert (await ask(client, asked, key="order-4711"))[0] == 200
    [kept] = [document async for document in reader.service.scan(Collection.ANSWERS)]
    told = (kept.key + kept.body.decode()).lower()
    assert JANE.id in told
    assert not [word for word in ("jane", "emberpoint", "munich", "23125", "order-4711") if word in told]


async def test_a_keys_time_is_over_after_a_day(make_client: MakeClient, reader: Reader, tmp_path: Any) -> None:
    """After its time a key is free again, and what was kept under it is removed."""
    moment = NOW
    client = await make_client(now=lambda: moment)
    assert (await ask(client, ASKED))[0] == 200
    moment = NOW + KEPT
    assert (await ask(client, {"email": "a@b.example"}))[0] == 404
    moment += KEPT + timedelta(days=1)
    runner = client.app[RUNNER]  # type: ignore[index]  # a started client has its app
    assert not await runner.step()
    assert await reader.service.count(Collection.ANSWERS) == 0


async def test_mistakes_use_no_key_up(client: Client) -> None:
    """A request that could not be read may be sent again, repaired, under the same key; a key may be 255 characters."""
    assert (await ask(client, {"emial": MAIL}))[0] == 422
    assert (await ask(client, {"phone": "12"}))[0] == 422
    assert (await ask(client, {"email": MAIL}))[0] == 200
    assert (await ask(client, ASKED, key="k" * 255))[0] == 200
    for key in ("k" * 256, "caf\u00e9"):
        status, answer = await ask(client, ASKED, key=key)
        assert (status, answer["errors"][0]["pointer"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("people", [[JANE, person("other", name="Robert Crossbury", email="rc@emberpoint.example")]])
async def test_each_of_a_list_is_repeated_in_its_place(client: Client, people: list[Profile]) -> None:
    """A list's answer comes again whole, its own mistakes and metadata with it."""
    wanted = [{"email": "rc@emberpoint.example"}, {"email": "none"}, {"email": MAIL}, {"email": "a@b.example"}]
    body = {"requests": [{"params": one, "metadata": {"row": n}} for n, one in enumerate(wanted)]}
    first = await ask(client, body, "bulk")
    assert [one["status"] for one in first[1]["items"]] == [200, 422, 200, 404]
    assert await ask(client, body, "bulk") == first
