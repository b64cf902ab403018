"""How a source file says where a value is found: JMESPath expressions, the targets they may fill, and every check on them.

An entry of [fields] is one of

    "person.given_names"                               a JMESPath expression on the row
    { given = "first", family = "last" }               an object, each part an expression on the row
    [ "phone", "offices[].phone", { value = "fax" } ]  a list: what each entry finds, one after another

Only the targets below exist; they are the charter's schema. What no expression asks for is never read.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, ParseError
from jmespath.functions import Functions

from profiles.errors import Problem


class Leaf(StrEnum):
    """The kinds of single value."""

    TEXT = "text"
    DAY = "day"  # a full date
    MONTH = "month"  # a date as exact as known: "2024", "2024-02", "2024-02-11"
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a target holds: a text (if `leaf`), an object (if `parts`), or either; many of them if `many`.

    needs: an object is worth keeping only if one of these parts is there.
    """

    leaf: Leaf | None = Leaf.TEXT
    parts: Mapping[str, Shape] | None = None
    needs: tuple[str, ...] = ()
    many: bool = False


_TEXT, _DAY, _MONTH, _YES_NO = Shape(), Shape(Leaf.DAY), Shape(Leaf.MONTH), Shape(Leaf.YES_NO)
_NAME_PARTS = dict.fromkeys(("full", "given", "middle", "family", "suffix", "nickname"), _TEXT)
_NAME_NEEDS = ("full", "given", "family", "nickname")
_PLACE_PARTS = dict.fromkeys(("text", "city", "region", "country"), _TEXT)
_PLACE_NEEDS = tuple(_PLACE_PARTS)
_PLACE = Shape(parts=_PLACE_PARTS, needs=_PLACE_NEEDS)
_JOB_PARTS = {"title": _TEXT, "company": _TEXT, "domain": _TEXT, "location": _PLACE, "started": _MONTH, "ended": _MONTH, "current": _YES_NO}

TARGETS: Mapping[str, Shape] = {
    "record_id": _TEXT,
    "collected_at": _DAY,
    "url": _TEXT,
    "visibility": _TEXT,
    "valid_until": _DAY,
    "country": _TEXT,
    "name": Shape(parts=_NAME_PARTS, needs=_NAME_NEEDS),
    "other_names": Shape(parts=_NAME_PARTS, needs=_NAME_NEEDS, many=True),
    "emails": Shape(parts=dict.fromkeys(("value", "type", "visibility"), _TEXT), needs=("value",), many=True),
    "phones": Shape(parts=dict.fromkeys(("value", "type", "extension", "visibility"), _TEXT), needs=("value",), many=True),
    "jobs": Shape(None, parts=_JOB_PARTS, needs=("title", "company"), many=True),
    "locations": Shape(parts=_PLACE_PARTS, needs=_PLACE_NEEDS, many=True),
    "skills": Shape(many=True),
    "links": Shape(parts=dict.fromkeys(("network", "handle", "url"), _TEXT), needs=("handle", "url"), many=True),
}
REQUIRED_TARGETS = ("record_id", "name")
_EXPRESSION = "a field's name, a.b, a[].b ...; a name with blanks in double quotes: '\"E-mail work\"'"


def _text_paths(shapes: Mapping[str, Shape], above: str = "") -> Iterator[str]:
    for key, shape in shapes.items():
        if shape.leaf is Leaf.TEXT:
            yield above + key
        if shape.parts:
            yield from _text_paths(shape.parts, f"{above}{key}.")


WORD_PATHS = frozenset(_text_paths(TARGETS))
"""Where [words] may translate: "country", "jobs.title", "emails.visibility", "skills" ... (plain texts of a list: the target itself)."""


