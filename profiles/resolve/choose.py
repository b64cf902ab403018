"""Chooses among persons for one set of traits: who fits, who fits best, who else is the same person. Pure, and knows no records.

Two limits keep a false merge away. One kind of evidence is never enough: the name must agree, and something that does not hang together
with it. And a record that fits two persons makes them one only if they fit each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.traits import Traits
from profiles.resolve.weights import Weights

MAX_LINKS = 5
"""Possible persons remembered with a record: nobody judges more, and a namesake of thousands would make thousands."""

DESPITE_DAMAGE = 8.5
"""Bits from which persons as wholes are one though half of a name is missing, or a name is a letter or two from the other's and nobody says
that they had one title at one company. Asked there as well, of two fictional sets of 3,000 persons, the second hard, 7 gave a precision of
.9988 and .9973 with a recall of .961 and .921, 8.5 .9998 and .9973 with .955 and .907, and 9.5 .9998 and .9973 with .951 and .902; asked as
it is, with two names told apart (damage.py), 8.5 gives .9998 and .9975 with .964 and .926."""


class Person(NamedTuple):
    """A candidate: id, age (decides which id survives), and what is known."""

    id: str
    created_at: datetime | int
    traits: Traits


class Link(NamedTuple):
    """A person the record may be about as well, for somebody to judge."""

    profile_id: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Choice:
    """person: who it is, None for nobody known. absorbed: others who are this person.

    near: who else it may be as far as nothing forbids it, likeliest first; links: those of them for whom more speaks than against.
    comparison: with the person chosen.    refused: persons whose names forbid it.
    """

    person: str | None
    absorbed: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    comparison: Comparison | None = None
    refused: frozenset[str] = frozenset()


def fits(found: Comparison, weights: Weights) -> bool:
    """Whether the evidence is enough for "same": no veto, enough in all, and from two independent kinds, the name among them.

    The name need not bring its bits where another family name was looked past: evidence.LASTING says when.
    """
    limits = weights.limits
    if found.veto or found.score < limits.same:
        return False
    if weights.wholes is not None:
        return _fit_as_wholes(found, weights)
    unfit = {name for name, doubt in (("work", found.name_damaged and not found.same_job), ("home", found.could_be_family)) if doubt}
    supporting = [bits for group, bits in zip(weights.groups, found.groups, strict=True) if group.supports and group.name not in unfit]
    return max(supporting) >= limits.other and (found.groups[0] >= limits.name or found.despite_name)


def _fit_as_wholes(found: Comparison, weights: Weights) -> bool:
    """Whether something beside the name speaks for it; of a town alone, or of little else, only where jobs have been compared as well."""
    if (found.name_damaged and found.begun_apart) or found.score < _asked_despite_name(found, weights):
        return False
    beside = beside_name(found, weights)
    if found.of_jobs:
        return max(beside.values()) > 0
    return max(bits for name, bits in beside.items() if name != "place") >= weights.limits.other


def _asked_despite_name(found: Comparison, weights: Weights) -> float:
    """Bits from which they are one though a name may be damaged, or half of it is all that is known."""
    damaged = found.name_damaged and not found.same_title_here
    half = found.half_named and not found.same_job
    return DESPITE_DAMAGE if damaged or half else weights.limits.same


def beside_name(found: Comparison, weights: Weights) -> dict[str, float]:
    """Bits by group of what was found beside the name and who said it."""
    return {g.name: bits for g, bits in zip(weights.groups, found.groups, strict=True) if g.name not in ("name", "source")}


def _never(a: str, b: str) -> bool:
    return False


def choose(
    traits: Traits,
    persons: Iterable[Person],
    frequencies: Frequencies,
    weights: Weights,
    *,
    must: Collection[str] = (),
    apart: Callable[[str, str], bool] = _never,
) -> Choice:
    """Who of the persons it is.

    must: ids of persons it has to be, whatever the evidence.    apart: whether two persons were judged to be different.
    """
    compared = [(p, compare(traits, p.traits, frequencies, weights, brief=p.id not in must)) for p in persons]
    compared.sort(key=lambda found: (found[0].id not in must, -found[1].score, found[0].id))
    fitting = [(p, c) for p, c in compared if p.id in must or fits(c, weights)]
    refused = frozenset(p.id for p, c in compared if c.veto and p.id not in must)
    if not fitting:
        return _nobody(compared, refused, weights)
    best, comparison = fitting[0]
    one, whole, rivals = [best], Traits(), []
    likely = [(p, c) for p, c in compared if (p is not best and not c.veto and c.score >= weights.limits.possible) or p.id in must]
    if likely:
        whole.add(best.traits)
        whole.add(traits)  # once it has joined the best, whoever shares what it brought is met as if it had come first
    for other, found in likely:
        if other is best:
            continue
        between = compare(whole, other.traits, frequencies, weights, brief=True)
        if not any(apart(other.id, p.id) for p in one) and (other.id in must or fits(between, weights)):
            one.append(other)
            whole.add(other.traits)
        elif fits(found, weights) and (between.veto or between.score < 0):
            rivals.append(found)
    if best.id not in must and any(found.score > comparison.score - weights.limits.margin for found in rivals):
        return _nobody(compared, refused, weights)
    survivor, *absorbed = sorted(one, key=lambda p: (p.created_at, p.id))
    near = _near(compared, {p.id for p in one})
    return Choice(survivor.id, tuple(p.id for p in absorbed), _ids(near), _links(near, weights), comparison, refused)


def _nobody(compared: list[tuple[Person, Comparison]], refused: frozenset[str], weights: Weights) -> Choice:
    near = _near(compared, ())
    return Choice(None, near=_ids(near), links=_links(near, weights), refused=refused)


def _near(compared: Iterable[tuple[Person, Comparison]], taken: Collection[str]) -> list[Link]:
    return [Link(p.id, c) for p, c in compared if p.id not in taken and not c.veto][:MAX_LINKS]


def _ids(near: list[Link]) -> tuple[str, ...]:
    return tuple(link.profile_id for link in near)


def _links(near: list[Link], weights: Weights) -> tuple[Link, ...]:
    return tuple(link for link in near if link.comparison.score >= weights.limits.possible)
