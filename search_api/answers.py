"""From profiles to answers: the bodies HTTP sends and the command line prints."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

from engines.base import ReadDocuments
from engines.query import Hit, Hits
from privacy.reading import ProfileReader
from privacy.sources import Source, SourceKind, SourceRegistry
from profiles.errors import SourceUnknown
from profiles.models import Profile, Value, ValueKind, ValueSource
from profiles.served import ServedProfile
from search_api.explaining import explanation, highlights
from search_api.leaving_out import without_one
from search_api.meaning.fields import fields_meant
from search_api.query import FACET_FIELDS, Interpreted, interpret
from search_api.schemas import SearchRequest

SOURCES_FRESH = 60.0  # seconds a source's name is remembered: names change once in years, a page asks for dozens

RELAXED_CURSOR = "~"  # before the engine's cursor: the pages of a relaxed search go on relaxed

KIND_FIELDS: tuple[tuple[str, ValueKind], ...] = (
    ("names", ValueKind.NAME),
    ("emails", ValueKind.EMAIL),
    ("phones", ValueKind.PHONE),
    ("job_titles", ValueKind.JOB_TITLE),
    ("companies", ValueKind.COMPANY),
    ("locations", ValueKind.LOCATION),
    ("skills", ValueKind.SKILL),
    ("links", ValueKind.LINK),
)
SHOWN_TEXTS = (
    ("name", ValueKind.NAME),
    ("job_title", ValueKind.JOB_TITLE),
    ("company", ValueKind.COMPANY),
    ("location", ValueKind.LOCATION),
)


class SourceNames:
    """Names and kinds of sources by id, remembered for a minute. Disabled sources keep theirs: what they attested is still held."""

    def __init__(self, contacts: ReadDocuments) -> None:
        self._registry = SourceRegistry(contacts)
        self._held: dict[str, tuple[float, Source | None]] = {}

    async def get(self, source_id: str) -> Source | None:
        """The source, or None when the registry does not know it."""
        read_at, source = self._held.get(source_id, (float("-inf"), None))
        if perf_counter() - read_at > SOURCES_FRESH:
            try:
                source = (await self._registry.find(source_id)).source
            except SourceUnknown:
                source = None
            self._held[source_id] = (perf_counter(), source)
        return source


async def search_answer(profiles: ProfileReader, request: SearchRequest) -> dict[str, Any]:
    """The body of a search's answer, without `meta`: schemas.SearchAnswer.

    When nobody matches, a `q` of three parts and more is asked again with one part less: a person whose company is out of date is still
    found by name and place. `interpreted` says so. When nobody matches even so, it says, if asked, how many do without each condition.
    Raises QueryInvalid for what cannot be asked (an unknown seniority, a number that is none, an unusable cursor).
    """
    relaxed = bool(request.cursor and request.cursor.startswith(RELAXED_CURSOR))
    meant = interpret(_without_mark(request) if relaxed else request, relaxed=relaxed)
    brief = not (request.highlight or request.explain)  # those look at everything known of a person
    hits: Hits = await profiles.search(replace(meant.query, brief=brief))
    if not hits.total and meant.can_relax and not request.cursor:
        relaxed, meant = True, interpret(request, relaxed=True)
        hits = await profiles.search(replace(meant.query, brief=brief))
    return {
        "total": hits.total,
        "total_is_exact": hits.total_is_exact,
        "hits": [_told(hit_body(hit), hit, meant, request) for hit in hits.hits],
        "facets": {
            name: [{"value": value, "count": count} for value, count in hits.facets.get(FACET_FIELDS[name], ())] for name in request.facets
        },
        "cursor": f"{RELAXED_CURSOR}{hits.cursor}" if relaxed and hits.cursor else hits.cursor,
        "interpreted": {
            **meant.interpreted,
            "fields": fields_meant(meant.parts, [hit.served for hit in hits.hits]),
            "without": await without_one(profiles, request, meant) if request.count_without and not hits.total else None,
        },
    }


def _told(body: dict[str, Any], hit: Hit, meant: Interpreted, request: SearchRequest) -> dict[str, Any]:
    """The hit with what was asked to be told of it."""
    if request.highlight:
        body["highlights"] = highlights(meant.query.match, hit.profile)
    if request.explain:
        body["explanation"] = explanation(meant.query.match, meant.readings, hit)
    return body


def _without_mark(request: SearchRequest) -> SearchRequest:
    return request.model_copy(update={"cursor": (request.cursor or "").removeprefix(RELAXED_CURSOR)})


def hit_body(hit: Hit) -> dict[str, Any]:
    """One hit: schemas.HitAnswer. Never an address or a number."""
    served = hit.served
    title = served.first(ValueKind.JOB_TITLE)
    return {
        "id": hit.id,
        **shown_texts(served),
        "score": round(hit.score, 4),
        "seniority": (title.parts.get("seniority") or None) if title else None,
        "function": (title.parts.get("function") or None) if title else None,
        "skills": [skill.value for skill in served.of(ValueKind.SKILL)],
        "links": [{"network": link.parts.get("network"), "url": link.value} for link in served.of(ValueKind.LINK)],
        "has_email": served.has(ValueKind.EMAIL),
        "has_phone": served.has(ValueKind.PHONE),
        "has_link": served.has(ValueKind.LINK),
        "updated": served.updated,
        "distance_km": None if hit.kilometres is None else round(hit.kilometres, 1),
        "highlights": None,
        "explanation": None,
    }


async def profile_answer(profiles: ProfileReader, sources: SourceNames, profile_id: str) -> dict[str, Any]:
    """The body of a profile's answer, without `meta`: schemas.WholeProfile.

    Raises ProfileNotFound, ProfileMoved (with the id it lives under now), ProfileErased.
    """
    return await profile_body(await profiles.get(profile_id), sources)


async def profile_body(profile: Profile, sources: SourceNames) -> dict[str, Any]:
    """A whole profile: schemas.WholeProfile."""
    return {
        "id": profile.id,
        **shown_texts(profile),
        "updated": profile.updated.isoformat(),
        **{field: [await _value_body(value, sources) for value in profile.of(kind)] for field, kind in KIND_FIELDS},
    }


def shown_texts(profile: Profile | ServedProfile) -> dict[str, str | None]:
    """The texts that stand for a person: name, title, company and place, None when unknown."""
    return {field: (best.value if (best := profile.first(kind)) else None) for field, kind in SHOWN_TEXTS}


async def _value_body(value: Value, sources: SourceNames) -> dict[str, Any]:
    """A value as JSON. Comparison keys stay inside: they say nothing to a reader."""
    body = value.model_dump(mode="json", exclude={"kind", "keys", "sources"})
    return {**body, "sources": [await _source_body(attested, sources) for attested in value.sources]}


async def _source_body(attested: ValueSource, sources: SourceNames) -> dict[str, Any]:
    source = await sources.get(attested.source_id)
    public = source is not None and source.kind is SourceKind.PUBLIC
    return {
        "id": attested.source_id,
        "name": source.name if source else None,
        "kind": source.kind.value if source else None,
        "record_id": attested.record_id,
        "collected_at": attested.collected_at.isoformat(),
        "url": attested.url if public else None,
    }
