"""Autocomplete: values that profiles hold, with how many hold each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from engines.query import SearchQuery, Term
from engines.suggesting import SUGGEST_FIELDS, beginnings, shown
from privacy.reading import ProfileReader
from profiles.errors import Problem, QueryInvalid
from profiles.models import ValueKind
from profiles.normalise import gazetteer
from profiles.normalise.fold import fold
from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised
from search_api.meaning.clauses import best
from search_api.suggest.routes import SPARE
from search_api.v5.fields import ROLES
from search_api.v5.person import Cased
from search_api.v5.schemas import AutocompleteRequest

MAX_REGIONS = 5000  # the gazetteer knows 3,800 regions

_PLACES = ("location_name", "location_names", "experience.location_names")
_KINDS: Mapping[str, tuple[ValueKind, tuple[str, ...]]] = {
    "title": (ValueKind.JOB_TITLE, ("job_title", "experience.title.name")),
    "company": (ValueKind.COMPANY, ("job_company_name", "experience.company.name")),
    "skill": (ValueKind.SKILL, ("skills",)),
    "location": (ValueKind.LOCATION, _PLACES),
    "location_name": (ValueKind.LOCATION, _PLACES),
    "all_location": (ValueKind.LOCATION, _PLACES),
}
_OTHERS = {
    "country": ("location_country", "countries"),
    "region": ("location_region", "regions"),
    "role": ("job_title_role", "experience.title.role"),
    "website": ("job_company_website", "experience.company.website"),
}

Counted = Sequence[tuple[str, int]]


async def autocomplete(profiles: ProfileReader, wanted: AutocompleteRequest) -> dict[str, Any]:
    """The body of an answer: schemas.AutocompleteAnswer. Raises QueryInvalid for a field of which nothing is held."""
    said = Cased(wanted.titlecase)
    if wanted.field in _KINDS:
        kind, fields = _KINDS[wanted.field]
        found = await _values(profiles, kind, wanted.text, wanted.size)
    elif wanted.field in _OTHERS:
        kind, fields = None, _OTHERS[wanted.field]
        read = {"country": _countries, "region": _regions, "role": _roles, "website": _websites}[wanted.field]
        found = await read(profiles, wanted.text, wanted.size)
    else:
        raise QueryInvalid([Problem("field", "is one of which nothing is held here", ", ".join((*_KINDS, *_OTHERS)))])
    data = [{"name": said(name), "count": count, "meta": _place(name, said) if kind is ValueKind.LOCATION else {}} for name, count in found]
    return {"status": 200, "data": data, "fields": list(fields)}


async def _values(profiles: ProfileReader, kind: ValueKind, text: str, size: int) -> Counted:
    for beginning in beginnings(kind, text) if text else ("",):
        found = shown(await profiles.suggest(SUGGEST_FIELDS[kind], beginning, SPARE * size), size)
        if found:
            return found
    return ()


async def _websites(profiles: ProfileReader, text: str, size: int) -> Counted:
    return await profiles.suggest("company_domain", text.lower(), size)


async def _countries(profiles: ProfileReader, text: str, size: int) -> Counted:
    held = await _facet(profiles, "country", 300)
    named = [(country.name, count) for code, count in held if (country := gazetteer.country_by_code(fold(code)))]
    return _beginning(named, text, size)


async def _regions(profiles: ProfileReader, text: str, size: int) -> Counted:
    return _beginning(await _facet(profiles, "region", MAX_REGIONS), text, size)


async def _roles(profiles: ProfileReader, text: str, size: int) -> Counted:
    """A role may be several functions, and a person may have two of them: each role is counted by itself."""
    asked = [role for role in ROLES if role.startswith("_".join(fold(text).split()))]
    queries = [SearchQuery(match=best(Term("function", name) for name in ROLES[role]), size=0) for role in asked]
    answers = await asyncio.gather(*map(profiles.search, queries))
    counted = [(role, hits.total) for role, hits in zip(asked, answers, strict=True) if hits.total]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:size]


async def _facet(profiles: ProfileReader, field: str, size: int) -> Counted:
    return (await profiles.search(SearchQuery(size=0, facets={field: size}))).facets.get(field, ())


def _beginning(counted: Counted, text: str, size: int) -> Counted:
    """Those of which a word begins so."""
    wanted = fold(text)
    return [(name, count) for name, count in counted if f" {fold(name)}".find(f" {wanted}") >= 0][:size]


def _place(name: str, said: Cased) -> dict[str, Any]:
    found = normalise_location(name)
    parts = found.parts if isinstance(found, Normalised) else {}
    return {"locality": said(parts.get("city")), "region": said(parts.get("region")), "country": said(parts.get("country_name"))}
