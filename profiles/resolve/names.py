"""How much alike two names of persons are: a level for the given names, one for the family names, and which words agree.

Pure comparison of spellings; what a level is worth is said in weights.toml, and how common a word is by the frequencies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import jellyfish

from profiles.models import ValueKind
from profiles.normalise.name import formal_names, phonetic_codes
from profiles.resolve.frequencies import name_shares
from profiles.resolve.vowels import is_reading

LONG_ENOUGH_FOR_A_TYPO = 4
"""Letters from which one edit still leaves a word recognisable: below it one edit makes another name (Lee and Leo), or none (Leo and "le").
Of three fictional sets of 3,000 persons, one hard, taking a lost letter for damage there brought recall from .9634, .9630 and .9253 to
.9639, .9639 and .9266, at the same precision."""
LONG_ENOUGH_FOR_TWO_TYPOS = 8
"""Letters from which two edits do: "krawczyk" and "krawcyzk" typed once more wrongly."""


class NameForm(NamedTuple):
    """One form of a person's name: folded given and family words, generational suffix ("" when none)."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    suffix: str = ""


class Likeness(StrEnum):
    """How alike the given or the family names of two forms are, best first."""

    EXACT = "exact"
    NICKNAME = "nickname"
    PART = "part"  # one of two surnames, or a middle name used as the first
    SOUND = "sound"  # another spelling of the same sound: transliterations
    NEAR = "near"  # one or two letters apart
    INITIAL = "initial"
    MISSING = "missing"
    DIFFERENT = "different"


class NameMatch(NamedTuple):
    """Two forms compared. word fields: the words that agree; middle: "same" or "different" where both have a middle name or initial."""

    given: Likeness
    family: Likeness
    given_word: str = ""
    family_word: str = ""
    middle: str = ""


class Spelled(Protocol):
    """What is asked of a value that may be a name: an observation of a record, a value of a profile."""

    @property
    def kind(self) -> ValueKind:
        """Of the value."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """Comparison keys."""
        ...

    @property
    def parts(self) -> dict[str, Any]:
        """The normaliser's parts."""
        ...


def forms_of(values: Iterable[Spelled]) -> tuple[NameForm, ...]:
    """The distinct names among the values, as comparable forms; a former family name and a nickname give forms of their own."""
    found: dict[NameForm, None] = {}
    for v in values:
        if v.kind is not ValueKind.NAME:
            continue
        given, family = tuple(v.parts.get("given_tokens") or ()), tuple(v.parts.get("family_tokens") or ())
        suffix = str(v.parts.get("suffix") or "").lower().rstrip(".")
        found[NameForm(given, family, suffix)] = None
        for key in v.keys[1:]:
            words = key.split()
            if v.parts.get("former_family") and words[: len(given[:1])] == list(given[:1]):
                found[NameForm(given, tuple(words[1:]), suffix)] = None
    return tuple(found)


