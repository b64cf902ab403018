"""Names that may be one name written differently: not enough to say that two people are one, too much to say that they are two."""

from __future__ import annotations

import jellyfish

from profiles.resolve.compare import NameParts

LETTERS_APART = 2
"""Edits in a whole name. More, and it is another name; two typing mistakes or one other romanisation stay within."""


LONG_ENOUGH = 6  # letters from which a name with one of them wrong is still that name
LONG_ENOUGH_FOR_TWO = 10  # and with two, as the resolver compares companies (facts.companies_alike)


def is_misspelt(one: str, other: str) -> bool:
    """Whether two folded names, blanks aside, are one with a letter lost, added, changed or exchanged, of long ones two; "rn" is "m"."""
    one, other = (text.replace(" ", "").replace("rn", "m") for text in (one, other))
    shorter = min(len(one), len(other))
    return shorter >= LONG_ENOUGH and jellyfish.damerau_levenshtein_distance(one, other) <= (2 if shorter >= LONG_ENOUGH_FOR_TWO else 1)


def is_a_letter_apart(one: str, other: str) -> bool:
    """Whether one letter lost, added or changed, or two beside each other exchanged, make one text of the other."""
    return jellyfish.damerau_levenshtein_distance(one, other) == 1


def may_be_one_name(a: NameParts, b: NameParts) -> bool:
    """Whether two names have the same letters in another order, or are up to LETTERS_APART edits apart, words run together."""
    one, other = ("".join((*given, *family)) for given, family, _ in (a, b))
    return sorted(one) == sorted(other) or jellyfish.damerau_levenshtein_distance(one, other) <= LETTERS_APART
