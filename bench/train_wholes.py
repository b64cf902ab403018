"""Trains profiles/resolve/wholes.toml: what findings are worth between two persons as wholes, on generated feeds of known truth.

    python bench/train_wholes.py FEEDS... [--write]

Needs scikit-learn, which nothing else here does. Findings hang together (namesakes who share an employer share its town and its telephone),
so their worth beside one another is fitted by logistic regression; a value's rarity counts by a share of its bits. Three kinds of pairs:
a record and a part of its person's other records; parts of two persons who share a key; and the persons that resolving record by record
leaves apart, since between those it is decided. Pairs whose names forbid it are left out: they are never joined, whatever else is found.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from resolve_feeds import Item, items, truth_of
from running import ROOT
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from train_resolver import part_of

from profiles.resolve.evidence import compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.keys import MAX_HOLDERS
from profiles.resolve.register import Register
from profiles.resolve.traits import Traits
from profiles.resolve.weights import Weights, shipped_weights

WHOLES = ROOT / "profiles" / "resolve" / "wholes.toml"
MOST_STRANGERS = 40
"""Other persons sharing a key that one is compared with."""
SCALE = 10.0
"""Bits of rarity are divided by it: features of like size are fitted in fewer steps."""
PENALTY = 3.0
"""Inverse strength of the penalty on large numbers. 1 to 10 give the same to a tenth of a bit for levels seen a hundred times."""

Found = tuple[tuple[str, str, float], ...]
"""Kind, level and bits by m and u of each finding."""


class Pair(NamedTuple):
    """Two persons, or parts of them, compared.    same: whether they are one."""

    same: bool
    found: Found


def pair(one: Traits, other: Traits, same: bool, frequencies: Frequencies, weights: Weights) -> Iterator[Pair]:
    """The two as a pair to learn from, nothing where their names forbid that they are one."""
    found = compare(one, other, frequencies, weights, brief=True)
    if not found.veto:
        yield Pair(same, tuple((e.kind, e.level, e.weight) for e in found.evidence))


def parts(persons: dict[str, list[Item]], frequencies: Frequencies, weights: Weights, chance: random.Random) -> Iterator[Pair]:
    """Records with a part of their person's others, and parts of persons who share a key."""
    holders: dict[str, set[str]] = defaultdict(set)
    for person, records in persons.items():
        for _, _, _, keys in records:
            for key in keys:
                holders[key].add(person)
    for person, records in sorted(persons.items()):
        for record in records if len(records) > 1 else ():
            others = [other for other in records if other is not record]
            yield from pair(record[2], part_of(others, chance), True, frequencies, weights)
        met = {key for _, _, _, keys in records for key in keys if len(holders[key]) < MAX_HOLDERS}
        near = sorted({other for key in met for other in holders[key]} - {person})
        for stranger in chance.sample(near, min(MOST_STRANGERS, len(near))):
            yield from pair(part_of(records, chance), part_of(persons[stranger], chance), False, frequencies, weights)


def left_apart(register: Register, truth: dict[str, str], weights: Weights) -> Iterator[Pair]:
    """Persons of a register who share a key. Who a person is, most of her records say."""
    whose = {n: Counter(truth[r] for r in held.records).most_common(1)[0][0] for n, held in register.persons.items()}
    holders: dict[str, set[int]] = defaultdict(set)
    for number, held in register.persons.items():
        for key in held.keys:
            holders[key].add(number)
    met = {two for numbers in holders.values() if len(numbers) < MAX_HOLDERS for two in combinations(sorted(numbers), 2)}
    for one, other in sorted(met):
        a, b = register.persons[one].traits, register.persons[other].traits
        yield from pair(a, b, whose[one] == whose[other], register.frequencies, weights)


def pairs_of(folder: Path, sources: Path, today: date, chance: random.Random) -> Iterator[Pair]:
    """All pairs of one set of feeds."""
    truth, weights, register = truth_of(folder), shipped_weights(), Register()
    latest = {item[0]: item for item in items(folder, sources, today)}
    persons: dict[str, list[Item]] = defaultdict(list)
    for key, _, traits, keys in latest.values():
        register.resolve(key, traits, keys)
        persons[truth[key]].append(latest[key])
    yield from parts(persons, register.frequencies, weights, chance)
    yield from left_apart(register, truth, weights)


def fitted(pairs: list[Pair], weights: Weights) -> str:
    """The TOML."""
    levels = sorted({(kind, level) for p in pairs for kind, level, _ in p.found})
    rare = [(kind, level) for kind, level in levels if weights.levels[kind][level].rare]
    column = {level: n for n, level in enumerate(levels)}
    bits = {level: len(levels) + n for n, level in enumerate(rare)}
    cells: dict[tuple[int, int], float] = {}
    for row, p in enumerate(pairs):
        for kind, level, weight in p.found:
            cells[row, column[kind, level]] = 1.0
            if (kind, level) in bits:
                cells[row, bits[kind, level]] = weight / SCALE
    rows, columns = zip(*cells, strict=True)
    data = csr_array((list(cells.values()), (rows, columns)), shape=(len(pairs), len(levels) + len(rare)))
    model = LogisticRegression(C=PENALTY, max_iter=3000).fit(data, [p.same for p in pairs])
    worth = [value / math.log(2) for value in model.coef_[0]]
    counts = Counter((p.same, kind, level) for p in pairs for kind, level, _ in p.found)
    lines = [f"start = {model.intercept_[0] / math.log(2):.2f}"]
    said = ""
    for kind, level in levels:
        lines += [] if kind == said else ["", f"[worth.{kind}]"]
        said = kind
        share = f", share = {worth[bits[kind, level]] / SCALE:.2f}" if (kind, level) in bits else ""
        seen = f"{counts[True, kind, level]} of one person, {counts[False, kind, level]} of two"
        lines.append(f"{level} = {{ bits = {worth[column[kind, level]]:.2f}{share} }}  # {seen}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", nargs="+", type=Path)
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    parser.add_argument("--write", action="store_true", help="rewrite what wholes.toml says below its limit, instead of printing it")
    options = parser.parse_args()
    chance = random.Random(20261127)
    text = fitted([p for folder in options.feeds for p in pairs_of(folder, options.sources, options.today, chance)], shipped_weights())
    if options.write:
        limit, _, _ = WHOLES.read_text("utf-8").partition("start = ")
        WHOLES.write_text(limit + text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
