"""Invented persons for the benches of a cluster: person n is always the same, and every version of a person has an address of its own.

They are written as an ingest leaves them, a record and the profile made of it, but through the engine's own write interface: what is
measured is the store and its index, not the resolver. No keys are written, since nothing here looks for twins.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from make_examples import COMPANIES, FAMILY, GIVEN, JOBS, plain

from engines.base import Collection, Write
from indexer.person import profile_id, profile_write
from indexer.prepare import prepare
from privacy.policy import load_policy
from privacy.sources import Source, parse_source
from profiles.merge import merged

TODAY = datetime.now(UTC).date()
_CULTURES = sorted(GIVEN)
_MADE = datetime(2026, 1, 1, tzinfo=UTC)

SOURCE_TOML = """\
id = "bench"
name = "Invented persons"
kind = "public"
legal_basis = "legitimate interests, art. 6(1)(f) GDPR"
purposes = ["business contact search"]
balancing_test = "LIA-bench-02 (invented persons)"
country = "DE"
visibility = "everyone"

[licence]
evidence = "generated data, no rights reserved"

[feed]
format = "jsonl"

[fields]
record_id = "record_id"
collected_at = "collected_at"
name = "name"
emails = "emails"
jobs = "jobs"
locations = "locations"
skills = "skills"
"""


def address(n: int, version: int = 0) -> str:
    """The e-mail address that this version of person n alone has."""
    return f"person{n}.v{version}@mail{n % 97}.example"


def row(n: int, version: int = 0, day: date = TODAY) -> dict[str, Any]:
    """Person n as a feed has it."""
    culture = _CULTURES[n % len(_CULTURES)]
    given, family = GIVEN[culture].split(), FAMILY[culture].split()
    company = COMPANIES[n // 7 % len(COMPANIES)]
    office = company.offices[n % len(company.offices)]
    title, _, skills = JOBS[n // 3 % len(JOBS)]
    middle = plain(given[n // 11 % len(given)])
    return {
        "record_id": f"b{n:08}",
        "collected_at": day.isoformat(),
        "name": f"{given[n // 10 % len(given)]} {middle} {family[n // 100 % len(family)]}",
        "emails": [address(n, version)],
        "jobs": [{"title": title, "company": company.legal, "current": True}],
        "locations": [{"city": office.city, "country": office.country}],
        "skills": list(skills),
    }


def source() -> Source:
    """Where they come from."""
    import tomllib

    return parse_source(tomllib.loads(SOURCE_TOML))


def write_feed(folder: Path, count: int, *, first: int, source_id: str) -> tuple[Path, Path]:
    """A feed of `count` persons from number `first` on, and its source file."""
    feed, described = folder / f"{source_id}.jsonl", folder / f"{source_id}.toml"
    with feed.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row(n), ensure_ascii=False) + "\n" for n in range(first, first + count))
    described.write_text(SOURCE_TOML.replace('id = "bench"', f'id = "{source_id}"'), "utf-8")
    return feed, described


class Persons:
    """Makes the writes that put a version of a person in place of any before."""

    def __init__(self) -> None:
        given = source()
        self._periods = {given.id: given.periods(load_policy(None).periods)}

    def writes(self, n: int, version: int = 0) -> list[Write]:
        """The record and the profile of person n."""
        record, _ = prepare(row(n, version), "bench", "DE", TODAY)
        record = record.model_copy(update={"profile_id": profile_id(record.key)})
        body = record.model_dump_json(exclude_defaults=True).encode()
        profile = merged(record.profile_id, _MADE, [record], self._periods)
        return [Write(Collection.RECORDS, record.key, body), profile_write(profile, None)]
