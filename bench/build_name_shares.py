"""Builds profiles/resolve/name_shares.tsv: how common the commonest US names are, from the 1990 census lists in the package `names`.

    pip download --no-deps names && tar xzf names-0.3.0.tar.gz
    python bench/build_name_shares.py names-0.3.0/names

The census (public domain) gives percent of men, of women, and of everybody; a given name's share is the mean of the first two.
Words rarer than the last one kept count as unknown: the weights' own floor holds for them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "profiles" / "resolve" / "name_shares.tsv"
RAREST = 0.00005
"""Share below which a word is left out: the floor of family names in weights.toml."""


def shares(path: Path) -> dict[str, float]:
    """Word -> share of persons, from a census list: word, percent, cumulated percent, rank."""
    rows = (line.split() for line in path.read_text("utf-8").splitlines())
    return {row[0].lower(): float(row[1]) / 100 for row in rows if row}


def main(folder: Path) -> None:
    """Write the table, commonest first."""
    given: defaultdict[str, float] = defaultdict(float)
    for name in ("dist.male.first", "dist.female.first"):
        for word, share in shares(folder / name).items():
            given[word] += share / 2
    lines = ["# kind, word, share of persons: US census 1990; made by bench/build_name_shares.py"]
    for kind, table in (("given", given), ("family", shares(folder / "dist.all.last"))):
        lines += [f"{kind}\t{word}\t{share:.5f}" for word, share in sorted(table.items(), key=lambda row: -row[1]) if share > RAREST]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
