"""How right is a clustering, counted exactly and in linear time? What the resolver's benches share, and for any store and labelled sample:

    roster export assignments --out assignments.csv
    python bench/clusters.py assignments.csv truth.csv

truth.csv has a line for each labelled record: source, record id, person. Records that nobody labelled do not count; a labelled one that
the store does not hold counts as a person of its own.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import orjson

Labels = Sequence[Hashable]
Group = TypeVar("Group")


def pairs(sizes: Mapping[Group, int]) -> int:
    """Pairs within groups of these sizes."""
    return sum(n * (n - 1) // 2 for n in sizes.values())


def scores(truth: Labels, found: Labels) -> dict[str, float]:
    """Pairwise precision, recall, F1; adjusted Rand; false merges per 10,000 persons; persons whose records lie in several clusters."""
    cells, persons, clusters = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    both, true, made = pairs(cells), pairs(persons), pairs(clusters)
    precision, recall = both / made if made else 1.0, both / true if true else 1.0
    merged = sum(n - 1 for n in Counter(cluster for _, cluster in cells).values())
    split = sum(n > 1 for n in Counter(person for person, _ in cells).values())
    return {
        "records": len(truth),
        "persons": len(persons),
        "clusters": len(clusters),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "adjusted_rand": adjusted_rand(truth, found),
        "false_merges_per_10k_persons": 1e4 * merged / len(persons),
        "split_persons": split,
        "largest_cluster": max(clusters.values()),
    }


def adjusted_rand(one: Labels, other: Labels) -> float:
    """Agreement of two clusterings beyond chance: 1 when they are the same."""
    both, a, b = pairs(Counter(zip(one, other, strict=True))), pairs(Counter(one)), pairs(Counter(other))
    every = len(one) * (len(one) - 1) // 2
    expected = a * b / every if every else 0.0
    return (both - expected) / ((a + b) / 2 - expected) if (a + b) / 2 != expected else 1.0


def trap_scores(traps: Sequence[tuple[str, list[str], str]], truth: Labels, found: Labels) -> dict[str, tuple[int, int]]:
    """Kind -> (cases, right). traps: (kind, persons, "same" or "different").

    same: all records of the person are in one cluster. different: no cluster holds records of two of the persons.
    """
    of: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for person, cluster in zip(truth, found, strict=True):
        of[person][cluster] += 1
    tally: dict[str, tuple[int, int]] = {}
    for kind, persons, expected in traps:
        known = [of[p] for p in persons if p in of]
        if expected == "same":
            case, right = bool(known) and sum(known[0].values()) > 1, bool(known) and len(known[0]) == 1
        else:
            together = Counter(cluster for clusters in known for cluster in clusters)
            case, right = len(known) > 1, max(together.values(), default=0) < 2
        if case:
            cases, good = tally.get(kind, (0, 0))
            tally[kind] = cases + 1, good + right
    return dict(sorted(tally.items()))


def assigned(file: Path) -> dict[tuple[str, str], str]:
    """Source and record id -> person, of a file with these three as its columns, in this order."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)  # the names of the columns
        return {(source, record): person for source, record, person in rows}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assignments", type=Path)
    parser.add_argument("truth", type=Path)
    options = parser.parse_args()
    truth, found = assigned(options.truth), assigned(options.assignments)
    result = {**scores(list(truth.values()), [found.get(record, record) for record in truth]), "absent": len(truth.keys() - found.keys())}
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
