"""Values that start with what was typed: candidates from the dictionary of terms, counted over the living.

The dictionary is quick for beginnings that few values share, and slow for one or two letters (a microsecond a term). So the candidates of
those are kept and renewed in the background; how often each occurs is counted anew every time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tantivy import Occur, Query

from engines.embedded.compile import living
from engines.embedded.schema import IndexSchema
from engines.embedded.snapshot import Snapshot

KEPT_SECONDS = 60.0  # candidates older than this are renewed when next asked for: nobody waits, and a new value is offered the time after
KEPT = 4096  # beginnings: all of one and two letters in five fields, some megabytes
SLOW = 0.002  # seconds; candidates found sooner are not worth keeping
SPARE = 2  # candidates for each value wanted: some belong to nobody any more until the index is tidied up

Counted = tuple[str, int]
_Key = tuple[str, str, int]  # field, beginning, how many candidates


class Completions:
    """Completions for one process. later: does work when a thread is free, for nobody who waits."""

    def __init__(self, later: Callable[[Callable[[], object]], None]) -> None:
        self._later = later
        self._kept: OrderedDict[_Key, tuple[float, list[str]]] = OrderedDict()
        self._renewing: set[_Key] = set()

    def find(
        self, snapshot: Snapshot, schema: IndexSchema, field: str, prefix: str, size: int, hidden: frozenset[str], today: date
    ) -> list[Counted]:
        """The most frequent values that start with the prefix, ties by value; nobody hidden or expired is counted."""
        alive = living(schema, today if snapshot.holds_expired(today) else None, hidden)
        candidates = self._candidates(snapshot, field, prefix, SPARE * size)
        counted = [(term, count) for term in candidates if (count := _count(snapshot, schema, alive, field, term))]
        if len(counted) < size and len(candidates) == SPARE * size:  # too many of them were of the dead
            found = snapshot.searcher.terms_with_prefix(field, prefix, filter_query=alive, limit=size)
            counted = [(term, count) for term, count in found if count]
        return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:size]

    def _candidates(self, snapshot: Snapshot, field: str, prefix: str, wanted: int) -> Sequence[str]:
        key = (field, prefix, wanted)
        kept = self._kept.get(key)
        if kept is None:
            return self._look_up(snapshot, key)
        if time.monotonic() - kept[0] > KEPT_SECONDS and key not in self._renewing:
            self._renewing.add(key)
            self._later(lambda: self._renew(snapshot, key))
        return kept[1]

    def _renew(self, snapshot: Snapshot, key: _Key) -> None:
        try:
            self._look_up(snapshot, key)
        finally:
            self._renewing.discard(key)

    def _look_up(self, snapshot: Snapshot, key: _Key) -> list[str]:
        field, prefix, wanted = key
        begun = time.monotonic()
        found = [term for term, _ in snapshot.searcher.terms_with_prefix(field, prefix, limit=wanted)]
        if key in self._kept or time.monotonic() - begun > SLOW:
            self._kept[key] = (begun, found)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _count(snapshot: Snapshot, schema: IndexSchema, alive: Query, field: str, term: str) -> int:
    holds = Query.term_query(schema.tantivy, field, term, index_option="basic")
    answer: Any = snapshot.searcher.search(Query.boolean_query([(Occur.Must, holds), (Occur.Must, alive)]), 1)
    return int(answer.count)
