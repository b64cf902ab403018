"""The gate: what of a mapped record may be taken at all, by the source's licence and by what the source shows to everyone."""

from __future__ import annotations

from datetime import date
from typing import Any

from privacy.fieldmap import MappedRecord
from privacy.sources import EVERYONE, Source, usable
from profiles.errors import Problem, RecordRejected

COORDINATES = ("emails", "phones", "links")
"""The fields by which a person can be reached; only those shown to everyone at the source are taken (requirement S06)."""

NOT_PUBLIC = "not visible to everyone at the source"
UNKNOWN = "visibility unknown"


def gate(mapped: MappedRecord, source: Source, today: date | None = None) -> tuple[MappedRecord, list[Problem]]:
    """The record without what may not be taken, and a Problem (field, reason) for each value left out, so that it is counted.

    Visibility: a coordinate is taken only if the record, the value itself and the source's default leave no doubt that everyone sees it
    at the source. The record's word holds for all its values; a value's own word may only narrow it, or fill its silence.
    Licence: RecordRejected when it has not begun or is over; the record's last day is never later than the licence's.
    """
    if problems := usable(source, today or date.today()):
        raise RecordRejected(problems)
    kept = dict(mapped)
    dropped: list[Problem] = []
    statement = mapped.get("visibility")
    for field in COORDINATES:
        if field in mapped:
            values = [value for value in mapped[field] if _shown(value, field, statement, source.visibility, dropped)]
            if values:
                kept[field] = values
            else:
                del kept[field]
    if source.licence.until:
        last = source.licence.until.isoformat()
        kept["valid_until"] = min(kept.get("valid_until", last), last)
    return kept, dropped


def _shown(value: Any, field: str, statement: str | None, default: str | None, dropped: list[Problem]) -> bool:
    own = value.get("visibility") if isinstance(value, dict) else None
    said = [word for word in (own, statement) if word is not None] or [default]
    if all(word == EVERYONE for word in said):
        return True
    dropped.append(Problem(field, UNKNOWN if said == [None] else NOT_PUBLIC))
    return False
