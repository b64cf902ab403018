"""Passing through a whole result, for what is saved or exported: everyone who matches from beginning to end is met exactly once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from engines.cursors import cursor_behind
from engines.query import Hits, SearchQuery, Sort
from privacy.reading import ProfileReader
from profiles.errors import Problem, QueryInvalid
from search_api.query import interpret
from search_api.schemas import SearchRequest

PART = 200  # profiles read at a time: about 1 MB, and 20 to 40 ms before other requests get their turn

_OF_A_PAGE = frozenset({"sort", "size", "cursor", "facets", "facet_size", "exact_total", "highlight", "explain", "count_without"})


def meaning(request: SearchRequest, pointer: str = "") -> SearchQuery:
    """What a request means, for a pass by id. Raises QueryInvalid also for what only a page of an answer can have."""
    problems = [
        Problem(f"{pointer}/{name}", "has no meaning here: everyone who matches is meant", "leave it out")
        for name in sorted(_OF_A_PAGE & request.model_fields_set)
    ]
    if problems:
        raise QueryInvalid(problems)
    return _by_id(interpret(request).query)


async def meaning_of_a_search(profiles: ProfileReader, request: SearchRequest, pointer: str = "") -> SearchQuery:
    """As `meaning`; where nobody matches, with one part of `q` less, as a search would answer."""
    meant = meaning(request, pointer)
    if interpret(request).can_relax and not (await profiles.counts([meant]))[0]:
        return _by_id(interpret(request, relaxed=True).query)
    return meant


def _by_id(query: SearchQuery) -> SearchQuery:
    return replace(query, sort=Sort.ID, size=PART, facets={}, cursor=None)


async def whole_result(profiles: ProfileReader, query: SearchQuery, after: str | None = None) -> AsyncIterator[Hits]:
    """Every page of a query of `meaning`; after: the id of the profile to go on behind, whether it matches or not."""
    cursor = cursor_behind(query, after) if after else None
    while True:
        page = await profiles.search(replace(query, cursor=cursor))
        yield page
        if page.cursor is None:
            return
        cursor = page.cursor
