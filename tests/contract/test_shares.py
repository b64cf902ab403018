"""What an engine says each clause gave, and what facets count beside the hits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engines.base import Writer
from engines.query import AllOf, AnyOf, Best, Clause, Everything, Fuzzy, Phrase, Prefix, Scope, SearchQuery, Sort, Term
from profiles.errors import StoreUnavailable
from tests.contract.conftest import answer
from tests.contract.test_clauses import people
from tests.opensearch.asking import ask
from tests.stores import on_opensearch

__all__ = ["people"]

NAME = AnyOf((Term("name", "berg", 1.2, "spelling"), Term("name_phonetic", "m:BRK", 0.3, "sound"), Fuzzy("name", "berh", 1, 1.5)))
MATCH = AllOf(
    (
        Best((NAME, Prefix("name", "berg", 0.7), Term("city", "Berlin", 9.0))),
        Best((Phrase("job_title", ("software", "engineer"), 2.0), Everything())),
        Best((Term("skill_key", "python", 2.5), Term("skill_key", "sql", 2.0), Everything())),
    )
)


def total(clause: Clause, shares: dict[Clause, float]) -> float | None:
    """The score of a clause by its leaves' shares, as engines/query.py has it; None when it does not match."""
    match clause:
        case Everything():
            return 0.0
        case AllOf(parts):
            given = [total(part, shares) for part in parts]
            return None if None in given else sum(score for score in given if score is not None)
        case AnyOf(parts, minimum):
            matched = [score for part in parts if (score := total(part, shares)) is not None]
            return sum(matched) if len(matched) >= minimum else None
        case Best(parts):
            return max((score for part in parts if (score := total(part, shares)) is not None), default=None)
        case _:
            return shares.get(clause)


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.NAME, Sort.UPDATED])
async def test_shares_add_up_to_the_score(people: Writer, sort: Sort) -> None:
    """Every clause that matches is named with what it scores by itself; put together as the question is, they are the hit's score."""
    ranked = {hit.id: hit.score for hit in (await answer(people, SearchQuery(match=MATCH))).hits}
    hits = (await answer(people, SearchQuery(match=MATCH, explain=True, sort=sort))).hits
    assert {hit.id for hit in hits} == set(ranked) == {"anna", "bob", "carla", "otto"}
    for hit in hits:
        assert total(MATCH, dict(hit.shares)) == pytest.approx(ranked[hit.id], rel=1e-4)
    anna = next(hit.shares for hit in hits if hit.id == "anna")
    assert set(anna) == {
        *NAME.clauses, Prefix("name", "berg", 0.7), Phrase("job_title", ("software", "engineer"), 2.0), Term("skill_key", "python", 2.5)
    }  # fmt: skip


async def test_every_page_is_explained(people: Writer) -> None:
    """The pages after the first account for their hits as the first does."""
    query = SearchQuery(match=MATCH, explain=True, size=1)
    seen = 0
    page = await answer(people, query)
    while True:
        for hit in page.hits:
            assert total(MATCH, dict(hit.shares)) == pytest.approx(hit.score, rel=1e-4)
            seen += 1
        if page.cursor is None:
            break
        page = await answer(people, replace(query, cursor=page.cursor))
    assert seen == 4


async def test_nothing_is_explained_unasked(people: Writer) -> None:
    """Without `explain` hits carry no shares."""
    assert all(not hit.shares for hit in (await answer(people, SearchQuery(match=MATCH))).hits)


async def test_a_facet_with_a_scope_counts_more_than_the_hits(people: Writer) -> None:
    """Each facet counts what its scope says, under the same filters; the others count the result."""
    query = SearchQuery(
        match=AllOf((Term("job_title", "engineer"), Term("city", "Munich"))),
        excluded=(Term("skill_key", "c++"),),
        hidden=frozenset({"maria"}),
        facets={"city": 5, "job_title_name": 5, "company_name": 5},
        scopes={
            "city": Scope(Term("job_title", "engineer"), (Term("skill_key", "c++"),)),
            "job_title_name": Scope(Term("city", "Munich")),
        },
    )
    result = await answer(people, query)
    assert [hit.id for hit in result.hits] == ["carla"]
    assert list(result.facets["city"]) == [("Munich", 1)]
    assert list(result.facets["job_title_name"]) == [("Software Engineer", 2)]
    assert list(result.facets["company_name"]) == [("Jadeloop", 1)]
    wide = await answer(people, SearchQuery(match=Term("city", "Munich"), facets={"city": 5}, scopes={"city": Scope(Everything())}))
    assert (wide.total, list(wide.facets["city"])) == (2, [("Berlin", 2), ("Munich", 2), ("Utrecht", 1)])


@on_opensearch
@pytest.mark.parametrize("scopes", [{}, {"city": Scope(Everything())}])
async def test_opensearch_without_an_index_it_says_what_to_run(people: Writer, opensearch: str, url: str, scopes: dict[str, Scope]) -> None:
    """Where the search index has gone, with facets that count more than the hits or without: the operator is told to build it."""
    ask(f"{opensearch}/{url.rpartition('/')[2]}-search-*", "DELETE")
    with pytest.raises(StoreUnavailable, match="`roster reindex` builds it"):
        await answer(people, SearchQuery(facets={"city": 5}, scopes=scopes))
