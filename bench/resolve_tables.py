"""How right is `roster resolve FILE` on a table whose persons are known? Also what blocking alone loses, and what a row costs.

    python bench/resolve_tables.py FILE... --map MAP.toml --truth COLUMN [--orders 5]

truth: the column that names the person; the map must not use it. Several files are one table, read one after another. Rows are taken in
a random order. blocking_recall: share of true pairs that have a key in common that at most MAX_HOLDERS persons hold.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

import orjson
from clusters import adjusted_rand, scores

from indexer.readers import READERS, open_feed
from indexer.tables import TableMap, read_map, row_of
from profiles.errors import Problem
from profiles.resolve.keys import MAX_HOLDERS
from profiles.resolve.register import Register
from profiles.resolve.table import keys_of_row, traits_of_row
from profiles.resolve.traits import Traits
from profiles.resolve.weights import shipped_weights

Item = tuple[str, str, Traits, tuple[str, ...]]
"""Row's id, person, traits, keys."""


def items(files: list[Path], table: TableMap, truth: str) -> list[Item]:
    """The rows, ready to resolve. The number of the file makes ids unique."""
    found = []
    for number, file in enumerate(files):
        counted, stream, _ = open_feed(file)
        for row in READERS[table.feed.format](stream, table.feed):
            read = row_of(row.fields, table) if row.fields else Problem("", "unreadable")
            if row.fields and not isinstance(read, Problem):
                traits = traits_of_row(read)
                found.append((f"{number}/{read['record_id']}", str(row.fields[truth]), traits, keys_of_row(traits)))
        stream.close()
        counted.close()
    return found


def resolved(ready: list[Item]) -> tuple[Register, dict[str, int]]:
    """All rows resolved in their order."""
    register = Register(shipped_weights().for_tables())
    for key, _, traits, keys in ready:
        register.resolve(key, traits, keys)
    register.settle()
    return register, register.assignments()


def blocking_recall(ready: list[Item]) -> float:
    """Share of true pairs with a usable key in common."""
    holders: dict[str, set[str]] = defaultdict(set)
    persons: dict[str, list[frozenset[str]]] = defaultdict(list)
    for _, person, _, keys in ready:
        for key in keys:
            holders[key].add(person)
    for _, person, _, keys in ready:
        persons[person].append(frozenset(k for k in keys if len(holders[k]) < MAX_HOLDERS))
    pairs = [(a, b) for rows in persons.values() for i, a in enumerate(rows) for b in rows[:i]]
    return sum(not a.isdisjoint(b) for a, b in pairs) / len(pairs) if pairs else 1.0


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--map", required=True, type=Path)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--orders", type=int, default=1, help="resolve in this many orders, and compare the results")
    options = parser.parse_args()
    ready = items(options.files, read_map(options.map), options.truth)
    names, results, result = sorted(item[0] for item in ready), [], {}
    truth = {item[0]: item[1] for item in ready}
    for seed in range(options.orders):
        random.Random(seed).shuffle(ready)
        begun = time.process_time()
        register, found = resolved(ready)
        seconds = time.process_time() - begun
        results.append([found[n] for n in names])
        if not seed:
            result = scores([truth[n] for n in names], results[0])
            result |= {"microseconds_per_row": 1e6 * seconds / len(ready), "candidates_per_row": register.compared / len(ready)}
    result["blocking_recall"] = blocking_recall(ready)
    if options.orders > 1:
        result["least_adjusted_rand_of_two_orders"] = min(adjusted_rand(a, b) for i, a in enumerate(results) for b in results[:i])
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
