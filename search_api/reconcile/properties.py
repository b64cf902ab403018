"""The properties of a person that rows are compared by: which there are, and when a text says the same as a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from profiles.models import Profile, Value, ValueKind
from profiles.normalise import NORMALISERS
from profiles.normalise.name import formal_names
from profiles.normalise.result import Normalised
from search_api.meaning.names import name_words

ALIKE = 0.75  # below this share of common letters, two words are different words (Berg, Bern: .75; Lee, Lea: .67)
NICKNAME, INITIAL = 0.95, 0.8  # what a nickname and an initial are worth beside the word itself
MISSING = 0.04  # taken off for each word that only one of two names has: a middle name often is


@dataclass(frozen=True, slots=True)
class Property:
    """A property. identifying: whether it is one person's alone, as a mailbox or a number usually is."""

    id: str
    name: str
    kind: ValueKind
    identifying: bool = False


PROPERTIES: Mapping[str, Property] = {
    property.id: property
    for property in (
        Property("name", "Name", ValueKind.NAME),
        Property("company", "Company", ValueKind.COMPANY),
        Property("job_title", "Job title", ValueKind.JOB_TITLE),
        Property("location", "Location", ValueKind.LOCATION),
        Property("email", "E-mail address", ValueKind.EMAIL, identifying=True),
        Property("phone", "Phone number", ValueKind.PHONE, identifying=True),
        Property("link", "Social profile", ValueKind.LINK, identifying=True),
        Property("skill", "Skill", ValueKind.SKILL),
    )
}


def holds(profile: Profile, property: Property, texts: Sequence[str]) -> bool | None:
    """Whether a profile has one of the values; None when it has none of the kind, or no text says anything of it."""
    held = profile.of(property.kind)
    if property.kind is ValueKind.NAME:
        return max(name_likeness(profile, text) for text in texts) >= NICKNAME if texts else None
    asked = [found for text in texts if isinstance(found := NORMALISERS[property.kind](text), Normalised)]
    if not held or not asked:
        return None
    same = _SAME.get(property.kind, _same_key)
    return any(same(found, value) for found in asked for value in held)


def _same_key(asked: Normalised, held: Value) -> bool:
    return asked.keys[0] == held.keys[0]


def _same_company(asked: Normalised, held: Value) -> bool:
    return bool({*asked.keys} & {*held.keys})


def _same_place(asked: Normalised, held: Value) -> bool:
    """As exact as the question is: a country holds its cities."""
    return all(not asked.parts.get(part) or asked.parts[part] == held.parts.get(part) for part in ("city", "region", "country"))


_SAME: Mapping[ValueKind, Callable[[Normalised, Value], bool]] = {
    ValueKind.COMPANY: _same_company,
    ValueKind.JOB_TITLE: _same_company,
    ValueKind.LOCATION: _same_place,
}


def name_likeness(profile: Profile, text: str) -> float:
    """How like a text is to the nearest of a person's names: 1.0 for the same words in any order, 0.0 for none in common."""
    asked = name_words(text)
    names = [name_words(value.value) for value in profile.of(ValueKind.NAME)]
    return max((_likeness(asked, name) for name in names if asked and name), default=0.0)


def _likeness(a: Sequence[str], b: Sequence[str]) -> float:
    short, long = sorted((a, b), key=len)
    return max(0.0, sum(max(_word_likeness(x, y) for y in long) for x in short) / len(short) - MISSING * (len(long) - len(short)))


def _word_likeness(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if 1 in (len(a), len(b)):
        return INITIAL if a[0] == b[0] else 0.0
    if {a, *formal_names(a)} & {b, *formal_names(b)}:
        return NICKNAME
    ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
    return ratio if ratio >= ALIKE else 0.0
