"""Nobody found: which condition of the search stands in the way. Each is left out in turn, and those then found are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from privacy.reading import ProfileReader
from search_api.query import Interpreted, interpret
from search_api.schemas import WORD_FIELDS, SearchRequest
from search_api.words import Words

MOST = 8  # conditions tried, a count each; who asks more than eight things at once finds out about the first eight

_WHOLE = ("near", "email", "phone", "link", "has_email", "has_phone", "has_link", "updated_since")


async def without_one(profiles: ProfileReader, request: SearchRequest, meant: Interpreted) -> list[dict[str, Any]]:
    """schemas.LeftOut for each condition of a search that nobody meets, in the order asked; none when there is only one condition."""
    tried = list(_lighter(request, meant))
    if len(tried) < 2:
        return []
    totals = await profiles.counts([interpret(lighter).query for _, _, lighter in tried[:MOST]])
    return [{"field": field, "text": text, "total": total} for (field, text, _), total in zip(tried[:MOST], totals, strict=True)]


def _lighter(request: SearchRequest, meant: Interpreted) -> Iterator[tuple[str, str, SearchRequest]]:
    """The request without each of its conditions: (parameter, what it said, the rest)."""
    parts = meant.parts
    for at, part in enumerate(parts if len(parts) > 1 else ()):
        yield "q", part.text, _but(request, q=" ".join(other.text for other in (*parts[:at], *parts[at + 1 :])))
    if request.q is not None and len(parts) < 2:
        yield "q", request.q, _but(request, q=None)
    around = request.near is None
    for field in WORD_FIELDS:
        for parameter, text, words in _fewer(field, request.words(field)):
            others: dict[str, Any] = {"company_when": "any"} if field == "company" and not words else {}
            others |= {"radius_km": None} if field == "location" and around else {}
            yield parameter, text, _but(request, **{field: words}, **others)
    for field in _WHOLE:
        value = getattr(request, field)
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield field, text, _but(request, **{field: None}, **({"radius_km": None} if field == "near" else {}))


def _fewer(field: str, words: Words) -> Iterator[tuple[str, str, Words]]:
    """The words of a field without their any-of, without each that must hold, and without their none-of."""
    if words.any:
        yield field, " or ".join(words.any), words.model_copy(update={"any": (), "minimum": 1})
    for at, text in enumerate(words.all):
        yield f"{field}.all", text, words.model_copy(update={"all": (*words.all[:at], *words.all[at + 1 :])})
    if words.none:
        yield f"{field}.none", " or ".join(words.none), words.model_copy(update={"none": ()})


def _but(request: SearchRequest, **changed: Any) -> SearchRequest:
    return request.model_copy(update={"sort": "relevance", **changed})  # no order by distance where the place is left out
