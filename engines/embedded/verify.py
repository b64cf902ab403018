"""Looking over a new index before it is put in use: as many entries as there should be, and the right people found by their own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import tantivy

from engines.document import document_of
from engines.embedded.compile import compile_query
from engines.embedded.schema import ROW, IndexSchema
from engines.sampling import QUESTIONS, question_about
from profiles.errors import StoreError


@dataclass(slots=True)
class Filled:
    """What a fill did. profiles: looked at.    entries: of those, how many can be found.    sample: every so many of them, by row.

    day: the one the entries were made for.
    """

    every: int
    day: date
    profiles: int = 0
    entries: int = 0
    sample: dict[int, bytes] = field(default_factory=dict)

    def add(self, bodies: Mapping[int, bytes], entries: int) -> None:
        """Note a part of the fill. entries: of the whole fill so far."""
        first = -self.profiles % self.every
        self.sample |= dict(list(bodies.items())[first :: self.every])
        self.profiles += len(bodies)
        self.entries = entries


def check(index: tantivy.Index, schema: IndexSchema, filled: Filled, present: int | None) -> None:
    """Raises StoreError, saying what is wrong. present: profiles in the store, None when some were written since the fill began."""
    index.reload()
    searcher = index.searcher()
    held = searcher.num_docs - 1  # less the marker
    if held != filled.entries:
        raise _refused(f"it holds {held} entries where {filled.entries} were written")
    if present is not None and present != filled.profiles:
        raise _refused(f"{filled.profiles} profiles were read where there are {present}")
    asked = lost = 0
    for row, body in filled.sample.items():
        document = document_of(body, filled.day)
        by_row = tantivy.Query.term_query(schema.tantivy, ROW, row, index_option="basic")
        if _count(searcher, by_row) != (document is not None):
            raise _refused("it holds entries that it should not, or lacks some that it should")
        if document is not None and asked < QUESTIONS:
            asked += 1
            lost += _count(searcher, compile_query(question_about(document, schema.types, filled.day), schema, expired=True)) != 1
    if lost:
        raise _refused(f"{lost} of {asked} people looked for are not found by their own words")


def _count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    answer: Any = searcher.search(query, 1)
    return int(answer.count)


def _refused(why: str) -> StoreError:
    return StoreError(f"the new index was not put in use: {why}")
