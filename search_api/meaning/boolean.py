"""The boolean language of recruiters: `"product manager" AND (fintech OR payments) NOT intern`.

AND, OR and NOT in capitals, brackets, "quoted phrases", and -word for NOT word. Words side by side belong together, parts side by side
must all match, AND binds closer than OR. What cannot be read is told with the character it stands at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engines.query import Clause, Everything, Without
from search_api.meaning.clauses import every, only_exact, some

MAX_DEPTH = 10  # brackets within brackets; nobody follows more, and every level costs the engines a level of recursion
MAX_TERMS = 64  # words and phrases: twice what a plain text may have, for lists of synonyms are written out here

_TOKEN = re.compile(r'"(?P<phrase>[^"]*)"|(?P<sign>[()"])|(?P<word>[^\s()"]+)')
_OREGON = re.compile(r",\s*OR\b|(?<=\S)\s+OR\s*$")
_QUOTES = str.maketrans("“”„«»", '"""""')
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_ALLOWED = 'words and "phrases" joined by AND, OR, NOT and brackets'


class BooleanError(ValueError):
    """A text that is no expression. at: the character it stands at, from 1.    reason, allowed: in words, without the text itself."""

    def __init__(self, at: int, reason: str, allowed: str = _ALLOWED) -> None:
        super().__init__(f"at character {at}: {reason}")
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Leaf:
    """Words that stand side by side, or a quoted phrase."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not match."""

    part: Expression


@dataclass(frozen=True, slots=True)
class All:
    """Every part must match."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts must match."""

    parts: tuple[Expression, ...]


Expression = Leaf | Not | All | Either


def is_boolean(text: str) -> bool:
    """Whether a text is meant as an expression: it has an operator in capitals, or a quoted phrase.

    An OR behind a comma or at the end is Oregon's, and an AND where every word is in capitals is a word as the others are.
    """
    plain = _OREGON.sub("", text.translate(_QUOTES))
    if plain.count('"') >= 2:
        return True
    words = re.findall(r"[^\s()]+", plain)
    if not {"OR", "NOT"}.isdisjoint(words[1:]):
        return True
    return not _OPERATORS.isdisjoint(words) and any(word not in _OPERATORS and not word.isupper() for word in words)


def parse(text: str) -> Expression:
    """The expression of a text. Raises BooleanError."""
    return _Parser(text.translate(_QUOTES)).whole()


def compile_expression(expression: Expression, read: Callable[[Leaf], Clause]) -> Clause:
    """The clause of an expression. read: what a leaf asks for."""
    match expression:
        case Leaf():
            return read(expression)
        case Not(part):
            return Without(Everything(), _unwanted(part, read))
        case Either(parts):
            return some([compile_expression(part, read) for part in parts], 1)
        case All(parts):
            wanted = every(compile_expression(part, read) for part in parts if not isinstance(part, Not))
            for part in parts:
                if isinstance(part, Not):
                    wanted = Without(wanted, _unwanted(part.part, read))
            return wanted


def _unwanted(expression: Expression, read: Callable[[Leaf], Clause]) -> Clause:
    """What takes a profile out: never what only resembles it."""
    clause = compile_expression(expression, read)
    return only_exact(clause) or clause


def leaves(expression: Expression) -> tuple[Leaf, ...]:
    """Every leaf, in order."""
    match expression:
        case Leaf():
            return (expression,)
        case Not(part):
            return leaves(part)
        case All(parts) | Either(parts):
            return tuple(leaf for part in parts for leaf in leaves(part))


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: "(", ")", "AND", "OR", "NOT", "word", "phrase" or "end".    at: from 1."""

    kind: str
    text: str
    at: int


class _Parser:
    """Recursive descent: either, all, part; one token is looked at ahead."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        expression = self._either()
        token = self._peek()
        if token.kind == ")":
            raise BooleanError(token.at, "the bracket closes nothing", "as many opening as closing brackets")
        return expression

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _either(self) -> Expression:
        parts = [self._all()]
        while self._peek().kind == "OR":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._part()]
        while self._peek().kind not in ("OR", ")", "end"):
            if self._peek().kind == "AND":
                self._take()
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self) -> Expression:
        token = self._take()
        if token.kind == "NOT":
            return Not(self._part_below(token))
        if token.kind == "phrase":
            return Leaf(token.text, quoted=True)
        if token.kind == "word":
            words = [token.text]
            while self._peek().kind == "word":
                words.append(self._take().text)
            return Leaf(" ".join(words))
        if token.kind == "(":
            return self._bracket(token)
        self._next -= 1
        said = {"end": "a word is missing at the end", ")": "a word is missing before the bracket"}
        raise BooleanError(token.at, said.get(token.kind, f"a word is missing before {token.kind}"))

    def _part_below(self, token: _Token) -> Expression:
        self._deeper(token)
        part = self._part()
        self._depth -= 1
        return part

    def _bracket(self, opened: _Token) -> Expression:
        self._deeper(opened)
        inside = self._either()
        if self._take().kind != ")":
            raise BooleanError(opened.at, "the bracket is never closed", "as many opening as closing brackets")
        self._depth -= 1
        return inside

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BooleanError(token.at, "nested too deep", f"at most {MAX_DEPTH} levels")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    terms = 0
    for match in _TOKEN.finditer(text):
        at, word = match.start() + 1, match["word"]
        if match["sign"] == '"':
            raise BooleanError(at, "the quotation mark is never closed", "quotation marks in pairs")
        if match["sign"]:
            found.append(_Token(match["sign"], "", at))
        elif match["phrase"] is not None:
            if not match["phrase"].strip():
                raise BooleanError(at, "the phrase is empty", "words between the quotation marks")
            found.append(_Token("phrase", match["phrase"].strip(), at))
        elif word in _OPERATORS:
            found.append(_Token(word, "", at))
        else:
            if word[0] == "-" and len(word) > 1:
                found.append(_Token("NOT", "", at))
                word = word[1:]
            found.append(_Token("word", word, at))
        terms += found[-1].kind in ("word", "phrase")
        if terms > MAX_TERMS:
            raise BooleanError(at, "too many words and phrases", f"at most {MAX_TERMS}")
    return [*found, _Token("end", "", len(text) + 1)]
