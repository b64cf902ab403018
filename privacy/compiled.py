"""JMESPath expressions as Python functions, for the speed of ingest: same answers as the library's interpreter, several times faster.

The library parses; its tree is turned into closures once. The few forms that feeds do not need (slices, value projections,
comparisons of order, sort_by and its kin) are left to the library's interpreter. A property test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from jmespath.functions import Functions

Find = Callable[[Any], Any]
Tree = Mapping[str, Any]

_FUNCTIONS = Functions()


class _NotCompiled(Exception):
    """The tree holds a form that is left to the library."""


def compile_expression(expression: str) -> Find:
    """A function from a row to what the expression finds; running it may raise jmespath's errors, all of them ValueErrors."""
    parsed = jmespath.compile(expression)
    try:
        return _compile(parsed.parsed)
    except _NotCompiled:
        search: Find = parsed.search
        return search


def _compile(tree: Tree) -> Find:
    form = _FORMS.get(tree["type"])
    if form is None:
        raise _NotCompiled
    return form(tree)


def _children(tree: Tree) -> list[Find]:
    return [_compile(child) for child in tree["children"]]


def _is_false(value: Any) -> bool:
    """JMESPath's falsehood: nothing, false, and empty text, lists and objects; 0 is true."""
    return value is None or value is False or value == "" or value == [] or value == {}


def _field(tree: Tree) -> Find:
    name = tree["value"]
    return lambda value: value.get(name) if isinstance(value, dict) else None


def _index(tree: Tree) -> Find:
    at = tree["value"]
    return lambda value: value[at] if isinstance(value, list) and -len(value) <= at < len(value) else None


def _literal(tree: Tree) -> Find:
    constant = tree["value"]
    return lambda value: constant


def _identity(tree: Tree) -> Find:
    return lambda value: value


def _chain(tree: Tree) -> Find:
    steps = _children(tree)

    def follow(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return follow


def _or(tree: Tree) -> Find:
    left, right = _children(tree)

    def either(value: Any) -> Any:
        found = left(value)
        return right(value) if _is_false(found) else found

    return either


def _and(tree: Tree) -> Find:
    left, right = _children(tree)

    def both(value: Any) -> Any:
        found = left(value)
        return found if _is_false(found) else right(value)

    return both


def _not(tree: Tree) -> Find:
    (inner,) = _children(tree)
    return lambda value: _is_false(inner(value))


def _comparator(tree: Tree) -> Find:
    if tree["value"] not in ("eq", "ne"):
        raise _NotCompiled
    wanted = tree["value"] == "eq"
    left, right = _children(tree)

    def compare(value: Any) -> bool:
        one, other = left(value), right(value)
        return (one == other and isinstance(one, bool) is isinstance(other, bool)) is wanted  # true is not 1

    return compare


def _object(tree: Tree) -> Find:
    parts = [(child["value"], _compile(child["children"][0])) for child in tree["children"]]
    return lambda value: None if value is None else {key: find(value) for key, find in parts}


def _list(tree: Tree) -> Find:
    entries = _children(tree)
    return lambda value: None if value is None else [find(value) for find in entries]


def _projection(tree: Tree) -> Find:
    base, each = _children(tree)

    def project(value: Any) -> Any:
        found = base(value)
        return [kept for item in found if (kept := each(item)) is not None] if isinstance(found, list) else None

    return project


def _filter(tree: Tree) -> Find:
    base, each, test = _children(tree)

    def project(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        return [kept for item in found if not _is_false(test(item)) and (kept := each(item)) is not None]

    return project


def _flatten(tree: Tree) -> Find:
    (base,) = _children(tree)

    def flatten(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        flat: list[Any] = []
        for item in found:
            if isinstance(item, list):
                flat += item
            else:
                flat.append(item)
        return flat

    return flatten


def _function(tree: Tree) -> Find:
    name, arguments = tree["value"], _children(tree)
    return lambda value: _FUNCTIONS.call_function(name, [find(value) for find in arguments])


_FORMS: Mapping[str, Callable[[Tree], Find]] = {
    "field": _field,
    "index": _index,
    "literal": _literal,
    "identity": _identity,
    "current": _identity,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "comparator": _comparator,
    "multi_select_dict": _object,
    "multi_select_list": _list,
    "projection": _projection,
    "filter_projection": _filter,
    "flatten": _flatten,
    "function_expression": _function,
}
