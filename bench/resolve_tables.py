"""How right is `roster resolve FILE` on a table whose persons are known? Also what blocking alone loses, and what a row costs.

    python bench/resolve_tables.py FILE... --map MAP.toml --truth COLUMN [--orders 5] [--calibration]

truth: the column that names the person; the map must not use it. Several files are one table, read one after another. Rows are taken in
a random order. Blocking is told apart from scoring: bench/pairs.py says how, and what the ten bins of --calibration are.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import orjson
from clusters import adjusted_rand, scores
from pairs import Labelled, blocking_recall, calibration

from indexer.readers import READERS, open_feed
from indexer.tables import TableMap, read_map, row_of
from profiles.errors import Problem
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


def resolved(ready: list[Item]) -> tuple[Register, dict[str, int], int]:
    """All rows resolved in their order; and how many have possible links for somebody to judge."""
    register, linked = Register(shipped_weights().for_tables()), 0
    for key, _, traits, keys in ready:
        linked += bool(register.resolve(key, traits, keys).links)
    register.settle()
    return register, register.assignments(), linked


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--map", required=True, type=Path)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--orders", type=int, default=1, help="resolve in this many orders, and compare the results")
    parser.add_argument("--calibration", action="store_true", help="compare what scores promise with what is right, in ten bins")
    options = parser.parse_args()
    ready = items(options.files, read_map(options.map), options.truth)
    names, results, result = sorted(item[0] for item in ready), [], {}
    truth = {item[0]: item[1] for item in ready}
    for seed in range(options.orders):
        random.Random(seed).shuffle(ready)
        begun = time.process_time()
        register, found, linked = resolved(ready)
        seconds = time.process_time() - begun
        results.append([found[n] for n in names])
        if not seed:
            result = scores([truth[n] for n in names], results[0])
            result |= {"microseconds_per_row": 1e6 * seconds / len(ready), "candidates_per_row": register.compared / len(ready)}
            result["possible_links_per_1000_rows"] = 1000 * linked / len(ready)
    labelled = [Labelled(*item[1:]) for item in ready]
    result["blocking_recall"] = blocking_recall(labelled)
    if options.calibration:
        result |= calibration(labelled, register.frequencies, register.weights)
    if options.orders > 1:
        result["least_adjusted_rand_of_two_orders"] = min(adjusted_rand(a, b) for i, a in enumerate(results) for b in results[:i])
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
