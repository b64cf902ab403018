"""Why a generated query asks for what no profile holds: looked up in what the feeds delivered about the persons who would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from running import source_of
from true_people import SOURCES, feeds_of, true_person_of

from engines.opening import utc_today
from indexer.readers import READERS, open_feed
from indexer.workers import Job, prepare_anew
from privacy.sources import read_source
from profiles.models import SourceRecord

Query = dict[str, Any]
Asked = dict[str, tuple[Query, set[str]]]  # query id -> the query, its right persons
Holds = Callable[[str, Query], bool]
Told = dict[tuple[str, str], tuple[Any, str]]  # (query id, record) -> day of its last delivery, what that says of the value

UNSAID = "no record of the person says it"
REPLACED = "a newer delivery of the record says something else"
UNREAD = "stands only in a field of the feed that is not read, such as a text about oneself"
HELD = "the newest record holds it, the profile does not: its period is over"


def reasons(dataset: Path, asked: Asked, holds: Holds) -> dict[str, str]:
    """Query id -> why nobody can answer it. holds: whether a text has what is asked for."""
    person_of, today = true_person_of(dataset), utc_today()
    about: dict[str, list[Query]] = {}
    for query, right in asked.values():
        for person in right:
            about.setdefault(person, []).append(query)
    told: Told = {}
    for feed in feeds_of(dataset):
        source = read_source(source_of(feed, SOURCES), today)
        _, stream, _ = open_feed(feed)
        with stream:
            for row in READERS[source.feed.format](stream, source.feed):
                key = f"{source.id}/{(row.fields or {}).get(source.fields['record_id'])}"
                if queries := about.get(person_of.get(key, ""), ()):
                    outcome = prepare_anew(Job(source, today), row)
                    if (record := outcome.unpacked()) is not None:
                        left_out = [problem.detail for problem in outcome.left_out]
                        _note(told, queries, record, str(row.fields), left_out, holds)
    return {id: _why([said for (asked_id, _), (_, said) in told.items() if asked_id == id]) for id in asked}


def _note(told: Told, queries: list[Query], record: SourceRecord, raw: str, left_out: list[str], holds: Holds) -> None:
    """What this delivery says of each value that is asked for; a record that once said it keeps its place."""
    kept = " ".join(str(part) for o in record.observations for part in (o.value, o.parts.get("city") or ""))
    for query in queries:
        at = (query["id"], record.key)
        if at in told and told[at][0] > record.collected_at:
            continue
        if holds(raw, query):
            told[at] = (record.collected_at, HELD if holds(kept, query) else _left_out(left_out))
        elif at in told:
            told[at] = (record.collected_at, REPLACED)


def _left_out(problems: list[str]) -> str:
    return f"left out of the record: {', '.join(sorted(set(problems)))}" if problems else UNREAD


def _why(said: list[str]) -> str:
    """The reason that lies nearest to being found."""
    nearest = {HELD: 0, UNREAD: 2, REPLACED: 3}
    return min(said, key=lambda one: (nearest.get(one, 1), one), default=UNSAID)
