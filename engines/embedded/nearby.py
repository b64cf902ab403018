"""Near a point: the circle as the set of the index's points in it, and pages in the order of distance.

tantivy knows no geography. It need not: people live in some ten thousand different places, each a term of the field `point`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import cos, radians
from typing import Any

import tantivy
from tantivy import Occur, Query

from engines.distance import EARTH_RADIUS_KM, kilometres
from engines.embedded.schema import ROW, IndexSchema, read_point
from engines.embedded.snapshot import Snapshot, rows_of
from engines.query import Near

FIELD = "point"
_DEGREE_KM = radians(1) * EARTH_RADIUS_KM

Spot = tuple[float, str]
"""A point of the index: kilometres from the middle of the circle, and its term."""


def spots_within(snapshot: Snapshot, near: Near) -> Sequence[Spot]:
    """The points of the circle, nearest first."""
    if near not in snapshot.remembered:
        snapshot.remember(near, sorted(_within(_points(snapshot), near)))
    found: Sequence[Spot] = snapshot.remembered[near]
    return found


def _points(snapshot: Snapshot) -> Sequence[tuple[float, float, str]]:
    """Every point of the index as (lat, lon, term), in order; read once a snapshot. Points of the deleted do no harm: nobody matches."""
    if snapshot.points is None:
        terms = [term for term, _ in snapshot.searcher.terms_with_prefix(FIELD, "")]
        snapshot.points = sorted((*read_point(term), term) for term in terms)
    return snapshot.points


def _within(points: Sequence[tuple[float, float, str]], near: Near) -> Iterator[Spot]:
    """Those of the points in the circle: a band of latitudes, then a band of longitudes, then measured."""
    high = near.kilometres / _DEGREE_KM * 1.001 + 1e-5  # a little wider than the circle, so that rounding loses nobody
    widest = cos(radians(min(90.0, abs(near.lat) + high)))
    wide = high / widest if widest > 0.01 else 360.0  # beside a pole every longitude is near
    for at in range(bisect_left(points, (near.lat - high,)), len(points)):
        lat, lon, term = points[at]
        if lat > near.lat + high:
            return
        around = abs(lon - near.lon)
        if min(around, 360.0 - around) > wide * 1.05:
            continue
        far = kilometres(near.lat, near.lon, lat, lon)
        if far <= near.kilometres:
            yield far, term


def in_spots(schema: IndexSchema, spots: Sequence[Spot]) -> Query:
    """Who has a place at one of these points; no score."""
    if not spots:
        return Query.empty_query()
    return Query.const_score_query(Query.term_set_query(schema.tantivy, FIELD, [term for _, term in spots]), 0.0)


def by_distance(
    snapshot: Snapshot, schema: IndexSchema, compiled: Query, spots: Sequence[Spot], size: int, after: tuple[float, int] | None
) -> tuple[list[int], tuple[float, int] | None]:
    """The rows of a page in the order of (kilometres to the nearest place, row), behind `after`; and the last one's key if more follow.

    compiled: matches only people within the spots. The nearest are found by a score that falls with the distance. Of those as far as the
    last on the page, all but the first few rows belong on the next: they are asked for again by row.
    """
    wanted, page = size + 1, list[tuple[float, int]]()
    ahead = [spot for spot in spots if after is None or spot[0] >= after[0]]
    gone = [spot for spot in spots if after is not None and spot[0] < after[0]]
    unwanted = [in_spots(schema, gone)] if gone else []
    if after is not None:
        same = [spot for spot in ahead if spot[0] == after[0]]
        seen = Query.range_query(schema.tantivy, ROW, tantivy.FieldType.Unsigned, 0, after[1])
        unwanted.append(Query.boolean_query([(Occur.Must, in_spots(schema, same)), (Occur.Must, seen)]))
    rest = Query.boolean_query([(Occur.Must, Query.const_score_query(compiled, 0.0)), *((Occur.MustNot, one) for one in unwanted)])
    rings = [(far, [term for _, term in ring]) for far, ring in groupby(ahead, key=lambda spot: spot[0])]
    if not rings:
        return [], None
    scored: Any = snapshot.searcher.search(_ranked(schema, rest, rings), wanted, count=False)
    ranks = [len(rings) - round(score) for score, _ in scored.hits]
    page += sorted(zip((rings[rank][0] for rank in ranks), rows_of(snapshot.searcher, scored.hits), strict=True))
    if len(page) == wanted:
        page = _edge_in_order(snapshot, schema, rest, rings[: ranks[-1] + 1], page)
    return [row for _, row in page[:size]], page[size - 1] if len(page) == wanted else None


def _ranked(schema: IndexSchema, query: Query, rings: Sequence[tuple[float, Sequence[str]]]) -> Query:
    """The query with a score for the nearest ring: the number of rings not nearer. Whole numbers, exact in 32 bits up to 16 million."""
    scores = [
        Query.const_score_query(Query.term_query(schema.tantivy, FIELD, term, index_option="basic"), float(len(rings) - rank))
        for rank, (_, terms) in enumerate(rings)
        for term in terms
    ]
    nearest = scores[0] if len(scores) == 1 else Query.disjunction_max_query(scores)
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, nearest)])


def _edge_in_order(
    snapshot: Snapshot, schema: IndexSchema, query: Query, rings: Sequence[tuple[float, Sequence[str]]], page: list[tuple[float, int]]
) -> list[tuple[float, int]]:
    """The page with those in its last ring replaced by the first rows of all in that ring: tantivy takes any of equals."""
    edge, terms = rings[-1]
    inner = [hit for hit in page if hit[0] < edge]
    nearer = [(far, term) for far, names in rings[:-1] for term in names]
    parts = [(Occur.Must, query), (Occur.Must, in_spots(schema, [(edge, term) for term in terms]))]
    if nearer:
        parts.append((Occur.MustNot, in_spots(schema, nearer)))
    found: Any = snapshot.searcher.search(
        Query.boolean_query(parts), len(page) - len(inner), count=False, order_by_field=ROW, order=tantivy.Order.Asc
    )
    return inner + [(edge, row) for row, _ in found.hits]
