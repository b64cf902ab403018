"""Names that may be one name written differently: not enough to say that two people are one, too much to say that they are two."""

from __future__ import annotations

import jellyfish

from profiles.resolve.compare import NameParts

LETTERS_APART = 2
"""Edits in a whole name. More, and it is another name; two typing mistakes or one other romanisation stay within."""


def may_be_one_name(a: NameParts, b: NameParts) -> bool:
    """Whether two names have the same letters in another order, or are up to LETTERS_APART edits apart, words run together."""
    one, other = ("".join((*given, *family)) for given, family, _ in (a, b))
    return sorted(one) == sorted(other) or jellyfish.damerau_levenshtein_distance(one, other) <= LETTERS_APART
