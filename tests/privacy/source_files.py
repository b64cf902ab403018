"""Source files for the tests: one valid table, changed as a test needs it."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from privacy.sources import Source, parse_source

TODAY = date(2026, 6, 1)

_VALID: dict[str, Any] = {
    "id": "team_pages",
    "name": "Team pages of Example Data",
    "kind": "public",
    "country": "GB",
    "legal_basis": "legitimate interests, art. 6(1)(f) GDPR",
    "purposes": ["business contact search"],
    "balancing_test": "LIA-1",
    "visibility": "everyone",
    "licence": {"evidence": "terms of use, 3.2"},
    "feed": {"format": "jsonl"},
    "fields": {"record_id": "id", "name": "name"},
}
LICENSED = {"kind": "licensed_third_party", "licence": {"evidence": "contract 7", "from": date(2026, 1, 1), "until": date(2026, 12, 31)}}


def table(**changes: Any) -> dict[str, Any]:
    """A valid source file's content with changes; None takes a key away."""
    raw = copy.deepcopy(_VALID) | changes
    return {key: value for key, value in raw.items() if value is not None}


def source(**changes: Any) -> Source:
    return parse_source(table(**changes), TODAY)
