"""Which words of which values a clause matches: the index's rules applied to one profile, word by word. Pure.

An engine tells which profiles match, not where. What stands in the index for a value is made by the normalisers, so asking them about each
word of the value shown leads back to the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engines.query import AllOf, AnyOf, Best, Clause, Fuzzy, Leaf, Phrase, Prefix, Term, Without
from profiles.models import Profile, Value, ValueKind
from profiles.normalise.company import run_together
from profiles.normalise.fold import fold, fold_tokens
from profiles.normalise.gazetteer import bare_region
from profiles.normalise.job_title import job_title_tokens
from profiles.normalise.name import edits, fold_variants, formal_names, phonetic_codes, spelt_words
from profiles.normalise.skill import skill_tokens

Span = tuple[int, int]
"""Characters of a value, from and up to."""

_NAME_WORD = re.compile(r"[^\s,.()\"“”\-]+")
_WORD = re.compile(r"[^\s,;()\[\]|/\"“”]+")

KINDS: Mapping[str, ValueKind] = {
    "name": ValueKind.NAME,
    "job_title": ValueKind.JOB_TITLE,
    "seniority": ValueKind.JOB_TITLE,
    "function": ValueKind.JOB_TITLE,
    "company": ValueKind.COMPANY,
    "skill": ValueKind.SKILL,
    "location": ValueKind.LOCATION,
    "city": ValueKind.LOCATION,
    "region": ValueKind.LOCATION,
    "country": ValueKind.LOCATION,
}
"""The first word of an index field's name -> the kind of value it is made of."""


@dataclass(frozen=True, slots=True)
class Match:
    """A value of which something matched: the words, in order; none where the value matches in a way that no word shows."""

    value: Value
    spans: tuple[Span, ...]


def kind_of(leaf: Leaf) -> ValueKind | None:
    """The kind of value a clause asks about; None for contact details, which no hit shows."""
    name = leaf.field
    return KINDS.get("job_title" if name.startswith("job_title") else name.partition("_")[0])


def matches_of(leaf: Leaf, profile: Profile) -> list[Match]:
    """The values of a profile that a clause matches, best first."""
    kind = kind_of(leaf)
    if kind is None:
        return []
    held = profile.of(kind)[: 1 if "_shown" in leaf.field else None]
    found = ((value, _spans(leaf, value)) for value in held if _is_of_time(leaf, value))
    return [Match(value, spans) for value, spans in found if spans is not None]


def matching(clause: Clause, profile: Profile) -> Iterator[tuple[Leaf, list[Match]]]:
    """The leaf clauses through which a clause matches a profile, with what they match; nothing when it does not match."""
    yield from _matching(clause, profile) or ()


Found = list[tuple[Leaf, list[Match]]]


def _matching(clause: Clause, profile: Profile) -> Found | None:
    match clause:
        case Term() | Fuzzy() | Prefix() | Phrase():
            found = matches_of(clause, profile)
            return [(clause, found)] if found or kind_of(clause) is None else None
        case AllOf(parts):
            return _together([_matching(part, profile) for part in parts], len(parts))
        case AnyOf(parts, minimum):
            return _together([_matching(part, profile) for part in parts], minimum)
        case Best(parts):
            return _together([_matching(part, profile) for part in parts], 1)
        case Without(wanted):
            return _matching(wanted, profile)
        case _:
            return []  # Flag, Days and Everything are of no words


def _together(parts: list[Found | None], minimum: int) -> Found | None:
    matched = [part for part in parts if part is not None]
    return [pair for part in matched for pair in part] if len(matched) >= minimum else None


def _is_of_time(leaf: Leaf, value: Value) -> bool:
    if leaf.field.startswith("company_current"):
        return value.current is not False
    return value.current is False if leaf.field.startswith("company_past") else True


def _spans(leaf: Leaf, value: Value) -> tuple[Span, ...] | None:
    """The matching words; None when the value does not match."""
    if whole := _WHOLE.get(leaf.field):
        token = leaf.token if isinstance(leaf, Term) else ""
        return whole(value, token)
    wanted = _wanted(leaf)
    spans = tuple(span for span, tokens in _words(leaf.field, value) if any(map(wanted, tokens)))
    if isinstance(leaf, Phrase):
        held = {token for _, tokens in _words(leaf.field, value) for token in tokens}
        return spans if spans and held >= set(leaf.tokens) else None
    return spans or None


