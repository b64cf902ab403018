"""The change feed: from what became of profiles to what a customer's copy should do.

The feed needs no log and so has no end of its own: every profile keeps the place of its last write, and one that was merged or erased
keeps its id. Whoever comes back after a year is told the same, in one pass, as whoever asked every minute.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from engines.base import Reader
from engines.cursors import invalid_cursor
from privacy.changes import Change, changes_after
from profiles.errors import Problem, QueryInvalid
from search_api.answers import SourceNames, profile_body
from search_api.changes.schemas import ChangesRequest

_VERSION = 1

SLACK = timedelta(minutes=10)
"""How long before the last complete answer a profile may have been founded and still be called added: a call that was under way then
wrote it with the time of its beginning, and no call lasts longer (engines/opensearch/outbox.py, ABANDONED_SECONDS)."""


async def feed_answer(reader: Reader, sources: SourceNames, request: ChangesRequest, today: date) -> dict[str, Any]:
    """The body of an answer, without `meta`: schemas.ChangesAnswer. Raises QueryInvalid for a cursor that cannot be used."""
    place, complete = _read(request.since) if request.since else ("", 0.0)
    now = datetime.now(UTC).timestamp()  # before reading: what is founded from here on counts as new next time
    try:
        found = await changes_after(reader, place, request.size, today)
    except QueryInvalid as error:
        raise _start_anew(error) from None
    founded_since = datetime.fromtimestamp(complete, UTC) - SLACK if complete else None
    return {
        "changes": [await _change_body(change, founded_since, sources) for change in found.changes],
        "cursor": _write(found.place, complete if found.more else now),
        "more": found.more,
    }


async def _change_body(change: Change, founded_since: datetime | None, sources: SourceNames) -> dict[str, Any]:
    if change.profile is None:
        kind = "merged" if change.moved_to else "deleted"
        return {"id": change.id, "change": kind, "moved_to": change.moved_to, "profile": None}
    new = founded_since is None or change.profile.created_at >= founded_since
    shown = await profile_body(change.profile, sources)
    return {"id": change.id, "change": "added" if new else "updated", "moved_to": None, "profile": shown}


def _write(place: str, complete: float) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([_VERSION, place, round(complete, 3)])).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, float]:
    """The engine's place, and when the feed was last read to its end (seconds since 1970, 0 = never)."""
    try:
        read = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        read = None
    match read:
        case [int(version), str(place), float() | int() as complete] if version == _VERSION and place and 0 <= complete < 1e11:
            return place, float(complete)
    raise _start_anew(invalid_cursor("cannot be read"))


def _start_anew(error: QueryInvalid) -> QueryInvalid:
    return QueryInvalid(Problem("since", p.detail, "the cursor of the answer before; leave it out to begin anew") for p in error.problems)
