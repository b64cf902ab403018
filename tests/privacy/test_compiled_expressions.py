"""The compiled form of an expression answers as the JMESPath library does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jmespath
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.compiled import compile_expression

ROOT = Path(__file__).parents[2]
FORMS = [
    "a", "a.b", "a[0]", "a[-1].b", "a[]", "a[].b", "a[*].b", "a[].b[]", "a[].b[].c", "[a, b][]", "{x: a, y: b.c}", "a[].{x: a, y: b}", "@",
    "a || b", "a && b", "!a", "!(a.b)", "a || b || 'c'", "a[?b]", "a[?b == 'x']", "a[?b != `1`].c", "a[?b == `true`]", "a[?!c && b].a",
    "a | [0]", "a[].b | [0]", "a[] | [?@]", "`7`", "'x'", "join('-', a)", "contains(a, 'x')", "length(a)", "[a || ''][?contains(@, 'x')]",
    "to_string(a)", "not_null(a, b)", "keys(a)", "a[1:]", "a.*", "a[?b > `1`]", "sort_by(a, &b)", "max(a)", "a[?b == c]", '"a b"',
    "[a][?@ == b]",
]  # fmt: skip


def leaves(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from leaves(part)


SHIPPED = sorted({x for path in ROOT.glob("*/sources/*.toml") for x in leaves(tomllib.loads(path.read_text("utf-8"))["fields"])})
SCALARS = st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "x", "c", 0.0, 1.0, 1.5])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=12
)


def answer(find: Any, row: Any) -> Any:
    try:
        return repr(find(row))
    except (ValueError, TypeError) as error:
        return type(error)


@settings(max_examples=1500)  # some 40 for each form
@given(expression=st.sampled_from(FORMS), row=JSON)
def test_every_form_answers_as_the_library(expression: str, row: Any) -> None:
    """Fast or slow way, the same row gives the same answer, to the type of the error."""
    assert answer(compile_expression(expression), row) == answer(jmespath.compile(expression).search, row)


@settings(max_examples=500)
@given(expression=st.sampled_from(SHIPPED), data=st.data())
def test_every_shipped_expression_answers_as_the_library(expression: str, data: st.DataObject) -> None:
    """The source files that come with roster mean what JMESPath says they mean."""
    names = sorted({token for token in expression.replace('"', " ").replace(".", " ").split() if token.isidentifier()} | {"name", "type"})
    row = data.draw(
        st.dictionaries(
            st.sampled_from(names), SCALARS | JSON | st.lists(st.dictionaries(st.sampled_from(names), SCALARS, max_size=3), max_size=3)
        )
    )
    assert answer(compile_expression(expression), row) == answer(jmespath.compile(expression).search, row)
