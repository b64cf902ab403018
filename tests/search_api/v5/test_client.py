"""/v5 as the client of People Data Labs, unchanged, uses it: each call against the app, on each engine."""

from __future__ import annotations

from typing import Any

import pytest

from search_api.keys import make_key
from tests.search_api.conftest import MakeClient
from tests.search_api.desk import Desk
from tests.search_api.people import PEOPLE, moved, person
from tests.search_api.v5.conftest import Call, caller

SENATORS = {"klobuchar", "gillibrand", "schumer", "warnock"}


def ids(response: Any) -> set[str]:
    """Whom a search found."""
    assert response.status_code == 200, response.text
    return {record["id"] for record in response.json()["data"]}


async def test_a_search_in_the_query_language(call: Call) -> None:
    """person.search(query=...) finds who matches, with or without the outer "query" of their examples."""
    query = {"bool": {"must": [{"term": {"job_title_role": "public_service"}}, {"match": {"job_title": "senator"}}]}}
    for said in (query, {"query": query}):
        found = await call(lambda theirs, said=said: theirs.person.search(query=said, size=10))
        assert ids(found) == SENATORS
        assert found.json()["total"] == len(SENATORS)
        assert found.json()["status"] == 200


async def test_a_search_in_sql(call: Call) -> None:
    """person.search(sql=...) finds the same people as the query that says the same."""
    sql = "SELECT * FROM person WHERE job_title_role='public_service' AND job_title LIKE '%senator%';"
    assert ids(await call(lambda theirs: theirs.person.search(sql=sql, size=10))) == SENATORS


async def test_pages_follow_one_another(call: Call) -> None:
    """scroll_token goes on where a page ended; everybody comes once, and the last page has no token."""
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = (await call(lambda theirs, more=dict(more): theirs.person.search(query={"match_all": {}}, size=4, **more))).json()
        assert page["total"] == len(PEOPLE)
        seen += [record["id"] for record in page["data"]]
        if page["scroll_token"] is None:
            break
        more = {"scroll_token": page["scroll_token"]}
    assert sorted(seen) == sorted(profile.id for profile in PEOPLE)


async def test_a_record_has_their_fields(call: Call) -> None:
    """A person comes in their schema: every field of it, in lower case, null or [] for what is not held."""
    found = (await call(lambda theirs: theirs.person.search(query={"term": {"linkedin_username": "jane-doe"}}))).json()["data"][0]
    told = {
        "id": "jane",
        "full_name": "jane doe",
        "first_name": "jane",
        "last_name": "doe",
        "last_initial": "d",
        "job_title": "vice president of engineering",
        "job_title_role": "engineering",
        "job_title_levels": ["vp"],
        "job_company_name": "emberpoint",
        "location_name": "munich, bavaria, germany",
        "location_locality": "munich",
        "location_region": "bavaria",
        "location_country": "germany",
        "work_email": "jane.doe+news@emberpoint.example",
        "personal_emails": [],
        "phone_numbers": ["+493023125104"],
        "linkedin_url": "linkedin.com/in/jane-doe",
        "skills": ["node.js", "kubernetes"],
        "sex": None,
        "education": [],
    }
    assert {name: found[name] for name in told} == told
    assert found["emails"][0]["type"] == "professional"
    assert found["profiles"] == [{"network": "linkedin", "id": None, "url": "linkedin.com/in/jane-doe", "username": "jane-doe"}]
    assert [job["title"]["name"] for job in found["experience"] if job["title"]] == ["vice president of engineering"]
    shown = await call(lambda theirs: theirs.person.search(query={"term": {"id": "jane"}}, titlecase=True, pretty=True))
    assert shown.json()["data"][0]["location_name"] == "Munich, Bavaria, Germany"
    assert shown.text.count("\n") > 50


async def test_datasets_narrow_a_search(call: Call) -> None:
    """dataset="email" means people with an address, "-email" those without, two of them either."""
    everybody = {profile.id for profile in PEOPLE}
    found = {
        name: ids(await call(lambda theirs, name=name: theirs.person.search(query={"match_all": {}}, size=100, dataset=name)))
        for name in ("all", "email", "-email", "phone", "email,phone")
    }
    assert found["all"] == everybody
    assert found["email"] == everybody - found["-email"] != everybody
    assert found["email,phone"] == found["email"] | found["phone"]
    refused = await call(lambda theirs: theirs.person.search(query={"match_all": {}}, dataset="street_address"))
    assert refused.status_code == 400
    assert "email" in refused.json()["error"]["message"]


async def test_retrieve(call: Call, desk: Desk) -> None:
    """person.retrieve gives a record by its id, also by one that was merged; one that is not, or no longer, held is a 404 of theirs."""
    await desk.hold(moved("jane_old", "jane"), person("gone", name="Gone Person"))
    await desk.hide("gone")
    for known in ("jane", "jane_old"):
        found = await call(lambda theirs, known=known: theirs.person.retrieve(person_id=known))
        assert (found.status_code, found.json()["data"]["id"]) == (200, "jane")
    answers = [await call(lambda theirs, id=id: theirs.person.retrieve(person_id=id)) for id in ("nobody", "gone")]
    nobody = {"status": 404, "error": {"type": "not_found", "message": "No records were found matching your request"}}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, nobody)] * 2


