"""Conditions: what both query languages come down to, each about one field, and the clause it asks of the index.

The readers of the languages (elastic.py, sql.py) put clauses together; what a field, a value or a pattern means is decided here once, so
that a question in either language finds the same people.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from engines.query import AllOf, AnyOf, Best, Clause, Days, Everything, Phrase, Prefix, Term, Without
from profiles.errors import Problem, QueryInvalid
from profiles.normalise.fold import fold
from profiles.normalise.result import Refused
from search_api.meaning.clauses import best, every, some
from search_api.v5.fields import FIELDS, Field, Words
from search_api.v5.person import PERSON_FIELDS

MAX_DEPTH = 10  # brackets within brackets, as in our own boolean language
MAX_LIST = 100  # values of one list, as their older documents have it
MAX_CLAUSES = 500  # of the index, in one question: half of what OpenSearch takes at its default (1,024)
MAX_TEXT = 500  # characters of one value, as of one text of ours

How = Literal["is", "any word", "all words", "phrase", "begins", "holds", "is held"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    at: where it stands in the question, for error messages.    field: theirs.    value: what it must be; "" for "is held".
    how: "is" this value; has "any word" or "all words" of it; has its words as a "phrase"; "begins" with it; "holds" it somewhere.
    """

    at: str
    field: str
    how: How
    value: str = ""


class Conditions:
    """Turns conditions into clauses and notes what is wrong with them, so that all is told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._clauses = 0

    def check(self) -> None:
        """Raises QueryInvalid with everything that was wrong."""
        if self.problems:
            raise QueryInvalid(self.problems)

    def wrong(self, at: str, detail: str, allowed: str) -> Clause:
        """Notes a problem. What it gives back will not be asked."""
        if len(self.problems) < MAX_LIST:
            self.problems.append(Problem(at, detail, allowed))
        return Everything()

    def clause(self, condition: Condition) -> Clause:
        """What a condition asks of the index."""
        field = self.known(condition.at, condition.field)
        if field is None:
            return Everything()
        if len(condition.value) > MAX_TEXT:
            return self.wrong(condition.at, "is too long", f"at most {MAX_TEXT} characters")
        if condition.how == "is held" and field.held is not None:
            found: Clause | Refused | None = field.held
        else:
            found = _clause(condition, field)
        if found is None:
            return self.wrong(condition.at, f"{condition.field} cannot be asked so", ", ".join(field.ways()) + field.hint)
        if isinstance(found, Refused):
            return self.wrong(condition.at, f"{condition.field} {found.reason}", found.allowed)
        return self._counted(condition.at, found)

    def days(self, at: str, name: str, limits: Mapping[str, object]) -> Clause:
        """That a date lies within limits: gte, gt, lte, lt -> the day as "2026-11-23"."""
        field = self.known(at, name)
        if field is None:
            return Everything()
        if not field.day:
            return self.wrong(at, f"{name} knows no range", ", ".join(field.ways()))
        try:
            days = {limit: date.fromisoformat(str(day)) for limit, day in limits.items()}
        except ValueError:
            days = {}
        if not days or set(days) - {"gte", "gt", "lte", "lt"}:
            return self.wrong(at, "has a limit that is not read", "gte, gt, lte and lt, each an ISO date such as 2026-11-23")
        since = [day if limit == "gte" else _day_after(day) for limit, day in days.items() if limit in ("gte", "gt")]
        until = [day if limit == "lt" else _day_after(day) for limit, day in days.items() if limit in ("lt", "lte")]
        return self._counted(at, Days(field.day, max(since, default=None), min(until, default=None)))

    def pattern(self, at: str, field: str, text: str, any_sign: str, one_sign: str) -> Clause:
        """A text with signs for any letters: at its end, or at both ends."""
        inner = text.strip(any_sign)
        if not inner.strip() or any_sign in inner or one_sign in inner or (text.startswith(any_sign) and not text.endswith(any_sign)):
            allowed = f"{any_sign} at the end of a text, or at both ends; no {one_sign}"
            return self.wrong(at, "is a pattern that the index cannot look for", allowed)
        how: How = "holds" if text.startswith(any_sign) else "begins" if text.endswith(any_sign) else "is"
        return self.clause(Condition(at, field, how, inner))

    def known(self, at: str, name: str) -> Field | None:
        """The field of this name; noted as a problem where there is none. A name that is none of their schema's may be somebody's."""
        if (field := FIELDS.get(name)) is not None:
            return field
        first = name.partition(".")[0]
        said = f"{first} " if first in PERSON_FIELDS else ""
        near = difflib.get_close_matches(name[:60], FIELDS, n=1, cutoff=0.75)
        meant = f"; did you mean {near[0]}?" if near else ""
        self.wrong(at, f"{said}is no field that is held and can be asked for here{meant}", ", ".join(FIELDS))
        return None

    def _counted(self, at: str, clause: Clause) -> Clause:
        if self._clauses <= MAX_CLAUSES:
            self._clauses += _size(clause)
            if self._clauses > MAX_CLAUSES:
                self.wrong(at, "makes the question too large", f"at most {MAX_CLAUSES} values, spellings of each included")
        return clause


def _day_after(day: date) -> date:
    """The day after; nobody has changed on the last there is."""
    return day + timedelta(days=1) if day < date.max else day


def negation(clause: Clause) -> Clause:
    """Everybody whom the clause does not match."""
    if isinstance(clause, Without) and isinstance(clause.clause, Everything):
        return clause.unwanted
    return Without(Everything(), clause)


def _clause(condition: Condition, field: Field) -> Clause | Refused | None:
    """None where the field cannot be asked so."""
    words, text = field.words, condition.value
    match condition.how:
        case "is":
            return field.value(text)
        case "is held":
            return None
        case "begins" if field.begins:
            begun = fold(text)
            return Prefix(field.begins, begun) if begun else Refused("holds no letter", "letters or digits")
        case "begins" | "holds":
            return _unfinished(words, text) if words else None
        case _:
            return _of_words(condition.how, words, text) if words else field.value(text)


def _of_words(how: str, words: Words, text: str) -> Clause | Refused:
    tokens = tuple(dict.fromkeys(words.tokens(text)))
    if not tokens:
        return Refused("holds no word", "letters or digits")
    if how == "phrase" and words.ordered:
        return Phrase(words.field, tuple(words.tokens(text)))
    terms = [Term(words.field, token) for token in tokens]
    return some(terms, 1) if how == "any word" else every(terms)


def _unfinished(words: Words, text: str) -> Clause | Refused:
    """All of the words, the last of which may go on."""
    tokens = tuple(dict.fromkeys(words.tokens(text)))
    if not tokens:
        return Refused("holds no word", "letters or digits")
    last = best((Term(words.field, tokens[-1]), Prefix(words.field, tokens[-1])))
    return every((*(Term(words.field, token) for token in tokens[:-1]), last))


def _size(clause: Clause) -> int:
    """How many clauses without clauses in them."""
    match clause:
        case AnyOf() | AllOf() | Best():
            return sum(map(_size, clause.clauses))
        case Without(wanted, unwanted):
            return _size(wanted) + _size(unwanted)
    return 1
