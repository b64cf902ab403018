"""Does a contact detail belong to this person at this company? The answer, and the evidence in words and dates."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from engines.base import Collection, Reader, Write
from privacy.suppression import SuppressionList
from profiles.models import Profile, Value, ValueKind, ValueSource
from profiles.normalise.company import normalise_company
from profiles.normalise.result import Normalised
from search_api.verify.contacts import decayed_contact
from search_api.verify.work import work_of
from tests.search_api.people import person, value
from tests.search_api.test_app import is_problem
from tests.search_api.verify.conftest import JANE, KEY, NOW, MakeClient, fill

Client = TestClient[Any, Any]


def seen(held: Value, day: date, record: str = "r-1", **more: Any) -> Value:
    """The value as attested on a day, by a record."""
    source = held.sources[0].model_copy(update={"collected_at": day, "first_seen": day, "record_id": record})
    return held.model_copy(update={"first_seen": day, "last_seen": day, "sources": (source,), **more})


async def answer(client: Client, **question: str) -> tuple[str, str]:
    """(answer, reason), once the evidence has its shape."""
    response = await client.post("/v1/verify/contact", json=question)
    assert response.status == 200, await response.text()
    verdict = await response.json()
    assert all(one["since"] <= one["until"] and one["sources"] for one in verdict["evidence"])
    return verdict["answer"], verdict["reason"]


MAIL = "jane.doe+news@emberpoint.example"
LATE, EARLY, OLD = date(2026, 11, 1), date(2026, 9, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"name": "Jane Doe", "company": "Emberpoint Inc.", "email": MAIL}, "yes"),
        ({"name": "DOE, Jane", "company": "emberpoint", "phone": "+49 30 23125 104"}, "yes"),
        ({"name": "Jane Doe", "link": "linkedin.com/in/jane-doe"}, "yes"),
        ({"name": "Jane Doe", "company": "Stanwick Retail", "email": MAIL}, "unsure"),
        ({"name": "Robert Crossbury", "company": "Emberpoint", "email": MAIL}, "no"),
        ({"name": "Jane Doe", "company": "Emberpoint", "email": "someone@emberpoint.example"}, "unsure"),
        ({"name": "Jane Doe", "company": "Emberpoint", "email": "no address"}, "no"),
        ({"name": "Jane Doe", "company": "Emberpoint", "phone": "030 23125 104"}, "unsure"),
        ({"name": "Jane Doh", "company": "Emberpoint", "phone": "+49 30 23125 104"}, "unsure"),
    ],
)
async def test_the_answer_follows_the_evidence(client: Client, question: dict[str, str], expected: str) -> None:
    """Attested for this person and company is yes, for somebody else no; what nobody attests, or a name spelt otherwise, is unsure."""
    assert (await answer(client, **question))[0] == expected


@pytest.mark.parametrize(
    "people", [[JANE, person("other", name="Robert Crossbury", email=MAIL), person("third", name="Ada Roe", email=MAIL)]]
)
async def test_what_many_share_is_no_ones(client: Client, people: list[Profile]) -> None:
    """A mailbox that several people are listed with reaches no one of them for sure."""
    said, reason = await answer(client, name="Jane Doe", company="Emberpoint", email=MAIL)
    assert (said, "shared" in reason) == ("unsure", True)


@pytest.mark.parametrize("people", [[person("jane", name="Jane Doe", company="Emberpoint", email="info@emberpoint.example")]])
async def test_a_mailbox_of_a_task_is_no_persons(client: Client, people: list[Profile]) -> None:
    """info@ belongs to whoever does the task."""
    assert (await answer(client, name="Jane Doe", company="Emberpoint", email="info@emberpoint.example"))[0] == "unsure"


@pytest.mark.parametrize(
    "people",
    [
        [
            person("before", seen(value("phone", "+491713920012"), OLD), name="Jane Doe"),
            person("after", seen(value("phone", "+491713920012"), LATE), name="Robert Crossbury"),
        ]
    ],
)
async def test_a_number_that_passed_on_is_the_later_persons(client: Client, people: list[Profile]) -> None:
    """A recycled number belongs to who has it now, and the answer says since when."""
    said, reason = await answer(client, name="Jane Doe", phone="+491713920012")
    assert (said, LATE.isoformat() in reason) == ("no", True)
    assert (await answer(client, name="Robert Crossbury", phone="+491713920012"))[0] == "yes"


@pytest.mark.parametrize(("employer", "expected"), [("Emberpoint", "unsure"), ("Stanwick Retail", "yes")])
async def test_a_line_that_a_colleague_had_is_the_offices(make_client: MakeClient, tmp_path: Path, employer: str, expected: str) -> None:
    """Where numbers do not tell lines from mobiles, one that somebody else at the company was listed with may be everybody's there."""
    number = "+12025550142"
    people = [
        person("before", seen(value("phone", number), OLD), name="Robert Crossbury", company=employer),
        person("after", seen(value("phone", number), LATE), name="Ada Roe", company="Emberpoint"),
    ]
    await fill(f"embedded:{tmp_path / 'store'}", people)
    assert (await answer(await make_client(), name="Ada Roe", company="Emberpoint", phone=number))[0] == expected


