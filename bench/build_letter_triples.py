"""Builds profiles/normalise/data/letter_triples.txt: how surprising each letter is after the two before it, learnt from names of places.

    python bench/build_letter_triples.py > profiles/normalise/data/letter_triples.txt

The words are those of the gazetteer that ships (174,000 in all languages, folded to a-z). Each number is -log2 of the letter's chance,
rounded, as one hexadecimal digit; half an occurrence is added to each, so that nothing is impossible. A "." is the edge of a word.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "profiles" / "normalise" / "data"
SIGNS = ".abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(r"[a-z]{2,}")


def words() -> set[str]:
    """Every word of the gazetteer."""
    found: set[str] = set()
    for name in ("cities.tsv.gz", "city_names.tsv.gz"):
        with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    found.update(WORD.findall(line.lower()))
    return found


def main() -> None:
    """Print the table."""
    triples: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for word in words():
        edged = f"..{word}."
        for at in range(len(edged) - 2):
            triples[edged[at : at + 3]] += 1
            pairs[edged[at : at + 2]] += 1
    print("# Row: the two letters before; column: the letter (. a-z). See bench/build_letter_triples.py.")
    for before in (a + b for a in SIGNS for b in SIGNS):
        chances = ((triples[before + sign] + 0.5) / (pairs[before] + 0.5 * len(SIGNS)) for sign in SIGNS)
        print("".join(f"{min(15, round(-math.log2(chance))):x}" for chance in chances))


if __name__ == "__main__":
    main()
