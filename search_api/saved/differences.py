"""What is different in what a saved search finds: its matches now against those under the cursor.

What was shown of somebody is kept as a digest that takes the second half of the cursor to make: that half is the caller's alone. So what
the store keeps cannot be tried against guesses, and says nothing of whoever is erased before the caller asks again. The mark it is kept
under takes both halves: a cursor of which any digit is another leads to nothing, rather than to matches that all seem changed.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

import orjson

from privacy.reading import ProfileReader
from profiles.errors import Problem, QueryInvalid
from profiles.served import ServedProfile
from search_api.answers import shown_texts
from search_api.passing import meaning, whole_result
from search_api.requests import request_from_body
from search_api.saved.keeping import SavedSearches
from search_api.saved.schemas import MARK, MAX_MATCHES, FoundRequest


async def found_answer(profiles: ProfileReader, searches: SavedSearches, search_id: str, request: FoundRequest) -> dict[str, Any]:
    """The body of an answer, without `meta`: schemas.FoundAnswer.

    The matches kept under the new cursor are those of the old one with the differences that are told; what does not fit into the answer
    is different still when the next one is asked for.
    Raises SearchNotFound, QueryInvalid for a cursor no longer kept and for a search that finds too many.
    """
    kept = await searches.get(search_id)
    secret = request.since[MARK:] if request.since else secrets.token_hex(MARK // 2)
    told = dict(await searches.matches(kept, mark_of(request.since))) if request.since else {}
    missing = set(told)
    changes: list[dict[str, Any]] = []
    total, more = 0, False
    async for page in whole_result(profiles, meaning(request_from_body(kept.query))):
        if page.total > MAX_MATCHES:
            raise QueryInvalid([Problem("", f"the search finds more than {MAX_MATCHES:,} people", "a narrower search, or /v1/changes")])
        total += len(page.hits)
        for hit in page.hits:
            missing.discard(hit.id)
            now = digest(hit.served, secret)
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
    cursor = request.since if request.since and not changes else secrets.token_hex(MARK // 2) + secret
    if cursor == request.since:  # so that asking often writes nothing
        await searches.renew(kept)
    else:
        await searches.keep_matches(kept, told, mark_of(cursor), mark_of(request.since) if request.since else None)
    return {"total": total, "changes": changes, "cursor": cursor, "more": more}


def _shown(served: ServedProfile) -> dict[str, Any]:
    return {"id": served.id, **shown_texts(served), "updated": served.updated}


def mark_of(cursor: str) -> str:
    """Under which the matches of a cursor are kept."""
    return hmac.digest(cursor[MARK:].encode(), cursor[:MARK].encode(), "sha256").hex()[:MARK]


def digest(served: ServedProfile, secret: str) -> str:
    """Of the values as they may be shown, without days and sources: the same again from another feed is no change. secret: the caller's."""
    said = sorted([kind, text, job or "", str(current), status] for kind, text, job, current, status in served.said())
    return hmac.digest(secret.encode(), orjson.dumps(said), "sha256").hex()[:12]