MOVED = person(
    "moved",
    seen(value("email", "jane@oldfirm.example"), EARLY),
    seen(value("company", "Oldfirm"), EARLY, current=True, started="2020-01"),
    seen(value("email", "jane@newfirm.example"), LATE, "r-2"),
    seen(value("company", "Newfirm"), LATE, "r-2", current=True, started="2026-08"),
    seen(value("phone", "+491713920012"), LATE, "r-2"),
    name="Jane Doe",
)


@pytest.mark.parametrize("people", [[MOVED]])
@pytest.mark.parametrize(
    ("company", "contact", "expected"),
    [
        ("Newfirm", {"email": "jane@newfirm.example"}, "yes"),
        ("Newfirm", {"phone": "+491713920012"}, "yes"),
        ("Oldfirm", {"email": "jane@oldfirm.example"}, "no"),
        ("Newfirm", {"email": "jane@oldfirm.example"}, "no"),
        ("Oldfirm", {"phone": "+491713920012"}, "no"),
    ],
)
async def test_a_former_employers_details_are_no_longer_hers(
    client: Client, people: list[Profile], company: str, contact: dict[str, str], expected: str
) -> None:
    """Who has begun elsewhere is no longer reached at the old address, nor is at the old company."""
    assert (await answer(client, name="Jane Doe", company=company, **contact))[0] == expected


@pytest.mark.parametrize(
    "people", [[person("both", name=["Jane Smith", "Jane Smlth"], company="Emberpoint", email="jsmith@emberpoint.example")]]
)
@pytest.mark.parametrize(("name", "expected"), [("Jane Smith", "yes"), ("Jane Smlth", "unsure")])
async def test_of_two_names_a_letter_apart_the_address_decides(client: Client, people: list[Profile], name: str, expected: str) -> None:
    """People whose names differ in one letter work side by side: an address spelt with the one is not the other's for sure."""
    assert (await answer(client, name=name, company="Emberpoint", email="jsmith@emberpoint.example"))[0] == expected


@pytest.mark.parametrize("people", [[person("one", name="Jane Doe", company="Emberpiont", email=MAIL)]])
async def test_a_misspelt_employer_is_the_same(client: Client, people: list[Profile]) -> None:
    """A feed that misspells the company does not make it another one."""
    assert (await answer(client, name="Jane Doe", company="Emberpoint", email=MAIL))[0] == "yes"


def back(*sources: str) -> Profile:
    """Somebody who left a company for another and is said to be back by these sources."""
    word = value("company", "Emberpoint")
    dates = [ValueSource.model_validate({**word.sources[0].model_dump(), "source_id": name, "collected_at": LATE}) for name in sources]
    held = word.model_copy(update={"sources": tuple(dates), "last_seen": LATE, "current": True, "started": "2020-01"})
    return person(
        "back", held, seen(value("company", "Stanwick Retail"), EARLY, "r-2", current=True, started="2024-01"), name="Jane Doe", email=MAIL
    )


@pytest.mark.parametrize(("people", "expected"), [([back("registry")], "unsure"), ([back("registry", "website")], "yes")])
async def test_who_is_back_is_known_by_two_sources(client: Client, people: list[Profile], expected: str) -> None:
    """One source that still names an earlier employer may lag behind; two that do, after all others, say that somebody has come back."""
    assert (await answer(client, name="Jane Doe", company="Emberpoint", email=MAIL))[0] == expected


