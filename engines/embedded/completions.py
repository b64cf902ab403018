"""Values that start with what was typed: candidates from the dictionary of terms, counted over the living.

The dictionary is quick for beginnings that few values share, and slow for one or two letters (a microsecond a term). So the candidates of
those are kept, looked up in advance where a server asks for it, and renewed in the background. How often each occurs is counted anew for
every commit of the index.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from string import ascii_lowercase, digits
from typing import Any

from tantivy import Occur, Query

from engines.embedded.compile import living
from engines.embedded.schema import IndexSchema
from engines.embedded.snapshot import IndexView, Snapshot
from engines.embedded.workers import Workers
from engines.suggesting import SUGGEST_FIELDS

KEPT_SECONDS = 60.0  # candidates older than this are renewed when next asked for: nobody waits, and a new value is offered the time after
KEPT = 4096  # beginnings: all slow ones of a million people; some ten megabytes
SLOW = 0.002  # seconds; candidates found sooner are not worth keeping
SPARE = 2  # candidates for each value wanted: some belong to nobody any more until the index is tidied up
COUNTED = 65_536  # values whose counts are remembered, for one commit: a hundred bytes each
CANDIDATES = 120  # looked up at once, whatever is wanted: the walk through the dictionary costs, not the length of what it gives
LETTERS = ascii_lowercase + digits + " "  # what folded words are made of

Counted = tuple[str, int]
_Key = tuple[str, str, int]  # field, beginning, how many candidates


@dataclass(frozen=True, slots=True)
class _Candidates:
    """terms: with how often each stands in the index, the dead included.    token: of the snapshot they are of.    at: monotonic."""

    terms: Sequence[Counted]
    token: str
    at: float
    slow: bool


class Completions:
    """Completions for one process. later: does work when a thread is free, for nobody who waits."""

    def __init__(self, later: Callable[[Callable[[], object]], None]) -> None:
        self._later = later
        self._kept: OrderedDict[_Key, _Candidates] = OrderedDict()
        self._renewing: set[_Key] = set()
        self._counted: tuple[str, dict[tuple[str, str], int]] = ("", {})

    def find(
        self, snapshot: Snapshot, schema: IndexSchema, field: str, prefix: str, size: int, hidden: frozenset[str], today: date
    ) -> list[Counted]:
        """The most frequent values that start with the prefix, ties by value; nobody hidden or expired is counted."""
        expired = snapshot.holds_expired(today)
        alive = living(schema, today if expired else None, hidden)
        counts = {} if hidden or expired else self._counts(snapshot)
        candidates = self._candidates(snapshot, field, prefix, SPARE * size)
        offered = candidates.terms[: SPARE * size]
        found: list[Counted] = []
        for term, held in offered:
            if candidates.token == snapshot.token and _enough(found, offered, size, held):
                break
            count = counts.get((field, term))
            if count is None:
                count = counts[field, term] = _count(snapshot, schema, alive, field, term)
            found.append((term, count))
        counted = [(term, count) for term, count in found if count]
        if len(counted) < size and len(offered) == SPARE * size:  # too many of them were of the dead
            living_ones = snapshot.searcher.terms_with_prefix(field, prefix, filter_query=alive, limit=size)
            counted = [(term, count) for term, count in living_ones if count]
        return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:size]

    def _counts(self, snapshot: Snapshot) -> dict[tuple[str, str], int]:
        """Counts of this snapshot, (field, term) -> how many of the living, to be added to."""
        token, counts = self._counted
        if token != snapshot.token or len(counts) > COUNTED:
            self._counted = (snapshot.token, counts := {})
        return counts

    async def warm(self, view: IndexView, workers: Workers) -> None:
        """Keep the candidates of every beginning that is slow to look up: one letter, and one more wherever the shorter one was slow.

        Raises StoreUnavailable.
        """
        waiting = [(field, letter, CANDIDATES) for letter in LETTERS for field in SUGGEST_FIELDS.values()]
        while waiting and len(self._kept) < KEPT // 2:
            slow = []
            for key in waiting:
                found = self._kept.get(key)
                if found is None:
                    found = await workers.read(partial(self._look_up_now, view, key))
                if found.slow:
                    slow.append(key)
                    await workers.read(partial(self._count_now, view, key))
            waiting = [(field, prefix + letter, CANDIDATES) for field, prefix, _ in slow for letter in LETTERS]

    def _candidates(self, snapshot: Snapshot, field: str, prefix: str, wanted: int) -> _Candidates:
        key = (field, prefix, max(wanted, CANDIDATES))
        kept = self._kept.get(key)
        if kept is None:
            return self._look_up(snapshot, key)
        if time.monotonic() - kept.at > KEPT_SECONDS and key not in self._renewing:
            self._renewing.add(key)
            self._later(lambda: self._renew(snapshot, key))
        return kept

    def _look_up_now(self, view: IndexView, key: _Key) -> _Candidates:
        snapshot = view.current()
        with view.errors(snapshot):
            return self._look_up(snapshot, key)

    def _count_now(self, view: IndexView, key: _Key) -> None:
        snapshot = view.current()
        with view.errors(snapshot):
            self.find(snapshot, view.schema, *key[:2], CANDIDATES // (2 * SPARE), frozenset(), date.min)

    def _renew(self, snapshot: Snapshot, key: _Key) -> None:
        try:
            self._look_up(snapshot, key)
        finally:
            self._renewing.discard(key)

    def _look_up(self, snapshot: Snapshot, key: _Key) -> _Candidates:
        field, prefix, wanted = key
        begun = time.monotonic()
        terms = snapshot.searcher.terms_with_prefix(field, prefix, limit=wanted)
        found = _Candidates(terms, snapshot.token, begun, time.monotonic() - begun > SLOW)
        if key in self._kept or found.slow:
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _enough(found: Sequence[Counted], offered: Sequence[Counted], size: int, held: int) -> bool:
    """Whether no term that stands in the index `held` times or less, in the order of `offered`, can be among the first `size`."""
    if len(found) < size:
        return False
    least = sorted((count for _, count in found), reverse=True)[size - 1]
    return least > held or (least == held and list(found) == list(offered[: len(found)]))  # none of the dead: ties are in order already


def _count(snapshot: Snapshot, schema: IndexSchema, alive: Query, field: str, term: str) -> int:
    holds = Query.term_query(schema.tantivy, field, term, index_option="basic")
    answer: Any = snapshot.searcher.search(Query.boolean_query([(Occur.Must, holds), (Occur.Must, alive)]), 1)
    return int(answer.count)
