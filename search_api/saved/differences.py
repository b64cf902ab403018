"""What is different in what a saved search finds: its matches now against those under the cursor."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from privacy.reading import ProfileReader
from profiles.errors import Problem, QueryInvalid
from profiles.served import ServedProfile
from search_api.answers import shown_texts
from search_api.passing import meaning, whole_result
from search_api.requests import request_from_body
from search_api.saved.keeping import Kept, SavedSearches
from search_api.saved.schemas import MAX_MATCHES, FoundRequest


async def found_answer(profiles: ProfileReader, searches: SavedSearches, search_id: str, request: FoundRequest) -> dict[str, Any]:
    """The body of an answer, without `meta`: schemas.FoundAnswer.

    The matches kept under the new cursor are those of the old one with the differences that are told; what does not fit into the answer
    is different still when the next one is asked for.
    Raises SearchNotFound, QueryInvalid for a cursor no longer kept and for a search that finds too many.
    """
    kept = await searches.get(search_id)
    told = dict(await searches.matches(kept, request.since)) if request.since else {}
    missing = set(told)
    changes: list[dict[str, Any]] = []
    total, more = 0, False
    async for page in whole_result(profiles, meaning(request_from_body(kept.query))):
        if page.total > MAX_MATCHES:
            raise QueryInvalid([Problem("", f"the search finds more than {MAX_MATCHES:,} people", "a narrower search, or /v1/changes")])
        total += len(page.hits)
        for hit in page.hits:
            missing.discard(hit.id)
            now = digest(hit.served)
            if told.get(hit.id) == now:
                continue
            if len(changes) == request.size:
                more = True
                continue
            changes.append({"id": hit.id, "change": "changed" if hit.id in told else "new", "profile": _shown(hit.served)})
            told[hit.id] = now
    gone = sorted(missing)
    for profile_id in gone[: request.size - len(changes)]:
        changes.append({"id": profile_id, "change": "gone", "profile": None})
        del told[profile_id]
    more = more or len(gone) > sum(change["change"] == "gone" for change in changes)
    cursor = await _cursor(searches, kept, told, request.since, bool(changes))
    return {"total": total, "changes": changes, "cursor": cursor, "more": more}


async def _cursor(searches: SavedSearches, kept: Kept, told: dict[str, str], since: str | None, different: bool) -> str:
    """The cursor the caller came with while nothing is different, so that asking often writes nothing."""
    if since and not different:
        await searches.renew(kept)
        return since
    return await searches.mark(kept, told, since)


def _shown(served: ServedProfile) -> dict[str, Any]:
    return {"id": served.id, **shown_texts(served), "updated": served.updated}


def digest(served: ServedProfile) -> str:
    """Of the values as they may be shown, without days and sources: the same again from another feed is no change."""
    said = sorted([kind, text, job or "", str(current), status] for kind, text, job, current, status in served.said())
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:12]
