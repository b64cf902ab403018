"""What a person says about two profiles, and the pairs that wait for such a word.

A judgement names records as well as profiles, so that it holds whatever becomes of the profiles: it is kept apart from what feeds
bring, and no reindex, expiry or new delivery touches it; only its reason goes with whoever is erased. Of two that contradict each other,
the later one holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from profiles.history import reference
from profiles.models import Model


class Verdict(StrEnum):
    """What a person can say of two profiles."""

    SAME = "same"
    DIFFERENT = "different"


class Side(Model):
    """One of the two. records: references (profiles/history.py) of the records that were meant."""

    profile: str
    records: tuple[str, ...]


class Judgement(Model):
    """A person's word.

    reason: in her own words, until one of the two is erased.    applied: whether profiles and history follow it already.
    """

    id: str
    verdict: Verdict
    sides: tuple[Side, Side]
    reason: str
    actor: str
    at: datetime
    applied: bool = False


class Link(Model):
    """Two profiles that may be one person.

    score: log2 of the odds, as the resolver's weights say.    because: the evidence, without the values themselves.
    record: reference of the record that showed it.    weights: version of the weights.
    """

    profiles: tuple[str, str]
    score: float
    because: tuple[str, ...]
    record: str
    weights: str
    at: datetime


def link_key(a: str, b: str) -> str:
    """Where a link is stored: one for two profiles, whichever is named first."""
    return "/".join(sorted((a, b)))


class Judgements:
    """All judgements of a store, asked by records."""

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        self.ids: set[str] = set()
        self._by_record: dict[str, list[tuple[Judgement, Side]]] = defaultdict(list)
        for judgement in judgements:
            self.ids.add(judgement.id)
            one, other = judgement.sides
            for side, opposite in ((one, other), (other, one)):
                for record in side.records:
                    self._by_record[record].append((judgement, opposite))

    def __bool__(self) -> bool:
        return bool(self._by_record)

    def between(self, one: Iterable[str], other: Iterable[str]) -> Judgement | None:
        """The word that holds between two groups of records, by their keys: the last one that names a record of each."""
        if not self._by_record:
            return None
        others = set(map(reference, other))
        named = (
            judgement
            for record in map(reference, one)
            for judgement, opposite in self._by_record.get(record, ())
            if not others.isdisjoint(opposite.records)
        )
        return max(named, key=lambda judgement: (judgement.at, judgement.id), default=None)

    def forbid(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """Whether a person said that the two are different people."""
        found = self.between(one, other)
        return found is not None and found.verdict is Verdict.DIFFERENT

    def demand(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """Whether a person said that the two are one."""
        found = self.between(one, other)
        return found is not None and found.verdict is Verdict.SAME

    def same_as(self, record: str) -> Iterable[Side]:
        """What a person said is the same as this record, by its key."""
        return [opposite for judgement, opposite in self._by_record.get(reference(record), ()) if judgement.verdict is Verdict.SAME]
