"""Trains the shares in profiles/resolve/weights.toml on generated feeds of known truth, and rewrites its numbers.

    python bench/train_resolver.py FEEDS... [--write]

m: each record is compared with its person as known from a random part of the person's other records, as an ingest meets them.
u: each record is compared with other persons of like name (a common "name" block), likewise known from a random part. Levels that end in
"_here" are shares among pairs of one company, the other levels of the kind among the rest. For names themselves, u comes from persons
taken at random. What the feeds do not have (birth dates, addresses ...) keeps its numbers, and so does a line that says "by hand".
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from resolve_feeds import Item, items, truth_of
from running import ROOT

from profiles.resolve.evidence import compare
from profiles.resolve.frequencies import FAMILY, GIVEN, Unknown
from profiles.resolve.traits import Traits
from profiles.resolve.weights import shipped_weights

WEIGHTS = ROOT / "profiles" / "resolve" / "weights.toml"
RANDOM_PAIRS = 200_000
MOST_NAMESAKES = 40
"""Other persons of one name that a record is compared with: or a few very common names would outvote all others."""
LEAST = 0.5
"""Added to every count: a level never seen is rare, not impossible."""

Counts = dict[str, Counter[str]]


def part_of(records: list[Item], chance: random.Random) -> Traits:
    """What is known of a person from a random part of its records."""
    known = Traits()
    for _, _, traits, _ in chance.sample(records, chance.randint(1, len(records))):
        known.add(traits)
    return known


def note(counts: Counts, a: Traits, b: Traits, kinds: Iterable[str] | None = None) -> None:
    """Count the levels of a pair."""
    found = compare(a, b, Unknown(), shipped_weights())
    for e in found.evidence:
        if kinds is None or e.kind in kinds:
            counts[e.kind][e.level] += 1


def counted(ready: list[Item], truth: dict[str, str], chance: random.Random, m: Counts, u: Counts) -> None:
    """Add the levels met in one set of feeds."""
    persons: dict[str, list[Item]] = defaultdict(list)
    by_name: dict[str, set[str]] = defaultdict(set)
    for item in ready:
        person = truth[item[0]]
        persons[person].append(item)
        for key in item[3]:
            if key.startswith("block.name"):
                by_name[key].add(person)
    for item in ready:
        person = truth[item[0]]
        others = [other for other in persons[person] if other[0] != item[0]]
        if others:
            note(m, item[2], part_of(others, chance))
        namesakes = sorted({p for key in item[3] if key in by_name for p in by_name[key]} - {person})
        for other in chance.sample(namesakes, min(len(namesakes), MOST_NAMESAKES)):
            note(u, item[2], part_of(persons[other], chance), u.keys() - {GIVEN, FAMILY})
    for _ in range(RANDOM_PAIRS):
        a, b = chance.sample(ready, 2)
        if truth[a[0]] != truth[b[0]]:
            note(u, a[2], b[2], (GIVEN, FAMILY))


def rewritten(text: str, m: Counts, u: Counts) -> str:
    """The TOML with the counted shares in place of its numbers; floors of rare levels stay."""

    def context(kind: str, level: str, counts: Counts) -> tuple[float, float]:
        here = level.endswith("_here")
        whole = [n for name, n in counts[kind].items() if name.endswith("_here") == here]
        return counts[kind][level] + LEAST, sum(whole) + LEAST

    lines, kind = [], ""
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            kind = found.group(1)
        level = re.match(r"(\w+) = \{ m = ", line)
        if level and level.group(1) != "missing" and "# by hand" not in line and m.get(kind):
            (share, whole), (other, others) = context(kind, level.group(1), m), context(kind, level.group(1), u)
            line = re.sub(r"m = [\d.e-]+", f"m = {share / whole:.2g}", line)
            if "rare" not in line:
                line = re.sub(r"u = [\d.e-]+", f"u = {other / others:.2g}", line)
            line = (
                re.sub(r"\s*#.*$", "", line)
                + f"  # {share - LEAST:.0f} of {whole - LEAST:.0f}, {other - LEAST:.0f} of {others - LEAST:.0f}"
            )
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", nargs="+", type=Path)
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    parser.add_argument("--write", action="store_true", help="rewrite weights.toml instead of printing it")
    options = parser.parse_args()
    m: Counts = {kind: Counter() for kind in shipped_weights().levels}
    u: Counts = {kind: Counter() for kind in shipped_weights().levels}
    chance = random.Random(20261127)
    for folder in options.feeds:
        counted(items(folder, options.sources, options.today), truth_of(folder), chance, m, u)
    text = rewritten(WEIGHTS.read_text("utf-8"), m, u)
    if options.write:
        WEIGHTS.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
