"""Person enrichment, identify and bulk: the service of search_api/enrich with their words for questions and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from privacy.reading import ProfileReader
from profiles.errors import ProfileErased, ProfileNotFound, QueryInvalid, RosterError
from profiles.models import Profile
from search_api.enrich.matching import Enricher, Match, Wanted
from search_api.enrich.wishes import Holds, required_of
from search_api.errors import PersonNotFound
from search_api.v5.answers import error_body
from search_api.v5.person import PERSON_FIELDS, person
from search_api.v5.schemas import PersonBulk, PersonEnrich, PersonIdentify
from search_api.v5.searching import shown

MAX_MATCHES = 20  # candidates of identify at most, as they have it
SURE = 10  # of a person asked for by the id

_HELD: Mapping[str, Holds] = {
    name: (lambda profile, name=name: bool(person(profile)[name]))  # type: ignore[misc]  # bound as it is now
    for name in PERSON_FIELDS
}


def _required(text: str | None) -> Holds:
    """`required` of a request. Raises QueryInvalid."""
    return required_of(text, _HELD) if text else lambda profile: True


async def enrich(profiles: ProfileReader, enricher: Enricher, asked: Sequence[PersonEnrich]) -> list[dict[str, Any]]:
    """For each request the body of its answer, schemas.EnrichedAnswer, or of the error that a call for it alone would get."""
    read = [_read(one) for one in asked]
    wanted = [one[0] for one in read if isinstance(one, tuple) and one[0] is not None]
    matches = iter(await enricher.match(wanted))
    bodies: list[dict[str, Any]] = []
    for request, one in zip(asked, read, strict=True):
        try:
            if isinstance(one, RosterError):
                raise one
            ready, show, required = one
            found = await _by_id(profiles, request, required) if ready is None else _certain(next(matches))
            bodies.append(_enriched(request, found, show))
        except RosterError as error:
            bodies.append(error_body(error))
    return bodies


Show = Callable[[dict[str, Any]], dict[str, Any]]
_Found = tuple[Profile, int, Sequence[str]]
"""Who it is, how likely, and by which of the fields sent."""


def _read(asked: PersonEnrich) -> tuple[Wanted | None, Show, Holds] | RosterError:
    """What a request asks for; no Wanted where it is by id, beside which they look at nothing else."""
    try:
        required, show = _required(asked.required), shown(asked.data_include)
        wanted = None if asked.pdl_id else Wanted(asked.person(), asked.min_likelihood, required)
    except QueryInvalid as error:
        return error
    return wanted, show, required


async def _by_id(profiles: ProfileReader, asked: PersonEnrich, required: Holds) -> _Found:
    found = await profiles.surviving(asked.pdl_id or "")
    if not required(found):
        raise PersonNotFound("the person does not hold what `required` asks for")
    return found, SURE, ("pdl_id",)


def _certain(match: Match | RosterError) -> _Found:
    if isinstance(match, RosterError):
        raise match
    return match.profile, match.likelihood, match.matched


def _enriched(asked: PersonEnrich, found: _Found, show: Show) -> dict[str, Any]:
    profile, likelihood, matched = found
    body = {"status": 200, "likelihood": likelihood, "data": show(person(profile, titlecase=asked.titlecase))}
    return {**body, "matched": list(matched)} if asked.include_if_matched else body


async def identify(profiles: ProfileReader, enricher: Enricher, asked: PersonIdentify) -> dict[str, Any]:
    """The body of an answer: schemas.IdentifiedAnswer. Raises PersonNotFound where nobody is like it, QueryInvalid."""
    show, required = shown(asked.data_include), _required(asked.required)
    if asked.pdl_id:
        try:
            candidates: list[_Found] = [(await profiles.surviving(asked.pdl_id), 99, ("pdl_id",))]
        except (ProfileErased, ProfileNotFound):
            candidates = []
    else:
        [found] = await enricher.candidates([asked.person()], MAX_MATCHES)
        if isinstance(found, RosterError):
            raise found
        likely = [one for one in found if one.likelihood >= asked.min_likelihood]
        candidates = [(one.profile, _score(one.bits), tuple(one.matched)) for one in likely]
    fitting = [one for one in candidates if required(one[0])][: asked.size]
    if not fitting:
        raise PersonNotFound("nobody here is like what was sent")
    return {"status": 200, "matches": [_candidate(asked, one, show) for one in fitting]}


def _candidate(asked: PersonIdentify, one: _Found, show: Show) -> dict[str, Any]:
    profile, score, matched = one
    body = {"data": show(person(profile, titlecase=asked.titlecase)), "match_score": score}
    return {**body, "matched_on": list(matched)} if asked.include_if_matched else body


def _score(bits: float) -> int:
    """Their score of a match, 1 to 99: here the probability that it is the person, in percent. bits: log2 of its odds."""
    odds: float = 2.0**bits
    return min(99, max(1, round(100 * odds / (1 + odds))))


async def bulk(profiles: ProfileReader, enricher: Enricher, asked: PersonBulk) -> list[dict[str, Any]]:
    """What becomes of each request, in their order, with its metadata; what a request leaves open is as the whole call says."""
    common = {name: getattr(asked, name) for name in asked.model_fields_set & {*PersonEnrich.model_fields}}
    requests = [
        one.params.model_copy(update={name: value for name, value in common.items() if name not in one.params.model_fields_set})
        for one in asked.requests
    ]
    bodies = await enrich(profiles, enricher, requests)
    return [
        {**body, "metadata": one.metadata} if one.metadata is not None else body for body, one in zip(bodies, asked.requests, strict=True)
    ]
