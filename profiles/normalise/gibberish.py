"""Whether the part of an address before the @ is letters thrown together ("asdkjhqw") instead of a name or a word.

Each letter is weighed by how surprising it is after the two before it, by a table learnt from place names of all languages
(bench/build_letter_triples.py); a part whose letters surprise as much as random ones do is gibberish.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

SHORTEST = 6  # letters: acronyms and initials of fewer ("jkrw") look thrown together and are not
SURPRISE = 5.5
"""Bits a letter, on average. Above it are 4 of 47,538 local parts of generated persons of many cultures, misspelt ones included, 70 % of
random strings of 7 to 12 letters and 76 % of strings from one row of the keyboard. At 5.25 they are 54, 81 and 84 %."""

_SIGNS = ".abcdefghijklmnopqrstuvwxyz"
_LETTERS = re.compile(r"[a-z]+")


@lru_cache(maxsize=1)
def _surprises() -> dict[str, int]:
    text = files("profiles.normalise.data").joinpath("letter_triples.txt").read_text(encoding="ascii")
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    before = (a + b for a in _SIGNS for b in _SIGNS)
    return {pair + sign: int(digit, 16) for pair, row in zip(before, rows, strict=True) for sign, digit in zip(_SIGNS, row, strict=True)}


def is_gibberish(local: str) -> bool:
    """Whether one of the words of a local part (lower case, a-z; other scripts are never judged) is letters thrown together."""
    return local.isascii() and any(_surprise(word) > SURPRISE for word in _LETTERS.findall(local) if len(word) >= SHORTEST)


def _surprise(word: str) -> float:
    """Bits a letter. A first letter may be an initial in front of a name ("fgupta"), so the word without it has a say."""
    return min(_bits(word), _bits(word[1:]))


def _bits(word: str) -> float:
    edged, table = f"..{word}.", _surprises()
    return sum(table[edged[at : at + 3]] for at in range(len(edged) - 2)) / (len(word) + 1)
