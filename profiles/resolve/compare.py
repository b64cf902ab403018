"""Evidence from names: do two names agree well enough to be one person's, given that a strong key says so too?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import jellyfish

from profiles.models import Observation, Value, ValueKind
from profiles.normalise.name import formal_names, phonetic_codes

LONG_ENOUGH_FOR_A_TYPO = 5
"""Letters from which one edit still leaves the word recognisable: below it, one edit makes another name (Lee/Leo, Anna/Anne)."""

NameParts = tuple[tuple[str, ...], tuple[str, ...], str]
"""Given tokens, family tokens (folded), generational suffix (folded, "" when none)."""


def parts_of(values: Iterable[Observation | Value]) -> tuple[NameParts, ...]:
    """The distinct names among the values, as comparable parts."""
    found = (
        (
            tuple(v.parts.get("given_tokens") or ()),
            tuple(v.parts.get("family_tokens") or ()),
            str(v.parts.get("suffix") or "").lower().rstrip("."),
        )
        for v in values
        if v.kind is ValueKind.NAME
    )
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=65536)
def _same_word(a: str, b: str) -> bool:
    if a == b:
        return True
    if min(len(a), len(b)) < LONG_ENOUGH_FOR_A_TYPO:
        return False
    return jellyfish.damerau_levenshtein_distance(a, b) == 1 or bool(set(phonetic_codes(a)) & set(phonetic_codes(b)))


@lru_cache(maxsize=65536)
def _same_given(a: str, b: str) -> bool:
    if len(a) == 1 or len(b) == 1:
        return a[0] == b[0]
    return _same_word(a, b) or bool(set(formal_names(a)) & set(formal_names(b)))


def _given_agree(a: Sequence[str], b: Sequence[str]) -> bool:
    """First names agree, or one of the persons goes by a middle name that the other's first name equals."""
    if not a or not b:
        return False
    if _same_given(a[0], b[0]):
        return True
    return any(len(x) > 1 and _same_given(a[0], x) for x in b[1:]) or any(len(x) > 1 and _same_given(b[0], x) for x in a[1:])


def _family_agree(a: Sequence[str], b: Sequence[str]) -> bool:
    """Every word of the shorter family name has its like in the longer one (one of two surnames may be missing)."""
    if not a or not b:
        return False
    short, long = sorted((a, b), key=len)
    return all(any(_same_word(x, y) for y in long) for x in short)


def _pair_agrees(a: NameParts, b: NameParts) -> bool:
    if a[2] and b[2] and a[2] != b[2]:
        return False
    straight = _given_agree(a[0], b[0]) and _family_agree(a[1], b[1])
    return straight or sorted(a[0] + a[1]) == sorted(b[0] + b[1])


def names_agree(a: Sequence[NameParts], b: Sequence[NameParts]) -> bool:
    """Whether any name of one side agrees with any of the other, and no generational suffix contradicts (Jr against Sr).

    A name that is but a shorter form of another one of the same person has no say: "J. Smith", taken for John Smith, must not let
    Jane in.
    """
    suffixes = [{suffix for _, _, suffix in names if suffix} for names in (a, b)]
    if suffixes[0] and suffixes[1] and not suffixes[0] & suffixes[1]:
        return False
    return any(_pair_agrees(x, y) for x in _telling(a) for y in _telling(b))


def _telling(names: Sequence[NameParts]) -> list[NameParts]:
    """Without names given by an initial only, where a fuller name with this initial and the family name is among them."""
    return [name for name in names if not (_by_initial(name) and any(_is_fuller(other, name) for other in names))]


def _by_initial(name: NameParts) -> bool:
    return bool(name[0]) and len(name[0][0]) == 1


def _is_fuller(other: NameParts, name: NameParts) -> bool:
    return bool(other[0]) and not _by_initial(other) and other[0][0][0] == name[0][0] and _family_agree(other[1], name[1])
