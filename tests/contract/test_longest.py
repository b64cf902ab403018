"""The longest questions that are allowed, of words so short that two may be one name, and that resemble one another as names do."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from engines.base import Writer
from search_api.meaning.boolean import MAX_TERMS
from search_api.meaning.free_text import MAX_WORDS
from search_api.query import interpret
from search_api.requests import request_from_body
from tests.contract.conftest import answer, index
from tests.contract.people import person

WORDS = [
    begun + ended
    for begun, ended in product(("Bar", "Del", "Fin", "Gor", "Han", "Kel", "Mir", "Nol"), ("an", "ek", "el", "ia", "in", "or", "ov", "us"))
]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"q": " ".join(WORDS[:MAX_WORDS])}, 0),  # nobody has so many names
        ({"name": " ".join(WORDS[:MAX_WORDS])}, 0),
        ({"name": {"any": WORDS[:50]}}, 25),
        ({"q": " OR ".join(WORDS[:MAX_TERMS])}, 32),
    ],
    ids=["q", "name", "any name", "or"],
)
async def test_the_longest_question_is_answered(writer: Writer, body: dict[str, Any], found: int) -> None:
    """Whoever pastes a whole list of names gets an answer from either engine, whatever the engine's own limit of clauses is."""
    assert len(WORDS) == MAX_TERMS
    await index(writer, *(person(f"p{n:02}", " ".join(WORDS[2 * n : 2 * n + 2])) for n in range(32)))
    assert (await answer(writer, interpret(request_from_body(body)).query)).total >= found
