"""What is asked of the search index and what it answers: clauses, SearchQuery, Hits. Each engine's compiler says it in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from profiles.models import Profile


@dataclass(frozen=True, slots=True)
class Term:
    """The field holds exactly this token (text fields: one analysed token; keyword fields: the whole value).

    On text fields the engine scores it (BM25) times boost, or the boost alone when `flat`; on keyword fields it scores the boost.
    why: a word for the explanation ("exact", "folded", "nickname", "phonetic" ...).
    """

    field: str
    token: str
    boost: float = 1.0
    why: str = ""
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A token of a text field within `distance` (1 or 2) edits, a transposition counting one; scores the boost."""

    field: str
    token: str
    distance: int = 1
    boost: float = 1.0
    why: str = "edit distance"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A token of the field starts with this; scores the boost."""

    field: str
    token: str
    boost: float = 1.0
    why: str = "prefix"


@dataclass(frozen=True, slots=True)
class Phrase:
    """The tokens follow one another in a text field."""

    field: str
    tokens: tuple[str, ...]
    boost: float = 1.0
    why: str = "phrase"


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean field has this value; no score."""

    field: str
    value: bool


@dataclass(frozen=True, slots=True)
class Days:
    """A date field lies in [since, until); None = open; no score."""

    field: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every profile; no score."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least `minimum` of the clauses match; scores add up."""

    clauses: tuple[Clause, ...]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class AllOf:
    """All clauses match; scores add up."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """At least one clause matches; only the best score counts (dis_max)."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """`clause` matches and `unwanted` does not."""

    clause: Clause
    unwanted: Clause


Clause = Term | Fuzzy | Prefix | Phrase | Flag | Days | Everything | AnyOf | AllOf | Best | Without


class Sort(StrEnum):
    """Orders of a result; ties are always broken the same way, so that pages neither overlap nor miss."""

    RELEVANCE = "relevance"
    NAME = "name"
    UPDATED = "updated"
    ID = "id"  # by profile id: the one order that no write changes, for passes over a whole result


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked of the index.

    match: scored.    filters: all must match, not scored.    excluded: none may match.    hidden: profile ids never to return or count.
    size: 0 to 1000 hits.    cursor: as given by the page before; None for the first.    facets: fields to count -> how many buckets.
    exact_total: count all matches (True) or say "at least" beyond 10,000.
    today: profiles whose index entry still holds something expired by this day do not match.
    """

    match: Clause = field(default_factory=Everything)
    filters: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    hidden: frozenset[str] = frozenset()
    sort: Sort = Sort.RELEVANCE
    size: int = 10
    cursor: str | None = None
    facets: Mapping[str, int] = field(default_factory=dict)
    exact_total: bool = True
    today: date = date.min


@dataclass(frozen=True, slots=True)
class Hit:
    """One found profile. score: the engine's own scale, comparable within one answer only."""

    id: str
    score: float
    profile: Profile


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of an answer.

    cursor: for the next page, None at the end.    facets: field -> [(value, count)], biggest first, ties by value.
    total_is_exact: False means "at least total".
    """

    total: int
    hits: tuple[Hit, ...]
    cursor: str | None = None
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    total_is_exact: bool = True
