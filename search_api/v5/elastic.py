"""`query`: the part of Elasticsearch's query language that People Data Labs takes and the index can answer, and nothing else.

Clauses are looked up in a literal table. One that is not in it, an option that would change what a clause means (boost, fuzziness), a depth
or a length beyond the limits of conditions.py: each is told by its place, with what is allowed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engines.query import AllOf, Best, Clause, Everything
from search_api.meaning.clauses import every, some
from search_api.v5.conditions import MAX_DEPTH, MAX_LIST, Condition, Conditions, How, negation

_BOOL = ("must", "filter", "should", "must_not", "minimum_should_match")


def read_query(query: Mapping[str, Any], conditions: Conditions) -> Clause:
    """The clause of a query, with or without the {"query": ...} around it of Elasticsearch. Problems are noted in `conditions`."""
    inner, at = query, "query"
    if set(query) == {"query"} and isinstance(query["query"], dict):
        inner, at = query["query"], "query/query"
    return _Reader(conditions).clause(inner, at, 1)


class _Reader:
    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions

    def clause(self, said: object, at: str, depth: int) -> Clause:
        """One clause: an object whose one name says its kind."""
        if depth > MAX_DEPTH:
            return self._wrong(at, "is nested too deep", f"at most {MAX_DEPTH} levels")
        if not isinstance(said, dict) or len(said) != 1:
            return self._wrong(at, "is not one clause", f"an object with one of {', '.join(CLAUSES)}")
        (kind, inner), *_ = said.items()
        read = CLAUSES.get(kind)
        if read is None:
            return self._wrong(at, "is a kind of clause that is not offered", ", ".join(CLAUSES))
        return read(self, inner, f"{at}/{kind}", depth)

    def bool(self, said: object, at: str, depth: int) -> Clause:
        """Must and filter hold, must_not does not; should is optional beside them, and one of it must hold where there are none."""
        if not isinstance(said, dict) or set(said) - set(_BOOL):
            return self._wrong(at, "is not read", f"an object with {', '.join(_BOOL)}")
        must, filters, should, must_not = (self._listed(said.get(name, []), f"{at}/{name}", depth) for name in _BOOL[:4])
        wanted = [*must, *filters]
        minimum = said.get("minimum_should_match", 0 if wanted or not should else 1)
        if not isinstance(minimum, int) or isinstance(minimum, bool) or not 0 <= minimum <= len(should):
            return self._wrong(
                f"{at}/minimum_should_match", "is not met by so many clauses", "a whole number, at most as many as in should"
            )
        if minimum:
            wanted.append(some(should, minimum))
        elif should:  # they only add to the score
            wanted += [Best((clause, Everything())) for clause in should]
        if must_not:
            wanted.append(negation(some(must_not, 1)))
        return every(wanted) if len(wanted) < 2 else AllOf(tuple(wanted))

    def term(self, said: object, at: str, depth: int) -> Clause:
        """The field is this value."""
        return self._of_field(said, at, "value", "is")

    def match(self, said: object, at: str, depth: int) -> Clause:
        """The field has one of the words, or with `operator: and` all of them."""
        return self._of_field(said, at, "query", "any word")

    def match_phrase(self, said: object, at: str, depth: int) -> Clause:
        """The field has the words one after the other."""
        return self._of_field(said, at, "query", "phrase")

    def prefix(self, said: object, at: str, depth: int) -> Clause:
        """The field begins with this."""
        return self._of_field(said, at, "value", "begins")

    def terms(self, said: object, at: str, depth: int) -> Clause:
        """The field is one of these values."""
        if not isinstance(said, dict) or len(said) != 1:
            return self._wrong(at, "is not one field with its values", '{"location_country": ["poland", "germany"]}')
        (field, values), *_ = said.items()
        if not isinstance(values, list) or not 1 <= len(values) <= MAX_LIST:
            return self._wrong(at, "is not a list of values", f"1 to {MAX_LIST} values")
        texts = [self._text(value, f"{at}/{n}") for n, value in enumerate(values)]
        return some([self._conditions.clause(Condition(f"{at}/{n}", field, "is", text)) for n, text in enumerate(texts) if text], 1)

    def wildcard(self, said: object, at: str, depth: int) -> Clause:
        """The field holds the words between the signs."""
        found = self._field_and_text(said, at, "value", ())
        return self._conditions.pattern(at, *found[:2], "*", "?") if found else Everything()

    def exists(self, said: object, at: str, depth: int) -> Clause:
        """There is such a value."""
        if not isinstance(said, dict) or set(said) != {"field"} or not isinstance(said["field"], str):
            return self._wrong(at, "names no field", '{"field": "emails"}')
        return self._conditions.clause(Condition(at, said["field"], "is held"))

    def range(self, said: object, at: str, depth: int) -> Clause:
        """The date lies between these."""
        if not isinstance(said, dict) or len(said) != 1 or not isinstance(limits := next(iter(said.values())), dict) or not limits:
            return self._wrong(at, "is not one field with its limits", '{"updated": {"gte": "2026-11-23"}}')
        return self._conditions.days(at, next(iter(said)), limits)

    def match_all(self, said: object, at: str, depth: int) -> Clause:
        """Everybody."""
        return Everything() if said == {} else self._wrong(at, "has options, which are not offered", "{}")

    def _listed(self, said: object, at: str, depth: int) -> list[Clause]:
        """The clauses of one part of a bool: a list of them, or one."""
        if not isinstance(said, list):
            return [self.clause(said, at, depth + 1)]
        if len(said) > MAX_LIST:
            return [self._wrong(at, "has too many clauses", f"at most {MAX_LIST}")]
        return [self.clause(part, f"{at}/{n}", depth + 1) for n, part in enumerate(said)]

    def _of_field(self, said: object, at: str, name: str, how: How) -> Clause:
        options = ("operator",) if how == "any word" else ()
        found = self._field_and_text(said, at, name, options)
        if found is None:
            return Everything()
        field, text, given = found
        if (operator := given.get("operator", "or")) not in ("or", "and", "OR", "AND"):
            return self._wrong(f"{at}/operator", "is no operator", "or, and")
        return self._conditions.clause(Condition(at, field, "all words" if operator in ("and", "AND") else how, text))

    def _field_and_text(self, said: object, at: str, name: str, options: tuple[str, ...]) -> tuple[str, str, dict[str, Any]] | None:
        """{field: text} or {field: {name: text, option: ...}}."""
        if not isinstance(said, dict) or len(said) != 1:
            self._wrong(at, "is not one field with its value", '{"job_title": "engineer"}')
            return None
        (field, inner), *_ = said.items()
        given = inner if isinstance(inner, dict) else {name: inner}
        if name not in given or set(given) - {name, *options}:
            self._wrong(at, "has an option that is not offered", ", ".join((name, *options)))
            return None
        text = self._text(given[name], at)
        return (field, text, given) if text else None

    def _text(self, value: object, at: str) -> str:
        """A value as text; "" where it is none, which is noted."""
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            self._wrong(at, "is no value", "a text with a letter or digit")
            return ""
        return str(value)

    def _wrong(self, at: str, detail: str, allowed: str) -> Clause:
        return self._conditions.wrong(at, detail, allowed)


CLAUSES: Mapping[str, Callable[[_Reader, object, str, int], Clause]] = {
    "bool": _Reader.bool,
    "term": _Reader.term,
    "terms": _Reader.terms,
    "match": _Reader.match,
    "match_phrase": _Reader.match_phrase,
    "prefix": _Reader.prefix,
    "wildcard": _Reader.wildcard,
    "range": _Reader.range,
    "exists": _Reader.exists,
    "match_all": _Reader.match_all,
}
