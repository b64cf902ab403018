"""What people mean by companies, places, facets and orders, and how an answer accounts for itself: the same on every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engines.opening import open_reader
from privacy.reading import ProfileReader
from profiles.errors import QueryInvalid
from profiles.models import Value
from search_api.answers import search_answer
from search_api.requests import parameters, request_from_query
from search_api.suggest.routes import completions_answer
from search_api.suggest.schemas import CompletionRequest
from tests.search_api.people import FAR, PEOPLE, TODAY, fill, person, value
from tests.stores import ENGINES


def company(name: str, *, domain: str = "", left: bool = False) -> Value:
    """An employer, of now or before."""
    held = value("company", name)
    return held.model_copy(update={"current": not left, "parts": {**held.parts, "domain": domain}})


WORKERS = (
    person("mover", company("Emberfield GmbH"), company("Jade Loop, LLC", domain="jadeloop.example", left=True), name="Ida Holm"),
    person("stayer", company("JADE LOOP", domain="jadeloop.example"), name="Kai Lund"),
    person("initials", company("A.B.C. & D. Ltd."), name="Per Dahl"),
    person("augsburg", name="Uwe Falk", location="Augsburg, Germany"),
    person("springfield", name="Guy Wells", location="Springfield, Illinois"),
)
LEAVING = person("leaving", value("job_title", "Zeppelin Pilot", expires_at=date(2027, 1, 1)), name="Zita Zorn", company="Zorn & Zorn")


@pytest.fixture(scope="module", params=sorted(ENGINES))
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with everybody, on each engine."""
    import asyncio

    with ENGINES[request.param](Path(tmp_path_factory.mktemp("finding")), request) as store:
        asyncio.run(fill(store, [*PEOPLE, *WORKERS, LEAVING]))
        yield store


@pytest.fixture
async def door(url: str) -> AsyncIterator[ProfileReader]:
    """What a serving process reads through."""
    reader = await open_reader(url)
    yield ProfileReader(reader, lambda: TODAY)
    await reader.close()


async def ask(door: ProfileReader, query: str) -> dict[str, Any]:
    """The answer to a query string, plus signs for blanks."""
    return await search_answer(door, request_from_query([tuple(p.replace("+", " ").split("=", 1)) for p in query.split("&")]))  # type: ignore[misc]


async def ids(door: ProfileReader, query: str) -> list[str]:
    """Who is found, in order."""
    return [hit["id"] for hit in (await ask(door, query))["hits"]]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("company=jade+loop+inc", {"mover", "stayer"}),
        ("company=Jadeloop", {"mover", "stayer"}),
        ("company=JADE-LOOP", {"mover", "stayer"}),
        ("company=https://www.jadeloop.example", {"mover", "stayer"}),
        ("company=abc%26d", set()),
        ("company=ABCD", {"initials"}),
        ("company=a.b.c.+and+d", {"initials"}),
        ("company=jade+loop&company_when=current", {"stayer"}),
        ("company=jadeloop.example&company_when=current", {"stayer"}),
        ("company=jade+loop&company_when=past", {"mover"}),
        ("company=jadeloop.example&company_when=past", {"mover"}),
        ("company=emberfield&company_when=past", set()),
        ("company=emberfield&company_when=current", {"mover"}),
        ("company=emberfield&company_when=any", {"mover"}),
    ],
)
async def test_companies(door: ProfileReader, said: str, found: set[str]) -> None:
    """Legal form, case and punctuation do not matter; a domain is its company; who left A for B worked at A in the past, at B now."""
    assert set(await ids(door, said)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=birch+house", {"austin", "robert"}),
        ("q=birchouse+ltd", {"austin", "robert"}),
        ("q=ex-jadeloop", {"mover"}),
        ("q=formerly+at+jadeloop", {"mover"}),
        ("q=former+senator", set()),
        ("q=accountant+without+leeds", {"smith_tx"}),
        ("q=smith+excluding+accountant", set()),
        ("q=smith+without+an+ex-birchhouse", {"austin", "smith_tx"}),
        ("q=without", set()),
    ],
)
async def test_companies_and_exclusions_as_people_type_them(door: ProfileReader, query: str, found: set[str]) -> None:
    """In one box: a company written as two words or misspelt before its legal form, an employer of before, and what is not wanted."""
    assert set(await ids(door, query)) == found


async def test_near_a_place_or_a_point(door: ProfileReader) -> None:
    """Within so many kilometres of a city, by any of its names, or of a point; hits tell how far; nearest first if asked."""
    for place in ("Munich", "München", "48.137,11.575"):
        answer = await ask(door, f"near={place}&radius_km=60&sort=distance")
        assert [(hit["id"], hit["distance_km"]) for hit in answer["hits"]][2:] == [("augsburg", 56.5)]
        assert {hit["id"]: hit["distance_km"] for hit in answer["hits"][:2]} == {"bob": 0.0, "jane": 0.0}
    assert set(await ids(door, "near=Munich")) == {"bob", "jane"}, "50 km if nothing is said"
    assert set(await ids(door, "location=Munich&radius_km=60")) == {"bob", "jane", "augsburg"}
    assert set(await ids(door, "location=Munich")) == {"bob", "jane"}


