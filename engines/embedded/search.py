"""`ProfileSearch` on a snapshot of the index: one query, its page, its count and its facets; hits come from SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import tantivy

from engines.distance import nearest_km
from engines.embedded.compile import check_facet, compile_query
from engines.embedded.completions import Completions
from engines.embedded.cursor import ByDistance, ByKey, ByRelevance, Position, read_cursor, write_cursor
from engines.embedded.database import Database, sqlite_errors
from engines.embedded.documents import newest_sequence
from engines.embedded.explaining import shares
from engines.embedded.nearby import by_distance, in_spots, spots_within
from engines.embedded.schema import BY_NAME, BY_UPDATED, IndexSchema
from engines.embedded.snapshot import IndexView, Snapshot, rows_of
from engines.embedded.workers import Workers
from engines.query import Hit, Hits, Leaf, Scope, SearchQuery, Sort, check_query
from profiles.errors import StoreError
from profiles.served import read_served

_BLOCK = 128  # hits ranked together: within a block, equals stand in the order of their rows, whatever segment they lie in
_MANY = 65_000  # tantivy counts no more buckets; beyond, values too rare to be shown may be left out

_ORDERS: Mapping[Sort, tuple[str, Any]] = {
    Sort.NAME: (BY_NAME, tantivy.Order.Asc),
    Sort.UPDATED: (BY_UPDATED, tantivy.Order.Desc),
    Sort.ID: ("id", tantivy.Order.Asc),
}

Found = list[tuple[float, int]]


class _Asked:
    """A question compiled for a snapshot. key: what the answer depends on beside the snapshot, which totals and facets are kept by."""

    def __init__(self, snapshot: Snapshot, schema: IndexSchema, query: SearchQuery, scope: Scope | None = None) -> None:
        self.snapshot, self._schema, self._query = snapshot, schema, query
        expired = snapshot.holds_expired(query.today)
        self.spots = spots_within(snapshot, query.near) if query.near else ()
        nearby = in_spots(schema, self.spots) if query.near else None
        self.compiled = compile_query(query, schema, expired=expired, nearby=nearby, scope=scope)
        match, excluded = (scope.match, scope.excluded) if scope else (query.match, query.excluded)
        self.key = (match, query.filters, excluded, query.near, query.hidden, query.today if expired else None)

    def scoped(self, field: str) -> _Asked:
        """The question whose matches this facet counts."""
        scope = self._query.scopes.get(field)
        return _Asked(self.snapshot, self._schema, self._query, scope) if scope else self


class EmbeddedSearch:
    """Search for one process; every call runs in a reading thread."""

    def __init__(self, view: IndexView, contacts: Database, workers: Workers, today: Callable[[], date]) -> None:
        self._view, self._contacts, self._workers, self._today = view, contacts, workers, today
        self._completions = Completions(workers.later)

    async def search(self, query: SearchQuery) -> Hits:
        """Answer from the index; hits are read from the truth and vanish if deleted there.

        Sorted by name, day or distance, pages continue from a key, at any depth. By relevance they continue in the snapshot of the first
        page (kept for some minutes), at a cost that grows with the depth; once it is gone, at the same depth of the present index.
        Totals are always exact: counting costs tantivy next to nothing, so `exact_total` is left unused.
        Raises QueryInvalid, StoreUnavailable.
        """
        check_query(query)
        return await self._workers.read(lambda: self._search(query))

    async def counts(self, queries: Sequence[SearchQuery]) -> Sequence[int]:
        """How many profiles each of these finds. Raises StoreUnavailable."""
        return await self._workers.read(lambda: self._counts(queries))

    async def suggest(
        self, field: str, prefix: str, size: int = 10, hidden: frozenset[str] = frozenset(), today: date | None = None
    ) -> Sequence[tuple[str, int]]:
        """Values of a keyword field that start with the prefix, with their counts, most frequent first. Raises QueryInvalid."""
        return await self._workers.read(lambda: self._suggest(field, prefix, size, hidden, today))

    async def warm(self) -> None:
        """Look up the completions that take long to look up; some seconds of one core for a million people. Raises StoreUnavailable."""
        await self._completions.warm(self._view, self._workers)

    async def indexed_sequence(self) -> int:
        """The last write sequence that searches show."""
        return await self._workers.read(lambda: self._view.current().state.sequence)

    async def health(self) -> Mapping[str, Any]:
        """What `status` and `/readyz` report: see `_health` for every key. Raises no StoreError: it becomes a reason."""
        return await self._workers.read(self._health)

    def _search(self, query: SearchQuery) -> Hits:
        position = read_cursor(query)
        snapshot = self._view.current()
        if isinstance(position, ByRelevance) and position.snapshot != snapshot.token:
            snapshot = self._view.kept(position.snapshot) or snapshot
        with self._view.errors(snapshot):
            asked = _Asked(snapshot, self._view.schema, query)
            facets = {field: _facet(asked.scoped(field), field, size, self._view.schema) for field, size in query.facets.items()}
            total, found, following = self._page(asked, query, position)
            parts = shares(snapshot, self._view.schema, query, [row for _, row in found]) if query.explain else {}
        return Hits(
            total=total,
            hits=self._hydrate(found, query, parts),
            cursor=write_cursor(query, following) if following else None,
            facets=facets,
        )

    def _counts(self, queries: Sequence[SearchQuery]) -> list[int]:
        snapshot = self._view.current()
        with self._view.errors(snapshot):
            return [_total(_Asked(snapshot, self._view.schema, query)) for query in queries]

    def _page(self, asked: _Asked, query: SearchQuery, position: Position | None) -> tuple[int, Found, Position | None]:
        """The total, the page as (score, row), and where the next one starts."""
        snapshot, compiled = asked.snapshot, asked.compiled
        if query.size == 0:
            return _total(asked), [], None
        if query.sort is Sort.RELEVANCE:
            start = position.offset if isinstance(position, ByRelevance) else 0
            total, found = _ranked(snapshot, compiled, start, query.size)
            if start + query.size >= total:
                return total, found, None
            self._view.keep(snapshot)
            return total, found, ByRelevance(snapshot.token, start + query.size)
        if query.sort is Sort.DISTANCE:
            behind = (position.kilometres, position.row) if isinstance(position, ByDistance) else None
            rows, last = by_distance(snapshot, self._view.schema, compiled, asked.spots, query.size, behind)
            return _total(asked), [(0.0, row) for row in rows], ByDistance(*last) if last else None
        return _sorted(asked, query, position.key if isinstance(position, ByKey) else None)

    def _hydrate(self, found: Found, query: SearchQuery, parts: Mapping[int, Mapping[Leaf, float]]) -> tuple[Hit, ...]:
        """The profiles as they are now: deleted, merged and erased ones drop out, and so does what expired."""
        if not found:
            return ()
        marks = ",".join("?" * len(found))
        with sqlite_errors(self._contacts.path):
            sql = f"SELECT row, body FROM profiles WHERE row IN ({marks})"  # noqa: S608  # marks are "?"
            bodies = dict(self._contacts.connection().execute(sql, [row for _, row in found]))
        hits = []
        for score, row in found:
            served = read_served(bodies[row], query.today) if row in bodies else None
            if served is not None and served.id not in query.hidden:
                far = nearest_km(served, query.near) if query.near else None
                hits.append(Hit(served.id, score, served, far, parts.get(row, {})))
        return tuple(hits)

    def _suggest(self, field: str, prefix: str, size: int, hidden: frozenset[str], today: date | None) -> list[tuple[str, int]]:
        schema, snapshot = self._view.schema, self._view.current()
        check_facet(field, schema)
        with self._view.errors(snapshot):
            return self._completions.find(snapshot, schema, field, prefix, size, hidden, today or self._today())

    def _health(self) -> dict[str, Any]:
        report: dict[str, Any] = {
            "engine": "embedded",
            "path": str(self._contacts.path.parent),
            "fingerprint": self._view.schema.fingerprint,
            "mapping_version": self._view.schema.version,
        }
        reasons = []
        sequence, documents = 0, 0
        try:
            snapshot = self._view.current()
            report["index"] = snapshot.token.partition(":")[0]
            sequence, documents = snapshot.state.sequence, snapshot.searcher.num_docs - 1
        except StoreError as error:
            reasons.append(str(error))
        backlog = 0
        try:
            with sqlite_errors(self._contacts.path):
                connection = self._contacts.connection()
                newest = newest_sequence(connection)
                backlog = connection.execute("SELECT count(*) FROM outbox WHERE sequence > ?", (sequence,)).fetchone()[0]
            report["sequence"] = newest
        except StoreError as error:
            reasons.append(str(error))
        return {"ready": not reasons, "reasons": reasons, "documents": documents, "backlog": backlog, "indexed_sequence": sequence} | report


def _ranked(snapshot: Snapshot, compiled: tantivy.Query, start: int, size: int) -> tuple[int, Found]:
    """A page by relevance. tantivy breaks ties by segment; blocks of hits are put in order of (score, row), the same for any page size."""
    first = start // _BLOCK
    last = (start + size - 1) // _BLOCK
    answer: Any = snapshot.searcher.search(compiled, (last - first + 1) * _BLOCK, offset=first * _BLOCK)
    rows = rows_of(snapshot.searcher, answer.hits)
    scored = [(score, row) for (score, _), row in zip(answer.hits, rows, strict=True)]
    ordered: Found = []
    for begin in range(0, len(scored), _BLOCK):
        ordered += sorted(scored[begin : begin + _BLOCK], key=lambda hit: (-hit[0], hit[1]))
    begin = start - first * _BLOCK
    return answer.count, ordered[begin : begin + size]


def _sorted(asked: _Asked, query: SearchQuery, after: str | int | None) -> tuple[int, Found, Position | None]:
    """A page by name, day or id: the entries beyond a unique key, so that no page overlaps another and none misses any."""
    snapshot, compiled = asked.snapshot, asked.compiled
    field, order = _ORDERS[query.sort]
    rest = compiled
    if after is not None:
        ascending = order == tantivy.Order.Asc
        beyond = snapshot.index.parse_query(f"{field}:{{{after} TO *}}" if ascending else f"{field}:{{* TO {after}}}", [field])
        rest = tantivy.Query.boolean_query([(tantivy.Occur.Must, compiled), (tantivy.Occur.Must, beyond)])
    answer: Any = snapshot.searcher.search(rest, query.size + 1, count=after is None, order_by_field=field, order=order)
    page = answer.hits[: query.size]
    rows = rows_of(snapshot.searcher, page)
    following = ByKey(page[-1][0]) if len(answer.hits) > query.size else None
    total = answer.count if after is None else _total(asked)
    return total, [(0.0, row) for row in rows], following


def _total(asked: _Asked) -> int:
    total = asked.snapshot.remembered.get(asked.key)
    if total is None:
        answer: Any = asked.snapshot.searcher.search(asked.compiled, 1)
        total = answer.count
        asked.snapshot.remember(asked.key, total)
    return int(total)


def _facet(asked: _Asked, field: str, size: int, schema: IndexSchema) -> list[tuple[str, int]]:
    """The biggest values of a field, ties by value. Exact while a segment holds up to 65,000 different values among the matches."""
    check_facet(field, schema)
    snapshot, key = asked.snapshot, (asked.key, field, size)
    if key not in snapshot.remembered:
        # Ties at the edge are only in order when all of them are seen: take some more, and all if the edge is still within a tie.
        counted, others = _count_values(snapshot, asked.compiled, field, min(_MANY, 2 * size + 50))
        if others and counted[size - 1][1] == counted[-1][1]:
            counted, _ = _count_values(snapshot, asked.compiled, field, _MANY)
        snapshot.remember(key, counted[:size])
    return list(snapshot.remembered[key])


def _count_values(snapshot: Snapshot, compiled: tantivy.Query, field: str, size: int) -> tuple[list[tuple[str, int]], bool]:
    answer = snapshot.searcher.aggregate(compiled, {"values": {"terms": {"field": field, "size": size, "segment_size": _MANY}}})["values"]
    counted = [(bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"]]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0])), answer["sum_other_doc_count"] > 0
