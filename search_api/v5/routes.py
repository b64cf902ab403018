"""The routes of /v5, and the paths of theirs that roster has no answer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel

from profiles.errors import Problem, QueryInvalid
from search_api import handlers
from search_api.enrich.routes import SECONDS, enricher_of
from search_api.requests import parameters, validated
from search_api.route import Handler, Route
from search_api.schemas import SearchRequest
from search_api.v5 import cleaning, completing, enriching, schemas, searching
from search_api.v5.answers import NOBODY, ROOT, answer
from search_api.v5.person import company_body

M = TypeVar("M", bound=BaseModel)

KEY = "api_key"

NOT_OFFERED: Mapping[str, str] = {
    f"{ROOT}/company/enrich": "companies are not enriched: people are held here, and companies only as their employers",
    f"{ROOT}/company/enrich/bulk": "companies are not enriched: people are held here, and companies only as their employers",
    f"{ROOT}/company/search": "companies are not searched: people are held here, and companies only as their employers",
    f"{ROOT}/company/bulk": "companies are not enriched: people are held here, and companies only as their employers",
    f"{ROOT}/school/clean": "schools are not cleaned: nothing is held of anybody's education",
    f"{ROOT}/ip/enrich": "addresses of computers are not enriched: nothing is held of them",
    f"{ROOT}/person/changelog": "there are no versions of a dataset here; GET /v1/changes tells what has become of profiles",
    f"{ROOT}/skill/enrich": "skills are not enriched; POST /v1/clean/skill gives their canonical names",
}
"""Their paths that are answered with an error saying so."""


async def not_offered(request: web.Request) -> web.Response:
    """Any of NOT_OFFERED."""
    resource = request.match_info.route.resource
    raise QueryInvalid([Problem("", NOT_OFFERED[resource.canonical if resource else ""], "see docs/v5.md")])


async def _asked(request: web.Request, model: type[M]) -> M:
    """What is asked, in a url or as a JSON body. Raises QueryInvalid with every mistake."""
    if request.method == "POST":
        return validated(model, await handlers.json_body(request))
    pairs = [(name, value) for name, value in request.query.items() if name != KEY]
    if not issubclass(model, schemas.PersonEnrich):
        return parameters(model, pairs)
    said: dict[str, list[str]] = {}
    for name, value in pairs:  # what is said more than once are alternatives
        said.setdefault(name, []).append(value)
    return validated(model, {name: values[0] if len(values) == 1 else values for name, values in said.items()})


async def person_search(request: web.Request) -> web.Response:
    """GET and POST /v5/person/search."""
    wanted = await _asked(request, schemas.PersonSearch)
    body = await searching.search(request.app[handlers.PROFILES], wanted)
    return answer(body, kind="search", spent=len(body["data"]), pretty=wanted.pretty)


async def person_retrieve(request: web.Request) -> web.Response:
    """GET /v5/person/retrieve/{id}."""
    wanted = await _asked(request, schemas.PersonRetrieve)
    body = await searching.retrieve(request.app[handlers.PROFILES], request.match_info["id"], wanted)
    return answer(body, kind="retrieve", spent=1, pretty=wanted.pretty)


async def person_enrich(request: web.Request) -> web.Response:
    """GET and POST /v5/person/enrich."""
    wanted = await _asked(request, schemas.PersonEnrich)
    [body] = await enriching.enrich(request.app[handlers.PROFILES], enricher_of(request), [wanted])
    return answer(body, kind="enrich", spent=int(body["status"] == 200), pretty=wanted.pretty, status=body["status"])


async def person_identify(request: web.Request) -> web.Response:
    """GET and POST /v5/person/identify."""
    wanted = await _asked(request, schemas.PersonIdentify)
    body = await enriching.identify(request.app[handlers.PROFILES], enricher_of(request), wanted)
    return answer(body, kind="person_identify", spent=1, pretty=wanted.pretty)


async def person_bulk(request: web.Request) -> web.Response:
    """POST /v5/person/bulk."""
    wanted = await _asked(request, schemas.PersonBulk)
    bodies = await enriching.bulk(request.app[handlers.PROFILES], enricher_of(request), wanted)
    return answer(bodies, kind="enrich", spent=sum(body["status"] == 200 for body in bodies), pretty=wanted.pretty)


async def autocomplete(request: web.Request) -> web.Response:
    """GET /v5/autocomplete."""
    wanted = await _asked(request, schemas.AutocompleteRequest)
    body = await completing.autocomplete(request.app[handlers.PROFILES], wanted)
    return answer(body, kind="autocomplete", pretty=wanted.pretty)


async def company_clean(request: web.Request) -> web.Response:
    """GET /v5/company/clean."""
    wanted = await _asked(request, schemas.CompanyClean)
    return answer(await cleaning.company(request.app[handlers.PROFILES], wanted), kind="company_clean", pretty=wanted.pretty)


async def location_clean(request: web.Request) -> web.Response:
    """GET /v5/location/clean."""
    wanted = await _asked(request, schemas.LocationClean)
    return answer(cleaning.place(wanted), kind="location_clean", pretty=wanted.pretty)


async def job_title_enrich(request: web.Request) -> web.Response:
    """GET /v5/job_title/enrich."""
    wanted = await _asked(request, schemas.JobTitleEnrich)
    return answer(await cleaning.job_title(request.app[handlers.PROFILES], wanted), kind="enrich_job_title", pretty=wanted.pretty)


_GET_ERRORS = (400, 401, 403, 500, 503)
_QUERY = {"bool": {"must": [{"term": {"job_company_name": "emberpoint"}}, {"match": {"job_title": "engineering"}}]}}
_SQL = "SELECT * FROM person WHERE location_country = 'germany' AND job_title LIKE '%engineering%' AND emails IS NOT NULL"
_RECORD = {"id": "jane", "full_name": "jane doe", "job_title": "vice president of engineering"}
_PAGE = {"status": 200, "data": [_RECORD], "scroll_token": None, "total": 1}
_ERRORS = (400, 401, 403, 404, 500, 503)
_KNOWN = {"email": "jane.doe+news@emberpoint.example", "name": "Jane Doe", "data_include": "full_name,job_title"}
_SHOWN = {"full_name": "jane doe", "job_title": "vice president of engineering"}
_ENRICHED = {"status": 200, "likelihood": 10, "data": _SHOWN}
_IDENTIFIED = {"status": 200, "matches": [{"data": _SHOWN, "match_score": 99}]}
_GERMANY = {"country": "germany", "continent": None}
_MUNICH = {"name": "munich, bavaria, germany", "locality": "munich", "region": "bavaria", "metro": None, **_GERMANY, "geo": "48.14,11.57"}


def _get(
    name: str, path: str, handler: Handler, summary: str, asks: type[BaseModel], example: dict[str, Any], answered: Any, **more: Any
) -> Route:
    return Route(
        name=f"v5_{name}",
        method="GET",
        path=f"{ROOT}/{path}",
        handler=handler,
        summary=summary,
        parameters=(KEY, *asks.model_fields),
        asks=asks,
        example=example,
        answer_example=answered,
        **{"answers": {200: None}, "errors": _GET_ERRORS, **more},
    )


def _post_too(by_url: Route, summary: str, example: dict[str, Any] | None = None) -> tuple[Route, Route]:
    """A question that is taken as a body, too, with its url form behind it.    example: of the body, where it is another one."""
    name = by_url.name.removesuffix("_by_url")
    body = replace(by_url, name=name, method="POST", summary=summary, body=by_url.asks, asks=SearchRequest, parameters=())
    return replace(body, example=example or by_url.example), by_url


V5_ROUTES: tuple[Route, ...] = (
    *_post_too(
        _get(
            "person_search_by_url",
            "person/search",
            person_search,
            "The same with everything in the url; `query` as JSON.",
            schemas.PersonSearch,
            {"sql": _SQL, "data_include": "id,full_name,job_title"},
            _PAGE,
            answers={200: schemas.PersonsAnswer},
        ),
        "Person search of People Data Labs: `query` or `sql` (docs/v5.md says which parts of them).",
        {"query": _QUERY, "size": 10, "data_include": "id,full_name,job_title"},
    ),
    _get(
        "person_retrieve",
        "person/retrieve/{id}",
        person_retrieve,
        "A record by its id. The id of a profile that was merged leads to the record it is part of.",
        schemas.PersonRetrieve,
        {"data_include": "id,full_name,job_title"},
        {"status": 200, "data": _RECORD, "billed": False},
        answers={200: schemas.PersonAnswer},
        errors=_ERRORS,
    ),
    *_post_too(
        _get(
            "person_enrich_by_url",
            "person/enrich",
            person_enrich,
            "The same with everything in the url; a parameter said more than once has alternatives.",
            schemas.PersonEnrich,
            _KNOWN,
            _ENRICHED,
            answers={200: schemas.EnrichedAnswer},
            errors=_ERRORS,
        ),
        "The one person meant by what you know of them. 404 when it is nobody here, or could be several.",
    ),
    *_post_too(
        _get(
            "person_identify_by_url",
            "person/identify",
            person_identify,
            "The same with everything in the url.",
            schemas.PersonIdentify,
            _KNOWN,
            _IDENTIFIED,
            answers={200: schemas.IdentifiedAnswer},
            errors=_ERRORS,
        ),
        "Up to 20 people who may be meant, likeliest first. 404 when nobody is like it.",
    ),
    Route(
        name="v5_person_bulk",
        method="POST",
        path=f"{ROOT}/person/bulk",
        handler=person_bulk,
        summary="Up to 100 requests of person/enrich: a list of what becomes of each, in their order, with its metadata.",
        body=schemas.PersonBulk,
        answers={200: None},
        errors=_GET_ERRORS,
        seconds=SECONDS,
        example={"requests": [{"params": _KNOWN, "metadata": {"row": 1}}, {"params": {"email": "nobody@emberpoint.example"}}]},
        answer_example=[  # type: ignore[arg-type]  # theirs is a list
            {**_ENRICHED, "metadata": {"row": 1}},
            {"status": 404, "error": {"type": "not_found", "message": NOBODY}},
        ],
    ),
    _get(
        "autocomplete",
        "autocomplete",
        autocomplete,
        "Values that begin with a text, or one of whose words does, with the number of records that hold them.",
        schemas.AutocompleteRequest,
        {"field": "skill", "text": "kub"},
        {"status": 200, "data": [{"name": "kubernetes", "count": 2, "meta": {}}], "fields": ["skills"]},
        answers={200: schemas.AutocompleteAnswer},
    ),
    _get(
        "company_clean",
        "company/clean",
        company_clean,
        "A company's name, its legal form apart; by the website alone where a profile holds it.",
        schemas.CompanyClean,
        {"name": "Emberpoint Inc.", "website": "https://www.emberpoint.example/about"},
        {
            "status": 200,
            **company_body("emberpoint", "emberpoint", "emberpoint.example"),
            "raw": ["Emberpoint Inc.", "https://www.emberpoint.example/about"],
            "fuzzy_match": False,
        },
        errors=_ERRORS,
    ),
    _get(
        "location_clean",
        "location/clean",
        location_clean,
        "A place: city, region, country and coordinates.",
        schemas.LocationClean,
        {"location": "Greater Munich Area"},
        {"status": 200, **_MUNICH, "subregion": None, "type": "metro"},
        errors=_ERRORS,
    ),
    _get(
        "job_title_enrich",
        "job_title/enrich",
        job_title_enrich,
        "A title in its canonical words, titles for the same work, and the skills that most people with it have.",
        schemas.JobTitleEnrich,
        {"job_title": "VP Eng"},
        {
            "status": 200,
            "data": {
                "cleaned_job_title": "vice president of engineering",
                "similar_job_titles": [],
                "relevant_skills": ["kubernetes", "c++", "node.js"],
            },
        },
        errors=_ERRORS,
    ),
)
