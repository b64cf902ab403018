"""Of the persons in traps that should be one: which pairs of their records are joined, and is there a field that could join the others?

    python bench/trap_fields.py FEEDS... [--sources bench/sources]

Pairs of records of one person, by kind of trap, resolved in memory as `resolve_feeds.py` does it. Of the pairs that were not joined:
no_field: beside the name they have no field in common that is compared; none_agrees: they have, and none of them agrees; rest: some agree.
Records of a person may be joined through a third one, so a pair without a field is not lost for that reason alone.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import combinations
from pathlib import Path

import orjson
from resolve_feeds import items, resolved, traps_of, truth_of
from running import ROOT

from profiles.resolve.facts import compare_facts
from profiles.resolve.traits import Traits
from profiles.resolve.weights import Weights


def standing(one: Traits, other: Traits, weights: Weights) -> str:
    """What two records that were not joined have in common beside the name."""
    facts = compare_facts(one, other)
    if not facts:
        return "no_field"
    return "rest" if any(weights.levels[fact.kind][fact.level].bits > 0 for fact in facts) else "none_agrees"


def counts_of(folder: Path, sources: Path, today: date) -> dict[str, Counter[str]]:
    """Kind of trap -> pairs by what became of them."""
    ready, truth = items(folder, sources, today), truth_of(folder)
    register, found, _ = resolved(ready)
    newest: Mapping[str, Traits] = {key: traits for key, _, traits, _ in ready}
    records: dict[str, list[str]] = defaultdict(list)
    for key in newest:
        records[truth[key]].append(key)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, persons, expected in traps_of(folder):
        if expected != "same":
            continue
        for one, other in combinations(sorted(records[persons[0]]), 2):
            joined = found[one] == found[other]
            counted[kind]["joined" if joined else standing(newest[one], newest[other], register.weights)] += 1
    return counted


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", type=Path, nargs="+")
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    options = parser.parse_args()
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for folder in options.feeds:
        for kind, counted in counts_of(folder, options.sources, options.today).items():
            total[kind] += counted
    print(orjson.dumps(total, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())


if __name__ == "__main__":
    main()
