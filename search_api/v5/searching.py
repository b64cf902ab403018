"""Person search and retrieve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engines.query import Clause, Everything, Flag, Hits, SearchQuery
from privacy.reading import ProfileReader
from profiles.errors import Problem, QueryInvalid
from search_api.enrich.wishes import included
from search_api.meaning.clauses import every, some
from search_api.v5.conditions import Conditions, negation
from search_api.v5.elastic import read_query
from search_api.v5.person import PERSON_PARTS, person
from search_api.v5.schemas import PersonRetrieve, PersonSearch
from search_api.v5.sql import read_sql

DATASETS: Mapping[str, Clause] = {
    "all": Everything(),
    "resume": Everything(),
    "email": Flag("has_email", True),
    "phone": Flag("has_phone", True),
}
"""Their datasets that can be told apart here, and who is in them."""


async def search(profiles: ProfileReader, wanted: PersonSearch) -> dict[str, Any]:
    """The body of a search's answer: schemas.PersonsAnswer. Raises QueryInvalid with everything that cannot be asked."""
    show = shown(wanted.data_include)
    query = meaning(wanted)
    try:
        hits: Hits = await profiles.search(query)
    except QueryInvalid as error:
        raise _told_as_theirs(error) from None
    found = [show(person(hit.profile, titlecase=wanted.titlecase)) for hit in hits.hits]
    return {"status": 200, "data": found, "scroll_token": hits.cursor, "total": hits.total}


def meaning(wanted: PersonSearch) -> SearchQuery:
    """What a search means. Raises QueryInvalid."""
    conditions = Conditions()
    clause = read_query(wanted.query, conditions) if wanted.query is not None else read_sql(wanted.sql or "", conditions)
    among = _dataset(wanted.dataset, conditions)
    conditions.check()
    return SearchQuery(match=every((clause, *among)), size=wanted.size, cursor=wanted.scroll_token or None)


def _dataset(text: str | None, conditions: Conditions) -> Iterable[Clause]:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if any(name.removeprefix("-") not in DATASETS for name in names):
        return [conditions.wrong("dataset", "names one that cannot be told apart here", ", ".join(DATASETS))]
    within = [DATASETS[name] for name in names if not name.startswith("-")]
    without = [negation(DATASETS[name[1:]]) for name in names if name.startswith("-")]
    return [*([some(within, 1)] if within else []), *without]


async def retrieve(profiles: ProfileReader, profile_id: str, wanted: PersonRetrieve) -> dict[str, Any]:
    """The body of a record's answer: schemas.PersonAnswer; a merged id leads on to the profile it lives under.

    Raises ProfileNotFound, ProfileErased.
    """
    show = shown(wanted.data_include)
    found = await profiles.surviving(profile_id)
    return {"status": 200, "data": show(person(found, titlecase=wanted.titlecase)), "billed": False}


def shown(data_include: str | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What shows the wanted fields of a record ("id,emails.address"), or all but those ("-emails"). Raises QueryInvalid."""
    return (lambda record: record) if data_include is None else included(data_include, PERSON_PARTS)


def _told_as_theirs(error: QueryInvalid) -> QueryInvalid:
    """The same with their name for a cursor."""
    return QueryInvalid(Problem("scroll_token" if p.pointer == "cursor" else p.pointer, p.detail, p.allowed) for p in error.problems)
