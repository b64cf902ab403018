"""Candidates for a row: found by the search everyone uses, then compared with the row value by value.

The index finds who may be meant; what a candidate is worth, and whether the match is clear, is decided by the comparison, so that both
engines answer alike and every part of a score is told (`features`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engines.cursors import is_plain_id
from privacy.reading import ProfileReader
from profiles.errors import Problem, ProfileErased, ProfileMoved, ProfileNotFound, QueryInvalid
from profiles.models import Profile
from search_api.answers import shown_texts
from search_api.query import interpret
from search_api.reconcile.properties import NICKNAME, PROPERTIES, Property, holds, name_likeness
from search_api.reconcile.schemas import MAX_CANDIDATES, Query
from search_api.schemas import MAX_Q, SearchRequest

PERSON = {"id": "person", "name": "Person"}

WEIGHTS: Mapping[str, float] = {"email": 6, "phone": 6, "link": 6, "company": 3, "job_title": 1.5, "location": 1.5, "skill": 1, "name": 3}
NAME_WEIGHT = 6.0
"""Shares of a score. Argued, not fitted: a name counts as much as a mailbox, an employer half of it, what thousands share a quarter.
bench/reconciling.py, 150 rows of 145 people held (2,000 generated persons): the right one first for 136 by the name alone, for 142 by every
column; by name and company 118 matches claimed, one of them wrong."""

LIKE = 0.8  # of a name that an identifying value stands beside: one slip in a word of five letters leaves that much
APART = 10.0  # points to the next candidate; a place or title that only one of two namesakes has makes as much
_FIRST = 10  # candidates looked at, at the least, of each search


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile beside a row. likeness: of the names, None without a name.    same: property id -> whether it has the value; None unknown.
    named: the row names it by its id.
    """

    profile: Profile
    likeness: float | None
    same: Mapping[str, bool | None]
    named: bool = False

    @property
    def score(self) -> float:
        """0 to 100: the weighted share of what was asked that holds. What the profile says nothing of counts half as much against it."""
        if self.named:
            return 100.0
        given = {pid: WEIGHTS[pid] * (0.5 if same is None else 1.0) for pid, same in self.same.items()}
        name = NAME_WEIGHT if self.likeness is not None else 0.0
        reached = name * (self.likeness or 0.0) + sum(weight for pid, weight in given.items() if self.same[pid])
        return round(100 * reached / (name + sum(given.values()) or 1.0), 1)

    @property
    def is_clear(self) -> bool:
        """Whether the row is this person's as far as the two alone tell: two kinds of evidence, and no identifying value against it."""
        if self.named:
            return True
        identified = [same for pid, same in self.same.items() if PROPERTIES[pid].identifying]
        if any(identified):
            return self.likeness is None or self.likeness >= LIKE
        if self.likeness is None or self.likeness < NICKNAME or False in identified:
            return False
        return bool(self.same.get("company") or (self.same.get("job_title") and self.same.get("location")))

    def body(self, match: bool) -> dict[str, Any]:
        """As the protocol has it."""
        features = [{"id": pid, "value": same} for pid, same in self.same.items() if same is not None]
        if self.likeness is not None:
            features.insert(0, {"id": "name_likeness", "value": round(self.likeness, 3)})
        return {**entity(self.profile), "type": [PERSON], "score": self.score, "features": features, "match": match}


def entity(profile: Profile) -> dict[str, Any]:
    """Id, name and what tells namesakes apart."""
    texts = shown_texts(profile)
    said = ", ".join(text for name in ("job_title", "company", "location") if (text := texts[name]))
    return {"id": profile.id, "name": texts["name"] or profile.id, **({"description": said} if said else {})}


async def match(profiles: ProfileReader, query: Query, pointer: str) -> list[dict[str, Any]]:
    """Candidates, best first; `match` is true of one that is clear by itself and well before all others.

    An empty cell asks for nothing, and finds nobody. Raises QueryInvalid for an unknown property.
    """
    given = _given(query, pointer)
    if not query.query and not given:
        return []
    asked = {property.id: values for property, values in given.items()}
    found = await _found(profiles, query, asked)
    candidates = [
        Candidate(
            profile,
            name_likeness(profile, query.query) if query.query else None,
            {property.id: holds(profile, property, values) for property, values in given.items()},
            profile.id == query.query,
        )
        for profile in found.values()
    ]
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.profile.id))
    if not candidates:
        return []
    first, rest = candidates[0], candidates[1:]
    rival = any(other.is_clear or first.score - other.score < APART for other in rest)
    clear = first.is_clear and (first.named or not rival)
    limit = min(query.limit, MAX_CANDIDATES)
    return [candidate.body(clear and candidate is first) for candidate in candidates[:limit]]


def _given(query: Query, pointer: str) -> dict[Property, list[str]]:
    given: dict[Property, list[str]] = {}
    for n, asked in enumerate(query.properties):
        if asked.pid not in PROPERTIES:
            raise QueryInvalid([Problem(f"{pointer}/properties/{n}/pid", "is not a property", ", ".join(PROPERTIES))])
        if values := [value for value in asked.v if value]:
            given.setdefault(PROPERTIES[asked.pid], []).extend(values)
    return given


async def _found(profiles: ProfileReader, query: Query, asked: Mapping[str, list[str]]) -> dict[str, Profile]:
    """Who may be meant: by id, by each identifying value, by the name with what else is said, and by the name alone."""
    names = [*([query.query] if query.query else []), *asked.get("name", ())]
    others = {pid: values for pid, values in asked.items() if pid in ("company", "job_title", "location", "skill")}
    bodies: list[dict[str, Any]] = [{pid: value} for pid, values in asked.items() if PROPERTIES[pid].identifying for value in values]
    if others:
        bodies.append({**({"name": names} if names else {}), **others})
    if names:
        bodies.append({"name": names})
    size = max(_FIRST, min(query.limit, MAX_CANDIDATES))
    answers = await asyncio.gather(*(_search(profiles, body, size) for body in bodies))
    found = {profile.id: profile for answer in answers for profile in answer}
    if (named := await _by_id(profiles, query.query)) is not None:
        found[named.id] = named
    return found


async def _search(profiles: ProfileReader, body: Mapping[str, Any], size: int) -> list[Profile]:
    """A value that is none (a phone number of two digits) finds nobody: it is one cell of many."""
    try:
        meant = interpret(SearchRequest.model_validate({**body, "size": size}))
    except QueryInvalid:
        return []
    return [hit.profile for hit in (await profiles.search(meant.query)).hits]


async def _by_id(profiles: ProfileReader, text: str) -> Profile | None:
    if not is_plain_id(text) or len(text) > MAX_Q:
        return None
    try:
        return await profiles.get(text)
    except (ProfileNotFound, ProfileErased, ProfileMoved):
        return None
