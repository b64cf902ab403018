"""Comparing the facts of two persons, kind by kind: the level reached, and the value that agrees. Names are in names.py.

A kind on which one of them says nothing is no evidence. What a level is worth is in weights.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

import jellyfish

from profiles.resolve.traits import Trait, Traits


class Fact(NamedTuple):
    """kind and level, as in weights.toml; value: what agrees, "" when nothing does."""

    kind: Trait
    level: str
    value: str = ""


MANY_SKILLS = 3
"""Common skills from which they are many: an occupation has ten to thirty, and colleagues share one or two."""


def compare_facts(a: Traits, b: Traits) -> list[Fact]:
    """Every kind on which both say something, best level of any two values."""
    found: list[Fact] = []
    other = b.facts
    for kind in a.facts:
        if kind in other:
            fact = _COMPARE[kind](kind, a.facts[kind], other[kind])
            if fact is not None:
                found.append(fact)
    return found


Values = Collection[str]


def _common(a: Values, b: Values) -> list[str]:
    return [value for value in a if value in b] if len(a) <= len(b) else [value for value in b if value in a]


def _same(kind: Trait, a: Values, b: Values) -> Fact | None:
    common = _common(a, b)
    return Fact(kind, "same", common[0]) if common else None


def _same_or_different(kind: Trait, a: Values, b: Values) -> Fact | None:
    return _same(kind, a, b) or Fact(kind, "different")


def _near(kind: Trait, a: Values, b: Values) -> Fact | None:
    """A letter or two of difference in longer values is damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    for x in a:
        for y in b:
            longest = max(len(x), len(y))
            if longest > 4 and jellyfish.damerau_levenshtein_distance(x, y) <= (1 if longest < 9 else 2):
                return Fact(kind, "near", y)
    return Fact(kind, "different")


def _email(kind: Trait, a: Values, b: Values) -> Fact | None:
    """Another address at a domain they share speaks against: an employer gives one. A letter of difference may be damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    level = ""
    for x in a:
        local, _, domain = x.partition("@")
        for y in b:
            other, _, other_domain = y.partition("@")
            if domain == other_domain:
                if not any(c.isdigit() for c in local + other) and jellyfish.damerau_levenshtein_distance(local, other) == 1:
                    return Fact(kind, "near", y)
                level = "other"
    return Fact(kind, level) if level else None


def _link(kind: Trait, a: Values, b: Values) -> Fact | None:
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    networks = {x.partition(":")[0] for x in a} & {y.partition(":")[0] for y in b}
    return Fact(kind, "different") if networks else None


def _skill(kind: Trait, a: Values, b: Values) -> Fact | None:
    common = len(_common(a, b))
    if common:
        return Fact(kind, "many" if common >= MANY_SKILLS else "some")
    return Fact(kind, "none") if min(len(a), len(b)) >= MANY_SKILLS else None


def _birth(kind: Trait, a: Values, b: Values) -> Fact | None:
    """Dates "1980-05-17", or years. Day and month exchanged, one digit off, or only one of the three parts other: damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    return Fact(kind, "near" if any(_dates_near(x, y) for x in a for y in b) else "different")


def _dates_near(x: str, y: str) -> bool:
    if len(x) != 10 or len(y) != 10:
        return x[:4] == y[:4]
    if sum(p == q for p, q in zip(x.split("-"), y.split("-"), strict=False)) >= 2:
        return True
    return (x[:4] == y[:4] and x[5:7] == y[8:] and x[8:] == y[5:7]) or jellyfish.damerau_levenshtein_distance(x, y) == 1


_COMPARE: dict[Trait, Callable[[Trait, Values, Values], Fact | None]] = {
    Trait.EMAIL: _email,
    Trait.MOBILE: _same_or_different,
    Trait.PHONE: _same,
    Trait.LINK: _link,
    Trait.COMPANY: _near,
    Trait.DOMAIN: _same,
    Trait.TITLE: _same,
    Trait.FUNCTION: _same_or_different,
    Trait.PLACE: _same_or_different,
    Trait.COUNTRY: _same_or_different,
    Trait.SKILL: _skill,
    Trait.BIRTH_DATE: _birth,
    Trait.BIRTH_PLACE: _near,
    Trait.ID_NUMBER: _near,
    Trait.ADDRESS: _near,
    Trait.POSTCODE: _near,
    Trait.GENDER: _same_or_different,
    Trait.OCCUPATION: _same_or_different,
}
