r"""Completions: what stands in the index for a value that may be offered while somebody types, and how it is looked up again.

A keyword field per kind holds, for each value, the folded words from each start a person may type, a tab, and the value as shown:
"engineer\tSoftware Engineer". So one look-up by beginning gives the values, whatever the case and accents typed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from profiles.models import ValueKind
from profiles.normalise.fold import fold
from profiles.normalise.skill import skill_key
from profiles.served import ServedValue

SUGGEST_FIELDS: Mapping[ValueKind, str] = {
    ValueKind.NAME: "suggest_name",
    ValueKind.JOB_TITLE: "suggest_job_title",
    ValueKind.COMPANY: "suggest_company",
    ValueKind.SKILL: "suggest_skill",
    ValueKind.LOCATION: "suggest_location",
}
"""The kinds of value that are offered, and the index field of each."""

MAX_STARTS = 4  # words of a value from which it is found: beyond, nobody begins to type it there
SHORT = 2  # letters of a word nobody begins with ("of", "de", "e")

_SHOWN = "\t"


def name_terms(value: ServedValue) -> tuple[str, ...]:
    """What stands in the field of names: of the name that is shown."""
    return _terms(value.value, _name_starts(value))


def place_terms(text: str, alternates: Iterable[str]) -> tuple[str, ...]:
    """What stands in the field of places for one of them.    alternates: its other names, folded."""
    return _terms(text, (fold(text), *alternates))


def skill_terms(text: str) -> tuple[str, ...]:
    """What stands in the field of skills for one of them."""
    return _terms(text, (skill_key(text), *_word_starts(text)))


def word_terms(text: str) -> tuple[str, ...]:
    """What stands in the fields of titles and companies for one of them."""
    return _terms(text, _word_starts(text))


def beginnings(kind: ValueKind, text: str) -> tuple[str, ...]:
    """What to look up for a text being typed, the likelier first; () when there is nothing in it to look up."""
    forms = (skill_key(text), fold(text)) if kind is ValueKind.SKILL else (fold(text),)
    return tuple(dict.fromkeys(form for form in forms if form))


def shown(found: Iterable[tuple[str, int]], size: int) -> Sequence[tuple[str, int]]:
    """Terms of a field with their counts as values, the most frequent first, ties in the order of the alphabet."""
    counts: dict[str, int] = {}
    for term, count in found:
        value = term.partition(_SHOWN)[2]
        counts[value] = max(count, counts.get(value, 0))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]


def _terms(text: str, starts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{start}{_SHOWN}{text}" for start in starts if start))


def _name_starts(value: ServedValue) -> Iterator[str]:
    """Either name first, in every spelling of it."""
    given = len(value.parts.get("given_tokens") or ())
    for spelling in value.keys:
        words = spelling.split()
        yield from (spelling, " ".join((*words[given:], *words[:given])))


def _word_starts(text: str) -> Iterator[str]:
    words = fold(text).split()
    return (" ".join(words[at:]) for at in range(min(len(words), MAX_STARTS)) if at == 0 or len(words[at]) > SHORT)
