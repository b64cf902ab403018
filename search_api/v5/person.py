"""A profile as their person object: every field of their schema, null or [] where roster holds nothing.

Texts are in lower case as theirs are, or as roster shows them where `titlecase` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from profiles.models import Profile, Value, ValueKind
from search_api.v5.fields import LEVELS, ROLES

_TEXTS = (
    "full_name", "first_name", "middle_initial", "middle_name", "last_initial", "last_name", "sex", "birth_year", "birth_date", "headline",
    "linkedin_url", "linkedin_username", "linkedin_id", "facebook_url", "facebook_username", "facebook_id", "twitter_url",
    "twitter_username", "github_url", "github_username", "work_email", "recommended_personal_email", "mobile_phone", "industry", "summary",
    "job_title", "job_title_role", "job_title_sub_role", "job_title_class", "job_company_id", "job_company_name", "job_company_website",
    "job_company_size", "job_company_founded", "job_company_industry", "job_company_type", "job_company_ticker",
    "job_company_linkedin_url", "job_company_linkedin_id", "job_company_facebook_url", "job_company_twitter_url",
    "job_company_location_name", "job_company_location_locality", "job_company_location_metro", "job_company_location_region",
    "job_company_location_geo", "job_company_location_street_address", "job_company_location_address_line_2",
    "job_company_location_postal_code", "job_company_location_country", "job_company_location_continent", "job_last_changed",
    "job_last_verified", "job_start_date", "job_summary", "location_name", "location_locality", "location_metro", "location_region",
    "location_country", "location_continent", "location_street_address", "location_address_line_2", "location_postal_code", "location_geo",
    "location_last_updated", "linkedin_connections", "facebook_friends", "inferred_salary", "inferred_years_experience",
    "dataset_version", "version_status",
)  # fmt: skip
_LISTS = (
    "personal_emails", "emails", "phone_numbers", "phones", "job_title_levels", "skills", "interests", "location_names", "regions",
    "countries", "street_addresses", "experience", "education", "profiles", "certifications", "languages", "name_aliases",
)  # fmt: skip
PERSON_FIELDS = ("id", *_TEXTS, *_LISTS)
PERSON_PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(PERSON_FIELDS, ()),
    "emails": ("address", "type", "first_seen", "last_seen", "num_sources"),
    "phones": ("number", "first_seen", "last_seen", "num_sources"),
    "experience": ("company", "title", "location_names", "start_date", "end_date", "is_primary", "summary"),
    "profiles": ("network", "id", "url", "username"),
}
"""Field -> the fields of its values, where they have any."""

_ROLE_OF = {ours: theirs for theirs, functions in ROLES.items() for ours in functions}
_LEVEL_OF = {ours: theirs for theirs, seniorities in LEVELS.items() for ours in seniorities}
_NETWORK_NAMES = {"x": "twitter"}
_FIRST_OF = ("linkedin", "facebook", "twitter", "github")  # networks with fields of their own


def person(profile: Profile, *, titlecase: bool = False) -> dict[str, Any]:
    """Their object for a profile."""
    said = Cased(titlecase)
    found: dict[str, Any] = {"id": profile.id, **dict.fromkeys(_TEXTS), **{name: [] for name in _LISTS}}
    found |= _names(profile.of(ValueKind.NAME), said)
    found |= _contacts(profile.of(ValueKind.EMAIL), profile.of(ValueKind.PHONE))
    found |= _links(profile.of(ValueKind.LINK))
    found |= _places(profile.of(ValueKind.LOCATION), said)
    found |= _work(profile.of(ValueKind.JOB_TITLE), profile.of(ValueKind.COMPANY), said)
    found["skills"] = [said(skill.value) for skill in profile.of(ValueKind.SKILL)]
    return found


class Cased:
    """A text in the case that is asked for; None for an empty one."""

    def __init__(self, titlecase: bool) -> None:
        self._titlecase = titlecase

    def __call__(self, text: str | None) -> str | None:
        """The text as it is to be shown."""
        return (text if self._titlecase else text.lower()) if text else None


def _names(values: Sequence[Value], said: Cased) -> dict[str, Any]:
    if not values:
        return {}
    parts = values[0].parts
    given, middle, family = (said(parts.get(part)) for part in ("given", "middle", "family"))
    return {
        "full_name": said(values[0].value),
        "first_name": given,
        "middle_name": middle,
        "middle_initial": middle[0] if middle else None,
        "last_name": family,
        "last_initial": family[0] if family else None,
        "name_aliases": [said(value.value) for value in values[1:]],
    }


def _contacts(emails: Sequence[Value], phones: Sequence[Value]) -> dict[str, Any]:
    """An address at a provider for everybody is personal, one of a company professional; a mailbox of a task is neither."""
    personal = [e.value for e in emails if e.parts.get("free")]
    work = [e for e in emails if _kind(e) in ("professional", "current_professional")]
    return {
        "work_email": work[0].value if work else None,
        "personal_emails": personal,
        "recommended_personal_email": personal[0] if personal else None,
        "emails": [{"address": e.value, "type": _kind(e), **_seen(e)} for e in emails],
        "mobile_phone": next((p.keys[0] for p in phones if p.parts.get("kind") == "mobile"), None),
        "phone_numbers": [p.keys[0] for p in phones],
        "phones": [{"number": p.keys[0], **_seen(p)} for p in phones],
    }


def _kind(email: Value) -> str | None:
    if email.parts.get("role") or email.parts.get("disposable"):
        return None
    if email.parts.get("free"):
        return "personal"
    return "current_professional" if email.current else "professional"


def _seen(value: Value) -> dict[str, Any]:
    sources = len({source.source_id for source in value.sources})
    return {"first_seen": value.first_seen.isoformat(), "last_seen": value.last_seen.isoformat(), "num_sources": sources}


def _links(links: Sequence[Value]) -> dict[str, Any]:
    profiles = [
        {
            "network": _NETWORK_NAMES.get(network := link.parts.get("network", ""), network),
            "id": None,
            "url": link.value.removeprefix("https://").removeprefix("www."),
            "username": link.parts.get("handle"),
        }
        for link in links
    ]
    found: dict[str, Any] = {"profiles": profiles}
    for name in _FIRST_OF:
        if first := next((profile for profile in profiles if profile["network"] == name), None):
            found |= {f"{name}_url": first["url"], f"{name}_username": first["username"]}
    return found


def location(place: Mapping[str, Any], name: str | None, said: Cased) -> dict[str, Any]:
    """Their location object. place: the parts of a place."""
    geo = f"{place['lat']:.2f},{place['lon']:.2f}" if place.get("lat") is not None and place.get("lon") is not None else None
    return {
        "name": said(name),
        "locality": said(place.get("city")),
        "region": said(place.get("region")),
        "metro": said(place.get("metro")),
        "country": said(place.get("country_name")),
        "continent": None,
        "geo": geo,
    }


def _places(places: Sequence[Value], said: Cased) -> dict[str, Any]:
    found: dict[str, Any] = {
        "location_names": _unique(said(place.value) for place in places),
        "regions": _unique(said(place.parts.get("region")) for place in places),
        "countries": _unique(said(place.parts.get("country_name")) for place in places),
    }
    if places:
        found |= {f"location_{part}": text for part, text in location(places[0].parts, places[0].value, said).items()}
    return found


def _work(titles: Sequence[Value], companies: Sequence[Value], said: Cased) -> dict[str, Any]:
    title, company = titles[0] if titles else None, companies[0] if companies else None
    found: dict[str, Any] = {"experience": _experience(titles, companies, said)}
    if title:
        told = _title(title, said)
        found |= {"job_title": told["name"], "job_title_role": told["role"], "job_title_levels": told["levels"]}
    if company:
        told = _company(company, said)
        found |= {"job_company_id": told["id"], "job_company_name": told["name"], "job_company_website": told["website"]}
    found["job_start_date"] = (title.started if title else None) or (company.started if company else None)
    return found


def _experience(titles: Sequence[Value], companies: Sequence[Value], said: Cased) -> list[dict[str, Any]]:
    """A job for each title at each company, the one that is shown first; titles that no source ties to a company stand alone."""
    jobs: list[tuple[Value | None, Value | None]] = []
    for company in companies:
        held = [title for title in titles if title.job == company.keys[0]]
        jobs += [(title, company) for title in held] or [(None, company)]
    known = {company.keys[0] for company in companies}
    jobs += [(title, None) for title in titles if title.job not in known]
    return [
        {
            "company": _company(company, said) if company else None,
            "title": _title(title, said) if title else None,
            "location_names": [],
            "start_date": next((value.started for value in (title, company) if value and value.started), None),
            "end_date": next((value.ended for value in (title, company) if value and value.ended), None),
            "is_primary": n == 0,
            "summary": None,
        }
        for n, (title, company) in enumerate(jobs)
    ]


def _title(title: Value, said: Cased) -> dict[str, Any]:
    level = _LEVEL_OF.get(title.parts.get("seniority", ""))
    role = _ROLE_OF.get(title.parts.get("function", ""))
    return {"name": said(title.value), "role": role, "sub_role": None, "class": None, "levels": [level] if level else []}


def _company(company: Value, said: Cased) -> dict[str, Any]:
    return company_body(said(company.value), company.keys[0], company.parts.get("domain"))


def company_body(name: str | None, key: str, website: str | None) -> dict[str, Any]:
    """Their company object. key: by which roster compares names of companies; it is the id."""
    unknown = ("size", "founded", "industry", "location", "linkedin_url", "linkedin_id", "facebook_url", "twitter_url", "ticker", "type")
    return {"name": name, "id": key, "website": website or None, **dict.fromkeys(unknown)}


def _unique(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
