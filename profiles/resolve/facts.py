"""Comparing the facts of two persons, kind by kind: the level reached, and the value that agrees. Names are in names.py.

A kind on which one of them says nothing is no evidence. Facts that hang together are told apart by what they hang on: a title, a place, an
office line found equal where the company is equal as well has a level of its own ("same_here"), with shares of its own in weights.toml,
so that one employment is not counted as four agreements.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

import jellyfish

from profiles.normalise.tables import word_set
from profiles.resolve.traits import Span, Trait, Traits


class Fact(NamedTuple):
    """kind and level, as in weights.toml; value: what agrees, "" when nothing does."""

    kind: Trait
    level: str
    value: str = ""


MANY_SKILLS = 3
"""Common skills from which they are many: an occupation has ten to thirty, and colleagues share one or two."""
LONG_AGO = 400
"""Days between two records from which another company is a job change rather than a contradiction: the longest lag of good sources."""

HANDOVER = 45
"""Days for which two jobs may overlap and still follow each other: notice given, a month named for its middle."""

Dated = Mapping[str, Span]


def compare_facts(a: Traits, b: Traits) -> list[Fact]:
    """Every kind on which both say something, best level of any two values."""
    found: list[Fact] = []
    ours, theirs = a.facts, b.facts
    company = _company(a, b)
    here = ""
    if company is not None:
        found.append(company)
        if (begun := _begun(a, b)) is not None:
            found.append(begun)
        here = "_here" if company.level in ("same", "domain") else ""
    for kind, values in ours.items():
        if kind in theirs and (take := _COMPARE.get(kind)):
            fact = take(kind, values, theirs[kind])
            if fact is not None:
                found.append(fact._replace(level=fact.level + here) if here and kind in _OF_WORK else fact)
    title, place = _title(a, b), _place(a, b)
    if title and place and place.level == "same" and title.level in _LIKE_TITLES and (company is None or company.level in _ELSEWHERE):
        title = title._replace(level=f"{title.level}_town")
    of_work = (fact for fact in (title, place) if fact is not None)
    found += (fact._replace(level=fact.level + here) if here else fact for fact in of_work)
    if position := _position(a, b):
        found.append(position)
    return found


def compare_kinds(a: Traits, b: Traits, kinds: Collection[str]) -> list[Fact]:
    """Some of the kinds that are compared each by itself."""
    both = ((kind, take) for kind, take in _COMPARE.items() if kind in kinds and kind in a.facts and kind in b.facts)
    return [fact for kind, take in both if (fact := take(kind, a.facts[kind], b.facts[kind])) is not None]


_LIKE_TITLES = frozenset({"same", "function"})
_ELSEWHERE = frozenset({"other", "at_once"})
"""With a like title in one town at two employers at one time, namesakes are as likely as one person: levels of their own."""

_OF_WORK = frozenset({Trait.PHONE})


def _common(a: Dated, b: Dated) -> list[str]:
    return [value for value in a if value in b] if len(a) <= len(b) else [value for value in b if value in a]


def _company(a: Traits, b: Traits) -> Fact | None:
    """The same company by name or by domain; "renamed": one job, its company called otherwise.

    Else others: "at_once" where one worked here while the other worked there, "former" where the records lie far apart. A former employer
    in common does not make up for it: namesakes come and go.
    """
    ours, theirs = a.of(Trait.COMPANY), b.of(Trait.COMPANY)
    alike = [(x, y) for x in ours for y in ((x,) if x in theirs else theirs) if companies_alike(x, y)]
    our_domains, their_domains = a.of(Trait.DOMAIN), b.of(Trait.DOMAIN)
    at_once = _at_once(ours, theirs)
    for x, y in alike:
        if not at_once or _days_apart(ours[x], theirs[y]) <= LONG_AGO:
            return Fact(Trait.COMPANY, "same", y)
    for domain in _common(our_domains, their_domains):
        if not at_once or _days_apart(our_domains[domain], their_domains[domain]) <= LONG_AGO:
            return Fact(Trait.COMPANY, "domain", domain)
    if not ours or not theirs:
        return None
    if _renamed(a, b):
        return Fact(Trait.COMPANY, "renamed")
    if at_once:
        return Fact(Trait.COMPANY, "at_once")
    apart = min(_days_apart(s, t) for s in ours.values() for t in theirs.values())
    return Fact(Trait.COMPANY, "former" if apart > LONG_AGO else "other")


def _at_once(ours: Dated, theirs: Dated) -> bool:
    """Whether one worked at a company while the other worked at another."""
    return any(
        min(s.last, t.last) - max(s.first, t.first) > HANDOVER and not companies_alike(x, y)
        for x, s in ours.items()
        for y, t in theirs.items()
    )


def _renamed(a: Traits, b: Traits) -> bool:
    """Whether it is one job, its company renamed: the same title, begun in the same month or reached by the same number."""
    if not _common(a.of(Trait.TITLE), b.of(Trait.TITLE)):
        return False
    months = {job[:7] for job in a.of(Trait.BEGUN)} & {job[:7] for job in b.of(Trait.BEGUN)}
    return bool(months) or bool(_common(a.of(Trait.PHONE), b.of(Trait.PHONE)))


def _begun(a: Traits, b: Traits) -> Fact | None:
    """Whether jobs at one company began in the same month."""
    level = ""
    for x in a.of(Trait.BEGUN):
        for y in b.of(Trait.BEGUN):
            if companies_alike(x[8:], y[8:]):
                if x[:7] == y[:7]:
                    return Fact(Trait.BEGUN, "same", x[:7])
                level = "different"
    return Fact(Trait.BEGUN, level) if level else None


def _days_apart(a: Span, b: Span) -> int:
    """Days between two spans. Where a table gives no days (0), they may lie as far apart as any."""
    if not a.first or not b.first:
        return LONG_AGO + 1
    return max(a.first - b.last, b.first - a.last, 0)


@lru_cache(maxsize=262144)
def companies_alike(x: str, y: str) -> bool:
    """Whether two company cores are one: a short form of the other, or a letter or two of difference in longer names."""
    short, long = sorted((x, y), key=len)
    if len(short) > 2 and long.startswith(short):
        return True
    return len(short) > 5 and jellyfish.damerau_levenshtein_distance(x, y) <= (1 if len(short) < 10 else 2)


def _apart(a: Dated, b: Dated) -> str:
    """The ending "_then" where what is said of two things lies so far apart that both can be true."""
    return "_then" if min(_days_apart(s, t) for s in a.values() for t in b.values()) > LONG_AGO else ""


def _title(a: Traits, b: Traits) -> Fact | None:
    """The same title, only the same function, or neither."""
    ours, theirs = a.of(Trait.TITLE), b.of(Trait.TITLE)
    if not ours or not theirs:
        return None
    common = _common(ours, theirs)
    if common:
        return Fact(Trait.TITLE, "same", common[0])
    functions = a.of(Trait.FUNCTION), b.of(Trait.FUNCTION)
    if functions[0] and functions[1] and _common(*functions):
        return Fact(Trait.TITLE, "function")
    level = "different" if functions[0] and functions[1] else "unlike"
    return Fact(Trait.TITLE, level + _apart(ours, theirs))


def _position(a: Traits, b: Traits) -> Fact | None:
    """What titles say without their level: the same, the same but for damage, with a word of the field in common, or another."""
    ours, theirs = a.of(Trait.POSITION), b.of(Trait.POSITION)
    if not ours or not theirs:
        return None
    if common := _common(ours, theirs):
        return Fact(Trait.POSITION, "same", common[0])
    levels = {_positions(x, y) if x < y else _positions(y, x) for x in ours for y in theirs}
    return Fact(Trait.POSITION, next(level for level in ("near", "words", "other") if level in levels))


@lru_cache(maxsize=65536)
def _positions(x: str, y: str) -> str:
    one, other = x.replace(" ", ""), y.replace(" ", "")
    shorter = min(len(one), len(other))
    if shorter > 5 and jellyfish.damerau_levenshtein_distance(one, other) <= (1 if shorter < 12 else 2):
        return "near"
    return "other" if set(x.split()).isdisjoint(set(y.split()) - _OF_ANY_FIELD) else "words"


_OF_ANY_FIELD = word_set(
    """
    manager director head chief officer president supervisor coordinator administrator specialist analyst technician engineer consultant
    representative assistant associate clerk agent executive service services of and for the to in
    """
)
"""Words of positions that say the kind of work and not its field."""


def _place(a: Traits, b: Traits) -> Fact | None:
    """The same city, only the same country, or another one."""
    common = _common(a.of(Trait.PLACE), b.of(Trait.PLACE))
    if common:
        return Fact(Trait.PLACE, "same", common[0])
    countries = a.of(Trait.COUNTRY), b.of(Trait.COUNTRY)
    if not countries[0] or not countries[1]:
        return None
    if not _common(*countries):
        return Fact(Trait.PLACE, "abroad")
    both = a.of(Trait.PLACE) and b.of(Trait.PLACE)
    return Fact(Trait.PLACE, "country") if both else None


def _same(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    common = _common(a, b)
    return Fact(kind, "same", common[0]) if common else None


def _same_or_different(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    return _same(kind, a, b) or Fact(kind, "different")


def _lasting(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    """The same, or another one at the same time or long after."""
    return _same(kind, a, b) or Fact(kind, "different" + _apart(a, b))


def _near(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    """A letter or two of difference in longer values is damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    for x in a:
        for y in b:
            longest = max(len(x), len(y))
            if kind is Trait.ADDRESS and _is_part(x, y):
                return Fact(kind, "near", y)
            if longest > 4 and jellyfish.damerau_levenshtein_distance(x, y) <= (1 if longest < 9 else 2):
                return Fact(kind, "near", y)
    return Fact(kind, "different")