async def test_a_misspelt_place_is_found(door: ProfileReader) -> None:
    """One letter wrong in a place nobody knows finds those who live there, unless `strict` is asked for; a known place is no other one."""
    assert set(await ids(door, "location=Augsburk")) == {"augsburg"}
    assert await ids(door, "location=Augsburk&strict=true") == []
    assert await ids(door, "location=Salzburg") == []


async def test_which_place_is_meant_is_told(door: ProfileReader) -> None:
    """The place taken with its coordinates, and others that are called so."""
    (place,) = (await ask(door, "near=Springfield,+IL"))["interpreted"]["places"]
    assert (place["place"], place["lat"], place["lon"], place["radius_km"], place["also"]) == (
        "Springfield, Illinois, United States", 39.802, -89.644, 50.0, [],
    )  # fmt: skip
    (doubtful,) = (await ask(door, "location=Springfield"))["interpreted"]["places"]
    assert "Springfield, Illinois, United States" in doubtful["also"]
    assert doubtful["radius_km"] is None
    (country,) = (await ask(door, "location=Georgia"))["interpreted"]["places"]
    assert country["also"] == ["Georgia, United States (region)"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("near=Bavaria", "near"),
        ("near=91,0", "near"),
        ("near=remote", "near"),
        ("radius_km=5", "radius_km"),
        ("location=Munich&location=Berlin&radius_km=5", "radius_km"),
        ("near=Munich&radius_km=0", "radius_km"),
        ("sort=distance", "sort"),
        ("company_when=past", "company_when"),
    ],
)
async def test_what_cannot_be_measured_is_said(door: ProfileReader, query: str, pointer: str) -> None:
    """A circle needs one point, an order by distance a circle, a time a company; the error names the parameter."""
    with pytest.raises(QueryInvalid) as caught:
        await ask(door, query)
    assert caught.value.problems[0].pointer.lstrip("/") == pointer
    assert caught.value.problems[0].allowed


async def test_a_facet_is_not_narrowed_by_its_own_choice(door: ProfileReader) -> None:
    """Choosing a company leaves the other companies to choose from, with what each would give; other facets follow the choice."""
    query = "job_title=accountant&company=Birchhouse&facets=company&facets=city"
    facets = (await ask(door, query))["facets"]
    assert facets["company"] == [{"value": "Birchhouse", "count": 1}, {"value": "Stanwick Retail", "count": 1}]
    assert facets["city"] == [{"value": "Leeds", "count": 1}]
    without = (await ask(door, "job_title=accountant&company.none=Birchhouse&facets=company"))["facets"]
    assert without["company"] == facets["company"]
    cities = (await ask(door, "job_title=accountant&location=Leeds&facets=city"))["facets"]
    assert {bucket["value"] for bucket in cities["city"]} == {"Leeds", "Austin"}
    skills = (await ask(door, "skill.all=python&facets=skill"))["facets"]
    assert {(bucket["value"], bucket["count"]) for bucket in skills["skill"]} == {("Python", 2), ("C#", 1), ("SQL", 1)}


async def test_totals_exact_or_at_least(door: ProfileReader) -> None:
    """A total is exact unless the caller asks for less; few are counted exactly in any case."""
    for said in ("", "&exact_total=true", "&exact_total=false"):
        answer = await ask(door, f"job_title=senator{said}")
        assert (answer["total"], answer["total_is_exact"]) == (4, True)


async def test_highlights(door: ProfileReader) -> None:
    """Which words of which values matched, as they are written there; nothing unless asked."""
    answer = await ask(door, "name=garcia&job_title=data&location=Spain&skill=sql&highlight=true")
    marked = [(h["field"], [h["value"][w["start"] : w["end"]] for w in h["words"]]) for h in answer["hits"][0]["highlights"]]
    assert marked == [("name", ["García"]), ("job_title", ["Data"]), ("location", ["Spain"]), ("skill", ["SQL"])]
    assert (await ask(door, "name=garcia"))["hits"][0]["highlights"] is None
    former = (await ask(door, "company=jade+loop&company_when=past&highlight=true"))["hits"][0]["highlights"]
    assert [h["value"] for h in former] == ["Jade Loop"], "the employer who matched, though another is shown"


