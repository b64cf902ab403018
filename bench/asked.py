"""The queries of a generated data set as bodies of search requests, by class: what the benches of both engines ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

Body = dict[str, Any]

COUNTED = ["job_title", "company", "skill", "seniority", "country"]  # facets of a discovery query
FACETS_AT_MOST = 100  # buckets, as many as a caller may ask for


def read_queries(folder: Path, most: int | None = None) -> list[tuple[str, Body]]:
    """(kind, body) of each line of the folder's queries.jsonl; with `most`, so many of them spread over the whole file."""
    lines = [orjson.loads(line) for line in (folder / "queries.jsonl").read_bytes().splitlines()]
    if most is not None and most < len(lines):
        lines = [lines[n * len(lines) // most] for n in range(most)]
    return [(line["kind"], body_of(line)) for line in lines]


def body_of(line: Body) -> Body:
    """One line as a search: names as free text, everything else in the field it belongs to."""
    body: Body = {field: line[field] for field in ("q", "email", "phone") if field in line}
    if "title" in line:
        body["job_title"] = line["title"]
    if line.get("skills"):
        body["skill"] = {"all": line["skills"]}
    if place := line.get("city") or line.get("country"):
        body["location"] = place
    return body
