"""What a caller wants of a match: `required`, the fields without which a profile is of no use, and `data_include`, those to be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from profiles.errors import Problem, QueryInvalid
from profiles.models import Profile
from search_api.meaning.boolean import All, BooleanError, Either, Expression, Leaf, Not, leaves, parse
from search_api.requests import unknown_name

Holds = Callable[[Profile], bool]
Show = Callable[[dict[str, Any]], dict[str, Any]]


def required_of(text: str, fields: Mapping[str, Holds], pointer: str = "/required") -> Holds:
    """Whether a profile holds what an expression such as "emails AND (phones OR links)" asks for.

    fields: those there are, and whether a profile holds something in each. Raises QueryInvalid.
    """
    try:
        expression = parse(text)
    except BooleanError as error:
        raise QueryInvalid([Problem(pointer, str(error), error.allowed)]) from None
    unknown = [leaf.text for leaf in leaves(expression) if leaf.text not in fields]
    if unknown:
        named = [unknown_name(name, tuple(fields), "names an unknown field") for name in unknown]
        raise QueryInvalid(Problem(pointer, problem.detail, f"AND, OR, NOT and brackets around {problem.allowed}") for problem in named)
    return lambda profile: _holds(expression, lambda leaf: fields[leaf.text](profile))


def _holds(expression: Expression, holds: Callable[[Leaf], bool]) -> bool:
    match expression:
        case Leaf():
            return holds(expression)
        case Not(part):
            return not _holds(part, holds)
        case All(parts):
            return all(_holds(part, holds) for part in parts)
        case Either(parts):
            return any(_holds(part, holds) for part in parts)


def included(text: str, fields: Mapping[str, Collection[str]], pointer: str = "/data_include") -> Show:
    """What shows only the fields of "names,emails.value", or all but those of "-skills,links", or, of "", nothing.

    fields: those there are, each with the fields of its values (none for a text). Raises QueryInvalid.
    """
    without = text.lstrip().startswith("-")
    named = [name.strip() for name in text.strip().removeprefix("-").split(",")] if text.strip() else []
    known = (*fields, *(f"{name}.{inner}" for name, inners in fields.items() for inner in inners))
    problems = [unknown_name(name, known, "names an unknown field") for name in named if name not in known]
    if problems:
        allowed = f"{', '.join(fields)}, or one of their parts as in emails.value; with - before the first, all but these"
        raise QueryInvalid(Problem(pointer, problem.detail, allowed) for problem in problems)
    tops = {name for name in named if "." not in name}
    parts: dict[str, set[str]] = {}
    for name in named:
        top, _, inner = name.partition(".")
        if inner:
            parts.setdefault(top, set()).add(inner)

    def show(body: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in body.items():
            inner = parts.get(name)
            if name in tops:
                if not without:
                    shown[name] = value
            elif inner:
                shown[name] = [{field: said for field, said in one.items() if (field in inner) is not without} for one in value]
            elif without:
                shown[name] = value
        return shown

    return show
