"""Every route, in one literal table: what the app serves, what /openapi.json describes and what the tests loop over."""

from __future__ import annotations

from search_api import handlers, schemas
from search_api.changes.routes import CHANGE_ROUTES
from search_api.clean.routes import CLEAN_ROUTES
from search_api.enrich.routes import ENRICH_ROUTES
from search_api.examples import META, WHOLE_PROFILE
from search_api.exporting.routes import EXPORT_ROUTES
from search_api.jobs.routes import JOB_ROUTES
from search_api.reconcile.routes import RECONCILE_ROUTES
from search_api.requests import QUERY_PARAMETERS
from search_api.review.routes import REVIEW_ROUTES
from search_api.route import Route
from search_api.saved.routes import SAVED_ROUTES
from search_api.suggest.routes import SUGGEST_ROUTES
from search_api.v5.routes import V5_ROUTES
from search_api.verify.routes import VERIFY_ROUTES

_FOUND = {
    "total": 1,
    "total_is_exact": True,
    "hits": [
        {
            "id": "p_01hx",
            "name": "Jane Doe",
            "job_title": "Vice President of Engineering",
            "company": "Acme",
            "location": "Munich, Bavaria, Germany",
            "score": 14.2,
            "seniority": "vice_president",
            "function": "engineering",
            "skills": ["Kubernetes"],
            "links": [{"network": "linkedin", "url": "https://www.linkedin.com/in/jane-doe"}],
            "has_email": True,
            "has_phone": False,
            "has_link": True,
            "updated": "2026-11-01",
            "distance_km": 0.0,
            "highlights": [{"field": "name", "value": "Jane Doe", "words": [{"start": 0, "end": 4}]}],
            "explanation": {
                "score": 14.2,
                "shares": [
                    {
                        "text": "name: 'jane' is spelt as Jane, +14.20",
                        "parameter": "q",
                        "said": "jane",
                        "field": "name",
                        "how": "exact",
                        "value": "Jane Doe",
                        "score": 14.2,
                    }
                ],
            },
        }
    ],
    "facets": {},
    "cursor": None,
    "interpreted": {
        "words": [{"text": "jane", "field": "q", "read_as": ["name"]}],
        "places": [
            {
                "text": "Munich",
                "parameter": "near",
                "place": "Munich, Bavaria, Germany",
                "lat": 48.137,
                "lon": 11.575,
                "radius_km": 50.0,
                "also": [],
            }
        ],
        "at_least": 1,
        "relaxed": False,
        "fields": {"name": "jane"},
        "without": None,
    },
    "meta": META,
}
ROUTES: tuple[Route, ...] = (
    Route(
        name="search",
        method="POST",
        path="/v1/profiles/search",
        handler=handlers.search_posted,
        summary="Find people by name, job title, company, location, skills or contact details.",
        body=schemas.SearchRequest,
        answers={200: schemas.SearchAnswer},
        errors=(400, 401, 403, 413, 415, 422, 500, 503),
        example={"q": "jane doe acme", "job_title": {"any": ["VP Engineering", "CTO"]}, "location": "Munich", "facets": ["company"]},
        answer_example=_FOUND,
    ),
    Route(
        name="search_by_query",
        method="GET",
        path="/v1/profiles/search",
        handler=handlers.search_asked,
        summary="The same search as a query string: repeat a parameter for any-of; `.all` and `.none` say all-of and none-of.",
        parameters=QUERY_PARAMETERS,
        answers={200: schemas.SearchAnswer},
        errors=(401, 403, 422, 500, 503),
        answer_example=_FOUND,
    ),
    Route(
        name="profile",
        method="GET",
        path="/v1/profiles/{id}",
        handler=handlers.profile,
        summary="One profile: every value with its sources and dates. 308 leads on after a merge; 410 says erased or expired.",
        answers={200: schemas.ProfileAnswer, 304: None, 308: schemas.MovedAnswer},
        errors=(401, 403, 404, 410, 422, 500, 503),
        answer_example={**WHOLE_PROFILE, "meta": META},
    ),
    Route(
        name="health",
        method="GET",
        path="/healthz",
        handler=handlers.health,
        summary="Whether the process answers.",
        answers={200: schemas.HealthAnswer},
        errors=(403, 422, 500),
        open=True,
        answer_example={"status": "ok", "meta": META},
    ),
    Route(
        name="ready",
        method="GET",
        path="/readyz",
        handler=handlers.ready,
        summary="Whether searches can be answered; 503 says why not.",
        answers={200: schemas.ReadyAnswer},
        errors=(403, 422, 500, 503),
        open=True,
        answer_example={"ready": True, "documents": 150, "backlog": 0, "meta": META},
    ),
    Route(
        name="openapi",
        method="GET",
        path="/openapi.json",
        handler=handlers.openapi,
        summary="This description. The one answer without `meta`: OpenAPI has no place for it.",
        answers={200: None},
        errors=(401, 403, 422, 500),
    ),
    *EXPORT_ROUTES,
    *SUGGEST_ROUTES,
    *CHANGE_ROUTES,
    *SAVED_ROUTES,
    *RECONCILE_ROUTES,
    *REVIEW_ROUTES,
    *CLEAN_ROUTES,
    *VERIFY_ROUTES,
    *ENRICH_ROUTES,
    *JOB_ROUTES,
    *V5_ROUTES,
)
