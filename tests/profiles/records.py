"""Records as a source gives them, of normalised values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from profiles.models import Observation, SourceRecord, ValueKind
from profiles.normalise import NORMALISERS
from profiles.normalise.result import Normalised


def seen(kind: ValueKind, text: str, started: str | None = None, ended: str | None = None) -> Observation:
    """A value as it is read. started, ended: months of a job."""
    found = NORMALISERS[kind](text)
    assert isinstance(found, Normalised)
    return Observation(
        kind=kind,
        said=text,
        value=found.value,
        keys=found.keys,
        parts=found.parts,
        first_seen=date(2026, 1, 1),
        started=started,
        ended=ended,
    )


def record_of(number: int, day: date, values: Iterable[Observation], source: str = "") -> SourceRecord:
    """A record collected and taken in on a day.    source: its id; "" for one of the record's own."""
    return SourceRecord(
        source_id=source or f"s{number}",
        record_id=str(number),
        content_hash="x",
        collected_at=day,
        taken_at=day,
        normaliser_version=1,
        observations=tuple(values),
    )
