"""Whether two names a letter or two apart are one name, damaged, or the names of two people. Pure.

Damage happens to a record: the damaged name is said once, and no address spells it. So where one name is said by several records and
spelled by addresses, it is as it is written; and the other is somebody else's if it is said twice or spelled as well, or if it is a name
that people have and the first is not: nobody makes Hayfield of Hayfielw by a slip of the hand.

Of pairs under one title at one company whose names are so near, in two fictional sets of 20,000 persons, the second hard, this parts
  96 of 101 of two people, each with all her records,
  364 of 609 of two people, of whom one has a single record,
  5 of 3,300 of one person's single record and her others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from profiles.resolve.frequencies import FAMILY, GIVEN, Frequencies, name_shares
from profiles.resolve.names import Likeness, NameForm, respelt, word_likeness
from profiles.resolve.traits import Traits


class _Word(NamedTuple):
    """spelled: whether an address spells it. repeated: whether several records say a name with it. known: whether people are called so."""

    spelled: bool
    repeated: bool
    known: bool


def are_two_names(x: NameForm, y: NameForm, a: Traits, b: Traits, frequencies: Frequencies) -> bool:
    """Whether a word of x, a name of a, and the word of y, a name of b, that is a letter or two from it are both as they are written."""
    return any(
        _is_beside(one, other) or _is_beside(other, one)
        for word, near in _near_words(x, y)
        for one, other in [(_seen(word, near, a, frequencies), _seen(near, word, b, frequencies))]
    )


def are_near(x: NameForm, y: NameForm) -> bool:
    """Whether a word of one name is a letter or two from a word of the other."""
    return any(True for _ in _near_words(x, y))


def _near_words(x: NameForm, y: NameForm) -> Iterator[tuple[str, str]]:
    ours, theirs = {*x.given, *x.family}, {*y.given, *y.family}
    return ((u, v) for u in ours - theirs for v in theirs - ours if word_likeness(u, v) is Likeness.NEAR)


def _is_beside(one: _Word, other: _Word) -> bool:
    """Whether one is as it is written, and the other so well founded that it is another name."""
    return one.spelled and one.repeated and (other.spelled or other.repeated or (other.known and not one.known))


def _seen(word: str, near: str, traits: Traits, frequencies: Frequencies) -> _Word:
    repeated = any(records > 1 for name, records in traits.names.items() if word in name.given or word in name.family)
    ours, theirs = respelt(word), respelt(near)
    spelled = any(ours in text and not (theirs in text and ours in theirs) for text in map(respelt, traits.address_names()))
    known = any(word in name_shares()[kind] or frequencies.count(kind, word) is not None for kind in (GIVEN, FAMILY))
    return _Word(spelled, repeated, known)
