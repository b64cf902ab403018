"""How common a value is: agreement on "Smith" says little, on "Wasilewicz" much.

Two sources: a table of names that ships, and counts of the persons at hand, which whoever holds the persons supplies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

GIVEN, FAMILY, HOME = "given", "family", "address"

FAMILIES = 0.05
"""Share of addresses with several persons from which a table is one of families. Counted by true persons: 46 and 44 % of the addresses of
two years' wage earners, 1.2 and 2.2 % of those of FEBRL's data sets 3 and 4, whose persons are drawn one by one. The limit is about halfway
(geometrically) between the latter and a table in which one person in five lives with another. Twins in a table without other families are
taken for one."""


class Frequencies(Protocol):
    """What the comparison asks. kind: "given", "family", or a Trait's word ("company", "email" ...)."""

    def persons(self) -> int:
        """How many persons shares are told of: those known, or more where they are few."""
        ...

    def held(self) -> int:
        """How many persons are known."""
        ...

    def count(self, kind: str, value: str) -> int | None:
        """How many of them have this value; None when that is not counted."""
        ...

    def gives_several(self, source: str) -> bool:
        """Whether a source has several records of one person as a matter of course: a seat, an article, a talk each."""
        ...


class Unknown:
    """No counts: the shipped tables alone."""

    def persons(self) -> int:
        """None are known."""
        return 0

    def held(self) -> int:
        """None are known."""
        return 0

    def count(self, kind: str, value: str) -> int | None:
        """Nothing is counted."""
        return None

    def gives_several(self, source: str) -> bool:
        """No source is known to."""
        return False


class Counted:
    """Counts held in memory, for a table or a batch. add: once for each person and value."""

    def __init__(self, persons: int = 0, counts: Mapping[str, Counter[str]] | None = None) -> None:
        self._persons = persons
        self._counts: dict[str, Counter[str]] = dict(counts or {})
        self._homes = self._family_homes = 0
        self._all_seen = False

    def persons(self) -> int:
        """Persons added."""
        return self._persons

    def count(self, kind: str, value: str) -> int | None:
        """Persons with the value; None for kinds of which nothing was added."""
        counted = self._counts.get(kind)
        return None if counted is None else counted[value]

    def held(self) -> int:
        """Persons added."""
        return self._persons

    def gives_several(self, source: str) -> bool:
        """Rows of a table come from one source, of which that is not known."""
        return False

    def add_person(self, number: int = 1) -> None:
        """Count one more person (or fewer)."""
        self._persons += number

    def add(self, kind: str, value: str, number: int = 1) -> None:
        """Count the value once more."""
        counted = self._counts.setdefault(kind, Counter())
        before, now = counted[value], counted[value] + number
        counted[value] = now
        if kind == HOME:
            self._homes += (now > 0) - (before > 0)
            self._family_homes += (now > 1) - (before > 1)

    def has_families(self) -> bool:
        """Whether several persons at one address are usual here: a table's first rows do not tell, nor does a table of few addresses."""
        return not self._all_seen or (self._family_homes + 5) / (self._homes + 50) > FAMILIES

    def all_seen(self) -> None:
        """No persons are to come."""
        self._all_seen = True


@lru_cache(maxsize=1)
def name_shares() -> Mapping[str, Mapping[str, float]]:
    """The shipped table: kind -> word -> share of persons in the United States; words missing there are rare, or foreign."""
    tables: dict[str, dict[str, float]] = {GIVEN: {}, FAMILY: {}}
    for line in files("profiles.resolve").joinpath("name_shares.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, word, share = line.split("\t")
            tables[kind][word] = float(share)
    return tables
