"""The few shapes of clause that every kind of value builds, and Reading: a clause with what it was taken for, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.query import AllOf, AnyOf, Best, Clause, Everything, Fuzzy, Prefix, Term, Without


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of a request and how it was understood.

    read_as: alternatives, in words.    means: of a part of `q`, the field of a request it stands for; "" when only an answer can tell.
    name: what it asks for when it is a name.
    """

    text: str
    field: str
    clause: Clause
    read_as: tuple[str, ...]
    means: str = ""
    name: Clause | None = None


def best(clauses: Iterable[Clause]) -> Clause:
    """At least one matches, the best counts; a single clause stands for itself. Best within Best is the same Best."""
    flat: list[Clause] = []
    for clause in clauses:
        flat.extend(clause.clauses if isinstance(clause, Best) else (clause,))
    if len(flat) > 1:  # a clause's hash is that of all in it
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


_LIKE = frozenset({"name_phonetic", "name_nickname"})
INITIAL = "initial"  # of a word of a name, in the question or in the profile
ABROAD = "another language"  # of a given name: Julia is Yulia
SYNONYM = "synonym: "  # before the other title, in the word that says why a clause is asked


def only_exact(clause: Clause) -> Clause | None:
    """The clause without what is only like it: none-of "Smith" must not take out Smythe. None where nothing else is left."""
    match clause:
        case Fuzzy() | Prefix() | Everything():
            return None
        case Term(field=field, why=why) if field in _LIKE or why in (INITIAL, ABROAD) or why.startswith(SYNONYM):
            return None
        case Without(wanted, unwanted):
            return Without(only_exact(wanted) or Everything(), only_exact(unwanted) or unwanted)
        case Best(clauses) if Everything() in clauses:  # only favours, asks for nothing
            bonus = [part for inner in clauses if (part := only_exact(inner)) is not None]
            return Best((*bonus, Everything())) if bonus else None
        case AllOf(clauses) | AnyOf(clauses) | Best(clauses):
            kept = [part for inner in clauses if (part := only_exact(inner)) is not None]
            if all(isinstance(part, Best) and Everything() in part.clauses for part in kept):  # what favours alone would match everybody
                return None
            if isinstance(clause, AnyOf):
                return some(kept, clause.minimum)
            return every(kept) if isinstance(clause, AllOf) else best(kept)
    return clause
