"""Parts of examples that several routes show in /openapi.json. Jane Doe is nobody."""

from __future__ import annotations

from typing import Any

META: dict[str, Any] = {"request_id": "3f0c5e9b7a1d4c2e", "took_ms": 4.2}
JANE: dict[str, Any] = {
    "value": "Jane Doe",
    "parts": {"given": "Jane", "family": "Doe"},
    "status": "attested",
    "score": 1.0,
    "verified_at": None,
    "first_seen": "2026-10-01",
    "last_seen": "2026-11-01",
    "expires_at": "2028-10-01",
    "job": None,
    "current": None,
    "started": None,
    "ended": None,
    "sources": [
        {
            "id": "registry",
            "name": "Example business registry",
            "kind": "public",
            "record_id": "r-17",
            "collected_at": "2026-11-01",
            "url": "https://registry.example/r-17",
        }
    ],
}
WHOLE_PROFILE: dict[str, Any] = {
    "id": "p_01hx",
    "name": "Jane Doe",
    "job_title": None,
    "company": None,
    "location": None,
    "updated": "2026-11-01",
    "names": [JANE],
    **{field: [] for field in ("emails", "phones", "job_titles", "companies", "locations", "skills", "links")},
}
