"""Cleaning as tasks: each normaliser with the models of its question and its result, in one literal table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from profiles.normalise.company import normalise_company
from profiles.normalise.email import normalise_email
from profiles.normalise.job_title import normalise_job_title, split_job_titles
from profiles.normalise.link import normalise_link
from profiles.normalise.location import normalise_location
from profiles.normalise.name import normalise_name
from profiles.normalise.phone import normalise_phone
from profiles.normalise.result import Normalised, Refused, Result
from profiles.normalise.skill import normalise_skill
from search_api.clean import schemas
from search_api.tasks import Outcome, Task
from search_api.wire import Wire


def cleaned(found: Result, parts: Sequence[str]) -> dict[str, Any]:
    """What a normaliser found, as a body: schemas.Cleaned with those of its parts that a caller can use."""
    if isinstance(found, Refused):
        return {"recognised": False, "value": None, "key": None, "reason": found.reason, "allowed": found.allowed or None, "parts": None}
    body = {"recognised": True, "value": found.value, "key": found.keys[0], "reason": None, "allowed": None}
    return {**body, "parts": {part: found.parts[part] for part in parts}}


def _name(asked: schemas.NameQuestion) -> Result:
    return normalise_name(
        asked.name, given=asked.given, middle=asked.middle, family=asked.family, suffix=asked.suffix, nickname=asked.nickname
    )


def _company(asked: schemas.CompanyQuestion) -> Result:
    return normalise_company(asked.company, asked.domain)


def _job_title(asked: schemas.JobTitleQuestion) -> Result:
    """The first title of the text; the others stand in the part `also`."""
    titles = split_job_titles(asked.job_title) or [asked.job_title]
    first, *others = map(normalise_job_title, titles)
    if isinstance(first, Refused):
        return first
    also = [found.value for found in others if isinstance(found, Normalised)]
    return Normalised(first.value, first.keys, {"occupation": "", **first.parts, "also": also})


def _location(asked: schemas.LocationQuestion) -> Result:
    return normalise_location(asked.location, city=asked.city, region=asked.region, country=asked.country)


def _skill(asked: schemas.SkillQuestion) -> Result:
    return normalise_skill(asked.skill)


def _phone(asked: schemas.PhoneQuestion) -> Result:
    return normalise_phone(asked.phone, asked.country)


def _email(asked: schemas.EmailQuestion) -> Result:
    return normalise_email(asked.email)


def _link(asked: schemas.ProfileLinkQuestion) -> Result:
    return normalise_link(asked.link, asked.network)


def _task(name: str, question: type[Any], result: type[Wire], parts: type[Wire], read: Callable[[Any], Result]) -> Task[Any, Any]:
    shown = tuple(parts.model_fields)

    async def run(_: object, asked: Sequence[Any]) -> list[Outcome]:
        return [cleaned(read(one), shown) for one in asked]

    return Task(f"clean/{name}", question, result, run)


CLEAN_TASKS: tuple[Task[Any, Any], ...] = (
    _task("name", schemas.NameQuestion, schemas.CleanedName, schemas.NameParts, _name),
    _task("company", schemas.CompanyQuestion, schemas.CleanedCompany, schemas.CompanyParts, _company),
    _task("job-title", schemas.JobTitleQuestion, schemas.CleanedJobTitle, schemas.JobTitleParts, _job_title),
    _task("location", schemas.LocationQuestion, schemas.CleanedLocation, schemas.LocationParts, _location),
    _task("skill", schemas.SkillQuestion, schemas.CleanedSkill, schemas.SkillParts, _skill),
    _task("phone", schemas.PhoneQuestion, schemas.CleanedPhone, schemas.PhoneParts, _phone),
    _task("email", schemas.EmailQuestion, schemas.CleanedEmail, schemas.EmailParts, _email),
    _task("profile-link", schemas.ProfileLinkQuestion, schemas.CleanedProfileLink, schemas.ProfileLinkParts, _link),
)
