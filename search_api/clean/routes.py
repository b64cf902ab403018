"""The routes of /v1/clean. What each answers to its example is tried by a test."""

from __future__ import annotations

from typing import Any

from search_api.asking import task_route
from search_api.clean.tasks import CLEAN_TASKS
from search_api.route import Route

_BY_NAME = {task.name: task for task in CLEAN_TASKS}


def _route(name: str, summary: str, example: dict[str, Any], answer: dict[str, Any]) -> Route:
    recognised = {"recognised": True, "reason": None, "allowed": None}
    return task_route(_BY_NAME[f"clean/{name}"], summary, example, {**recognised, **answer})


CLEAN_ROUTES: tuple[Route, ...] = (
    _route(
        "name",
        "A person's name, taken apart.",
        {"name": "DOE, Jane Q., PhD (née Smith)"},
        {
            "value": "Jane Q. Doe",
            "key": "jane q doe",
            "parts": {
                "given": "Jane",
                "middle": "Q.",
                "family": "Doe",
                "suffix": "",
                "credentials": "PhD",
                "nickname": "",
                "former_family": "Smith",
            },
        },
    ),
    _route(
        "company",
        "A company's name, its legal form apart.",
        {"company": "Emberpoint Inc.", "domain": "https://www.emberpoint.example/about"},
        {"value": "Emberpoint", "key": "emberpoint", "parts": {"legal_form": "Inc.", "domain": "emberpoint.example", "acronym": ""}},
    ),
    _route(
        "job-title",
        "A job title in its canonical words, with level and function.",
        {"job_title": "Sr. VP Eng & Co-Founder"},
        {
            "value": "Senior Vice President of Engineering",
            "key": "senior vice president of engineering",
            "parts": {
                "seniority": "vice_president",
                "function": "engineering",
                "level_word": "Senior Vice President",
                "base": "Engineering",
                "occupation": "",
                "also": ["Co-Founder"],
            },
        },
    ),
    _route(
        "location",
        "A place: city, region, country and coordinates.",
        {"location": "Greater Munich Area"},
        {
            "value": "Munich, Bavaria, Germany",
            "key": "de/bavaria/munich",
            "parts": {
                "city": "Munich",
                "region": "Bavaria",
                "region_code": "DE-BY",
                "country": "DE",
                "country_name": "Germany",
                "lat": 48.137,
                "lon": 11.575,
                "kind": "metro",
                "metro": "",
                "population": 1505005,
            },
        },
    ),
    _route(
        "skill", "A skill by its canonical name.", {"skill": "k8s"}, {"value": "Kubernetes", "key": "kubernetes", "parts": {"known": True}}
    ),
    _route(
        "phone",
        "A phone number in E.164, with kind and country.",
        {"phone": "(202) 555-0142 ext 7", "country": "US"},
        {
            "value": "+12025550142",
            "key": "+12025550142",
            "parts": {
                "e164": "+12025550142",
                "kind": "fixed_or_mobile",
                "extension": "7",
                "country": "US",
                "national": "(202) 555-0142",
                "international": "+1 202-555-0142",
            },
        },
    ),
    _route(
        "email",
        "An e-mail address and what kind of mailbox it is; nothing is asked of the network.",
        {"email": "Jane Doe <Jane.Doe+news@Emberpoint.example>"},
        {
            "value": "jane.doe+news@emberpoint.example",
            "key": "jane.doe+news@emberpoint.example",
            "parts": {
                "local": "jane.doe+news",
                "domain": "emberpoint.example",
                "registrable_domain": "emberpoint.example",
                "plus_tag": "news",
                "role": False,
                "free": False,
                "disposable": False,
                "variants": ["jane.doe@emberpoint.example"],
            },
        },
    ),
    _route(
        "profile-link",
        "A social profile: network, handle, canonical address.",
        {"link": "linkedin.com/in/Jane-Doe?trk=x"},
        {
            "value": "https://www.linkedin.com/in/jane-doe",
            "key": "linkedin:jane-doe",
            "parts": {"network": "linkedin", "handle": "jane-doe", "url": "https://www.linkedin.com/in/jane-doe"},
        },
    ),
)