@pytest.mark.parametrize(
    ("people", "asked", "expected"),
    [
        ([person("one", name="Zoya Trofimowa", company="Emberpoint", phone="+491713920012")], "Zoya Trofimova", "yes"),
        ([person("one", name="Cao Rui Hao", company="Emberpoint", phone="+491713920012")], "Ruihao Cao", "yes"),
        ([person("one", name="Robert Crossbury", company="Emberpoint", phone="+491713920012")], "Robert Crossbery", "yes"),
        ([person("one", name="R. Crossbury", company="Emberpoint", phone="+491713920012")], "Robert Crossbury", "yes"),
        ([person("one", name="Peppe Boav", company="Emberpoint", phone="+491713920012")], "Giuseppe Bova", "yes"),
        ([person("one", name="Robert Crossbury", company="Stanwick Retail", phone="+491713920012")], "Robert Crossbery", "unsure"),
        ([person("one", name="Ann Lee", company="Emberpoint", phone="+491713920012")], "Ann Leo", "unsure"),
    ],
)
async def test_one_name_may_be_spelt_in_several_ways(client: Client, people: list[Profile], asked: str, expected: str) -> None:
    """Romanisations and the order of words make no other name; nor does a slip, where nobody else at the company is called so."""
    assert (await answer(client, name=asked, company="Emberpoint", phone="+491713920012"))[0] == expected


@pytest.mark.parametrize(
    ("people", "asked"),
    [
        (
            [
                person("one", name="Robert Crossbury", company="Emberpoint", phone="+491713920012"),
                person("two", name="Robert Crossbery", company="Emberpoint"),
            ],
            "Robert Crossbery",
        ),
        (
            [
                person("one", name="R. Crossbury", company="Emberpoint", phone="+491713920012"),
                person("two", name="Ruth Crossbury", company="Emberpoint"),
            ],
            "Robert Crossbury",
        ),
        (
            [
                person("one", name="Emmy Sutbury", company="Emberpoint", phone="+491713920012", email="emmy@emberpoint.example"),
                person("two", name="Emma Sutbury", company="Emberpoint", email="emma@emberpoint.example"),
            ],
            "Emma Sutbury",
        ),
    ],
)
async def test_a_slip_is_none_where_a_colleague_is_called_so(client: Client, people: list[Profile], asked: str) -> None:
    """Where two colleagues' names are a letter or a short form apart, what one of them has is not told to be the other's."""
    assert (await answer(client, name=asked, company="Emberpoint", phone="+491713920012"))[0] == "unsure"


@pytest.mark.parametrize(
    ("people", "name", "expected"),
    [
        (
            [person("one", name="Pascual Angulo", company="Emberpoint", email="pascual.angulo@emberpoint.example")],
            "Pascua Angulo",
            "unsure",
        ),
        ([person("one", name="Pascua Angulo", company="Emberpoint", email="pascualangulo@emberpoint.example")], "Pascua Angulo", "yes"),
        ([person("one", name="Mandy Diaz", company="Emberpoint", email="amapdadiaz@emberpoint.example")], "Amanda Diaz", "unsure"),
        ([person("one", name="Bjöörn Löwer", company="Emberpoint", email="bjoern.loewer@emberpoint.example")], "Björn Löwer", "yes"),
        ([person("one", name="Qian-Cheng Dng", company="Emberpoint", email="qiancheng.dong@emberpoint.example")], "Qiancheng Dong", "yes"),
    ],
)
async def test_an_address_spelt_with_a_name_tells(client: Client, people: list[Profile], name: str, expected: str) -> None:
    """An address spelt with another's name is not proved; one spelt with the whole name is, though the record misspells it."""
    address = people[0].of(ValueKind.EMAIL)[0].value
    assert (said := await answer(client, name=name, company="Emberpoint", email=address))[0] == expected, said


def by_two_sources(name: str) -> Value:
    """A name that two sources spell alike."""
    held, other = value("name", name), value("name", name, source="website")
    return held.model_copy(update={"sources": (*held.sources, *other.sources)})


@pytest.mark.parametrize("people", [[person("one", by_two_sources("Robert Crossbury"), company="Emberpoint", phone="+491713920012")]])
async def test_what_two_sources_spell_alike_is_no_slip(client: Client, people: list[Profile]) -> None:
    """A name that several sources give is somebody's; one a letter apart may be another's."""
    said, reason = await answer(client, name="Robert Crossbery", company="Emberpoint", phone="+491713920012")
    assert (said, "spelt in another way" in reason) == ("unsure", True)


