"""SearchQuery -> the body of an OpenSearch search. Pure. Every clause and score of engines/query.py has its translation here alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from engines.opensearch.schema import BRIEF
from engines.query import (
    AllOf,
    AnyOf,
    Best,
    Clause,
    Days,
    Everything,
    Flag,
    Fuzzy,
    Leaf,
    Near,
    Phrase,
    Prefix,
    Scope,
    SearchQuery,
    Sort,
    Term,
    Without,
    leaves,
)
from profiles.errors import Problem, QueryInvalid

Body = dict[str, Any]

MAX_FUZZY = 64  # letters: no token of a name or word is longer, and no automaton need be built for one
MAX_TOKEN = 8191  # letters, up to four bytes each: Lucene holds no term of more than 32,766 bytes, so nothing can match
MAX_TERMS = 60_000  # ids in one terms clause; OpenSearch refuses more than 65,536
BM25_SCALE = 2.2  # Lucene leaves the factor k1 + 1 of BM25 out since version 8; with it, weights mean the same on every engine
COUNTED = 10_000  # matches after which "at least" is said where no exact total was asked for

NOTHING: Body = {"match_none": {}}
SORTS: Mapping[Sort, Sequence[Body]] = {
    # The id last: equals come in the same order every time, and a page can begin behind any hit.
    Sort.RELEVANCE: [{"_score": "desc"}, {"id": "asc"}],
    Sort.NAME: [{"name_sort": {"order": "asc", "missing": "_last"}}, {"id": "asc"}],
    Sort.UPDATED: [{"updated": "desc"}, {"id": "asc"}],
    Sort.ID: [{"id": "asc"}],
}


def compile_search(query: SearchQuery, types: Mapping[str, str], after: Sequence[Any] | None = None) -> list[Body]:
    """The bodies: of the page, with the facets that count its result, and of each scope. after: sort values of the last hit before this
    page.

    types: field -> type in the mapping. What is asked in several bodies is compiled once.
    Raises QueryInvalid for a field the index does not have, or one of the wrong kind.
    """
    compiler = _Compiler(types)
    return [_page(query, compiler, after), *_scopes(query, compiler)]


def compile_count(query: SearchQuery, types: Mapping[str, str]) -> Body:
    """The body that asks for the total alone: the cluster remembers the answer until something changes."""
    return {"query": compile_query(query, types), "size": 0, "track_total_hits": True}


def compile_query(query: SearchQuery, types: Mapping[str, str]) -> Body:
    """Match, filters, near, excluded, hidden and expiry as one query."""
    return _Compiler(types).query(query)


def _page(query: SearchQuery, compiler: _Compiler, after: Sequence[Any] | None) -> Body:
    """Query, order, size, total and own facets. One hit more than `size` is asked for, to know whether a page follows."""
    body: Body = {"query": compiler.query(query, named=query.explain), "size": 0, "_source": False, "track_total_hits": True}
    if query.brief:
        body["_source"] = [BRIEF]
    if not query.exact_total:
        body["track_total_hits"] = COUNTED
    if query.size:
        body |= {"size": query.size + 1, "sort": _order(query)}
        if after is not None:
            body["search_after"] = list(after)
    own = [field for field in query.facets if field not in query.scopes]
    return body | _counted(query, own, compiler) if own else body


def _scopes(query: SearchQuery, compiler: _Compiler) -> Iterator[Body]:
    """A body for each scope, with the facets that count it: no hits, so that the cluster remembers the answer until something changes."""
    fields: dict[Scope, list[str]] = {}
    for field in query.facets:
        if scope := query.scopes.get(field):
            fields.setdefault(scope, []).append(field)
    for scope, counted in fields.items():
        asked = compiler.query(replace(query, match=scope.match, excluded=scope.excluded))
        yield {"query": asked, "size": 0, "track_total_hits": False} | _counted(query, counted, compiler)


def _counted(query: SearchQuery, fields: Sequence[str], compiler: _Compiler) -> Body:
    return {"aggs": {field: {"terms": _terms(field, query.facets[field], compiler.types)} for field in fields}}


def _within(near: Near) -> Body:
    return {"geo_distance": {"distance": f"{near.kilometres}km", "distance_type": "arc", "point": {"lat": near.lat, "lon": near.lon}}}


def _order(query: SearchQuery) -> list[Body]:
    if query.sort is not Sort.DISTANCE or query.near is None:
        return list(SORTS[query.sort])
    point = {"lat": query.near.lat, "lon": query.near.lon}
    return [{"_geo_distance": {"point": point, "order": "asc", "unit": "km", "mode": "min", "distance_type": "arc"}}, {"id": "asc"}]


def compile_suggest(
    field: str, prefix: str, size: int, today: date, types: Mapping[str, str], hidden: frozenset[str] = frozenset()
) -> Body:
    """Values of a keyword field that start with the prefix, counted over living entries. Raises QueryInvalid."""
    terms = _terms(field, size, types)
    query: Body = {"bool": {"must_not": [expired_on(today), *_ids(sorted(hidden))]}}
    if prefix:
        terms["include"] = "".join(map(_literal, prefix)) + ".*"
        query["bool"]["filter"] = [{"prefix": {field: {"value": prefix}}}]
    return {"query": query, "size": 0, "track_total_hits": False, "aggs": {field: {"terms": terms}}}


def expired_on(today: date) -> Body:
    """Entries that hold something which may no longer be served on this day."""
    return {"range": {"next_expiry": {"lte": today.isoformat()}}}


def storable(token: str) -> bool:
    """A lone surrogate is no text: nothing in the index can hold it."""
    return token.isascii() or not any("\ud800" <= character <= "\udfff" for character in token)


def _literal(character: str) -> str:
    """A character in the index's regular expressions, where only letters and digits are sure to stand for themselves."""
    return character if character.isalnum() else f"\\{character}"