@pytest.mark.parametrize(
    "query",
    ["q=nancy+pelosee", "q=bob+crossbury+munich+engineer", "name=robert+crosbury", "job_title=vp+engineering&skill=k8s",
     "company=stanwick+retail&location=Austin", "q=jane.doe@emberpoint.example", "q=engineer&near=Berlin&radius_km=900&sort=distance"],
)  # fmt: skip
async def test_the_shares_of_an_explanation_add_up(door: ProfileReader, query: str) -> None:
    """What the parts gave is the score of the hit, to the fourth decimal; each part says in words what matched how."""
    answer = await ask(door, f"{query}&explain=true")
    assert answer["hits"]
    for hit in answer["hits"]:
        told = hit["explanation"]
        assert told["score"] == pytest.approx(sum(share["score"] for share in told["shares"]), abs=0.001)
        if "sort" not in query:
            assert told["score"] == pytest.approx(hit["score"], rel=1e-4)
        assert told["shares"]
        assert all(f"'{share['said']}'" in share["text"] and share["score"] > 0 for share in told["shares"])


async def test_an_explanation_in_words(door: ProfileReader) -> None:
    """A sound is called a sound, a nickname a form of the name, a place by what it is; addresses are not repeated."""
    (pelosi,) = (await ask(door, "q=nancy+pelosee&explain=true"))["hits"]
    texts = [share["text"].partition(", +")[0] for share in pelosi["explanation"]["shares"]]
    assert "name: 'pelosee' sounds like Pelosi" in texts
    bob = next(h for h in (await ask(door, "q=robert+crossbury+munich&explain=true"))["hits"] if h["id"] == "bob")
    texts = [share["text"].partition(", +")[0] for share in bob["explanation"]["shares"]]
    told = {"name: 'robert' is a form of Bob", "location: 'munich' is the city of Munich", "location: 'munich' is the city shown, Munich"}
    assert told <= set(texts)
    (jane,) = (await ask(door, "email=jane.doe@emberpoint.example&explain=true"))["hits"]
    assert jane["explanation"]["shares"][0]["value"] is None


async def offered(door: ProfileReader, field: str, prefix: str, size: int = 10) -> list[tuple[str, int]]:
    """The suggestions for what is typed."""
    body = await completions_answer(door, parameters(CompletionRequest, {"field": field, "prefix": prefix, "size": str(size)}.items()))
    return [(one["value"], one["count"]) for one in body["suggestions"]]


async def test_suggestions(door: ProfileReader, url: str) -> None:
    """The most frequent first, whatever the case and accents; nothing that only somebody with expired values has."""
    assert await offered(door, "job_title", "SENA") == [("United States Senator", 4)]
    assert await offered(door, "name", "garcía-l") == [("María García-López", 1)]
    assert await offered(door, "skill", "c+") == [("C++", 1)]
    assert (await offered(door, "location", "munch"))[0] == ("Munich, Bavaria, Germany", 2)
    assert await offered(door, "company", "xyz") == []
    assert await offered(door, "job_title", "zep") == [("Zeppelin Pilot", 1)]
    assert len(await offered(door, "company", "s", 1)) == 1
    later = await open_reader(url)
    try:
        assert await offered(ProfileReader(later, lambda: FAR.replace(year=2027)), "job_title", "zep") == []
    finally:
        await later.close()


@pytest.mark.parametrize(
    ("query", "without"),
    [
        ("q=nancy+smith", [("q", "nancy", 2), ("q", "smith", 1)]),
        ("q=nancy+smith&location=Leeds", [("q", "nancy", 1), ("q", "smith", 0), ("location", "Leeds", 0)]),
        (
            "skill.all=Kubernetes&skill.all=Python&job_title.none=CTO",
            [("job_title.none", "CTO", 0), ("skill.all", "Kubernetes", 2), ("skill.all", "Python", 2)],
        ),
        (
            "company=Hilton&company_when=past&near=Paris&radius_km=20&has_phone=true",
            [("company", "Hilton", 0), ("near", "Paris", 0), ("has_phone", "true", 0)],
        ),
        ("location=Leeds&radius_km=5&sort=distance&job_title=Senator", [("job_title", "Senator", 1), ("location", "Leeds", 4)]),
    ],
)
async def test_when_nobody_is_found_the_answer_says_what_stands_in_the_way(
    door: ProfileReader, query: str, without: list[tuple[str, str, int]]
) -> None:
    """Each condition, and how many people would be found without it, where that is asked for."""
    found = await ask(door, f"{query}&count_without=true")
    assert found["total"] == 0
    assert [(left["field"], left["text"], left["total"]) for left in found["interpreted"]["without"]] == without


async def test_what_stands_in_the_way_is_asked_of_nobody_found_alone(door: ProfileReader) -> None:
    """A search that finds somebody, or that does not ask for it, says nothing of the kind; one that asks for one thing lists nothing."""
    for query in ("q=nancy+pelosi&count_without=true", "location=Leeds&job_title=accountant&count_without=true", "q=nancy+smith"):
        assert (await ask(door, query))["interpreted"]["without"] is None
    assert (await ask(door, "q=zzyzxqwrt&count_without=true"))["interpreted"]["without"] == []
