"""What the resolver's benches tell of pairs of records: which of them blocking loses, and whether what scores promise is true."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Any, NamedTuple

from profiles.resolve.evidence import compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.keys import MAX_HOLDERS
from profiles.resolve.traits import Traits
from profiles.resolve.weights import Weights

MAX_PAIRS = 200_000
"""Pairs drawn for a calibration: a bin of one in a hundred then holds two thousand."""

BINS = 10


class Labelled(NamedTuple):
    """A record whose person is known."""

    person: str
    traits: Traits
    keys: tuple[str, ...]


def blocking_recall(records: Sequence[Labelled]) -> float:
    """Share of true pairs with a usable key in common: one that fewer than MAX_HOLDERS persons hold. 1.0 where there is no pair."""
    rows: dict[str, list[frozenset[str]]] = defaultdict(list)
    usable = _usable(records)
    for record in records:
        rows[record.person].append(frozenset(k for k in record.keys if k in usable))
    met = [not a.isdisjoint(b) for several in rows.values() for a, b in combinations(several, 2)]
    return sum(met) / len(met) if met else 1.0


def calibration(records: Sequence[Labelled], frequencies: Frequencies, weights: Weights) -> dict[str, Any]:
    """How often pairs that blocking brings together are one person, by the probability that their score gives: in ten bins.

    frequencies: as they are when all records are known. Of more than MAX_PAIRS pairs, those of records drawn at random. Pairs that a veto
    keeps apart are counted by themselves.
    """
    said: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    vetoed = []
    for a, b in islice(_met(records), MAX_PAIRS):
        found = compare(a.traits, b.traits, frequencies, weights)
        if found.veto:
            vetoed.append(a.person == b.person)
        else:
            said[min(int(found.probability * BINS), BINS - 1)].append((found.probability, a.person == b.person))
    bins = [{"pairs": len(bin_), "predicted": _share([p for p, _ in bin_]), "right": _share([same for _, same in bin_])} for bin_ in said]
    return {"calibration": [{"pairs": len(vetoed), "predicted": "veto", "right": _share(vetoed)}, *bins]}


def _usable(records: Sequence[Labelled]) -> dict[str, list[int]]:
    """Key -> records that have it; without keys that lead nowhere."""
    holders: dict[str, set[str]] = defaultdict(set)
    having: dict[str, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for key in record.keys:
            holders[key].add(record.person)
            having[key].append(number)
    return {key: numbers for key, numbers in having.items() if len(holders[key]) < MAX_HOLDERS}


def _met(records: Sequence[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """Each pair of records with a usable key in common, once; all pairs of one record after another, in random order."""
    usable = _usable(records)
    numbers = list(range(len(records)))
    random.Random(1).shuffle(numbers)
    met: set[int] = set()
    for number in numbers:
        met.add(number)
        others = {other for key in records[number].keys for other in usable.get(key, ())} - met
        yield from ((records[number], records[other]) for other in sorted(others))


def _share(values: Sequence[float]) -> float | None:
    """The mean, None of nothing."""
    return round(sum(values) / len(values), 4) if values else None
