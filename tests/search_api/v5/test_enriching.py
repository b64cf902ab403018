"""Enrichment, identify and bulk with the client of People Data Labs, on each engine."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from engines.opening import open_reader
from privacy.suppression import SuppressionList
from profiles.models import ValueKind
from search_api.app import make_app
from search_api.v5.answers import NOBODY
from tests.search_api.conftest import verifier_of
from tests.search_api.desk import url  # noqa: F401  # a fixture
from tests.search_api.people import TODAY, person
from tests.search_api.v5.conftest import Call, caller
from tests.search_api.verify.conftest import JANE, KEY, fill

MAIL = "jane.doe+news@emberpoint.example"
PEOPLE = [
    JANE,
    person("ada", name="Ada Roe", company="Stanwick Retail", location="Leeds, United Kingdom", link="https://x.com/adaroe"),
    person("jan1", name="Jan Berg", company="Acme Tools", email="jan@acmetools.example"),
    person("jan2", name="Jan Berg", company="Acme Tools", email="j.berg@acmetools.example"),
]
NOT_FOUND = {"status": 404, "error": {"type": "not_found", "message": NOBODY}}


@pytest.fixture
async def call(url: str) -> AsyncIterator[Call]:  # noqa: F811  # the fixture above
    """Calls of their client to an app over these people."""
    await fill(url, PEOPLE)
    reader = await open_reader(url)
    server = TestServer(make_app(reader, key_digests=frozenset(), today=lambda: TODAY, verifier=verifier_of(reader)))
    await server.start_server(access_log=None)
    client = TestClient(server)
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, "gone@emberpoint.example", today=TODAY)
    yield caller(client)
    await client.close()
    await reader.close()


@pytest.mark.parametrize(
    "asked",
    [
        {"email": MAIL},
        {"email": ["nobody@emberpoint.example", MAIL]},
        {"email_hash": hashlib.sha256(MAIL.encode()).hexdigest()},
        {"name": "Jane Doe", "phone": "+49 30 23125104"},
        {"profile": "linkedin.com/in/jane-doe"},
        {"name": "Jane Doe", "company": "Emberpoint"},
        {"first_name": "Jane", "last_name": "Doe", "locality": "Munich", "country": "Germany"},
        {"pdl_id": JANE.id},
    ],
    ids=lambda asked: "+".join(asked),
)
async def test_whatever_identifies_somebody_finds_the_record(call: Call, asked: dict[str, Any]) -> None:
    """person.enrichment takes what their users send, lists of alternatives in the url too, and answers with record and likelihood."""
    found = await call(lambda theirs: theirs.person.enrichment(**asked))
    assert found.status_code == 200, found.text
    body = found.json()
    assert (body["data"]["id"], body["data"]["full_name"], body["data"]["work_email"]) == (JANE.id, "jane doe", MAIL)
    assert 2 <= body["likelihood"] <= 10
    assert (found.headers["x-call-credits-type"], found.headers["x-call-credits-spent"]) == ("enrich", "1")


async def test_wishes_are_heeded(call: Call) -> None:
    """min_likelihood, required, data_include, include_if_matched and titlecase mean what they mean at theirs."""
    chosen = await call(
        lambda theirs: theirs.person.enrichment(
            email=MAIL, data_include="full_name,emails.address", include_if_matched=True, titlecase=True, min_likelihood=4
        )
    )
    body = chosen.json()
    assert body["data"] == {"full_name": "Jane Doe", "emails": [{"address": MAIL}]}
    assert body["matched"] == ["email"]
    held = await call(lambda theirs: theirs.person.enrichment(email=MAIL, required="emails AND (phone_numbers OR skills)"))
    assert held.status_code == 200
    lacking = await call(lambda theirs: theirs.person.enrichment(email=MAIL, required="skills"))
    assert (lacking.status_code, lacking.json()) == (404, NOT_FOUND)
    unknown = await call(lambda theirs: theirs.person.enrichment(email=MAIL, required="shoe_size"))
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_nobody_is_guessed_and_nobody_betrayed(call: Call) -> None:
    """An unknown address and a suppressed one are answered alike; of two who fit, neither is named; too little to go by is told."""
    for address in ("nobody@emberpoint.example", "gone@emberpoint.example"):
        found = await call(lambda theirs, address=address: theirs.person.enrichment(email=address))
        assert (found.status_code, found.json()) == (404, NOT_FOUND)
    two = await call(lambda theirs: theirs.person.enrichment(name="Jan Berg", company="Acme Tools"))
    assert two.status_code == 404
    assert "Several" in two.json()["error"]["message"]
    little = await call(lambda theirs: theirs.person.enrichment(name="Jane Doe"))
    assert little.status_code == 400
    assert "email" in little.json()["error"]["message"]


async def test_identify_lists_who_may_be_meant(call: Call) -> None:
    """person.identify gives both namesakes with a score and what they were matched on; nobody like it is their 404."""
    found = await call(lambda theirs: theirs.person.identify(name="Jan Berg", company="Acme Tools", include_if_matched=True))
    assert found.status_code == 200, found.text
    matches = found.json()["matches"]
    assert {match["data"]["id"] for match in matches} == {"jan1", "jan2"}
    assert all(1 <= match["match_score"] <= 99 and "company" in match["matched_on"] for match in matches)
    nobody = await call(lambda theirs: theirs.person.identify(email="nobody@nowhere.example"))
    assert (nobody.status_code, nobody.json()) == (404, NOT_FOUND)


async def test_bulk_keeps_the_order(call: Call) -> None:
    """person.bulk answers each request in its place with its metadata; one that cannot be asked spoils no other."""
    requests = [
        {"params": {"profile": "linkedin.com/in/jane-doe"}, "metadata": {"row": 1}},
        {"params": {"email": "nobody@emberpoint.example"}, "metadata": {"row": 2}},
        {"params": {"name": "Jane Doe"}},
        {"params": {"pdl_id": "ada", "data_include": "id"}},
    ]
    found = await call(lambda theirs: theirs.person.bulk(requests=requests, data_include="full_name", titlecase=True))
    assert found.status_code == 200, found.text
    jane, nobody, little, ada = found.json()
    assert (jane["status"], jane["data"], jane["metadata"]) == (200, {"full_name": "Jane Doe"}, {"row": 1})
    assert nobody == {**NOT_FOUND, "metadata": {"row": 2}}
    assert (little["status"], little["error"]["type"]) == (400, "invalid_request_error")
    assert ada["data"] == {"id": "ada"}
    assert found.headers["x-call-credits-spent"] == "2"
    many = await call(lambda theirs: theirs.person.bulk(requests=[{"params": {"email": MAIL}}] * 101))
    assert (many.status_code, "100" in many.json()["error"]["message"]) == (400, True)


async def test_what_is_sent_stays_out(call: Call, url: str) -> None:  # noqa: F811
    """Nothing that a caller sends enters the contacts."""
    asked = await call(lambda theirs: theirs.person.bulk(requests=[{"params": {"name": "Zed Newman", "email": "zed@new.example"}}]))
    assert asked.json()[0]["status"] == 404
    found = await call(lambda theirs: theirs.person.search(query={"match": {"full_name": "zed"}}))
    assert found.json()["total"] == 0
