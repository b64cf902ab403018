"""Whoever is meant is found, by whatever identifies them; nobody is guessed, and nobody is shown who must not be."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient

from engines.base import Collection, Reader, Write
from privacy.reading import ProfileReader
from privacy.suppression import SuppressionList
from profiles.models import Profile, ValueKind
from search_api.enrich import matching
from search_api.schemas import ProblemAnswer
from tests.search_api.people import person
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import JANE, KEY

Client = TestClient[Any, Any]

MAIL = "jane.doe+news@emberpoint.example"
OTHERS = [
    person("bob", name="Robert Crossbury", company="Emberpoint Inc", email="crossbury@emberpoint.example", phone="+49 30 23125 104"),
    person("ada", name="Ada Roe", company="Stanwick Retail", location="Leeds, United Kingdom", link="https://x.com/adaroe"),
]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def found(client: Client, **asked: Any) -> tuple[int, str | None]:
    """Status, and whose profile it is."""
    response = await client.post("/v1/enrich", json=asked)
    answer = await response.json()
    return response.status, answer["profile"]["id"] if response.status == 200 else None


async def problem(client: Client, path: str = "enrich", **asked: Any) -> ProblemAnswer:
    """The problem that a question is answered with."""
    response = await client.post(f"/v1/{path}", json=asked)
    return ProblemAnswer.model_validate_json(await response.read())


@pytest.mark.parametrize("people", [[JANE, *OTHERS]])
@pytest.mark.parametrize(
    "asked",
    [
        {"email": MAIL},
        {"email": ["nobody@emberpoint.example", "Jane Doe <JANE.DOE@emberpoint.example>"]},
        {"email_hash": sha256(MAIL)},
        {"email_hash": sha256("jane.doe@emberpoint.example").upper()},
        {"email_hash": hashlib.md5(MAIL.encode(), usedforsecurity=False).hexdigest()},
        {"profile": "linkedin.com/in/Jane-Doe?trk=x"},
        {"name": "Jane Doe", "phone": "493023125104"},
        {"name": "Jane Doe", "phone": "030 23125 104", "country": "Germany"},
        {"name": "DOE, Jane", "company": "emberpoint.com"},
        {"first_name": "Jane", "last_name": "Doe", "company": "linkedin.com/company/emberpoint"},
        {"first_name": "Jane", "middle_name": "Q.", "last_name": "Doe", "locality": "München", "country": "DE"},
        {"name": "Jayne Doe", "company": "Emberpoint", "location": "Munich", "school": "University of Iowa"},
    ],
)
async def test_everything_that_identifies_finds(client: Client, people: list[Profile], asked: dict[str, Any]) -> None:
    """An address, its hash, a number, a profile link, or a name with company or place: in the spellings customers have."""
    assert await found(client, **asked) == (200, JANE.id)


@pytest.mark.parametrize("people", [[JANE, *OTHERS]])
@pytest.mark.parametrize(
    "asked",
    [
        {"email": "nobody@emberpoint.example"},
        {"email_hash": sha256("nobody@emberpoint.example")},
        {"name": "John Roe", "company": "Emberpoint"},
        {"name": "Rupert Hollow", "email": MAIL},
        {"name": "Ada Roe", "birth_date": "1980"},
        {"lid": "145991517"},
    ],
)
async def test_nobody_is_made_up(client: Client, people: list[Profile], asked: dict[str, Any]) -> None:
    """Whoever is not held is not found: not by the company alone, not under another's address, not by what no profile says."""
    response = await client.post("/v1/enrich", json=asked)
    told = ProblemAnswer.model_validate_json(await response.read())
    assert (response.status, told.type) == (404, "urn:roster:problem:person-not-found")


@pytest.mark.parametrize(("people", "expected"), [([JANE], (200, JANE.id)), ([JANE, *OTHERS], (404, None))])
async def test_a_line_of_ones_own_identifies(client: Client, people: list[Profile], expected: tuple[int, str | None]) -> None:
    """A fixed line that one person alone is known to have is hers; one that two have identifies neither."""
    assert await found(client, phone="+49 30 23125 104") == expected
    candidates = (await (await client.post("/v1/identify", json={"phone": "+49 30 23125 104"})).json())["candidates"]
    assert {len(one["why"]) for one in candidates} == {1}  # one number is one piece of evidence


