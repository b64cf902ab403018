"""Search bodies as files: a change of what is sent shows as a diff. `python -m tests.engines.opensearch.test_compile` writes them anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson
import pytest

from engines.opensearch.compile import MAX_TERMS, compile_search, compile_suggest
from engines.opensearch.schema import current_schema
from engines.query import AllOf, AnyOf, Best, Clause, Days, Everything, Flag, Fuzzy, Phrase, Prefix, SearchQuery, Sort, Term, Without
from profiles.errors import QueryInvalid

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 23)
TYPES = current_schema().types

CLAUSES: dict[str, Clause] = {
    "term_text": Term("name", "berg", 1.5),
    "term_flat": Term("name_nickname", "robert", 4.0, flat=True),
    "term_with_others": Term("name", "julia", 4.0, flat=True, others=("yulia", "giulia")),
    "term_keyword": Term("skill_key", "c++", 2.0),
    "fuzzy": Fuzzy("name", "shumer", 2, 0.5),
    "fuzzy_too_long": Fuzzy("name", "x" * 65),
    "prefix": Prefix("name", "klobu", 0.3),
    "phrase": Phrase("job_title", ("vice", "president"), 2.0),
    "phrase_of_one": Phrase("job_title", ("president",)),
    "phrase_that_is_no_words": Phrase("job_title", ("vice president", "x")),
    "flag": Flag("has_email", True),
    "days": Days("updated", date(2026, 1, 1), date(2026, 2, 1)),
    "days_open": Days("updated"),
    "everything": Everything(),
    "any_of": AnyOf((Term("skill_key", "sql"), Term("skill_key", "python")), 2),
    "any_of_too_many": AnyOf((Term("skill_key", "sql"),), 2),
    "all_of": AllOf((Term("skill_key", "sql"), Term("city_key", "munich", 1.5))),
    "all_of_none": AllOf(()),
    "all_of_with_a_bonus": AllOf((Term("name", "berg"), Best((Term("city_key", "munich", 1.5), Everything())))),
    "best": Best((Term("name", "bob"), Term("name_nickname", "robert", 0.6))),
    "best_of_one": Best((Term("name", "bob"),)),
    "best_of_none": Best(()),
    "without": Without(Everything(), Term("source", "crm")),
    "surrogate": Term("name", "\ud800"),
}
BERG = SearchQuery(match=Term("name", "berg"), today=TODAY)
QUERIES: dict[str, SearchQuery] = {
    "whole": SearchQuery(
        match=Best((Term("name", "berg"), Fuzzy("name", "berg", 1, 1.5))),
        filters=(Term("city", "Munich"), Flag("has_phone", True)),
        excluded=(Term("company_key", "altenrich"),),
        hidden=frozenset({"p2", "p1"}),
        facets={"city": 5, "skill_name": 10},
        size=20,
        today=TODAY,
    ),
    "by_name": replace(BERG, sort=Sort.NAME),
    "by_day": replace(BERG, sort=Sort.UPDATED),
    "count_only": replace(BERG, size=0),
    "at_least": replace(BERG, exact_total=False),
}
BODIES = {
    **{f"clause_{name}": compile_search(SearchQuery(match=clause, today=TODAY), TYPES)[0]["query"] for name, clause in CLAUSES.items()},
    **{f"query_{name}": compile_search(query, TYPES)[0] for name, query in QUERIES.items()},
    "query_next_page": compile_search(BERG, TYPES, (3.25, "p7"))[0],
    "suggest": compile_suggest("company_name", "A.B", 5, TODAY, TYPES),
    "suggest_all": compile_suggest("company_name", "", 5, TODAY, TYPES),
}


def written(name: str) -> bytes:
    return orjson.dumps(BODIES[name], option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


@pytest.mark.parametrize("name", sorted(BODIES))
def test_bodies_are_as_written_down(name: str) -> None:
    """What is sent for this question is what the file of its name says."""
    assert written(name) == (GOLDEN / f"{name}.json").read_bytes()


def test_no_file_is_left_over() -> None:
    """Every golden file belongs to a question."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(BODIES)


def test_many_hidden_profiles_are_said_in_parts() -> None:
    """However many profiles are hidden, no clause names more than OpenSearch takes."""
    (body,) = compile_search(replace(BERG, hidden=frozenset(f"p{n}" for n in range(2 * MAX_TERMS + 1))), TYPES)
    parts = [clause["terms"]["id"] for clause in body["query"]["bool"]["must_not"] if "terms" in clause]
    assert [len(part) for part in parts] == [MAX_TERMS, MAX_TERMS, 1]


@pytest.mark.parametrize(
    "clause", [Term("salary", "1"), Flag("name", True), Days("name"), Phrase("city", ("a", "b")), Fuzzy("name", "a", 3)]
)
def test_what_cannot_be_asked_is_said(clause: Clause) -> None:
    """An unknown field, the wrong kind of field or distance is named."""
    with pytest.raises(QueryInvalid) as caught:
        compile_search(SearchQuery(match=clause), TYPES)
    assert caught.value.problems[0].allowed


def main() -> None:
    """Write the files anew."""
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name in BODIES:
        (GOLDEN / f"{name}.json").write_bytes(written(name))


if __name__ == "__main__":
    main()
