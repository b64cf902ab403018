"""SearchQuery -> tantivy's query. Pure. Every clause and score of engines/query.py has its translation here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import tantivy
from tantivy import FieldType, Occur, Query

from engines.embedded.schema import MARKER, IndexSchema
from engines.query import AllOf, AnyOf, Best, Clause, Days, Everything, Flag, Fuzzy, Phrase, Prefix, Scope, SearchQuery, Term, Without
from profiles.errors import Problem, QueryInvalid

MAX_FUZZY = 64  # letters: no token of a name or word is longer, and the automaton of a 70,000-letter one takes over a second
MAX_TOKEN = 65_000  # bytes; tantivy holds no longer term, so nothing can match


def compile_query(
    query: SearchQuery, schema: IndexSchema, *, expired: bool, nearby: Query | None = None, scope: Scope | None = None
) -> Query:
    """Match, filters, excluded, nearby and hidden as one query.

    nearby: what `query.near` comes to.    scope: in place of match and excluded.
    expired: whether the index holds entries with a next_expiry on or before `query.today`; without any, the check is left out.
    Raises QueryInvalid for a field the index does not have, or one of the wrong kind.
    """
    compiler = _Compiler(schema)
    must = [(Occur.Must, compiler.clause(scope.match if scope else query.match))]
    must += [(Occur.Must, _constant(compiler.clause(clause), 0.0)) for clause in query.filters]
    if nearby is not None:
        must.append((Occur.Must, nearby))
    must_not = [compiler.clause(clause) for clause in (scope.excluded if scope else query.excluded)]
    if query.hidden:
        must_not.append(Query.term_set_query(schema.tantivy, "id", sorted(query.hidden)))
    if expired:
        must_not.append(expired_query(schema, query.today))
    must_not.append(marker_query(schema))
    return Query.boolean_query(must + [(Occur.MustNot, unwanted) for unwanted in must_not])


def compile_clause(clause: Clause, schema: IndexSchema) -> Query:
    """One clause with its score. Raises QueryInvalid."""
    return _Compiler(schema).clause(clause)


def living(schema: IndexSchema, today: date | None, hidden: frozenset[str]) -> Query:
    """Every profile but the hidden, and those that hold something expired by `today`; None: the index holds no such entry."""
    unwanted = [marker_query(schema)]
    if today is not None:
        unwanted.append(expired_query(schema, today))
    if hidden:
        unwanted.append(Query.term_set_query(schema.tantivy, "id", sorted(hidden)))
    return Query.boolean_query([(Occur.Must, Query.all_query()), *((Occur.MustNot, one) for one in unwanted)])


def expired_query(schema: IndexSchema, today: date) -> Query:
    """Entries that hold something which may no longer be served on this day."""
    return Query.range_query(schema.tantivy, "next_expiry", FieldType.Unsigned, 0, today.toordinal())


def marker_query(schema: IndexSchema) -> Query:
    """The one document that is no profile."""
    return Query.term_query(schema.tantivy, MARKER, True, index_option="basic")


def check_facet(field: str, schema: IndexSchema) -> None:
    """Raises QueryInvalid unless the field is a keyword field, which alone can be counted."""
    if schema.types.get(field) != "keyword":
        allowed = ", ".join(sorted(name for name, kind in schema.types.items() if kind == "keyword"))
        raise QueryInvalid([Problem(field, "cannot be counted", allowed)])


class _Compiler:
    def __init__(self, schema: IndexSchema) -> None:
        self._types = schema.types
        self._schema: tantivy.Schema = schema.tantivy

    def clause(self, clause: Clause) -> Query:
        """One clause with its score."""
        match clause:
            case Term() | Fuzzy() | Prefix() | Phrase() | Flag() | Days():
                return self._leaf(clause)
            case Everything():
                return _constant(Query.all_query(), 0.0)
            case AnyOf(clauses, minimum):
                if minimum > len(clauses) or not clauses:
                    return Query.empty_query()
                should = [(Occur.Should, self.clause(part)) for part in clauses]
                return Query.boolean_query(should, minimum_number_should_match=max(1, minimum))
            case AllOf(clauses):
                return self._all_of(clauses)
            case Best(clauses):
                return self._best(clauses)
            case Without(wanted, unwanted):
                return Query.boolean_query([(Occur.Must, self.clause(wanted)), (Occur.MustNot, self.clause(unwanted))])

    def _all_of(self, clauses: Sequence[Clause]) -> Query:
        """A Best that includes Everything cannot fail, it only adds score: said as an optional part, so that no engine walks everything."""
        parts = []
        for clause in clauses:
            if isinstance(clause, Best) and Everything() in clause.clauses:
                scoring = [part for part in clause.clauses if part != Everything()]
                if scoring:
                    parts.append((Occur.Should, self._best(scoring)))
            else:
                parts.append((Occur.Must, self.clause(clause)))
        if all(occur == Occur.Should for occur, _ in parts):  # nothing has to match: everything does
            parts.append((Occur.Must, self.clause(Everything())))
        return Query.boolean_query(parts)

    def _best(self, clauses: Iterable[Clause]) -> Query:
        queries = [self.clause(part) for part in clauses]
        if len(queries) == 1:
            return queries[0]
        return Query.disjunction_max_query(queries) if queries else Query.empty_query()

    def _leaf(self, clause: Term | Fuzzy | Prefix | Phrase | Flag | Days) -> Query:
        match clause:
            case Fuzzy(token=token) | Prefix(token=token) if not _storable(token):
                return Query.empty_query()
            case Term(field, token, boost, flat=True, others=others):
                return _constant(self._any_term(field, (token, *others)) if others else self._term(field, token, 1.0), boost)
            case Term(field, token, boost):
                return self._term(field, token, boost)
            case Fuzzy(field, token, distance, boost):
                self._kind(field, "text", "keyword")
                if distance not in (1, 2):
                    raise QueryInvalid([Problem(field, "edit distance out of range", "1 or 2")])
                if len(token) > MAX_FUZZY:
                    return _constant(self._term(field, token, 1.0), boost)
                return _constant(Query.fuzzy_term_query(self._schema, field, token, distance, True), boost)
            case Prefix(field, token, boost):
                self._kind(field, "text", "keyword")
                if len(token) > MAX_FUZZY:
                    return _constant(self._term(field, token, 1.0), boost)
                return _constant(Query.fuzzy_term_query(self._schema, field, token, 0, True, True), boost)
            case Phrase(field, tokens, boost):
                return self._phrase(field, tokens, boost)
            case Flag(field, value):
                self._kind(field, "boolean")
                return _constant(Query.term_query(self._schema, field, value, index_option="basic"), 0.0)
            case Days(field, since, until):
                return self._days(field, since, until)

    def _term(self, field: str, token: str, boost: float) -> Query:
        kind = self._kind(field, "text", "keyword")
        if len(token) > MAX_TOKEN or not _storable(token):
            return Query.empty_query()
        if kind == "keyword":
            return _constant(Query.term_query(self._schema, field, token, index_option="basic"), boost)
        return _boosted(Query.term_query(self._schema, field, token, index_option="freq"), boost)

    def _any_term(self, field: str, tokens: Sequence[str]) -> Query:
        self._kind(field, "text", "keyword")
        return Query.term_set_query(self._schema, field, list(filter(_storable, tokens)))

    def _phrase(self, field: str, tokens: tuple[str, ...], boost: float) -> Query:
        self._kind(field, "text")
        if not tokens or not all(map(_storable, tokens)):
            return Query.empty_query()
        if len(tokens) == 1:
            return self._term(field, tokens[0], boost)
        return _boosted(Query.phrase_query(self._schema, field, list(tokens)), boost)

    def _days(self, field: str, since: date | None, until: date | None) -> Query:
        self._kind(field, "date")
        first = 0 if since is None else since.toordinal()
        last = date.max.toordinal() if until is None else until.toordinal() - 1
        if first > last:
            return Query.empty_query()
        return _constant(Query.range_query(self._schema, field, FieldType.Unsigned, first, last), 0.0)

    def _kind(self, field: str, *allowed: str) -> str:
        kind = self._types.get(field)
        if kind is None:
            raise QueryInvalid([Problem(field, "is not a field of the index", ", ".join(sorted(self._types)))])
        if kind not in allowed:
            raise QueryInvalid([Problem(field, f"is a {kind} field, which this clause cannot ask", " or ".join(allowed))])
        return kind


def _storable(token: str) -> bool:
    """A lone surrogate is no text: nothing in the index can hold it."""
    return token.isascii() or not any("\ud800" <= character <= "\udfff" for character in token)


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def _boosted(query: Query, boost: float) -> Query:
    return query if boost == 1.0 else Query.boost_query(query, boost)
