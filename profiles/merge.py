"""Survivorship: the records of one person -> the Profile. Pure, and blind to the order in which the records come.

Every value keeps everyone who attests it. Which value is shown first is decided by what is newest at its source, never by what
arrived last: an old feed delivered late does not overwrite newer truth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from profiles.models import Observation, Profile, SourceRecord, Value, ValueKind
from profiles.retention import Periods, expires_at

Contribution = tuple[SourceRecord, Observation]
Identity = tuple[ValueKind, str, str | None]
AsStored = dict[str, Any]
"""A model as it is stored: its fields in their order, without those at their default. All of it was validated in the records: making models
of it, only to write them as JSON, takes half as long again."""

_OF_A_JOB = frozenset({ValueKind.JOB_TITLE, ValueKind.COMPANY})
_CURRENT_RANK = {True: 0, None: 1, False: 2}


def merge(profile_id: str, created_at: datetime, records: Iterable[SourceRecord], periods: Mapping[str, Periods]) -> Profile:
    """The profile of a person; see `merged`."""
    return Profile.model_validate(merged(profile_id, created_at, records, periods))


def merged(profile_id: str, created_at: datetime, records: Iterable[SourceRecord], periods: Mapping[str, Periods]) -> AsStored:
    """The profile of a person, as it is stored.

    records: at least one, in any order: the same records give the same bytes.    periods: source id -> days per kind of value.
    """
    ordered = sorted(records, key=lambda r: (r.source_id, r.record_id))
    groups: dict[Identity, list[Contribution]] = defaultdict(list)
    speaking: dict[ValueKind, set[str]] = defaultdict(set)
    for record in ordered:
        for seen in record.observations:
            groups[identity(seen)].append((record, seen))
            speaking[seen.kind].add(record.source_id)
    return {
        "id": profile_id,
        "created_at": created_at,
        "updated": max(r.taken_at for r in ordered),
        "values": _in_order([_value(kind, group, len(speaking[kind]), periods) for (kind, _, _), group in groups.items()]),
        "records": [r.key for r in ordered],
    }


def identity(seen: Observation | Value) -> Identity:
    """Equal identity = one value. The same title at two companies is two values; a company, a phone or a skill is one."""
    return seen.kind, seen.keys[0], seen.job if seen.kind is ValueKind.JOB_TITLE else None


def _value(kind: ValueKind, group: list[Contribution], speaking: int, periods: Mapping[str, Periods]) -> AsStored:
    """One value from all who attest it. score: sources that attest it / sources that say anything of this kind."""
    shown, first_seen = group[0][1], group[0][1].first_seen
    if len(group) == 1:  # as most are
        record, current, started, ended = group[0][0], shown.current, shown.started or None, shown.ended or None
        sources, witnesses = [_source(kind, record, first_seen, periods)], 1
    else:
        group.sort(key=lambda c: (-c[0].collected_at.toordinal(), c[0].source_id, c[0].record_id))
        forms = Counter(seen.value for _, seen in group)
        shown = min((seen for _, seen in group), key=lambda s: -forms[s.value])
        first_seen = min(seen.first_seen for _, seen in group)
        record = group[0][0]
        current = next((s.current for _, s in group if s.current is not None), None)
        started = next((s.started for _, s in group if s.started), None)
        ended = next((s.ended for _, s in group if s.ended), None)
        sources = _sources(kind, group, first_seen, periods, started)
        witnesses = len({s["source_id"] for s in sources})
    value: AsStored = {"kind": kind, "value": shown.value, "keys": shown.keys}
    if parts := _parts(shown, group) if kind is ValueKind.COMPANY else shown.parts:
        value["parts"] = parts
    value["score"] = round(witnesses / speaking, 3)
    value["first_seen"] = min(first_seen, group[-1][0].collected_at)  # a source knew it before it came here
    value["last_seen"] = record.collected_at
    value["expires_at"] = max([s["expires_at"] for s in sources])
    value["sources"] = sources
    if shown.job is not None:
        value["job"] = shown.job
    if current is not None:
        value["current"] = current
    if started is not None:
        value["started"] = started
    if ended is not None and group[0][1].current is not True:
        value["ended"] = ended
    return value


def _parts(shown: Observation, group: list[Contribution]) -> dict[str, Any]:
    """A company's parts, with a domain if any source knows one."""
    domain = next((seen.parts["domain"] for _, seen in group if seen.parts.get("domain")), None)
    return shown.parts if domain is None or shown.parts.get("domain") else {**shown.parts, "domain": domain}


def _sources(
    kind: ValueKind, group: list[Contribution], first_seen: date, periods: Mapping[str, Periods], started: str | None
) -> list[AsStored]:
    """One per record, newest collection first. All count from the value's first sight: a second source does not extend its life."""
    found = {}
    for record, seen in reversed(group):
        source = found[record.key] = _source(kind, record, first_seen, periods)
        if seen.started and seen.started != started:
            source["started"] = seen.started
    return list(reversed(found.values()))


def _source(kind: ValueKind, record: SourceRecord, first_seen: date, periods: Mapping[str, Periods]) -> AsStored:
    source: AsStored = {
        "source_id": record.source_id,
        "record_id": record.record_id,
        "collected_at": record.collected_at,
        "first_seen": first_seen,
        "expires_at": expires_at(kind, first_seen, periods[record.source_id], record.valid_until),
    }
    return source if record.url is None else source | {"url": record.url}


def _in_order(values: list[AsStored]) -> list[AsStored]:
    """By kind; within a kind the best first. Titles follow the order of their companies, so that what is shown first is one job."""
    by_kind: dict[ValueKind, list[AsStored]] = {kind: [] for kind in ValueKind}
    for value in values:
        by_kind[value["kind"]].append(value)
    companies = sorted(by_kind[ValueKind.COMPANY], key=_job_rank)
    job_rank = {v.get("job"): n for n, v in enumerate(companies)}
    for alike in by_kind.values():
        if len(alike) > 1:
            alike.sort(key=lambda v: _rank(v, job_rank))
    return list(chain.from_iterable(by_kind.values()))


def _job_rank(value: AsStored) -> tuple[object, ...]:
    """Held now before unknown before left; then newest at its source, latest begun, most attested."""
    return (_CURRENT_RANK[value.get("current")], *_newest(value))


def _newest(value: AsStored) -> tuple[object, ...]:
    begun = int(value.get("started", "0")[:7].replace("-", ""))
    return (-value["last_seen"].toordinal(), -begun, -len(value["sources"]), value["value"], value.get("job", ""))


def _rank(value: AsStored, job_rank: Mapping[str | None, int]) -> tuple[object, ...]:
    """Sort key within a kind, smallest = shown first."""
    kind = value["kind"]
    if kind is ValueKind.NAME:
        return (_initials(value), -len({s["source_id"] for s in value["sources"]}), *_newest(value))
    if kind in _OF_A_JOB:
        current = _CURRENT_RANK[value.get("current")]
        return (current, job_rank.get(value.get("job"), len(job_rank)), *_newest(value))
    if kind is ValueKind.EMAIL:
        return (bool(value.get("parts", {}).get("role")), *_newest(value))
    return _newest(value)


def _initials(value: AsStored) -> bool:
    """Whether the given name is missing or but an initial: such a name is shown only when there is no fuller one."""
    given = value.get("parts", {}).get("given_tokens") or []
    return not given or len(given[0]) == 1
