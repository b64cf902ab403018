"""Stores whose profiles are the true persons of a generated data set, so that search is judged apart from resolving.

A data set is a folder of feeds with their truth: truth.csv (source,record_id,version,person_id) and people.jsonl (whole persons).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import orjson
from running import ROOT, source_of

from engines.base import Collection, Write
from engines.opening import open_writer, utc_today
from indexer.prepare import prepare
from indexer.readers import READERS, open_feed
from indexer.workers import Job, prepare_anew
from privacy.policy import load_policy
from privacy.sources import Source, read_source
from profiles.merge import merge
from profiles.models import Profile, SourceRecord
from profiles.retention import Periods

SOURCES = ROOT / "bench" / "sources"
AT_ONCE = 1000  # profiles a write


def true_person_of(dataset: Path) -> dict[str, str]:
    """Record key -> person id."""
    with (dataset / "truth.csv").open(newline="") as rows:
        return {f"{row['source']}/{row['record_id']}": row["person_id"] for row in csv.DictReader(rows)}


def persons(dataset: Path) -> Iterator[dict[str, Any]]:
    """The whole persons."""
    with (dataset / "people.jsonl").open("rb") as lines:
        yield from map(orjson.loads, lines)


def feeds_of(dataset: Path) -> list[Path]:
    """Every feed, in the order of delivery."""
    known = {path.stem for path in SOURCES.glob("*.toml")}
    return [path for path in sorted(dataset.rglob("*")) if path.suffix in (".jsonl", ".csv") and path.stem in known]


async def fill_by_truth(store: str, dataset: Path) -> int:
    """One profile for each person the feeds show, merged from all records of theirs as last delivered. Returns how many."""
    person_of = true_person_of(dataset)
    today, policy = utc_today(), load_policy()
    periods: dict[str, Periods] = {}
    records: dict[str, SourceRecord] = {}
    for feed in feeds_of(dataset):
        source = read_source(source_of(feed, SOURCES), today)
        periods[source.id] = source.periods(policy.periods)
        for record in _records(feed, source, today):
            held = records.get(record.key)
            if held is None or record.collected_at >= held.collected_at:
                records[record.key] = record
    by_person: dict[str, list[SourceRecord]] = {}
    for key, record in records.items():
        by_person.setdefault(person_of[key], []).append(record)
    return await _write(store, (_merged(id, held, periods, today) for id, held in sorted(by_person.items())))


async def fill_with_persons(store: str, dataset: Path) -> int:
    """One profile for each whole person, as if one source knew all of each. Returns how many."""
    today = utc_today()
    source = read_source(SOURCES / "licensed.toml", today)
    periods = {source.id: source.periods(load_policy().periods)}
    made = (prepare(_mapped(person), source.id, None, today)[0] for person in persons(dataset))
    return await _write(store, (_merged(record.record_id, [record], periods, today) for record in made))


def _records(feed: Path, source: Source, today: date) -> Iterator[SourceRecord]:
    _, stream, _ = open_feed(feed)
    with stream:
        for row in READERS[source.feed.format](stream, source.feed):
            record = prepare_anew(Job(source, today), row).unpacked()
            if record is not None:
                yield record


def _merged(person_id: str, records: list[SourceRecord], periods: Mapping[str, Periods], today: date) -> Profile:
    return merge(person_id, datetime.combine(today, time(), UTC), records, periods)


def _mapped(person: dict[str, Any]) -> dict[str, Any]:
    """A whole person as a record after the field map."""
    jobs = [
        {
            "title": job["title"],
            "company": job["company"],
            "domain": job["domain"],
            "started": job["start"],
            "ended": job["end"],
            "current": job["end"] is None,
            "location": {part: job[part] for part in ("city", "region", "country")},
        }
        for job in person["jobs"]
    ]
    name = {part: person[part] or "" for part in ("given", "middle", "family", "suffix", "nickname")}
    return {"record_id": person["person_id"], "name": name, "jobs": jobs, "location": person["home"], "skills": person["skills"]}


async def _write(store: str, profiles: Iterable[Profile]) -> int:
    writer = await open_writer(store)
    count = 0
    try:
        batch: list[Write] = []
        for profile in profiles:
            batch.append(Write(Collection.PROFILES, profile.id, profile.model_dump_json().encode(), due=profile.next_expiry))
            count += 1
            if len(batch) == AT_ONCE:
                await writer.contacts.write(batch)
                await writer.index.catch_up()
                batch = []
        await writer.contacts.write(batch)
        await writer.index.catch_up()
    finally:
        await writer.close()
    return count
