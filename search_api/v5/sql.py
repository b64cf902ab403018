"""`sql`: SELECT * FROM person WHERE ..., read by a real parser and brought to the same conditions as `query`.

Columns and LIMIT are passed over, as People Data Labs does. What the parser says of a text it cannot read quotes the text, which may hold
a name: nothing of it is passed on, neither to the caller nor to the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engines.query import Clause, Everything
from search_api.meaning.clauses import every, some
from search_api.v5.conditions import MAX_DEPTH, MAX_LIST, Condition, Conditions, negation

if TYPE_CHECKING:
    from sqlglot import Expr

MAX_SQL = 10_000  # characters: a hundred names of a list fit; the parser takes up to a tenth of a second for as many

_AT = "sql"
_CAN_BE_SAID = "SELECT * FROM person WHERE with =, <>, LIKE, IN, IS NULL, BETWEEN, <, >, AND, OR, NOT and 'values'"
_PASSED_OVER = {"expressions", "limit"}

logging.getLogger("sqlglot").disabled = True  # its warnings quote what they are about


def read_sql(text: str, conditions: Conditions) -> Clause:
    """The clause of a statement. Problems are noted in `conditions`."""
    if len(text) > MAX_SQL:
        return conditions.wrong(_AT, "is too long", f"at most {MAX_SQL} characters")
    select = _parsed(text)
    if select is None:
        return conditions.wrong(_AT, "is not read", _CAN_BE_SAID)
    where = select.args.get("where")
    return _Reader(conditions).clause(where.this, 1) if where else Everything()


def _parsed(text: str) -> Expr | None:
    """The one SELECT of a text, from person alone and with nothing behind WHERE but LIMIT; None for anything else."""
    from sqlglot import exp, parse  # 0.4 s, which who asks no SQL need not wait for

    try:
        statements = parse(text)
    except Exception:  # errors of its own, too deep a recursion, and whatever else a hostile text makes it stumble over
        return None
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select):
        return None
    said = {name for name, value in select.args.items() if value}
    source = select.args.get("from_")
    table = source.this if source else None
    if not isinstance(table, exp.Table) or {name for name, value in table.args.items() if value} != {"this"}:
        return None
    return select if table.name.lower() == "person" and not said - _PASSED_OVER - {"from_", "where"} else None


class _Reader:
    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions

    def clause(self, said: Expr, depth: int) -> Clause:
        """A condition, or several of them joined."""
        from sqlglot import exp

        said = said.unnest()
        if depth > MAX_DEPTH:
            return self._wrong("is nested too deep", f"at most {MAX_DEPTH} levels")
        match said:
            case exp.And():
                return every(self.clause(part, depth + 1) for part in said.flatten())
            case exp.Or():
                return some([self.clause(part, depth + 1) for part in said.flatten()], 1)
            case exp.Not():
                return negation(self.clause(said.this, depth + 1))
            case exp.NEQ():
                return negation(self._is(said))
            case exp.EQ():
                return self._is(said)
            case exp.Is() if isinstance(said.expression, exp.Null):
                return negation(self._held(said))
            case exp.Like() | exp.ILike():
                return self._like(said)
            case exp.In() if said.expressions:
                return self._in(said)
            case exp.Between():
                return self._days(said, {"gte": said.args.get("low"), "lte": said.args.get("high")})
            case exp.GTE() | exp.GT() | exp.LTE() | exp.LT():
                return self._days(said, {type(said).__name__.lower(): said.expression})
        return self._wrong("has a part that is not offered", _CAN_BE_SAID)

    def _is(self, said: Expr) -> Clause:
        field, text = _column(said.this), _literal(said.expression)
        if not field or text is None:
            return self._wrong("compares something else than a field with a value", "field = 'value'")
        return self._conditions.clause(Condition(_AT, field, "is", text))

    def _held(self, said: Expr) -> Clause:
        field = _column(said.this)
        return self._conditions.clause(Condition(_AT, field, "is held")) if field else self._wrong("asks NULL of no field", "field IS NULL")

    def _like(self, said: Expr) -> Clause:
        field, text = _column(said.this), _literal(said.expression)
        if not field or text is None:
            return self._wrong("has LIKE with no field or pattern", "field LIKE '%value%'")
        return self._conditions.pattern(_AT, field, text, "%", "_")

    def _in(self, said: Expr) -> Clause:
        field, texts = _column(said.this), [_literal(value) for value in said.expressions]
        if not field or None in texts:
            return self._wrong("has IN with no field or list of values", "field IN ('value', 'value')")
        if len(texts) > MAX_LIST:
            return self._wrong("has too long a list", f"at most {MAX_LIST} values")
        return some([self._conditions.clause(Condition(_AT, field, "is", text or "")) for text in texts], 1)

    def _days(self, said: Expr, limits: dict[str, Expr | None]) -> Clause:
        field = _column(said.this)
        if not field:
            return self._wrong("compares something else than a field with a value", "field >= '2026-11-23'")
        return self._conditions.days(_AT, field, {name: _literal(value) for name, value in limits.items()})

    def _wrong(self, detail: str, allowed: str) -> Clause:
        return self._conditions.wrong(_AT, detail, allowed)


def _column(said: Expr | None) -> str:
    """The name of a field, dots included; "" for anything else."""
    from sqlglot import exp

    return ".".join(part.name for part in said.parts).lower() if isinstance(said, exp.Column) else ""


def _literal(said: Expr | None) -> str | None:
    """A text or number; None for anything else."""
    from sqlglot import exp

    return str(said.this) if isinstance(said, exp.Literal) and str(said.this).strip() else None
