"""What each clause of a question gives to the hits of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tantivy import Occur, Query

from engines.embedded.compile import compile_clause
from engines.embedded.schema import ROW, IndexSchema
from engines.embedded.snapshot import Snapshot, rows_of
from engines.query import Leaf, SearchQuery, leaves


def shares(snapshot: Snapshot, schema: IndexSchema, query: SearchQuery, rows: Sequence[int]) -> Mapping[int, Mapping[Leaf, float]]:
    """Row -> the leaf clauses of `query.match` that match it -> what each scores by itself. One look-up a clause, of these rows alone."""
    if not rows:
        return {}
    found: dict[int, dict[Leaf, float]] = {row: {} for row in rows}
    these = Query.const_score_query(Query.term_set_query(schema.tantivy, ROW, list(rows)), 0.0)
    for leaf in leaves(query.match):
        asked = Query.boolean_query([(Occur.Must, compile_clause(leaf, schema)), (Occur.Must, these)])
        answer: Any = snapshot.searcher.search(asked, len(rows), count=False)
        for (score, _), row in zip(answer.hits, rows_of(snapshot.searcher, answer.hits), strict=True):
            found[row][leaf] = score
    return found
