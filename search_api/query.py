"""What a search means: from the wire's request to the SearchQuery an engine answers, with an account of it in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engines.query import AllOf, AnyOf, Best, Clause, Days, Everything, Flag, Fuzzy, Prefix, SearchQuery, Sort, Term
from mappings.reading import Ranking, load_ranking
from profiles.errors import Problem, QueryInvalid
from profiles.normalise.result import Refused
from search_api.meaning.clauses import Reading, best, every, some
from search_api.meaning.contacts import email_clause, link_clause, phone_clause
from search_api.meaning.free_text import MAX_WORDS, read_free_text
from search_api.meaning.names import name_clause
from search_api.meaning.places import place_clause
from search_api.meaning.work import company_clause, level_clause, skill_clause, title_clause
from search_api.schemas import MODES, WORD_FIELDS, SearchRequest

Reader = Callable[[str, Ranking], Clause | Refused | None]

WORD_READERS: Mapping[str, Reader] = {
    "name": name_clause,
    "job_title": title_clause,
    "company": company_clause,
    "location": place_clause,
    "skill": skill_clause,
    "seniority": lambda text, ranking: level_clause("seniority", text, ranking),
    "function": lambda text, ranking: level_clause("function", text, ranking),
}
EXACT_READERS: Mapping[str, Reader] = {"email": email_clause, "phone": phone_clause, "link": link_clause}

# The facets of the wire and the index fields that count them.
FACET_FIELDS: Mapping[str, str] = {
    "job_title": "job_title_name",
    "seniority": "seniority",
    "function": "function",
    "company": "company_name",
    "skill": "skill_name",
    "city": "city",
    "region": "region",
    "country": "country",
    "source": "source",
}


@dataclass(frozen=True, slots=True)
class Interpreted:
    """query: for the engine.    interpreted: schemas.InterpretedAnswer, what was understood in words.
    can_relax: whether `q` could ask for one part less.
    """

    query: SearchQuery
    interpreted: dict[str, Any]
    can_relax: bool = False


def interpret(request: SearchRequest, ranking: Ranking | None = None, *, relaxed: bool = False) -> Interpreted:
    """What a request means. Raises QueryInvalid with every value that means nothing ("not a number", "no such seniority").

    Fields must hold and also score; `q` is alternatives throughout (see meaning/free_text.py).
    relaxed: one part of `q` fewer must match.
    """
    return _Interpretation(request, ranking or load_ranking(), relaxed).result()


class _Interpretation:
    """The parts of one request as they are read; problems are collected so that all are told at once."""

    def __init__(self, request: SearchRequest, ranking: Ranking, relaxed: bool) -> None:
        self._request = request
        self._ranking = ranking
        self._problems: list[Problem] = []
        self._readings: list[Reading] = []
        self._must: list[Clause] = []
        self._excluded: list[Clause] = []
        self._at_least: int | None = None
        self._relaxed = relaxed
        self._can_relax = False

    def result(self) -> Interpreted:
        """Read everything, then build the query."""
        self._read_q()
        for field in WORD_FIELDS:
            self._read_words(field)
        for field in EXACT_READERS:
            if (given := getattr(self._request, field)) is not None and (clause := self._read(field, field, given, EXACT_READERS[field])):
                self._must.append(clause)
        if self._problems:
            raise QueryInvalid(self._problems)
        return Interpreted(self._query(), self._account(), self._can_relax)

    def _read_q(self) -> None:
        text = self._request.q
        if text is None or self._too_long("q", text):
            return
        meant = read_free_text(text, self._ranking, relaxed=self._relaxed)
        if meant.clause is None:
            self._problems.append(Problem("/q", "holds no word, number or sign to look for", "letters or digits"))
            return
        self._must.append(meant.clause)
        self._readings += [*meant.readings, *(Reading(word, "q", Everything(), ("left out",)) for word in meant.ignored)]
        self._at_least = meant.minimum
        self._can_relax = meant.can_relax

    def _read_words(self, field: str) -> None:
        words = self._request.words(field)
        read: dict[str, list[Clause]] = {}
        for mode in MODES:
            given: tuple[str, ...] = getattr(words, mode)
            clauses = [self._read(f"{field}/{mode}/{n}", field, text, WORD_READERS[field]) for n, text in enumerate(given)]
            read[mode] = [clause for clause in clauses if clause is not None]
        if read["any"]:
            self._must.append(best(read["any"]))
        self._must += read["all"]
        self._excluded += [strict for clause in read["none"] if (strict := _strict(clause)) is not None]

    def _read(self, pointer: str, field: str, text: str, reader: Reader) -> Clause | None:
        if self._too_long(pointer, text):
            return None
        clause = reader(text, self._ranking)
        if isinstance(clause, Refused):
            self._problems.append(Problem(f"/{pointer}", clause.reason, clause.allowed))
            return None
        if clause is None:
            self._problems.append(Problem(f"/{pointer}", "holds no word to look for", "letters or digits"))
            return None
        self._readings.append(Reading(text, _parameter_of(pointer), clause, _ways(clause)))
        return clause

    def _too_long(self, pointer: str, text: str) -> bool:
        if len(text.split()) > MAX_WORDS:
            self._problems.append(Problem(f"/{pointer}", "has too many words", f"at most {MAX_WORDS} words"))
            return True
        return False

    def _query(self) -> SearchQuery:
        request = self._request
        flags = [Flag(field, value) for field in ("has_email", "has_phone", "has_link") if (value := getattr(request, field)) is not None]
        since = [Days("updated", since=request.updated_since)] if request.updated_since else []
        return SearchQuery(
            match=every(self._must),
            filters=(*flags, *since),
            excluded=tuple(self._excluded),
            sort=Sort(request.sort),
            size=request.size,
            cursor=request.cursor,
            facets={FACET_FIELDS[name]: request.facet_size for name in request.facets},
        )

    def _account(self) -> dict[str, Any]:
        words = [{"text": r.text, "field": r.field, "read_as": list(r.read_as)} for r in self._readings]
        return {"words": words, "at_least": self._at_least, "relaxed": self._relaxed and self._can_relax}


def _parameter_of(pointer: str) -> str:
    """The parameter of a pointer: job_title.none of "job_title/none/0", the bare field for any-of."""
    field, _, rest = pointer.partition("/")
    mode = rest.partition("/")[0]
    return f"{field}.{mode}" if mode in ("all", "none") else field


def _ways(clause: Clause) -> tuple[str, ...]:
    """The reasons in a clause, each once, in order of appearance."""
    inner = getattr(clause, "clauses", None)
    if inner is not None:
        return tuple(dict.fromkeys(way for part in inner for way in _ways(part)))
    why = getattr(clause, "why", "")
    return (why,) if why else ()


_LIKE = frozenset({"name_phonetic", "name_nickname"})


def _strict(clause: Clause) -> Clause | None:
    """The clause without what is only like it: none-of "Smith" must not take out Smythe. None where nothing else is left."""
    if isinstance(clause, (Fuzzy, Prefix, Everything)) or (isinstance(clause, Term) and clause.field in _LIKE):
        return None
    if isinstance(clause, (AllOf, AnyOf, Best)):
        if isinstance(clause, Best) and any(isinstance(part, Everything) for part in clause.clauses):
            return None  # only favours, asks for nothing
        kept = [part for inner in clause.clauses if (part := _strict(inner)) is not None]
        if not kept:
            return None
        if isinstance(clause, AnyOf):
            return some(kept, clause.minimum)
        return every(kept) if isinstance(clause, AllOf) else best(kept)
    return clause