NAMESAKES = [
    person("one", name="Jane Doe", company="Emberpoint", location="Munich, Germany"),
    person("two", name="Jane Doe", company="Emberpoint", location="Leeds, United Kingdom", email="jd@quillmark.example"),
]


@pytest.mark.parametrize("people", [NAMESAKES])
async def test_of_two_who_fit_neither_is_guessed(client: Client, people: list[Profile]) -> None:
    """Two of one name at one company: that it is ambiguous is said, without who they are; what tells them apart decides."""
    response = await client.post("/v1/enrich", json={"name": "Jane Doe", "company": "Emberpoint"})
    raw = await response.text()
    assert (response.status, orjson.loads(raw)["type"]) == (404, "urn:roster:problem:match-ambiguous")
    assert not any(word in raw for word in ("Doe", "Leeds", '"one"', '"two"'))
    assert await found(client, name="Jane Doe", company="Emberpoint", email="jd@quillmark.example") == (200, "two")
    answer = await (await client.post("/v1/identify", json={"name": "Jane Doe", "company": "Emberpoint"})).json()
    assert {one["profile"]["id"] for one in answer["candidates"]} == {"one", "two"}
    assert all(one["likelihood"] <= 2 and one["why"] for one in answer["candidates"])


async def test_of_whom_nothing_may_be_said_nothing_is(client: Client, reader: Reader) -> None:
    """A suppressed address is answered with 451, as verifying does, and nothing more; a hidden person as if nobody."""
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    for asked in ({"profile": "linkedin.com/in/jane-doe"}, {"email_hash": sha256(MAIL)}, {"name": "Jane Doe", "company": "Emberpoint"}):
        assert await found(client, **asked) == (404, None)
        candidates = await (await client.post("/v1/identify", json=asked)).json()
        assert candidates["candidates"] == []
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, "jane.doe@emberpoint.example")
    response = await client.post("/v1/enrich", json={"email": MAIL})
    assert is_problem(451, response.headers, raw := await response.read()).type == "urn:roster:problem:suppressed"
    assert b"jane" not in raw
    bulk = await (await client.post("/v1/bulk", json={"requests": [{"params": {"email": MAIL}}]})).json()
    assert [one["status"] for one in bulk["items"]] == [451]


async def test_the_answer_says_why(client: Client) -> None:
    """What agrees and what does not is told in words, with what it counts for; on wish, the fields that agree; what was not compared."""
    asked = {"name": "Jane Doe", "company": "Stanwick", "email": MAIL, "school": "Iowa", "include_if_matched": True}
    answer = await (await client.post("/v1/enrich", json=asked)).json()
    told = {one["says"]: one["speaks_for"] for one in answer["why"]}
    assert (told["the e-mail address is the same"], told["the family name is the same"]) == ("yes", "yes")
    assert answer["matched"] == ["email", "name"]
    assert answer["not_compared"] == {"school": "no profile here says it"}
    assert [abs(one["bits"]) for one in answer["why"]] == sorted((abs(one["bits"]) for one in answer["why"]), reverse=True)


async def test_wishes_are_heeded(client: Client) -> None:
    """A match below min_likelihood, or without what is required, is nobody; only the fields wished for are shown."""
    assert (await problem(client, email=MAIL, min_likelihood=10)).status == 404
    assert "min_likelihood" not in (await problem(client, email=MAIL, required="skills")).detail
    assert (await found(client, email=MAIL, required="emails AND (skills OR links) NOT skills"))[0] == 200
    shown = (await (await client.post("/v1/enrich", json={"email": MAIL, "data_include": "name,emails.value"})).json())["profile"]
    assert shown == {"name": "Jane Doe", "emails": [{"value": MAIL}]}
    shown = (await (await client.post("/v1/enrich", json={"email": MAIL, "data_include": "-emails,phones.sources"})).json())["profile"]
    assert shown.keys() >= {"links", "phones"}
    assert not {"emails"} & shown.keys()
    assert not {"sources"} & shown["phones"][0].keys()
    assert (await (await client.post("/v1/enrich", json={"email": MAIL, "data_include": ""})).json())["profile"] == {}
    assert "\n  " in await (await client.post("/v1/enrich", json={"email": MAIL, "pretty": True})).text()


