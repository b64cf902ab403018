"""The protocol's other services: manifest, suggestions, previews, and the values of properties."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import Any

from engines.query import AllOf, Clause, Prefix, SearchQuery, Term
from privacy.reading import ProfileReader
from profiles.errors import Problem, ProfileErased, ProfileMoved, ProfileNotFound, QueryInvalid
from profiles.models import Profile, ValueKind
from profiles.normalise.fold import fold, fold_tokens
from search_api.answers import shown_texts
from search_api.reconcile.matching import PERSON, entity
from search_api.reconcile.properties import PROPERTIES, Property
from search_api.reconcile.schemas import MAX_QUERIES, Extension, PrefixRequest, ProposalRequest, WantedProperty

SUGGESTIONS = 10  # a list people look through; `cursor` brings the next ten
_WIDTH, _HEIGHT = 400, 160  # pixels: five lines of text

_LIMIT = {
    "name": "limit",
    "label": "Values",
    "type": "number",
    "default": 0,
    "help_text": "At most so many values, best first; 0 for all.",
}


def manifest(base: str, *, keyed: bool, version: str) -> dict[str, Any]:
    """What the service offers.    base: its address, without a path.    keyed: whether it asks for an API key."""
    at = {"service_url": base}
    return {
        "versions": ["0.2"],
        "name": "roster",
        "identifierSpace": f"{base}/v1/profiles/",
        "schemaSpace": "https://schema.org/Person",
        "serviceVersion": version,
        "defaultTypes": [PERSON],
        "view": {"url": f"{base}/reconcile/preview?id={{{{id}}}}"},
        "preview": {"url": f"{base}/reconcile/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT},
        "suggest": {
            "entity": {**at, "service_path": "/reconcile/suggest/entity", "flyout_service_path": "/reconcile/flyout?id=${id}"},
            "property": {**at, "service_path": "/reconcile/suggest/property"},
            "type": {**at, "service_path": "/reconcile/suggest/type"},
        },
        "extend": {"propose_properties": {**at, "service_path": "/reconcile/properties"}, "property_settings": [_LIMIT]},
        "batchSize": MAX_QUERIES,
        **({"authentication": {"type": "apiKey", "name": "X-API-Key", "in": "header"}} if keyed else {}),
    }


async def suggested_people(profiles: ProfileReader, request: PrefixRequest) -> dict[str, Any]:
    """People whose name begins so: every word in it, the last one perhaps not yet whole; or the one with this id."""
    found: list[Profile] = []
    if request.prefix and not request.cursor:
        with suppress(ProfileNotFound, ProfileErased, ProfileMoved):
            found.append(await profiles.get(request.prefix))
    if words := fold_tokens(request.prefix):
        clauses: list[Clause] = [*(Term("name", word) for word in words[:-1]), Prefix("name", words[-1])]
        query = SearchQuery(match=AllOf(tuple(clauses)), size=request.cursor + SUGGESTIONS)
        found += [hit.profile for hit in (await profiles.search(query)).hits[request.cursor :]]
    unique = {profile.id: profile for profile in found}
    return {"result": [{**entity(profile), "notable": [PERSON]} for profile in unique.values()]}


def suggested_properties(request: PrefixRequest) -> dict[str, Any]:
    """Properties whose name or id begins so, or has a word that does."""
    start = fold(request.prefix)
    found = [p for p in PROPERTIES.values() if any(word.startswith(start) for word in (p.id, fold(p.name), *fold_tokens(p.name)))]
    return {"result": [_property(property) for property in found[request.cursor :]]}


def suggested_types(request: PrefixRequest) -> dict[str, Any]:
    """The one type there is, if it begins so."""
    return {"result": [PERSON][request.cursor :] if fold(PERSON["name"]).startswith(fold(request.prefix)) else []}


def proposed_properties(request: ProposalRequest) -> dict[str, Any]:
    """What there is to fetch of a person."""
    found = [_property(property) for property in PROPERTIES.values()] if request.type == PERSON["id"] else []
    return {"properties": found[: request.limit], "type": request.type, **({"limit": request.limit} if request.limit else {})}


async def extended(profiles: ProfileReader, wanted: Extension) -> dict[str, Any]:
    """The values of properties, best first. Whoever was merged has the values of the surviving profile; who is gone has none.

    Raises QueryInvalid for an unknown property.
    """
    unknown = [n for n, asked in enumerate(wanted.properties) if asked.id not in PROPERTIES]
    if unknown:
        allowed = ", ".join(PROPERTIES)
        raise QueryInvalid(Problem(f"extend/properties/{n}/id", "is not a property", allowed) for n in unknown)
    limits = [_limit(asked, n) for n, asked in enumerate(wanted.properties)]
    living = await profiles.living(wanted.ids)
    rows = {}
    for profile_id in dict.fromkeys(wanted.ids):
        profile = living.get(profile_id)
        rows[profile_id] = {
            asked.id: [{"str": value.value} for value in profile.of(PROPERTIES[asked.id].kind)[:limit]] if profile else []
            for asked, limit in zip(wanted.properties, limits, strict=True)
        }
    return {"meta": [_property(PROPERTIES[asked.id]) for asked in wanted.properties], "rows": rows}


def _limit(asked: WantedProperty, n: int) -> int | None:
    """OpenRefine sends numbers as texts."""
    said = str(asked.settings.get("limit") or 0)
    if not (said.isascii() and said.isdecimal()) or len(said) > 6:
        raise QueryInvalid([Problem(f"extend/properties/{n}/settings/limit", "is not a number of values", "0 for all, or a whole number")])
    return int(said) or None


def _property(property: Property) -> dict[str, str]:
    return {"id": property.id, "name": property.name}


def summary(profile: Profile) -> str:
    """A person in a few lines of HTML, without contact details."""
    texts: Mapping[str, str | None] = shown_texts(profile)
    work = ", ".join(text for name in ("job_title", "company") if (text := texts[name]))
    skills = ", ".join(skill.value for skill in profile.of(ValueKind.SKILL)[:10])
    lines = [f"<strong>{escape(texts['name'] or profile.id)}</strong>"]
    lines += [escape(line) for line in (work, texts["location"], skills) if line]
    return f"<p>{'<br>'.join(lines)}</p>"


def page(profile: Profile) -> str:
    """The same as a page of its own."""
    name = escape(shown_texts(profile)["name"] or profile.id)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title></head><body>{summary(profile)}</body></html>\n'
    )