@pytest.mark.parametrize(
    "people",
    [
        [
            person("one", name="Azade Dran", company="Emberpoint", phone="+491713920012", email="azadeduran@mailbox.example"),
            person("two", name="Azade Duran", company="Emberpoint"),
        ]
    ],
)
async def test_whose_own_address_has_the_name_is_called_so(client: Client, people: list[Profile]) -> None:
    """A misspelt name counts for little beside an address of the same person that has the whole name."""
    assert (await answer(client, name="Azade Duran", company="Emberpoint", phone="+491713920012"))[0] == "yes"


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([person("one", name="Jane Doe", company="Emberpoint", email=["jane.doe@emberpoint.example", "jd@courier.example"])], "unsure"),
        (
            [
                person(
                    "one",
                    name="Jane Doe",
                    company=["Emberpoint", "Courier"],
                    email=["jane.doe@emberpoint.example", "jd@courier.example"],
                )
            ],
            "no",
        ),
    ],
)
async def test_an_address_elsewhere_is_another_jobs_only_where_it_is_known(client: Client, people: list[Profile], expected: str) -> None:
    """An address at a domain that no employer of the person has may be a private one; at another employer's it is of that job."""
    assert (await answer(client, name="Jane Doe", company="Emberpoint", email="jd@courier.example"))[0] == expected


def test_a_second_time_at_a_company_may_be_told_by_a_shorter_name() -> None:
    """Who left Clear Works in 2019 and has been with "Clear" since 2021 has not left."""
    first = seen(value("company", "Clear Works"), LATE, current=False, started="2013-11", ended="2019-02")
    second = seen(value("company", "Clear"), LATE, current=True, started="2021-07")
    meant = normalise_company("Clear Works")
    assert isinstance(meant, Normalised)
    assert work_of(person("one", first, second, name="Jane Doe"), meant).left is None


@pytest.mark.parametrize("company", ["Lumurnivox", "ACS"])
def test_a_company_is_known_by_slips_and_initials(company: str) -> None:
    """Two letters wrong in a long name, and the initials of three words, are the same employer."""
    asked = {"Lumurnivox": "Lumumivox", "ACS": "Anchor Cobalt Security"}[company]
    meant = normalise_company(asked)
    assert isinstance(meant, Normalised)
    work = work_of(person("one", name="Jane Doe", company=company), meant)
    assert [one.value for one in work.asked] == [company]


async def test_an_old_word_makes_unsure(make_client: MakeClient) -> None:
    """What was attested too long ago no longer makes a yes."""
    client = await make_client(now=lambda: NOW + timedelta(days=200))
    said, reason = await answer(client, name="Jane Doe", company="Emberpoint", email=MAIL)
    assert (said, "2026-10-01" in reason) == ("unsure", True)


async def test_other_people_are_never_named(client: Client) -> None:
    """That somebody else has it is said without who."""
    response = await client.post("/v1/verify/contact", json={"name": "Robert Crossbury", "email": MAIL})
    raw = await response.text()
    assert "Jane" not in raw
    assert "pmrs52a2ewgtjac0b" not in raw


async def test_a_hidden_person_is_no_evidence(client: Client, reader: Reader) -> None:
    """A profile that must not be shown decides nothing."""
    await reader.service.write([Write(Collection.HIDDEN, JANE.id, b"{}")])
    assert await answer(client, name="Robert Crossbury", email=MAIL) == ("unsure", "no source here attests it")


async def test_what_is_suppressed_gets_451(client: Client, reader: Reader) -> None:
    """A suppressed contact detail is not spoken of, whoever is asked about."""
    await SuppressionList(reader.service, KEY).add(ValueKind.EMAIL, MAIL)
    response = await client.post("/v1/verify/contact", json={"name": "Jane Doe", "email": MAIL})
    raw = await response.read()
    assert is_problem(451, response.headers, raw).status == 451
    assert MAIL.encode() not in raw


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"name": "Jane Doe"}, ""),
        ({"name": "Jane Doe", "email": MAIL, "phone": "+491713920012"}, ""),
        ({"name": "", "email": MAIL}, "/name"),
        ({"name": "Jane Doe", "company": "n/a", "email": MAIL}, "/company"),
        ({"email": MAIL}, "/name"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_told(client: Client, question: dict[str, str], pointer: str) -> None:
    """No name, a company that is none, no contact detail or two of them: 422, naming the field and what is allowed."""
    response = await client.post("/v1/verify/contact", json=question)
    problem = is_problem(422, response.headers, await response.read())
    assert [error.pointer for error in problem.errors] == [pointer]


def test_a_kept_answer_decays() -> None:
    """Once its time is over a kept answer is unsure."""
    kept = {"answer": "yes", "reason": "x", "checked_at": "2026-11-23T09:30:00Z", "counts_until": "2027-03-30T00:00:00Z"}
    assert decayed_contact(kept, NOW) == kept
    assert decayed_contact(kept, NOW + timedelta(days=200))["answer"] == "unsure"