@pytest.mark.parametrize(
    ("asked", "first", "fields"),
    [
        ({"field": "title", "text": "senat"}, "united states senator", "job_title"),
        ({"field": "company", "text": "emb"}, "emberpoint", "job_company_name"),
        ({"field": "skill", "text": "Node"}, "node.js", "skills"),
        ({"field": "location", "text": "munich"}, "munich, bavaria, germany", "location_name"),
        ({"field": "country", "text": "united s"}, "united states", "location_country"),
        ({"field": "region", "text": "bav", "titlecase": True}, "Bavaria", "location_region"),
        ({"field": "role", "text": "public"}, "public_service", "job_title_role"),
        ({"field": "title", "text": "", "size": 1}, "united states senator", "job_title"),
    ],
    ids=lambda value: value["field"] if isinstance(value, dict) else "",
)
async def test_autocomplete(call: Call, asked: dict[str, Any], first: str, fields: str) -> None:
    """Autocomplete gives values that begin so with the number of people, and the fields to search them in."""
    found = await call(lambda theirs: theirs.autocomplete(**asked))
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["data"][0]["name"] == first
    assert body["fields"][0] == fields
    again = await call(lambda theirs: theirs.person.search(query={"match_phrase": {fields: first}}, size=100))
    assert again.json()["total"] == body["data"][0]["count"] > 0, "a suggestion must find as many people as it promises"


async def test_autocomplete_of_what_is_not_held(call: Call) -> None:
    """A field of which roster holds nothing is named as such, not answered with an empty list."""
    found = await call(lambda theirs: theirs.autocomplete(field="school", text="harv"))
    assert (found.status_code, found.json()["error"]["type"]) == (400, "invalid_request_error")
    assert "title" in found.json()["error"]["message"]


async def test_the_cleaners(call: Call) -> None:
    """Companies, places and titles come back in canonical form; what cannot be recognised is their 404."""
    company = (await call(lambda theirs: theirs.company.cleaner(name="EMBERPOINT GmbH"))).json()
    assert (company["status"], company["name"], company["id"]) == (200, "emberpoint", "emberpoint")
    assert ids(await call(lambda theirs: theirs.person.search(query={"term": {"job_company_id": company["id"]}}))) == {"jane"}
    place = (await call(lambda theirs: theirs.location.cleaner(location="München, DE"))).json()
    assert (place["locality"], place["country"], place["type"], place["geo"]) == ("munich", "germany", "locality", "48.14,11.57")
    title = (await call(lambda theirs: theirs.job_title(job_title="Sr. VP Eng"))).json()["data"]
    assert title["cleaned_job_title"] == "senior vice president of engineering"
    unknown = await call(lambda theirs: theirs.location.cleaner(location="qqqzzz"))
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found")
    by_profile = await call(lambda theirs: theirs.company.cleaner(profile="linkedin.com/company/x"))
    assert by_profile.status_code == 400


async def test_what_is_not_offered_says_so(call: Call) -> None:
    """Calls for companies, schools and computers' addresses get an error in their form that says what is not held: never "nobody found"."""
    calls = (
        lambda theirs: theirs.company.enrichment(name="x"),
        lambda theirs: theirs.company.search(query={"match_all": {}}),
        lambda theirs: theirs.company.bulk(requests=[{"params": {"name": "x"}}]),
        lambda theirs: theirs.school.cleaner(name="x"),
        lambda theirs: theirs.ip(ip="192.0.2.1"),
        lambda theirs: theirs.person.changelog(origin_version="1", current_version="2", type="added"),
    )
    for do in calls:
        found = await call(do)
        assert (found.status_code, found.json()["error"]["type"]) == (400, "invalid_request_error"), found.text
        assert "here" in found.json()["error"]["message"] or "nothing is held" in found.json()["error"]["message"]


async def test_limits_are_told_in_their_headers(call: Call) -> None:
    """The headers that their users read are there: how many records were given, and that no number of requests is set."""
    found = await call(lambda theirs: theirs.person.search(query={"match_all": {}}, size=3))
    assert (found.headers["x-call-credits-spent"], found.headers["x-call-credits-type"]) == ("3", "search")
    assert found.headers["x-ratelimit-remaining"] == found.headers["x-ratelimit-limit"] == '{"minute":null,"day":null,"month":null}'
    assert found.headers["x-ratelimit-reset"].endswith(":00Z")


async def test_their_client_brings_its_key_its_own_way(make_client: MakeClient) -> None:
    """The key goes in the url on GET and in a header on POST, as their client sends it; a wrong one is a 401. No other url takes a key."""
    key, digest = make_key()
    client = await make_client(key_digests=frozenset({digest}))
    right, wrong = caller(client, key), caller(client, "wrong")
    for do in (
        lambda theirs: theirs.autocomplete(field="title", text="senat"),
        lambda theirs: theirs.person.search(query={"match_all": {}}),
    ):
        assert (await right(do)).status_code == 200
    # Once it has posted, their client sends the header along with every call: so the wrong key is tried in the url alone.
    refused = await client.get("/v5/autocomplete", params={"field": "title", "api_key": "wrong"})
    assert (refused.status, (await refused.json())["error"]["type"]) == (401, "authentication_error")
    refused = await wrong(lambda theirs: theirs.person.search(query={"match_all": {}}))
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    elsewhere = await client.get("/v1/suggest", params={"field": "job_title", "prefix": "senat", "api_key": key})
    assert elsewhere.status == 401