@pytest.mark.parametrize(
    ("path", "asked", "pointer", "said"),
    [
        ("enrich", {"emial": MAIL}, "/emial", "did you mean email"),
        ("enrich", {"email": 5}, "/email", "neither a string nor a list"),
        ("enrich", {"email": [MAIL] * 11}, "/email", "too many"),
        ("enrich", {"email": "jane.doe"}, "/email", "no @"),
        ("enrich", {"phone": "12"}, "/phone", ""),
        ("enrich", {"email_hash": "abc"}, "/email_hash", "no hash"),
        ("enrich", {}, "", "too little"),
        ("enrich", {"name": "Jane Doe"}, "", "too little"),
        ("enrich", {"email": MAIL, "min_likelihood": 11}, "/min_likelihood", "too big"),
        ("enrich", {"email": MAIL, "required": "emailz"}, "/required", "did you mean emails"),
        ("enrich", {"email": MAIL, "required": "emails AND"}, "/required", "missing"),
        ("enrich", {"email": MAIL, "data_include": "emails.valu"}, "/data_include", "did you mean emails.value"),
        ("identify", {"email": MAIL, "size": 21}, "/size", "too big"),
        ("identify", {"email": MAIL, "min_likelihood": 3}, "/min_likelihood", "unknown field"),
        ("bulk", {"requests": []}, "/requests", "too few"),
        ("bulk", {"requests": [{"params": {"email": MAIL}}] * 101}, "/requests", "too many"),
        ("bulk", {"requests": [{"params": {"emial": MAIL}}]}, "/requests/0/params/emial", "did you mean email"),
        ("bulk", {"requests": [{"email": MAIL}]}, "/requests/0/params", "missing"),
        ("bulk", {"requests": [{"email": MAIL}]}, "/requests/0/email", "unknown field"),
        ("bulk", {"requests": [{"param": {"email": MAIL}}]}, "/requests/0/param", "did you mean params?"),
        ("bulk", {"request": []}, "/request", "did you mean requests"),
        ("bulk", {"requests": [{"params": {"email": MAIL}, "metadata": 3}]}, "/requests/0/metadata", "not a JSON object"),
    ],
)
async def test_a_mistake_is_named(client: Client, path: str, asked: dict[str, Any], pointer: str, said: str) -> None:
    """A typo, a wrong type, too much or too little: the field, what is wrong with it and what is allowed, and no value repeated."""
    told = await problem(client, path, **asked)
    assert told.status == 422
    named = {one.pointer: one for one in told.errors}
    assert said in named[pointer].detail
    assert named[pointer].allowed
    assert "jane.doe" not in told.model_dump_json().replace("jane.doe@company.example", "")


async def test_a_list_keeps_its_order(client: Client) -> None:
    """Each request of a bulk call is answered in its place, with a status of its own and what was sent along with it."""
    requests: list[dict[str, Any]] = [
        {"params": {"email": "nobody@emberpoint.example"}, "metadata": {"row": 1}},
        {"params": {"email": MAIL, "data_include": "id"}, "metadata": {"row": 2}},
        {"params": {"email": "jane.doe"}},
        {"params": {"name": "Jane Doe", "company": "Emberpoint", "required": "skillz"}},
    ]
    items = (await (await client.post("/v1/bulk", json={"requests": requests})).json())["items"]
    assert [one["status"] for one in items] == [404, 200, 422, 422]
    assert [one["metadata"] for one in items] == [{"row": 1}, {"row": 2}, None, None]
    assert items[1]["result"]["profile"] == {"id": JANE.id}
    assert items[2]["problem"]["errors"][0]["pointer"] == "/email"
    assert items[3]["problem"]["errors"][0]["pointer"] == "/required"


async def test_a_mistake_in_counting_is_told_and_tried_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """How common values are is found out again after a failure nobody foresaw; the log says so at once, without its words."""
    doors, again = ProfileReader(reader), asyncio.Event()

    async def fails() -> None:
        if "failed" in caplog.text:
            again.set()
        raise ValueError("Ada Lovelace")

    monkeypatch.setattr(doors, "sample", fails)
    monkeypatch.setattr(matching, "SAMPLE_FRESH", 0.0)
    keeping = asyncio.create_task(matching.Enricher(doors, SuppressionList(reader.service, KEY)).keep_sampled())
    await asyncio.wait_for(again.wait(), 20)
    keeping.cancel()
    assert "ValueError" in caplog.text
    assert "Ada" not in caplog.text
