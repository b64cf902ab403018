"""First sight: what a record has seen of its values before, so that no delivery starts a value's clock anew.

The period of a value counts from the day it was first seen. A value that drops out of a record, or is purged when its time is
over, leaves a keyed hash with that day behind; should it come back, by the same record or another one of the person, the old day
counts, and a value whose time is over stays out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from profiles.models import FirstSight, Observation, SourceRecord, ValueKind
from profiles.retention import Periods, expires_at

Digest = Callable[[ValueKind, str], str]
"""Keyed hash of a value's first key: says nothing to anyone without the key."""


def succeed(old: SourceRecord, new: SourceRecord, digest: Digest) -> SourceRecord:
    """The new version of a record: what it already held keeps its first day, and what it no longer holds leaves its mark."""
    days = {(o.kind, o.keys[0]): o.first_seen for o in old.observations}
    kept = tuple(_since(o, days.get((o.kind, o.keys[0]))) for o in new.observations)
    now = {(o.kind, o.keys[0]) for o in new.observations}
    gone = [o for o in old.observations if (o.kind, o.keys[0]) not in now]
    same_day = old.collected_at == new.collected_at and old.content_hash != new.content_hash
    superseded = (*old.superseded, old.content_hash) if same_day else old.superseded if old.collected_at == new.collected_at else ()
    return new.model_copy(update={"observations": kept, "superseded": superseded, "first_sights": _marks(old.first_sights, gone, digest)})


def without(record: SourceRecord, unwanted: Iterable[Observation], digest: Digest) -> SourceRecord:
    """The record without some of its observations; each leaves its mark."""
    gone = list(unwanted)
    kept = tuple(o for o in record.observations if o not in gone)
    return record.model_copy(update={"observations": kept, "first_sights": _marks(record.first_sights, gone, digest)})


def remember(record: SourceRecord, others: Iterable[SourceRecord], periods: Periods, today: date, digest: Digest) -> SourceRecord:
    """Apply the marks of the person's records to a record about to be taken: old days count, values whose time is over stay out."""
    marks: dict[tuple[ValueKind, str], date] = {}
    for mark in (m for r in (record, *others) for m in r.first_sights):
        at = (mark.kind, mark.digest)
        marks[at] = min(mark.first_seen, marks.get(at, mark.first_seen))
    if not marks:
        return record
    dated = [_since(o, marks.get((o.kind, digest(o.kind, o.keys[0])))) for o in record.observations]
    kept = tuple(
        o
        for o, was in zip(dated, record.observations, strict=True)
        if o.first_seen == was.first_seen or expires_at(o.kind, o.first_seen, periods, record.valid_until) > today
    )
    return record.model_copy(update={"observations": kept})


def _since(seen: Observation, day: date | None) -> Observation:
    return seen if day is None or day >= seen.first_seen else seen.model_copy(update={"first_seen": day})


def _marks(before: tuple[FirstSight, ...], gone: Iterable[Observation], digest: Digest) -> tuple[FirstSight, ...]:
    marks = {(m.kind, m.digest): m for m in before}
    for seen in gone:
        mark = FirstSight(kind=seen.kind, digest=digest(seen.kind, seen.keys[0]), first_seen=seen.first_seen)
        marks.setdefault((mark.kind, mark.digest), mark)
    return tuple(marks[at] for at in sorted(marks))
