"""The routes of /v1/verify. What each answers to its example is tried by a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from search_api.asking import ERRORS, task_route
from search_api.route import Route
from search_api.verify.tasks import VERIFY_TASKS

PATIENCE = 240.0
"""Seconds a list may take: a hundred addresses, 16 conversations at a time, two hosts of 15 seconds each where all of them are silent."""

_BY_NAME = {task.name: task for task in VERIFY_TASKS}

_ATTESTED = {"id": "registry", "name": "Example business registry", "kind": "public", "last_seen": "2026-10-01"}
_KNOWN = {
    "here": True,
    "exact": True,
    "first_seen": "2026-10-01",
    "last_seen": "2026-10-01",
    "people": 1,
    "profiles": ["pmrs52a2ewgtjac0b"],
    "sources": [_ATTESTED],
}


def _evidence(says: str) -> dict[str, Any]:
    return {"says": says, "speaks_for": "yes", "since": "2026-10-01", "until": "2026-10-01", "sources": ["registry"]}


def _route(name: str, summary: str, example: dict[str, Any], answer: dict[str, Any]) -> Route:
    route = task_route(_BY_NAME[f"verify/{name}"], summary, example, answer, tuple(sorted({*ERRORS, 451})))
    return replace(route, seconds=PATIENCE)


VERIFY_ROUTES: tuple[Route, ...] = (
    _route(
        "email",
        "Whether mail to an address can arrive: syntax, domain, kind of mailbox, its server where that is asked, and who attests it.",
        {"email": "jane.doe+news@emberpoint.example"},
        {
            "email": "jane.doe+news@emberpoint.example",
            "status": "valid",
            "score": 80,
            "score_parts": [
                {"part": "syntax", "points": 10, "why": "written as addresses are"},
                {"part": "domain", "points": 20, "why": "the domain names hosts for its mail"},
                {"part": "known", "points": 50, "why": "a source attested it on 2026-10-01"},
            ],
            "reason": "attested by a source on 2026-10-01",
            "checked_at": "2026-11-23T09:30:00Z",
            "counts_until": "2027-03-30T00:00:00Z",
            "syntax": {
                "valid": True,
                "reason": None,
                "local": "jane.doe+news",
                "domain": "emberpoint.example",
                "registrable_domain": "emberpoint.example",
                "internationalised": False,
            },
            "domain": {"route": "mx", "hosts": ["mx1.emberpoint.example", "mx2.emberpoint.example"]},
            "mailbox": None,
            "disposable": False,
            "free": False,
            "role": False,
            "plus_alias": True,
            "gibberish": False,
            "did_you_mean": None,
            "known": _KNOWN,
        },
    ),
    _route(
        "phone",
        "Whether a number can be called, what kind it is, and how far it reaches one person.",
        {"phone": "030 23125 104", "country": "DE"},
        {
            "phone": "+493023125104",
            "status": "valid",
            "reason": None,
            "possible": True,
            "valid": True,
            "region": "DE",
            "kind": "fixed",
            "extension": None,
            "national": "030 23125104",
            "international": "+49 30 23125104",
            "shared": False,
            "grade": "A",
            "grade_means": "in use, and attested for one person on 2026-10-01",
            "checked_at": "2026-11-23T09:30:00Z",
            "known": _KNOWN,
        },
    ),
    _route(
        "profile-link",
        "Which network and handle a link leads to, and whose profile has it.",
        {"link": "linkedin.com/in/Jane-Doe?trk=x"},
        {
            "link": "https://www.linkedin.com/in/jane-doe",
            "status": "valid",
            "reason": None,
            "network": "linkedin",
            "handle": "jane-doe",
            "profile": "pmrs52a2ewgtjac0b",
            "checked_at": "2026-11-23T09:30:00Z",
            "known": _KNOWN,
        },
    ),
    _route(
        "contact",
        "Whether an e-mail address, number or profile link belongs to this person at this company: yes, no or unsure, and why.",
        {"name": "Jane Doe", "company": "Emberpoint", "email": "jane.doe+news@emberpoint.example"},
        {
            "answer": "yes",
            "reason": "attested for this person on 2026-10-01",
            "kind": "email",
            "value": "jane.doe+news@emberpoint.example",
            "profile": "pmrs52a2ewgtjac0b",
            "evidence": [_evidence("attested on 2026-10-01 for this person"), _evidence("works for this company, attested on 2026-10-01")],
            "checked_at": "2026-11-23T09:30:00Z",
            "counts_until": "2027-03-30T00:00:00Z",
        },
    ),
)
