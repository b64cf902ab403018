"""The boolean language: what it means, and where a text that is none goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.query import AllOf, AnyOf, Clause, Everything, Term, Without
from profiles.errors import QueryInvalid
from search_api.meaning.boolean import (
    MAX_DEPTH,
    MAX_TERMS,
    All,
    BooleanError,
    Either,
    Expression,
    Leaf,
    Not,
    compile_expression,
    is_boolean,
    leaves,
    parse,
)
from search_api.query import interpret
from search_api.requests import request_from_body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python", Leaf("python")),
        ("data engineer", Leaf("data engineer")),
        ('"data engineer"', Leaf("data engineer", quoted=True)),
        ("“data engineer”", Leaf("data engineer", quoted=True)),
        ("a AND b", All((Leaf("a"), Leaf("b")))),
        ("a OR b", Either((Leaf("a"), Leaf("b")))),
        ("a b OR c", Either((Leaf("a b"), Leaf("c")))),
        ("a OR b AND c", Either((Leaf("a"), All((Leaf("b"), Leaf("c")))))),
        ("(a OR b) AND c", All((Either((Leaf("a"), Leaf("b"))), Leaf("c")))),
        ("(a OR b) c", All((Either((Leaf("a"), Leaf("b"))), Leaf("c")))),
        ("a NOT b", All((Leaf("a"), Not(Leaf("b"))))),
        ("a AND NOT (b OR c)", All((Leaf("a"), Not(Either((Leaf("b"), Leaf("c"))))))),
        ("a -b", All((Leaf("a"), Not(Leaf("b"))))),
        ("jia-xiu AND b", All((Leaf("jia-xiu"), Leaf("b")))),
        (
            '"product manager" AND (fintech OR payments) NOT intern',
            All((Leaf("product manager", quoted=True), Either((Leaf("fintech"), Leaf("payments"))), Not(Leaf("intern")))),
        ),
    ],
)
def test_what_an_expression_means(text: str, expected: Expression) -> None:
    """Recruiters' strings mean what recruiters expect: AND binds closer than OR, words side by side belong together."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("(a OR b", 1, "the bracket is never closed"),
        ("a OR b)", 7, "the bracket closes nothing"),
        ("a AND", 6, "a word is missing at the end"),
        ("OR b", 1, "a word is missing before OR"),
        ("a AND OR b", 7, "a word is missing before OR"),
        ("a AND ()", 8, "a word is missing before the bracket"),
        ('a AND "b', 7, "the quotation mark is never closed"),
        ('a AND ""', 7, "the phrase is empty"),
        ("a NOT", 6, "a word is missing at the end"),
        (f"{'(' * (MAX_DEPTH + 1)}a{')' * (MAX_DEPTH + 1)}", MAX_DEPTH + 1, "nested too deep"),
        (" ".join(["NOT"] * (MAX_DEPTH + 1)) + " a", 4 * MAX_DEPTH + 1, "nested too deep"),
        (" OR ".join(["a"] * (MAX_TERMS + 1)), 5 * MAX_TERMS + 1, "too many words and phrases"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, at: int, reason: str) -> None:
    """Whoever forgot a bracket is told at which character, and what is allowed there."""
    with pytest.raises(BooleanError, match=reason) as caught:
        parse(text)
    assert str(caught.value) == f"at character {at}: {reason}"
    assert caught.value.allowed


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("python AND sql", True),
        ("engineer NOT intern", True),
        ('"product manager" berlin', True),
        ("SQL OR AWS", True),
        ("head of data and analytics", False),
        ("PORTLAND OR", False),
        ("Portland, OR", False),
        ("Austin Baker Portland, OR 97201", False),
        ("HEAD OF RESEARCH AND DEVELOPMENT", False),
        ("(202) 555-0142", False),
        ('Dwayne "The Rock', False),
    ],
)
def test_when_a_text_is_an_expression(text: str, meant: bool) -> None:
    """Operators stand in capitals; a shouted title and the state of Oregon are none."""
    assert is_boolean(text) is meant


def test_the_request_names_field_and_character() -> None:
    """A mistake in a field and one in `q` are told together, each with its place, and without repeating what was typed."""
    with pytest.raises(QueryInvalid) as caught:
        interpret(request_from_body({"q": "jane AND (doe", "job_title": {"any": ["ok", "cto OR"], "all": ["cto AND"]}}))
    told = {problem.pointer: problem.detail for problem in caught.value.problems}
    assert told == {
        "/q": "at character 10: the bracket is never closed",
        "/job_title/all/0": "at character 8: a word is missing at the end",
    }


def test_not_takes_out_the_exact_only() -> None:
    """NOT Smith does not take out Smythe, nor NOT intern whoever is called so by sound."""
    match: Any = interpret(request_from_body({"name": "jane NOT smith"})).query.match
    assert isinstance(match, Without)
    assert {leaf.field for leaf in _terms(match.unwanted)} == {"name", "name_spelling"}


def _terms(clause: Clause) -> list[Any]:
    return [leaf for part in clause.clauses for leaf in _terms(part)] if hasattr(clause, "clauses") else [clause]


words = st.sampled_from(["a", "b", "c", "d"])
expressions = st.recursive(
    words.map(Leaf),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Either),
    ),
    max_leaves=8,
)


def written(expression: Expression) -> str:
    """An expression as text, everything in brackets."""
    match expression:
        case Leaf(text):
            return f'"{text}"'
        case Not(part):
            return f"NOT ({written(part)})"
        case All(parts):
            return " AND ".join(f"({written(part)})" for part in parts)
        case Either(parts):
            return " OR ".join(f"({written(part)})" for part in parts)


def truth(expression: Expression, held: frozenset[str]) -> bool:
    """Whether an expression holds where these words do."""
    match expression:
        case Leaf(text):
            return text in held
        case Not(part):
            return not truth(part, held)
        case All(parts):
            return all(truth(part, held) for part in parts)
        case Either(parts):
            return any(truth(part, held) for part in parts)


def matches(clause: Clause, held: frozenset[str]) -> bool:
    """Whether a clause matches a profile that holds these words, by what engines/query.py says of each."""
    match clause:
        case Term(token=token):
            return token in held
        case Everything():
            return True
        case AllOf(clauses):
            return all(matches(part, held) for part in clauses)
        case AnyOf(clauses, minimum):
            return sum(matches(part, held) for part in clauses) >= minimum
        case Without(wanted, unwanted):
            return matches(wanted, held) and not matches(unwanted, held)
    raise AssertionError(clause)


@given(expressions, st.frozensets(words))
def test_every_expression_keeps_its_truth(expression: Expression, held: frozenset[str]) -> None:
    """However it is nested, an expression written down, read again and compiled is true of the same people."""
    try:
        read = parse(written(expression))
    except BooleanError as error:
        if "nested too deep" not in str(error):
            raise
        return
    assert truth(read, held) is truth(expression, held)
    assert [leaf.text for leaf in leaves(read)] == [leaf.text for leaf in leaves(expression)]
    assert matches(compile_expression(read, lambda leaf: Term("skill_key", leaf.text)), held) is truth(expression, held)


@given(st.text(alphabet='ab()" -ANDORT', max_size=80))
def test_any_text_is_an_expression_or_told_where_not(text: str) -> None:
    """No string makes the parser stumble; a place that is told lies in the text or at its end."""
    try:
        parse(text)
    except BooleanError as error:
        at = int(str(error).split(":")[0].removeprefix("at character "))
        assert 1 <= at <= len(text) + 1
