"""What is asked of the search index and what it answers: clauses, SearchQuery, Hits. Each engine's compiler says it in its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from profiles.errors import Problem, QueryInvalid
from profiles.models import Profile
from profiles.served import ServedProfile


@dataclass(frozen=True, slots=True)
class Term:
    """The field holds exactly this token (text fields: one analysed token; keyword fields: the whole value).

    On text fields the engine scores it (BM25) times boost, or the boost alone when `flat`; on keyword fields it scores the boost.
    why: a word for the explanation ("exact", "folded", "nickname", "phonetic" ...).
    others: tokens of which any will do as well as `token`; only when `flat`. However many, they are one look-up and one clause.
    """

    field: str
    token: str
    boost: float = 1.0
    why: str = ""
    flat: bool = False
    others: tuple[str, ...] = ()


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
class Near:
    """A place of the person lies within `kilometres` of a point (degrees), as the crow flies; no score."""

    lat: float
    lon: float
    kilometres: float


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


Leaf = Term | Fuzzy | Prefix | Phrase


def leaves(clause: Clause) -> Iterator[Leaf]:
    """The clauses within that can score, each once, in order of appearance."""
    seen: dict[Leaf, None] = {}
    _gather(clause, seen)
    yield from seen


def _gather(clause: Clause, seen: dict[Leaf, None]) -> None:
    match clause:
        case Term() | Fuzzy() | Prefix() | Phrase():
            seen[clause] = None
        case AnyOf() | AllOf() | Best():
            for part in clause.clauses:
                _gather(part, seen)
        case Without():
            _gather(clause.clause, seen)
        case Flag() | Days() | Everything():
            pass


class Sort(StrEnum):
    """Orders of a result; ties are always broken the same way, so that pages neither overlap nor miss."""

    RELEVANCE = "relevance"
    NAME = "name"
    UPDATED = "updated"
    ID = "id"  # by profile id: the one order that no write changes, for passes over a whole result
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a facet counts, where that is more than the hits: `match` and `excluded` in place of the query's own."""

    match: Clause
    excluded: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked of the index.

    match: scored.    filters: all must match, not scored.    excluded: none may match.    hidden: profile ids never to return or count.
    near: must hold too, and is what Sort.DISTANCE measures from.
    size: 0 to MAX_SIZE hits.    cursor: as given by the page before; None for the first.    facets: fields to count -> how many buckets.
    scopes: facet field -> what it counts, for those that do not count the query's own result.
    explain: hits say what each leaf clause gave them.    brief: of hits no more is wanted than what is shown in a list (`brief_of`).
    exact_total: count all matches (True) or say "at least" beyond 10,000.
    today: profiles whose index entry still holds something expired by this day do not match.
    """

    match: Clause = field(default_factory=Everything)
    filters: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    hidden: frozenset[str] = frozenset()
    near: Near | None = None
    sort: Sort = Sort.RELEVANCE
    size: int = 10
    cursor: str | None = None
    facets: Mapping[str, int] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    explain: bool = False
    brief: bool = False
    exact_total: bool = True
    today: date = date.min


MAX_SIZE = 1000  # hits of a page


def check_query(query: SearchQuery) -> None:
    """Raises QueryInvalid for a page that is too large, and for an order by distance from nowhere."""
    if not 0 <= query.size <= MAX_SIZE:
        raise QueryInvalid([Problem("size", "out of range", f"0 to {MAX_SIZE}")])
    if query.sort is Sort.DISTANCE and query.near is None:
        raise QueryInvalid([Problem("sort", "distance is from a place, and none is given", "`near` with a place or a point")])


@dataclass(frozen=True, slots=True)
class Hit:
    """One found profile.

    score: the engine's own scale, comparable within one answer only; 0 where the order is not by relevance.
    served: what may be shown of it; of a brief query perhaps no more than profiles/served.py's `brief_of` keeps.
    kilometres: to the nearest of the person's places, where `near` was asked.
    shares: of `explain`, leaf clauses of `match` that match -> what each scores by itself.
    """

    id: str
    score: float
    served: ServedProfile
    kilometres: float | None = None
    shares: Mapping[Leaf, float] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        """All of it; `served` is read several times faster. Not for hits of a brief query."""
        return self.served.whole()


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