_SKELETON = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"x", "ks"), (r"tsch|tch|cz|sch|sh|ch|sz|zh|ts|tz|z|ç", "s"), (r"ph", "f"), (r"kh|gh|q|ck|c|g|k|h", "k"), (r"th|dh|d", "t"),
        (r"w|v|f|b", "v"), (r"dj|dzh|j|y|i", "i"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
"""Letters that stand for one another where alphabets meet; applied in this order."""
_VOWELS = re.compile(r"[aeiou]+")
_ANY_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The consonants of a word, those that transliterations exchange taken as one: "mohammed", "muhamad" -> "mkmt"."""
    plain = word
    for pattern, to in _SKELETON:
        plain = pattern.sub(to, plain)
    return plain[:1].translate(_FIRST) + _DOUBLE.sub(r"\1", _VOWELS.sub("", plain[1:]))


_FIRST = str.maketrans("eiou", "aaaa")
_DOUBLE = re.compile(r"(.)\1+")


_RESPELT = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"ae", "a"), (r"oe", "o"), (r"ue|ou|oo|oy", "u"), (r"ee|ie|iy|ij|yi|y|j", "i"), (r"ph", "f"), (r"kh", "h"), (r"w", "v"),
        (r"ss", "s"), (r"ck|q", "k"), (r"tz|ts", "z"), (r"sch|sz", "sh"), (r"cz|tch", "ch"), (r"x", "ks"), (r"aa", "a"), (r"i+", "i"),
    )
)  # fmt: skip
"""Ways to write one sound that are habits of a language or of a romanisation, not slips of the hand: "mueller", "muller"."""


@lru_cache(maxsize=65536)
def respelt(word: str) -> str:
    """A word without what languages and romanisations write differently for one sound: "mueller" and "muller" are both "muller"."""
    for pattern, to in _RESPELT:
        word = pattern.sub(to, word)
    return word


_RESPELT_SHORT = tuple(
    (re.compile(pattern), to) for pattern, to in ((r"ou|oo", "u"), (r"ee|(?<![aeiou])y", "i"), (r"ck|q", "k"), (r"aa", "a"))
)
"""The same of words too short for more: Ali and Aly, Nur and Nour; but Jan and Ian, Kay and Kai are other names."""


@lru_cache(maxsize=65536)
def _respelt_short(word: str) -> str:
    for pattern, to in _RESPELT_SHORT:
        word = pattern.sub(to, word)
    return word


def _is_damaged(a: str, b: str) -> bool:
    """Whether one of two short words is a name that many have, and the other is none: it with a letter lost, or two in each other's place.

    "ia" is Ian; but another letter makes another name, or may: Doe and Doh, Ray and Raj.
    """
    if min(len(a), len(b)) < 2 or _is_known(a) == _is_known(b) or (len(a) == len(b) and sorted(a) != sorted(b)):
        return False
    return jellyfish.damerau_levenshtein_distance(a, b) == 1


def _is_known(word: str) -> bool:
    return any(word in shares for shares in name_shares().values())


@lru_cache(maxsize=131072)
def word_likeness(a: str, b: str) -> Likeness:
    """How alike two folded words are: EXACT, NEAR, SOUND or DIFFERENT."""
    if a == b:
        return Likeness.EXACT
    shorter = min(len(a), len(b))
    if shorter > 2 and not (_ANY_VOWEL.search(a) and _ANY_VOWEL.search(b)) and skeleton(a) == skeleton(b):
        return Likeness.SOUND  # of a script that leaves vowels out: "frs", Fares
    if shorter < LONG_ENOUGH_FOR_A_TYPO:
        if shorter > 2 and _respelt_short(a) == _respelt_short(b) and not (_is_known(a) and _is_known(b)):
            return Likeness.SOUND
        return Likeness.NEAR if _is_damaged(a, b) else Likeness.DIFFERENT
    edits = jellyfish.damerau_levenshtein_distance(a, b)
    if respelt(a) == respelt(b):
        return Likeness.SOUND
    if edits == 1:
        return Likeness.NEAR
    similarity = jellyfish.jaro_winkler_similarity(a, b)
    if similarity > 0.8 and not set(phonetic_codes(a)).isdisjoint(phonetic_codes(b)):
        return Likeness.SOUND
    if similarity > 0.7 and skeleton(a) == skeleton(b) and len(skeleton(a)) > 2:
        return Likeness.SOUND
    return Likeness.NEAR if edits == 2 and shorter >= LONG_ENOUGH_FOR_TWO_TYPOS else Likeness.DIFFERENT


LIKELIER = {level: rank for rank, level in enumerate(Likeness)}
"""The place of each level, best first."""


def _best(levels: Iterable[tuple[Likeness, str]]) -> tuple[Likeness, str]:
    return min(levels, key=lambda found: LIKELIER[found[0]], default=(Likeness.DIFFERENT, ""))


@lru_cache(maxsize=131072)
def _given_word(a: str, b: str) -> Likeness:
    if len(a) == 1 or len(b) == 1:
        return Likeness.EXACT if a == b and len(a) == len(b) == 1 else Likeness.INITIAL if a[0] == b[0] else Likeness.DIFFERENT
    level = word_likeness(a, b)
    if level is not Likeness.EXACT and set(formal_names(a)) & set(formal_names(b)):
        return Likeness.NICKNAME
    return level


def _given(a: Sequence[str], b: Sequence[str]) -> tuple[Likeness, str]:
    """First names; the joined words as well ("anna maria", "annamaria"), and a middle name by which one of them goes."""
    if not a or not b:
        return Likeness.MISSING, ""
    level = _given_word(a[0], b[0])
    if level in (Likeness.EXACT, Likeness.NICKNAME):
        if len(a[0]) == 1:
            return Likeness.INITIAL, a[0]
        return level, a[0]
    found: list[tuple[Likeness, str]] = [(level, a[0])]
    if len(a) > 1 or len(b) > 1:
        if "".join(a) == "".join(b):
            return Likeness.EXACT, a[0]
        middle = [x for x in a[1:] if len(x) > 1 and _given_word(x, b[0]) in (Likeness.EXACT, Likeness.NICKNAME)]
        middle += [x for x in b[1:] if len(x) > 1 and _given_word(x, a[0]) in (Likeness.EXACT, Likeness.NICKNAME)]
        found += [(Likeness.PART, x) for x in middle]
        if all(len(word) > 1 for word in (*a, *b)):
            found.append((word_likeness("".join(a), "".join(b)), a[0]))
    return _best(found)


def _family(a: Sequence[str], b: Sequence[str]) -> tuple[Likeness, str]:
    """Family names: all words, or those of the shorter one in the longer one (a second surname left out, a double name at marriage)."""
    if not a or not b:
        return Likeness.MISSING, ""
    if a == b:
        return Likeness.EXACT, " ".join(a)
    joined = word_likeness("".join(a), "".join(b))
    if joined is Likeness.EXACT or (len(a) == len(b) == 1):
        return joined, " ".join(a) if joined is not Likeness.DIFFERENT else ""
    short, long = sorted((a, b), key=len)
    worst = Likeness.EXACT
    for x in short:
        level = min((word_likeness(x, y) for y in long), key=LIKELIER.__getitem__)
        worst = max(worst, level, key=LIKELIER.__getitem__)
    if worst in (Likeness.EXACT, Likeness.SOUND) and len(short) < len(long) and max(map(len, short)) > 2:
        return Likeness.PART, " ".join(short)
    if joined is not Likeness.DIFFERENT:
        return joined, " ".join(a)
    if worst is Likeness.DIFFERENT and any(x in long and len(x) > 3 for x in short):
        return Likeness.PART, next(x for x in short if x in long and len(x) > 3)
    return worst, " ".join(short) if worst is not Likeness.DIFFERENT else ""


def _lacks_vowels(form: NameForm) -> bool:
    """Whether a whole name is written without vowels, as Arabic and Hebrew are; y and w stand for some. Lynn and Fry are no such words."""
    return not any(_VOWELS.search(word) or _is_known(word) for word in (*form.given, *form.family))


def _read_aloud(a: Sequence[str], b: Sequence[str]) -> tuple[Likeness, str]:
    """Of two parts of names, one of them without vowels: SOUND where it is the other so written, article and all; else DIFFERENT."""
    one, other = "".join(a), "".join(b)
    if min(len(one), len(other)) > 2 and (is_reading(one, other) or is_reading(other, one)):
        return Likeness.SOUND, " ".join(a)
    return Likeness.DIFFERENT, ""


@lru_cache(maxsize=262144)
def match_forms(a: NameForm, b: NameForm) -> NameMatch:
    """Two forms of a name compared, straight and with given and family names in each other's place; the better one."""
    if not (a.given and a.family and b.given and b.family):
        return _match_half(a, b)
    given, given_word = _given(a.given, b.given)
    family, family_word = _family(a.family, b.family)
    if Likeness.DIFFERENT in (given, family) and (_lacks_vowels(a) or _lacks_vowels(b)):
        given, given_word = (given, given_word) if given is not Likeness.DIFFERENT else _read_aloud(a.given, b.given)
        family, family_word = (family, family_word) if family is not Likeness.DIFFERENT else _read_aloud(a.family, b.family)
    straight = NameMatch(given, family, given_word, family_word, _middle(a, b) if given in _AS_FIRST else "")
    if given is not Likeness.DIFFERENT and family is not Likeness.DIFFERENT:
        return straight
    swapped = min((_swapped(a, b), _swapped(b, a)), key=lambda match: LIKELIER[match.given] + LIKELIER[match.family])
    if swapped.given in _WHOLE and (swapped.family in _WHOLE or swapped.family is Likeness.PART):
        return swapped
    if len(a.given) + len(a.family) > 2 and sorted(a.given + a.family) == sorted(b.given + b.family):
        return NameMatch(Likeness.EXACT, Likeness.EXACT, a.given[0] if a.given else "", " ".join(a.family))
    return straight


def _swapped(right: NameForm, other: NameForm) -> NameMatch:
    """Compared as if the other's given and family names stood in each other's place."""
    given, given_word = _given(right.given, other.family)
    if given not in _WHOLE:
        return NameMatch(Likeness.DIFFERENT, Likeness.DIFFERENT)
    family, family_word = _family(right.family, other.given)
    return NameMatch(given, family, given_word, family_word)


def _match_half(a: NameForm, b: NameForm) -> NameMatch:
    """Where one of them has a single part: nobody knows which it is, so it is compared with both of the other's."""
    half, other = (a, b) if not (a.given and a.family) else (b, a)
    words = half.given or half.family
    given, given_word = _given(words, other.given)
    family, family_word = _family(words, other.family)
    told = {level for level, part in ((given, other.given), (family, other.family)) if words and part}
    if told == {Likeness.DIFFERENT}:
        return NameMatch(Likeness.MISSING, Likeness.DIFFERENT)
    if LIKELIER[given] <= LIKELIER[family]:
        return NameMatch(given, Likeness.MISSING, given_word)
    return NameMatch(Likeness.MISSING, family, "", family_word)


_FAMILY_TOLD = 3
"""Letters from which a family name is told in an address without the first name: shorter ones are initials as often."""


@lru_cache(maxsize=65536)
def spells(address: str, name: NameForm) -> bool:
    """Whether what stands before the @ of an address, or names a page, has a family name, or one of two, with the first name in it.

    Or is made of it with the first name's initial, or alone. Digits and signs do not count: "danielle.fonfort", "dfonfort2", "fonfort" and
    "danielle-fonfort-sales" spell Danielle Fonfort.
    """
    if not name.given:
        return False
    letters, given = "".join(_NO_LETTER.split(address)), name.given[0]
    alone = (family for family in {"".join(name.family), *name.family} if len(family) >= _FAMILY_TOLD)
    return spells_both(address, name) or any(letters in (family, given[0] + family, family + given[0]) for family in alone)


@lru_cache(maxsize=65536)
def spells_both(address: str, name: NameForm) -> bool:
    """Whether an address, as for `spells`, has the first name, whole, beside the family name: "danielle.fonfort", "fonfortdanielle"."""
    words = _NO_LETTER.split(address)
    letters, given = "".join(words), name.given[0] if name.given else ""
    families = (family for family in {"".join(name.family), *name.family} if len(family) > 1 and given)
    return any(letters in (given + family, family + given) or (given in words and family in words) for family in families)


_NO_LETTER = re.compile(r"[^a-z]+")


def _middle(a: NameForm, b: NameForm) -> str:
    """Whether a middle name agrees; an initial agrees with every name that begins so."""
    ours, theirs = a.given[1:], b.given[1:]
    if not ours or not theirs:
        return ""
    return "same" if any(x[0] == y[0] and (len(x) == 1 or len(y) == 1 or x == y) for x in ours for y in theirs) else "different"


_AS_FIRST = frozenset({Likeness.EXACT, Likeness.NICKNAME, Likeness.SOUND, Likeness.NEAR, Likeness.DIFFERENT})
_WHOLE = frozenset({Likeness.EXACT, Likeness.NICKNAME, Likeness.SOUND, Likeness.NEAR})


def telling(names: Collection[NameForm]) -> list[NameForm]:
    """Without names that lack a part or give an initial for it, where a fuller name with the rest of it is among them.

    "J. Smith", taken for John Smith, must not let Jane in; nor must "Smith".
    """
    if len(names) == 1:
        return list(names)
    full = [n for n in names if n.family and n.given and len(n.given[0]) > 1]
    return [n for n in names if n in full or not any(_is_fuller(other, n) for other in full)]


def _is_fuller(other: NameForm, name: NameForm) -> bool:
    if name.given and name.family:  # given by an initial
        return other.given[0][0] == name.given[0][0] and other.family == name.family
    words = {*other.given, *other.family}
    return bool(words.intersection(name.given or name.family))
