"""Phone numbers and profile links: what they are, whom they reach, and how far that can be relied on."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.base import Collection, Reader, Write
from privacy.suppression import SuppressionList
from profiles.models import Profile, ValueKind
from search_api.clean.schemas import PhoneQuestion
from search_api.verify.phones import verify_phones
from search_api.verify.schemas import PhoneVerdict
from search_api.verify.service import Verifier
from tests.search_api.people import person
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import JANE, KEY, NOW, MakeClient

Client = TestClient[Any, Any]


async def phone(client: Client, number: str, country: str | None = None) -> Any:
    """The verdict on one number."""
    response = await client.post("/v1/verify/phone", json={"phone": number, "country": country})
    assert response.status == 200
    return await response.json()


@pytest.mark.parametrize(
    ("number", "country", "status", "kind", "grade"),
    [
        ("+49 30 23125 104", None, "valid", "fixed", "A"),
        ("0171 3920012", "DE", "valid", "mobile", "B"),
        ("0171 3920012", "Deutschland", "valid", "mobile", "B"),
        ("0171 3920012", "", "unknown", None, "C"),
        ("(202) 555-0142 ext 7", "US", "valid", "fixed_or_mobile", "B"),
        ("0800 1111111", "DE", "valid", "toll_free", "C"),
        ("+44 56 0000 0000", None, "valid", "voip", "B"),
        ("+1 202 055 0142", None, "possible", None, "C"),
        ("12", "DE", "invalid", None, "C"),
        ("call me", None, "invalid", None, "C"),
    ],
)
async def test_a_number_is_told_by_its_plan(
    client: Client, number: str, country: str | None, status: str, kind: str | None, grade: str
) -> None:
    """In use, possible, no number, or a national one of no country named; its kind; and a grade that says in words what it means."""
    verdict = await phone(client, number, country)
    assert (verdict["status"], verdict["kind"], verdict["grade"]) == (status, kind, grade)
    assert verdict["grade_means"]
    assert (verdict["phone"] is None) == (status != "valid")
    assert (verdict["reason"] is None) == (status == "valid")


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("verify/phone", {"phone": "0171 3920012", "country": "Deutchlnd"}),
        ("clean/phone", {"phone": "0171 3920012", "country": "xx"}),
        ("verify/contact", {"name": "Jane Doe", "phone": "0171 3920012", "country": "49"}),
    ],
)
async def test_a_misspelt_country_is_told(client: Client, path: str, question: dict[str, str]) -> None:
    """A country that is none is said to be none; the number is not called invalid for it."""
    response = await client.post(f"/v1/{path}", json=question)
    [error] = is_problem(422, response.headers, await response.read()).errors
    assert (error.pointer, "ISO 3166" in error.allowed) == ("/country", True)


OTHER = person("pother", name="John Roe", phone="+49 30 23125 104", link="https://www.linkedin.com/in/jane-doe")


@pytest.mark.parametrize("people", [[JANE, OTHER]])
async def test_what_several_people_have_reaches_no_one_of_them(client: Client, people: list[Profile]) -> None:
    """A switchboard is shared: grade B, with how many have it; a link of two profiles names neither as its owner."""
    verdict = await phone(client, "+493023125104")
    assert (verdict["shared"], verdict["known"]["people"], verdict["grade"]) == (True, 2, "B")
    assert "several people" in verdict["grade_means"]
    link = await (await client.post("/v1/verify/profile-link", json={"link": "https://linkedin.com/in/jane-doe"})).json()
    assert (link["profile"], sorted(link["known"]["profiles"])) == (None, ["pmrs52a2ewgtjac0b", "pother"])


async def test_an_old_word_for_a_number_is_a_lower_grade(make_client: MakeClient) -> None:
    """A number attested too long ago is B, and says since when."""
    client = await make_client(now=lambda: NOW.replace(year=2027))
    verdict = await phone(client, "+493023125104")
    assert verdict["grade"] == "B"
    assert "2026-10-01" in verdict["grade_means"]


@pytest.mark.parametrize(
    ("link", "status", "profile"),
    [
        ("http://de.linkedin.com/in/JANE-DOE/?locale=de", "valid", "pmrs52a2ewgtjac0b"),
        ("https://x.com/nobody_here", "valid", None),
        ("https://www.linkedin.com/company/acme", "invalid", None),
        ("not a link", "invalid", None),
    ],
)
async def test_a_link_leads_to_a_profile_or_not(client: Client, link: str, status: str, profile: str | None) -> None:
    """Any spelling of a link finds whose it is; a page that is no person's says why not."""
    verdict = await (await client.post("/v1/verify/profile-link", json={"link": link})).json()
    assert (verdict["status"], verdict["profile"]) == (status, profile)
    assert (verdict["reason"] is None) == (status == "valid")


async def test_a_hidden_persons_number_and_link_are_not_known(client: Client, reader: Reader) -> None:
    """What may not be shown is not spoken of."""
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    assert not (await phone(client, "+493023125104"))["known"]["here"]
    link = await (await client.post("/v1/verify/profile-link", json={"link": "linkedin.com/in/jane-doe"})).json()
    assert (link["profile"], link["known"]["here"]) == (None, False)


@pytest.mark.parametrize(
    ("kind", "text", "path", "question"),
    [
        (ValueKind.PHONE, "+493023125104", "phone", {"phone": "030/23125 104", "country": "DE"}),
        (ValueKind.LINK, "https://www.linkedin.com/in/jane-doe", "profile-link", {"link": "linkedin.com/in/Jane-Doe"}),
    ],
)
async def test_what_is_suppressed_gets_451(client: Client, reader: Reader, kind: ValueKind, text: str, path: str, question: Any) -> None:
    """A suppressed number or link, in any spelling, gets 451 and nothing more."""
    await SuppressionList(reader.service, KEY).add(kind, text)
    assert (await client.post(f"/v1/verify/{path}", json=question)).status == 451


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(st.text(max_size=40), st.from_regex(r"\+?[0-9 ()/.-]{1,20}", fullmatch=True)),
    country=st.sampled_from(["DE", "US", "Japan", "", None]),
)
async def test_no_number_breaks_it(verifier: Verifier, text: str, country: str | None) -> None:
    """Whatever is sent gets a verdict of its shape; what is valid is possible too."""
    (outcome,) = await verify_phones(verifier, [PhoneQuestion(phone=text, country=country)])
    assert isinstance(outcome, dict)
    verdict = PhoneVerdict.model_validate(outcome)
    assert verdict.possible or not verdict.valid
