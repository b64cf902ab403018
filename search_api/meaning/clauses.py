"""The few shapes of clause that every kind of value builds, and Reading: a clause with what it was taken for, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.query import AllOf, AnyOf, Best, Clause, Everything, Term


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of a request and how it was understood. read_as: alternatives, in words."""

    text: str
    field: str
    clause: Clause
    read_as: tuple[str, ...]


def best(clauses: Iterable[Clause]) -> Clause:
    """At least one matches, the best counts; a single clause stands for itself. Best within Best is the same Best."""
    flat: list[Clause] = []
    for clause in clauses:
        flat.extend(clause.clauses if isinstance(clause, Best) else (clause,))
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else Best(tuple(flat))


def every(clauses: Iterable[Clause]) -> Clause:
    """All match, scores add up; a single clause stands for itself, none at all asks for nothing."""
    flat: list[Clause] = []
    for clause in clauses:
        flat.extend(clause.clauses if isinstance(clause, AllOf) else (clause,))
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def some(clauses: Sequence[Clause], minimum: int) -> Clause:
    """At least `minimum` match, scores add up."""
    return every(clauses) if minimum >= len(clauses) else AnyOf(tuple(clauses), minimum)


def favour(clause: Clause, bonus: Iterable[Clause]) -> Clause:
    """`clause` must match; the best of `bonus` adds to its score where one matches."""
    extra = tuple(bonus)
    return every((clause, Best((*extra, Everything())))) if extra else clause


def tokens_all(field: str, tokens: Sequence[str], boost: float, why: str) -> Clause:
    """All tokens, in any order, in a text field."""
    return every(Term(field, token, boost, why) for token in tokens)
