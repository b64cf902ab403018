"""What the search benches share: a store on each engine, scores of ranked answers, and how far two engines agree."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from running import ROOT

from engines.base import Collection
from engines.opening import open_reader
from profiles.errors import StoreError
from tests.opensearch.cluster import cluster

assert ROOT  # noqa: S101  imported for the path it sets: tests/ lies beside bench/
HEAP = "1g"  # of the node: 100,000 profiles in bulks of 1,000


@contextmanager
def engines(named: Sequence[str]) -> Iterator[Sequence[str]]:
    """The stores named; without any, an empty one on each engine that goes afterwards."""
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory() as folder, cluster(heap=HEAP) as server:
        yield f"embedded:{folder}/store", f"opensearch+{server.url}/bench"


async def is_empty(store: str) -> bool:
    """Whether there is no store yet, or nobody in it."""
    try:
        reader = await open_reader(store)
    except StoreError:
        return True
    try:
        return await reader.contacts.count(Collection.PROFILES) == 0
    finally:
        await reader.close()


@dataclass
class Score:
    """Ranked answers of one kind of query. recall: sum of recall@10, of at most 10 right ones. reciprocal: sum of 1/rank."""

    asked: int = 0
    first: int = 0
    five: int = 0
    recall: float = 0.0
    reciprocal: float = 0.0
    missed: list[str] = field(default_factory=list)

    def add(self, label: str, found: Sequence[str], right: set[str]) -> None:
        """One answer. found: best first."""
        rank = next((n for n, one in enumerate(found, 1) if one in right), 0)
        recall = len(right.intersection(found[:10])) / min(10, len(right))
        self.asked += 1
        self.first += rank == 1
        self.five += 1 <= rank <= 5
        self.recall += recall
        self.reciprocal += 1 / rank if rank else 0.0
        if rank != 1 or recall < 1:
            self.missed.append(f"rank {rank or '-'}, recall {recall:.2f}: {label}")


def table(scores: Mapping[str, Score]) -> Iterator[str]:
    """The scores, a line a kind."""
    yield f"{'':26s}{'asked':>7s}{'first':>7s}{'in 5':>7s}{'recall@10':>11s}{'MRR':>8s}"
    for kind, score in sorted(scores.items()):
        recall, reciprocal = score.recall / score.asked, score.reciprocal / score.asked
        yield f"{kind:26s}{score.asked:7d}{score.first:7d}{score.five:7d}{recall:11.3f}{reciprocal:8.3f}"


Answers = Mapping[str, tuple[str, int]]


def agreement(one: Answers, other: Answers, of: str = "queries") -> Iterator[str]:
    """How often two engines show the same first hit and count the same total. Answers: query -> (first hit, total)."""
    asked = [query for query in one if query in other]
    first = sum(one[query][0] == other[query][0] for query in asked)
    total = sum(one[query][1] == other[query][1] for query in asked)
    yield f"of {len(asked)} {of} both engines give the same first answer to {first}, the same total to {total}"


def say(lines: Iterable[str]) -> None:
    """Print as it comes: a bench runs for minutes."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