def _is_part(x: str, y: str) -> bool:
    """Whether one address is the other with words left out: the house number, or the street."""
    ours, theirs = set(x.split()), set(y.split())
    return ours <= theirs or theirs <= ours


def _email(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    """Another address at a domain they share speaks against: an employer gives one. A letter of difference may be damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    level = ""
    for x in a:
        local, _, domain = x.partition("@")
        for y in b:
            other, _, other_domain = y.partition("@")
            if domain == other_domain:
                if not any(c.isdigit() for c in local + other) and jellyfish.damerau_levenshtein_distance(local, other) == 1:
                    return Fact(kind, "near", y)
                level = "other"
    return Fact(kind, level + _apart(a, b)) if level else None


def _link(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    networks = {x.partition(":")[0] for x in a} & {y.partition(":")[0] for y in b}
    return Fact(kind, "different" + _apart(a, b)) if networks else None


def _skill(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    common = len(_common(a, b))
    if common:
        return Fact(kind, "many" if common >= MANY_SKILLS else "some")
    return Fact(kind, "none") if min(len(a), len(b)) >= MANY_SKILLS else None


def _source(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    """Two records of one source are seldom one person's: it would have given her one id."""
    return Fact(kind, "again" if _common(a, b) else "another")


def _birth(kind: Trait, a: Dated, b: Dated) -> Fact | None:
    """Dates "1980-05-17", or years. Day and month exchanged, one digit off, or only one of the three parts other: damage."""
    common = _common(a, b)
    if common:
        return Fact(kind, "same", common[0])
    return Fact(kind, "near" if any(_dates_near(x, y) for x in a for y in b) else "different")


def _dates_near(x: str, y: str) -> bool:
    if len(x) != 10 or len(y) != 10:
        return x[:4] == y[:4]
    if sum(p == q for p, q in zip(x.split("-"), y.split("-"), strict=False)) >= 2:
        return True
    return (x[:4] == y[:4] and x[5:7] == y[8:] and x[8:] == y[5:7]) or jellyfish.damerau_levenshtein_distance(x, y) == 1


_COMPARE: dict[Trait, Callable[[Trait, Dated, Dated], Fact | None]] = {
    Trait.EMAIL: _email,
    Trait.MOBILE: _lasting,
    Trait.PHONE: _same_or_different,
    Trait.LINK: _link,
    Trait.SKILL: _skill,
    Trait.SOURCE: _source,
    Trait.BIRTH_DATE: _birth,
    Trait.BIRTH_PLACE: _near,
    Trait.ID_NUMBER: _near,
    Trait.ADDRESS: _near,
    Trait.POSTCODE: _near,
    Trait.GENDER: _same_or_different,
    Trait.OCCUPATION: _same_or_different,
}
