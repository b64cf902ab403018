"""Whatever is put into `query` and `sql`, the answer is one of theirs, and no fault of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.opening import open_reader
from engines.query import SearchQuery
from profiles.errors import Problem, QueryInvalid
from search_api.v5.elastic import CLAUSES
from search_api.v5.fields import FIELDS
from search_api.v5.schemas import PersonSearch
from search_api.v5.searching import meaning
from tests.search_api.hostile import INJECTIONS, REGEX_BOMBS
from tests.search_api.people import TODAY

Client = TestClient[Any, Any]

TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from((*INJECTIONS, *REGEX_BOMBS, "a%", "%a%", "*", "jane", "poland", "+4830", "2026-01-01"))
)
VALUES = st.one_of(TEXTS, st.integers(), st.floats(allow_nan=False), st.booleans(), st.none(), st.lists(TEXTS, max_size=3))
OPTIONS = st.sampled_from(("value", "query", "operator", "gte", "lt", "boost"))
NAMES = st.one_of(st.sampled_from(sorted(FIELDS)), TEXTS)
LEAVES = st.one_of(
    st.dictionaries(
        NAMES, st.one_of(VALUES, st.dictionaries(st.sampled_from(("value", "query", "operator", "gte", "lt", "boost")), VALUES))
    ),
    st.fixed_dictionaries({"field": NAMES}),
    st.just({}),
)
KINDS = st.one_of(st.sampled_from(sorted(CLAUSES)), st.text(max_size=8))
QUERIES = st.recursive(
    st.dictionaries(KINDS, LEAVES, max_size=2),
    lambda inner: st.fixed_dictionaries(
        {
            "bool": st.dictionaries(
                st.sampled_from(("must", "filter", "should", "must_not", "minimum_should_match", "boost")),
                st.one_of(inner, st.lists(inner, max_size=4), st.integers(-1, 5)),
                max_size=4,
            )
        }
    ),
    max_leaves=12,
)
WORDS = ("SELECT", "*", "FROM", "person", "WHERE", "AND", "OR", "NOT", "(", ")", "=", "<>", "LIKE", "IN", "IS", "NULL", "LIMIT", "--", ";")
PARTS = st.one_of(st.sampled_from(WORDS), st.sampled_from(sorted(FIELDS)), TEXTS.map(lambda text: f"'{text}'"), TEXTS)
STARTS = st.sampled_from(("", "SELECT * FROM person WHERE "))
STATEMENTS = st.builds(lambda start, parts: start + " ".join(parts), STARTS, st.lists(PARTS, max_size=16))


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """A loop to ask the store in, from tests whose examples are made one by one."""
    with asyncio.Runner() as runner:
        yield runner


@contextmanager
def quiet() -> Iterator[list[logging.LogRecord]]:
    """Everything that is logged meanwhile."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield records
    finally:
        logging.getLogger().removeHandler(handler)


def ask(loop: asyncio.Runner, store_url: str, wanted: PersonSearch) -> tuple[Sequence[Problem], list[logging.LogRecord]]:
    """A question is understood and answered, or refused: what is wrong with it, and what was logged meanwhile."""
    problems: Sequence[Problem] = ()
    with quiet() as logged:
        try:
            query = meaning(wanted)
        except QueryInvalid as error:
            problems = error.problems
        else:
            loop.run(_answered(store_url, query))
    return problems, logged


async def _answered(store_url: str, query: SearchQuery) -> None:
    reader = await open_reader(store_url)
    try:
        await reader.search.search(replace(query, today=TODAY))
    finally:
        await reader.close()


@settings(max_examples=300)
@given(query=QUERIES)
def test_no_query_breaks_anything(loop: asyncio.Runner, store_url: str, query: dict[str, Any]) -> None:
    """Objects that look like queries, in any shape and depth."""
    problems, logged = ask(loop, store_url, PersonSearch(query=query))
    assert all(problem.detail and problem.allowed for problem in problems)
    assert not logged


@settings(max_examples=300)
@given(sql=STATEMENTS.filter(lambda text: 0 < len(text) <= 10_000))
def test_no_statement_breaks_anything(loop: asyncio.Runner, store_url: str, sql: str) -> None:
    """Texts that look like SQL, or like an attack on it; the parser's own words about them reach no log."""
    problems, logged = ask(loop, store_url, PersonSearch(sql=sql))
    assert all(problem.detail and problem.allowed for problem in problems)
    assert not logged


async def test_statements_that_no_parser_likes(client: Client) -> None:
    """Over HTTP: brackets without end, comments, other statements, ten thousand letters: 400 in their form."""
    for sql in (
        "ALTER TABLE person ADD secret",
        "SELECT",
        "/* SELECT",
        "WITH x AS (SELECT 1) SELECT * FROM person",
        "(" * 9000,
        "'" * 9999,
        "\x00",
    ):
        response = await client.post("/v5/person/search", json={"sql": sql})
        assert response.status == 400, sql[:50]
        assert (await response.json())["error"]["type"] == "invalid_request_error"
