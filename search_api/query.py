"""What a search means: from the wire's request to the SearchQuery an engine answers, with an account of it in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from engines.query import Clause, Days, Everything, Flag, Near, Scope, SearchQuery, Sort
from mappings.reading import Ranking, load_ranking
from profiles.errors import Problem, QueryInvalid
from profiles.normalise.result import Refused
from search_api.meaning.boolean import BooleanError, Leaf, compile_expression, is_boolean, parse
from search_api.meaning.clauses import Reading, best, every, only_exact, some
from search_api.meaning.contacts import email_clause, link_clause, phone_clause
from search_api.meaning.free_text import MAX_WORDS, FreeText, read_boolean, read_free_text
from search_api.meaning.names import name_clause
from search_api.meaning.nearby import ReadPlace, read_circle, read_place
from search_api.meaning.places import place_clause
from search_api.meaning.work import company_clause, level_clause, phrase_clause, skill_clause, title_clause
from search_api.schemas import DEFAULT_RADIUS, WORD_FIELDS, SearchRequest
from search_api.words import MODES

T = TypeVar("T")
MAX_LETTERS = 500  # characters of a text that is no expression: a pasted signature block fits, a document does not

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

FACET_OWNERS: Mapping[str, str] = {"city": "location", "region": "location", "country": "location"}
"""The field that narrows a facet, where it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Interpreted:
    """query: for the engine.    interpreted: schemas.InterpretedAnswer but for `fields`, what was understood in words.
    readings: the same as clauses.    can_relax: whether `q` could ask for one part less.
    parts: those of `q`, from which `fields` is made once the answer is there.
    """

    query: SearchQuery
    interpreted: dict[str, Any]
    readings: tuple[Reading, ...] = ()
    can_relax: bool = False
    parts: tuple[Reading, ...] = ()


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
        self._places: list[ReadPlace] = []
        self._near: Near | None = None
        self._must: list[Clause] = []
        self._own: dict[str, tuple[Clause | None, list[Clause]]] = {}  # field -> its any-of clause and its none-of clauses
        self._excluded: list[Clause] = []
        self._at_least: int | None = None
        self._relaxed = relaxed
        self._can_relax = False
        self._parts: tuple[Reading, ...] = ()

    def result(self) -> Interpreted:
        """Read everything, then build the query."""
        self._read_q()
        around = self._read_near()
        for field in WORD_FIELDS:
            if not (field == "location" and around):
                self._read_words(field)
        for field in EXACT_READERS:
            if (given := getattr(self._request, field)) is not None and (clause := self._read(field, field, given, EXACT_READERS[field])):
                self._must.append(clause)
        if self._problems:
            raise QueryInvalid(self._problems)
        return Interpreted(self._query(), self._account(), tuple(self._readings), self._can_relax, self._parts)

    def _read_q(self) -> None:
        text = self._request.q
        if text is None:
            return
        meant = self._read_expression("q", lambda: read_boolean(text, self._ranking)) if is_boolean(text) else self._read_words_of_q(text)
        if meant is None:
            return
        if meant.clause is None:
            self._problems.append(Problem("/q", "holds no word, number or sign to look for", "letters or digits"))
            return
        self._must.append(self._as_strict(meant.clause))
        self._parts = () if meant.minimum is None else meant.readings
        self._readings += [*meant.readings, *meant.unwanted, *(Reading(word, "q", Everything(), ("left out",)) for word in meant.ignored)]
        self._at_least = meant.minimum
        self._can_relax = meant.can_relax

    def _read_near(self) -> bool:
        """The circle; whether it takes the place of `location`, the one value of which it lies around."""
        request, radius = self._request, self._request.radius_km
        places = request.location
        around = radius is not None and request.near is None and len(places.any) == 1 and not (places.all or places.none)
        text, parameter = (places.any[0], "location") if around else (request.near, "near")
        if text is None:
            if radius is not None:
                self._problems.append(Problem("/radius_km", "is around no place", "`near` or one `location` beside it"))
            elif request.sort == "distance":
                self._problems.append(Problem("/sort", "distance from no place", "`near` with a city or a point, beside sort=distance"))
            return False
        found = read_circle(text, DEFAULT_RADIUS if radius is None else radius, parameter)
        if isinstance(found, Refused):
            self._problems.append(Problem(f"/{parameter}", found.reason, found.allowed))
        else:
            self._near, place = found
            self._places.append(place)
        return around

    def _read_words_of_q(self, text: str) -> FreeText | None:
        return None if self._too_long("q", text) else read_free_text(text, self._ranking, relaxed=self._relaxed)

    def _read_expression(self, pointer: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except BooleanError as error:
            self._problems.append(Problem(f"/{pointer}", str(error), error.allowed))
            return None

    def _as_strict(self, clause: Clause) -> Clause:
        return (only_exact(clause) or clause) if self._request.strict else clause

    def _read_words(self, field: str) -> None:
        words = self._request.words(field)
        if field == "company" and self._request.company_when != "any" and not words:
            self._problems.append(Problem("/company_when", "is of no company", "`company` beside it"))
        if not words:
            return
        read: dict[str, list[Clause]] = {}
        for mode in MODES:
            given: tuple[str, ...] = getattr(words, mode)
            clauses = [self._read(f"{field}/{mode}/{n}", field, text, WORD_READERS[field]) for n, text in enumerate(given)]
            read[mode] = [clause for clause in clauses if clause is not None]
        any_of: Clause | None = None
        if read["any"]:
            # Of several skills more are better; of several titles, companies or places a person is meant to have one.
            adds_up = field == "skill" or words.minimum > 1
            any_of = some(read["any"], words.minimum) if adds_up else best(read["any"])
            self._must.append(any_of)
        unwanted = [strict for clause in read["none"] if (strict := only_exact(clause)) is not None]
        self._must += read["all"]
        self._excluded += unwanted
        self._own[field] = (any_of, unwanted)

    def _read(self, pointer: str, field: str, text: str, reader: Reader) -> Clause | None:
        if field in WORD_READERS and is_boolean(text):
            found = self._read_expression(pointer, lambda: compile_expression(parse(text), lambda leaf: self._leaf(pointer, field, leaf)))
        else:
            found = self._plain(pointer, field, text, reader)
        return self._as_strict(found) if found is not None else None

    def _leaf(self, pointer: str, field: str, leaf: Leaf) -> Clause:
        """One leaf of an expression in a field; where it means nothing the problem is noted, and the clause will not be asked."""
        reader = WORD_READERS[field]
        phrase = phrase_clause(field, leaf.text, self._ranking, self._request.company_when) if leaf.quoted else None
        return self._plain(pointer, field, leaf.text, (lambda _text, _ranking: phrase) if phrase else reader) or Everything()

    def _plain(self, pointer: str, field: str, text: str, reader: Reader) -> Clause | None:
        if self._too_long(pointer, text):
            return None
        if reader is company_clause:
            clause: Clause | Refused | None = company_clause(text, self._ranking, self._request.company_when)
        else:
            clause = reader(text, self._ranking)
        if isinstance(clause, Refused):
            self._problems.append(Problem(f"/{pointer}", clause.reason, clause.allowed))
            return None
        if clause is None:
            self._problems.append(Problem(f"/{pointer}", "holds no word to look for", "letters or digits"))
            return None
        clause = self._as_strict(clause)
        self._readings.append(Reading(text, _parameter_of(pointer), clause, _ways(clause)))
        if field == "location" and (place := read_place(text, _parameter_of(pointer))):
            self._places.append(place)
        return clause

    def _too_long(self, pointer: str, text: str) -> bool:
        if len(text) > MAX_LETTERS:
            self._problems.append(Problem(f"/{pointer}", "is too long", f"at most {MAX_LETTERS} characters, more with AND, OR and NOT"))
            return True
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
            near=self._near,
            sort=Sort(request.sort),
            size=request.size,
            cursor=request.cursor,
            explain=request.explain,
            exact_total=request.exact_total,
            facets={FACET_FIELDS[name]: request.facet_size for name in request.facets},
            scopes={FACET_FIELDS[name]: scope for name in request.facets if (scope := self._scope(name))},
        )

    def _scope(self, facet: str) -> Scope | None:
        """What a facet counts: the result as it would be without the any-of and none-of of its own field. None: the result as it is.

        All-of stays: another value of it would narrow the result, and so its count tells by how much.
        """
        any_of, unwanted = self._own.get(FACET_OWNERS.get(facet, facet), (None, []))
        if any_of is None and not unwanted:
            return None
        return Scope(
            every(clause for clause in self._must if clause is not any_of),
            tuple(clause for clause in self._excluded if not any(clause is own for own in unwanted)),
        )

    def _account(self) -> dict[str, Any]:
        words = [{"text": r.text, "field": r.field, "read_as": list(r.read_as)} for r in self._readings]
        places = [place.told() for place in self._places]
        return {"words": words, "places": places, "at_least": self._at_least, "relaxed": self._relaxed and self._can_relax}


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