def _terms(field: str, size: int, types: Mapping[str, str]) -> Body:
    if types.get(field) != "keyword":
        allowed = ", ".join(sorted(name for name, kind in types.items() if kind == "keyword"))
        raise QueryInvalid([Problem(field, "cannot be counted", allowed)])
    # Exact, edge and ties included, because the mapping asks for one shard.
    return {"field": field, "size": size, "order": [{"_count": "desc"}, {"_key": "asc"}]}


def _ids(ids: Sequence[str]) -> Iterator[Body]:
    for start in range(0, len(ids), MAX_TERMS):
        yield {"terms": {"id": list(ids[start : start + MAX_TERMS])}}


class _Compiler:
    """names: of leaf clauses, by which the answer says which of them matched and what they scored."""

    def __init__(self, types: Mapping[str, str], names: Mapping[Leaf, str] | None = None) -> None:
        self.types, self._names = types, names or {}
        self._said: dict[int, tuple[Clause, Body]] = {}  # by id(); the clause is kept so that its id stays its own

    def query(self, query: SearchQuery, *, named: bool = False) -> Body:
        """The whole question. named: leaf clauses of `match` are named by number."""
        match = _Compiler(self.types, {leaf: str(n) for n, leaf in enumerate(leaves(query.match))}) if named else self
        hidden = list(_ids(sorted(query.hidden)))
        unwanted = [*map(self.clause, query.excluded), *hidden, expired_on(query.today)]
        body: Body = {"must": [match.clause(query.match)], "must_not": unwanted}
        if filters := [*map(self.clause, query.filters), *([_within(query.near)] if query.near else [])]:
            body["filter"] = filters
        return {"bool": body}

    def clause(self, clause: Clause) -> Body:
        """One clause with its score. Half of what is asked of a name is there twice, for it is read in several ways: it is said once."""
        known = self._said.get(id(clause))
        if known is None:
            known = self._said[id(clause)] = clause, self._say(clause)
        return known[1]

    def _say(self, clause: Clause) -> Body:
        match clause:
            case Term() | Fuzzy() | Prefix() | Phrase():
                body = self._leaf(clause)
                if self._names and clause in self._names:  # looked for only where something is: it takes the clause's hash
                    return {"bool": {"must": [body], "_name": self._names[clause]}}
                return body
            case Flag() | Days():
                return self._leaf(clause)
            case Everything():
                return {"match_all": {"boost": 0.0}}
            case AnyOf(clauses, minimum):
                if minimum > len(clauses) or not clauses:
                    return NOTHING
                return {"bool": {"should": [self.clause(part) for part in clauses], "minimum_should_match": max(1, minimum)}}
            case AllOf(clauses):
                return self._all_of(clauses)
            case Best(clauses):
                return self._best(clauses)
            case Without(wanted, unwanted):
                return {"bool": {"must": [self.clause(wanted)], "must_not": [self.clause(unwanted)]}}

    def _all_of(self, clauses: Sequence[Clause]) -> Body:
        """A Best that includes Everything cannot fail, it only adds score: said as an optional part, so that no shard walks everything."""
        must: list[Body] = []
        should: list[Body] = []
        for clause in clauses:
            if isinstance(clause, Best) and Everything() in clause.clauses:
                if scoring := [part for part in clause.clauses if part != Everything()]:
                    should.append(self._best(scoring))
            else:
                must.append(self.clause(clause))
        if not must:  # nothing has to match: everything does
            must.append(self.clause(Everything()))
        return {"bool": {"must": must, "should": should} if should else {"must": must}}

    def _best(self, clauses: Iterable[Clause]) -> Body:
        queries = [self.clause(part) for part in clauses]
        if len(queries) == 1:
            return queries[0]
        return {"dis_max": {"queries": queries}} if queries else NOTHING

    def _leaf(self, clause: Term | Fuzzy | Prefix | Phrase | Flag | Days) -> Body:
        match clause:
            case Term(field, token, boost, flat=True, others=others):
                return _constant(self._any_term(field, (token, *others)) if others else self._term(field, token, 1.0), boost)
            case Term(field, token, boost):
                return self._term(field, token, boost)
            case Fuzzy(field, token, distance, boost):
                self._kind(field, "text", "keyword")
                if distance not in (1, 2):
                    raise QueryInvalid([Problem(field, "edit distance out of range", "1 or 2")])
                if len(token) > MAX_FUZZY or not storable(token):
                    return _constant(self._term(field, token, 1.0), boost)
                said = {"value": token, "fuzziness": distance, "transpositions": True, "rewrite": "constant_score"}
                return _constant({"fuzzy": {field: said}}, boost)
            case Prefix(field, token, boost):
                self._kind(field, "text", "keyword")
                if len(token) > MAX_FUZZY or not storable(token):
                    return _constant(self._term(field, token, 1.0), boost)
                return _constant({"prefix": {field: {"value": token, "rewrite": "constant_score"}}}, boost)
            case Phrase(field, tokens, boost):
                return self._phrase(field, tokens, boost)
            case Flag(field, value):
                self._kind(field, "boolean")
                return _constant({"term": {field: {"value": value}}}, 0.0)
            case Days(field, since, until):
                return self._days(field, since, until)

    def _term(self, field: str, token: str, boost: float) -> Body:
        kind = self._kind(field, "text", "keyword")
        if len(token) > MAX_TOKEN or not storable(token):
            return NOTHING
        if kind == "keyword":
            return _constant({"term": {field: {"value": token}}}, boost)
        return {"term": {field: {"value": token, "boost": round(boost * BM25_SCALE, 6)}}}

    def _any_term(self, field: str, tokens: Sequence[str]) -> Body:
        self._kind(field, "text", "keyword")
        return {"terms": {field: list(filter(storable, tokens))}}

    def _phrase(self, field: str, tokens: tuple[str, ...], boost: float) -> Body:
        self._kind(field, "text")
        # The tokens are joined and split again at blanks: a token that is no single word is in no index.
        if not tokens or not all(storable(token) and token.split() == [token] and len(token) <= MAX_TOKEN for token in tokens):
            return NOTHING
        if len(tokens) == 1:
            return self._term(field, tokens[0], boost)
        return {"match_phrase": {field: {"query": " ".join(tokens), "analyzer": "whitespace", "boost": round(boost * BM25_SCALE, 6)}}}

    def _days(self, field: str, since: date | None, until: date | None) -> Body:
        self._kind(field, "date")
        days = {name: day.isoformat() for name, day in (("gte", since), ("lt", until)) if day is not None}
        return _constant({"range": {field: days}} if days else {"exists": {"field": field}}, 0.0)

    def _kind(self, field: str, *allowed: str) -> str:
        kind = self.types.get(field)
        if kind is None:
            raise QueryInvalid([Problem(field, "is not a field of the index", ", ".join(sorted(self.types)))])
        if kind not in allowed:
            raise QueryInvalid([Problem(field, f"is a {kind} field, which this clause cannot ask", " or ".join(allowed))])
        return kind


def _constant(query: Body, score: float) -> Body:
    return query if query is NOTHING else {"constant_score": {"filter": query, "boost": score}}
