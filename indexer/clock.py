"""First sight: what a record has seen of its values before, so that no delivery starts a value's clock anew.

The period of a value counts from the day it was first seen. A value that drops out of a record, or is purged when its time is
over, leaves a keyed hash with that day behind; should it come back, by the same record or another one of the person, the old day
counts, and a value whose time is over stays out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from profiles.models import EarlierVersion, FirstSight, Observation, SourceRecord, ValueKind
from profiles.retention import Periods, expires_at

Digest = Callable[[ValueKind, str], str]
"""Keyed hash of a value's first key: says nothing to anyone without the key."""

MAX_VERSIONS = 1000
"""Versions of a day remembered: a feed that gives one id to all its records must not make each dearer than the one before."""

Seen = tuple[ValueKind, str]
"""A value by kind and first key; of a mark, by kind and digest."""


@dataclass(slots=True)
class Memory:
    """When a person's values were first seen, over all records: days of those still held, marks of those once held."""

    days: dict[Seen, date] = field(default_factory=dict)
    marks: dict[Seen, date] = field(default_factory=dict)

    def add(self, record: SourceRecord) -> None:
        """Take in what a record knows; the earlier day counts."""
        for seen in record.observations:
            _keep_earlier(self.days, (seen.kind, seen.keys[0]), seen.first_seen)
        for mark in record.first_sights:
            _keep_earlier(self.marks, (mark.kind, mark.digest), mark.first_seen)


def is_older(new: SourceRecord, old: SourceRecord) -> bool:
    """Whether a delivery with other content is older than what is held: of an earlier day, or a version this one has replaced.

    A feed without dates of its own counts by the day of ingest; there, the day's last version stays.
    """
    return new.collected_at < old.collected_at or (new.collected_at == old.collected_at and new.content_hash in old.superseded)


def succeed(old: SourceRecord, new: SourceRecord, digest: Digest) -> SourceRecord:
    """The new version of a record: what it already held keeps its first day, and what it no longer holds leaves its mark."""
    days = {(o.kind, o.keys[0]): o.first_seen for o in old.observations}
    if new.normaliser_version != old.normaliser_version:  # a better normaliser may give other keys to the same words: no new value
        days |= {(o.kind, o.keys[0]): first for o in new.observations if (first := _first_said(old, o))}
    kept = tuple(_since(o, days.get((o.kind, o.keys[0]))) for o in new.observations)
    now = {(o.kind, o.keys[0]) for o in new.observations}
    gone = [o for o in old.observations if (o.kind, o.keys[0]) not in now]
    return new.model_copy(update={"observations": kept, "first_sights": _marks(old.first_sights, gone, digest), **_history(old, new)})


def _history(old: SourceRecord, new: SourceRecord) -> dict[str, object]:
    """The fields by which the versions of a record are told apart.

    A feed without dates may hold several versions of a record, and be read again another day. Its first version then looks like a
    return to what was; when the last one follows, it is what was held all along, with its old day.
    """
    if new.content_hash == old.content_hash:  # the same, normalised anew
        kept = ("collected_at", "taken_at", "superseded", "aside")
        return {name: getattr(old, name) for name in kept}
    if old.aside is not None and new.collected_at == old.collected_at and new.content_hash == old.aside.content_hash:
        known = dict.fromkeys((*old.aside.superseded, *old.superseded, old.content_hash))
        known.pop(new.content_hash, None)
        return {"collected_at": old.aside.collected_at, "taken_at": old.aside.taken_at, "superseded": tuple(known), "aside": None}
    if new.collected_at == old.collected_at:
        return {"superseded": (*old.superseded, old.content_hash)[-MAX_VERSIONS:], "aside": old.aside}
    if new.content_hash in old.superseded:
        fields = {name: getattr(old, name) for name in EarlierVersion.model_fields}
        return {"superseded": (), "aside": EarlierVersion(**fields)}
    return {"superseded": (old.content_hash,), "aside": None}


def _first_said(old: SourceRecord, seen: Observation) -> date | None:
    return min((o.first_seen for o in old.observations if (o.kind, o.said) == (seen.kind, seen.said)), default=None)


def leave_marks(held: SourceRecord, older: SourceRecord, digest: Digest) -> SourceRecord:
    """The record as held, with marks of what an older version said besides, as if it had come before; the same object when none is new."""
    now = {(o.kind, o.keys[0]) for o in held.observations}
    marks = _marks(held.first_sights, (o for o in older.observations if (o.kind, o.keys[0]) not in now), digest)
    return held if marks == held.first_sights else held.model_copy(update={"first_sights": marks})


def without(record: SourceRecord, unwanted: Iterable[Observation], digest: Digest) -> SourceRecord:
    """The record without some of its observations; each leaves its mark."""
    gone = list(unwanted)
    kept = tuple(o for o in record.observations if o not in gone)
    return record.model_copy(update={"observations": kept, "first_sights": _marks(record.first_sights, gone, digest)})


def remember(record: SourceRecord, memory: Memory, periods: Periods, today: date, digest: Digest) -> SourceRecord:
    """Apply what the person's records know to a record about to be taken: old days count, values whose time is over stay out.

    Days spread to every record that holds the value; so none depends on another record staying for the clock to be right.
    """
    marked: dict[Seen, date] = dict(memory.marks)
    for left in record.first_sights:
        _keep_earlier(marked, (left.kind, left.digest), left.first_seen)
    kept: list[Observation] = []
    held: set[Seen] = set()
    for seen in record.observations:
        day = memory.days.get((seen.kind, seen.keys[0]))
        mark = (seen.kind, digest(seen.kind, seen.keys[0])) if marked else None
        if mark is not None and (once := marked.get(mark)) is not None:
            day = once if day is None else min(day, once)
        dated = _since(seen, day)
        if dated is seen or expires_at(dated.kind, dated.first_seen, periods, record.valid_until) > today:
            kept.append(dated)
            if mark is not None:
                held.add(mark)
    marks = tuple(m for m in record.first_sights if (m.kind, m.digest) not in held)  # a value that is held tells its day itself
    if len(marks) == len(record.first_sights) and all(a is b for a, b in zip_longest(kept, record.observations)):
        return record
    return record.model_copy(update={"observations": tuple(kept), "first_sights": marks})


def since_first(record: SourceRecord, days: Mapping[Seen, date]) -> SourceRecord:
    """The record with each value counting from the given day, where that is earlier; the same object when none is."""
    dated = tuple(_since(o, days.get((o.kind, o.keys[0]))) for o in record.observations)
    same = all(a is b for a, b in zip(dated, record.observations, strict=True))
    return record if same else record.model_copy(update={"observations": dated})


def _keep_earlier(days: dict[Seen, date], at: Seen, day: date) -> None:
    if (held := days.get(at)) is None or day < held:
        days[at] = day


def _since(seen: Observation, day: date | None) -> Observation:
    return seen if day is None or day >= seen.first_seen else seen.model_copy(update={"first_seen": day})


def _marks(before: tuple[FirstSight, ...], gone: Iterable[Observation], digest: Digest) -> tuple[FirstSight, ...]:
    marks = {(m.kind, m.digest): m for m in before}
    for seen in gone:
        at = (seen.kind, digest(seen.kind, seen.keys[0]))
        if at not in marks or seen.first_seen < marks[at].first_seen:
            marks[at] = FirstSight(kind=at[0], digest=at[1], first_seen=seen.first_seen)
    return tuple(marks[at] for at in sorted(marks))
