"""The cleaners: our normalisers in their shapes. None of them is told about anybody, and nothing that is asked is kept."""

from __future__ import annotations

from typing import Any

from engines.query import SearchQuery, Term
from privacy.reading import ProfileReader
from profiles.errors import Problem, ProfileNotFound, QueryInvalid
from profiles.models import ValueKind
from profiles.normalise.company import normalise_company, registrable_domain
from profiles.normalise.job_title import job_title_tokens, normalise_job_title
from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised, Refused
from search_api.meaning.work import synonyms
from search_api.v5.person import Cased, company_body, location
from search_api.v5.schemas import CompanyClean, JobTitleEnrich, LocationClean

MAX_SIMILAR = 5  # titles and skills beside a title, as they have it

_KINDS = {"city": "locality", "metro": "metro", "region": "region", "country": "country"}


async def company(profiles: ProfileReader, wanted: CompanyClean) -> dict[str, Any]:
    """A company by its name, or by the domain that profiles hold of it. Raises ProfileNotFound where it is none, or not held."""
    said = Cased(wanted.titlecase)
    domain = registrable_domain(wanted.website or "")
    if wanted.website and not domain:
        raise QueryInvalid([Problem("website", "is no web domain", "a website such as acme.example")])
    name = wanted.name or await _name_of(profiles, domain)
    found = normalise_company(name, domain or None) if name else None
    if found is None or isinstance(found, Refused):
        raise ProfileNotFound("no such company")
    body = company_body(said(found.value), found.keys[0], found.parts["domain"])
    return {"status": 200, **body, "raw": [text for text in (wanted.name, wanted.website) if text], "fuzzy_match": False}


async def _name_of(profiles: ProfileReader, domain: str) -> str | None:
    """The name of a company with this domain, as somebody holds it who works or worked there."""
    hits = await profiles.search(SearchQuery(match=Term("company_domain", domain), size=1))
    values = hits.hits[0].served.of(ValueKind.COMPANY) if hits.hits else ()
    return next((value.value for value in values if value.parts.get("domain") == domain), None)


def place(wanted: LocationClean) -> dict[str, Any]:
    """A place. Raises ProfileNotFound where it is none that is known."""
    found = normalise_location(wanted.location)
    if isinstance(found, Refused) or not found.parts["country"]:  # words that nothing is known of
        raise ProfileNotFound("no such place")
    body = location(found.parts, found.value, Cased(wanted.titlecase))
    return {"status": 200, **body, "subregion": None, "type": _KINDS.get(found.parts["kind"])}


async def job_title(profiles: ProfileReader, wanted: JobTitleEnrich) -> dict[str, Any]:
    """A title, others for the same work, and the skills that most people with it have. Raises ProfileNotFound where it is none."""
    said = Cased(wanted.titlecase)
    found = normalise_job_title(wanted.job_title)
    if not isinstance(found, Normalised):
        raise ProfileNotFound("no such title")
    asked = SearchQuery(match=Term("job_title_name", found.value), size=0, facets={"skill_name": MAX_SIMILAR})
    skills = (await profiles.search(asked)).facets.get("skill_name", ())
    similar = synonyms(tuple(job_title_tokens(found.value)))[:MAX_SIMILAR]
    data = {
        "cleaned_job_title": said(found.value),
        "similar_job_titles": [said(title) for title in similar],
        "relevant_skills": [said(skill) for skill, _ in skills],
    }
    return {"status": 200, "data": data}
