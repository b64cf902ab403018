"""Cursors of the embedded engine: a place in a snapshot by relevance, or behind a key or a distance."""

from __future__ import annotations

from dataclasses import dataclass

from engines.cursors import cursor_behind, invalid_cursor, is_plain_id, open_cursor, seal_cursor
from engines.query import SearchQuery, Sort


@dataclass(frozen=True, slots=True)
class ByRelevance:
    """Page after `offset` hits of one snapshot of the index."""

    snapshot: str
    offset: int


@dataclass(frozen=True, slots=True)
class ByKey:
    """Page after the entry with this sort key (a text for names, a number for days)."""

    key: str | int


@dataclass(frozen=True, slots=True)
class ByDistance:
    """Page after the entry of this row, so far away."""

    kilometres: float
    row: int


Position = ByRelevance | ByKey | ByDistance


def write_cursor(query: SearchQuery, position: Position) -> str:
    """The cursor as text fit for a url."""
    if query.sort is Sort.ID and isinstance(position, ByKey):
        return cursor_behind(query, str(position.key))
    match position:
        case ByRelevance(snapshot, offset):
            return seal_cursor(query, [snapshot, offset])
        case ByKey(key):
            return seal_cursor(query, [key])
        case ByDistance(kilometres, row):
            return seal_cursor(query, [kilometres, row])


def read_cursor(query: SearchQuery) -> Position | None:
    """Where the page before ended; None for the first page. Raises QueryInvalid for anything not made for this question."""
    if query.cursor is None:
        return None
    match query.sort, open_cursor(query):
        case Sort.RELEVANCE, [str(snapshot), int(offset)] if 0 <= offset < 2**31:
            return ByRelevance(snapshot, offset)
        case Sort.NAME, [str(key)] if key.startswith("x") and key[1:].isalnum() and key.isascii():
            return ByKey(key)
        case Sort.UPDATED, [int(number)] if 0 <= number < 2**64:
            return ByKey(number)
        case Sort.ID, ["", str(key)] if is_plain_id(key):
            return ByKey(key)
        case Sort.DISTANCE, [float(kilometres), int(row)] if 0 <= row < 2**63:
            return ByDistance(kilometres, row)
    raise invalid_cursor("cannot be read")