def nearest(word: str, known: Iterable[str]) -> str:
    """What to offer instead of an unknown word: the nearest known one, or all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else ", ".join(known)


# --- checking -------------------------------------------------------------------------------------------------------------------


def check_fields(fields: object) -> list[Problem]:
    """Everything wrong with [fields]; pointers such as "fields.jobs.0.title"."""
    if not isinstance(fields, dict):
        return [Problem("fields", "is not a table")]
    problems = [
        Problem(f"fields.{target}", "is missing", "an expression such as 'id'") for target in REQUIRED_TARGETS if target not in fields
    ]
    for target, entry in fields.items():
        if shape := TARGETS.get(target):
            problems += _check_entry(f"fields.{target}", entry, shape)
        else:
            problems.append(Problem(f"fields.{target}", "no such field", nearest(target, TARGETS)))
    return problems


def check_words(words: object) -> list[Problem]:
    """Everything wrong with [words]: unknown paths and translations that are not text."""
    if not isinstance(words, dict):
        return [Problem("words", "is not a table")]
    problems = []
    for path, table in words.items():
        pointer = f'words."{path}"'
        if path not in WORD_PATHS:
            problems.append(Problem(pointer, "no such field, or not a text", nearest(path, WORD_PATHS)))
        if not isinstance(table, dict) or not all(isinstance(word, str) for word in table.values()):
            problems.append(Problem(pointer, "is not a table of texts", 'a table such as sen = "Senator"'))
    return problems


def _check_entry(pointer: str, entry: object, shape: Shape) -> list[Problem]:
    if isinstance(entry, str):
        return check_expression(pointer, entry)
    if isinstance(entry, list):
        if not shape.many:
            return [Problem(pointer, "a list, but the field holds one value", "one expression; 'a || b' takes the first that is there")]
        return [p for i, part in enumerate(entry) for p in _check_entry(f"{pointer}.{i}", part, Shape(shape.leaf, shape.parts))]
    if isinstance(entry, dict) and shape.parts:
        problems = []
        for key, part in entry.items():
            if inner := shape.parts.get(key):
                problems += _check_entry(f"{pointer}.{key}", part, inner)
            else:
                problems.append(Problem(f"{pointer}.{key}", "no such part", nearest(key, shape.parts)))
        return problems
    return [Problem(pointer, f"a {type(entry).__name__} where an expression belongs", "a JMESPath expression in quotes")]


def check_expression(pointer: str, expression: str) -> list[Problem]:
    """What is wrong with one expression: its syntax, or a function it calls."""
    try:
        tree = jmespath.compile(expression).parsed
    except ParseError as error:
        return [Problem(pointer, f"not a JMESPath expression: error at character {error.lex_position + 1}", _EXPRESSION)]
    except JMESPathError:  # the empty expression
        return [Problem(pointer, "an empty expression", _EXPRESSION)]
    return [Problem(pointer, detail, allowed) for detail, allowed in _check_functions(tree)]


def _check_functions(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The library notices an unknown function or a wrong number of arguments only when a row comes; we say it at once."""
    if tree["type"] == "function_expression":
        name, given = tree["value"], len(tree["children"])
        known = Functions.FUNCTION_TABLE
        if name not in known:
            yield f"no function {name}()", nearest(name, known)
        else:
            signature = known[name]["signature"]
            variadic = bool(signature) and signature[-1].get("variadic", False)
            if given < len(signature) or (given > len(signature) and not variadic):
                yield f"{name}() takes {len(signature)} arguments, not {given}", ""
    for child in tree["children"]:
        if isinstance(child, Mapping):
            yield from _check_functions(child)


def columns_asked(expression: str) -> tuple[str, ...]:
    """The fields of a row that an expression begins at: "a.b" at a, "c || lower(d)" at c and d."""
    return tuple(dict.fromkeys(_beginnings(jmespath.compile(expression).parsed)))


def _beginnings(tree: Mapping[str, Any]) -> Iterator[str]:
    kind, children = tree["type"], tree["children"]
    if kind == "field":
        yield tree["value"]
    onwards = kind in ("subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe")
    for child in children[:1] if onwards else children:
        if isinstance(child, Mapping):
            yield from _beginnings(child)


def explain(error: Exception) -> str:
    """What went wrong when an expression ran, without the value it met."""
    if isinstance(error, JMESPathTypeError):
        return f"{error.function_name}() was given {error.actual_type}"
    return "the expression does not fit this row"