def _wanted(leaf: Leaf) -> Callable[[str], bool]:
    match leaf:
        case Term(_, token, others=others):
            return lambda held: held == token or held in others
        case Fuzzy(_, token, distance):
            return lambda held: abs(len(held) - len(token)) <= distance and edits(held, token) <= distance
        case Prefix(_, token):
            return lambda held: held.startswith(token)
        case Phrase(_, tokens):
            return lambda held: held in tokens


def _words(field: str, value: Value) -> Iterator[tuple[Span, Sequence[str]]]:
    """The words of a value, each with what stands in an index field for it."""
    if value.kind is ValueKind.NAME:
        for word in _NAME_WORD.finditer(value.value):
            yield word.span(), _name_tokens(field, word.group())
        return
    tokens_of = _TOKENS[value.kind]
    for word in _WORD.finditer(value.value):
        yield word.span(), tokens_of(word.group())


def _name_tokens(field: str, word: str) -> Sequence[str]:
    if field == "name_spelling":
        return tuple(spelt_words(word).values())
    folded = fold_variants(word)
    if field == "name_nickname":
        return [formal for token in folded for formal in formal_names(token)]
    return [code for token in folded for code in phonetic_codes(token)] if field == "name_phonetic" else folded


_TOKENS: Mapping[ValueKind, Callable[[str], Sequence[str]]] = {
    ValueKind.JOB_TITLE: lru_cache(16_384)(lambda word: job_title_tokens(word) or fold_tokens(word)),
    ValueKind.COMPANY: fold_tokens,
    ValueKind.SKILL: lru_cache(16_384)(lambda word: (*skill_tokens(word), word.lower())),
    ValueKind.LOCATION: fold_tokens,
}


def _all(value: Value) -> tuple[Span, ...]:
    return ((0, len(value.value)),)


def _part(value: Value, part: str) -> tuple[Span, ...]:
    """Where a part of a place stands in the text shown; nowhere, where the text leaves it out."""
    said = str(value.parts.get(part) or "")
    at = value.value.find(said) if said else -1
    return ((at, at + len(said)),) if at >= 0 else ()


def _city(value: Value, token: str) -> tuple[Span, ...] | None:
    return _if(fold(value.parts.get("city") or "") == token, _part(value, "city"))


def _region(value: Value, token: str) -> tuple[Span, ...] | None:
    return _if(bare_region(fold(value.parts.get("region") or "")) == token, _part(value, "region"))


def _country(value: Value, token: str) -> tuple[Span, ...] | None:
    return _if(value.parts.get("country") == token, _part(value, "country_name"))


def _if(holds: bool, spans: tuple[Span, ...]) -> tuple[Span, ...] | None:
    return spans if holds else None


def _company_key(value: Value, token: str) -> tuple[Span, ...] | None:
    return _if(token in (value.keys[0], run_together(value.keys[0]), value.parts.get("domain")), _all(value))


_WHOLE: Mapping[str, Callable[[Value, str], tuple[Span, ...] | None]] = {
    "name_exact": lambda value, token: _if(token in value.keys, _all(value)),
    "job_title_name": lambda value, token: _if(value.value == token, _all(value)),
    "seniority": lambda value, token: _if(value.parts.get("seniority") == token, _all(value)),
    "function": lambda value, token: _if(value.parts.get("function") == token, _all(value)),
    "company_key": _company_key,
    "company_domain": _company_key,
    "company_current_key": _company_key,
    "company_past_key": _company_key,
    "skill_key": lambda value, token: _if(value.keys[0] == token, _all(value)),
    "city_key": _city,
    "city_shown_key": _city,
    "region_key": _region,
    "region_shown_key": _region,
    "country": _country,
    "country_shown": _country,
}
"""Fields that hold whole values: what a token of theirs matches, as spans; None for nothing."""
