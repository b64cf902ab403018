"""Persons held in memory, resolved record by record: the resolver without a store, for tables and for measuring.

Everything is as a store does it: keys lead to candidates, a key held by too many leads nowhere, persons merge and never part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, nsmallest

from profiles.resolve.choose import Choice, Person, choose
from profiles.resolve.frequencies import FAMILY, GIVEN, Counted
from profiles.resolve.keys import MAX_HOLDERS
from profiles.resolve.traits import Trait, Traits
from profiles.resolve.weights import Weights, shipped_weights

MAX_CANDIDATES = 60
"""Persons one record is compared with, those found by its most telling keys first."""

MAX_SETTLED_WITH = 20
"""Persons one is compared with when all rows have been read, those with most keys in common first. Of 1,000 persons' 9,734 damaged rows, 60
made one more merge than 20, and took longer."""

SETTLED = 3.0
"""Bits by which two persons must fit better than a record and a person: both may have many rows. Of 50,578 damaged rows of 5,156 persons,
the pairs that settling made without it took precision from .965 to .946 (F1 .870 to .868); with 3, .964 (F1 .875), with 6, .965 (.874)."""


def settled(weights: Weights) -> Weights:
    """Weights with the limit by which persons are compared with persons."""
    return weights._replace(limits=weights.limits._replace(same=weights.limits.same + SETTLED))


COUNTED = (
    Trait.EMAIL, Trait.MOBILE, Trait.PHONE, Trait.LINK, Trait.COMPANY, Trait.DOMAIN, Trait.TITLE, Trait.POSITION, Trait.PLACE,
    Trait.COUNTRY,
    Trait.BIRTH_DATE, Trait.BIRTH_PLACE, Trait.ID_NUMBER, Trait.ADDRESS, Trait.POSTCODE, Trait.OCCUPATION,
)  # fmt: skip
"""Kinds of which agreement on a rare value says more."""


@dataclass(slots=True)
class Held:
    """A person: what its records say together, their names, and the keys they were found by."""

    number: int
    traits: Traits
    records: list[str] = field(default_factory=list)
    keys: dict[str, None] = field(default_factory=dict)


class Register:
    """See the module's docstring."""

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = weights or shipped_weights()
        self.persons: dict[int, Held] = {}
        self.frequencies = Counted()
        self.compared = 0
        self._holders: dict[str, list[int]] = {}
        self._number = 0
        self._merged: dict[int, int] = {}
        self._of: dict[str, int] = {}
        self._changed: set[int] = set()

    def __contains__(self, record: str) -> bool:
        """Whether a record of this id has been resolved."""
        return record in self._of

    def resolve(self, record: str, traits: Traits, keys: Sequence[str]) -> Choice:
        """Give a record to the person it is about, a new one where there is none."""
        candidates = self._candidates(keys)
        must: tuple[str, ...] = ()
        if record in self._of:
            own = self.persons[self._now(self._of[record])]
            must = (str(own.number),)
            candidates = [own, *(c for c in candidates if c is not own)]
        self.compared += len(candidates)
        people = [Person(str(p.number), p.number, p.traits) for p in candidates]
        choice = choose(traits, people, self.frequencies, self.weights, must=must)
        if choice.person is None:
            held = self._found()
        else:
            held = self.persons[int(choice.person)]
            self._changed.add(held.number)
            for other in choice.absorbed:
                self._absorb(held, self.persons.pop(int(other)))
        self._count(held.traits, traits)
        held.traits.add(traits)
        if not must:
            held.records.append(record)
        self._of[record] = held.number
        held.keys.update(dict.fromkeys(keys))
        for key in keys:
            self._hold(key, held.number)
        return choice

    def settle(self, weights: Weights | None = None) -> None:
        """Compare persons with persons until none fit each other: what the order of the records kept apart comes together.

        weights: to compare everybody by; None for the register's own, with the limit for persons.

        Only a person who has changed since all others were compared with her is looked at, the oldest first: every other pair has been
        compared as it is now. One who absorbs another has changed again; so there are at most as many looks as persons were ever founded.
        Everybody is looked at once where it shows only now that this is no table of families: until then, who could be twins were two.
        """
        self.frequencies.all_seen()
        waiting = sorted(self._changed if weights is None and self.frequencies.has_families() else self.persons)
        weights = weights or settled(self.weights)
        self._changed.clear()
        while waiting:
            number = heappop(waiting)
            held = self.persons.get(number)
            if held is None:
                continue
            near = self._nearest(held)
            choice = choose(held.traits, [Person(str(p.number), p.number, p.traits) for p in near], self.frequencies, weights)
            if choice.person is None:
                continue
            for other in (choice.person, *choice.absorbed):
                self._absorb(held, self.persons.pop(int(other)))
            heappush(waiting, number)

    def assignments(self) -> dict[str, int]:
        """Record -> person."""
        return {record: self._now(number) for record, number in self._of.items()}

    def _found(self) -> Held:
        self._number += 1
        held = self.persons[self._number] = Held(self._number, Traits())
        self.frequencies.add_person()
        return held

    def _candidates(self, keys: Iterable[str]) -> list[Held]:
        found: dict[int, None] = {}
        for key in keys:
            holders = self._holders.get(key)
            if holders is None or len(holders) >= MAX_HOLDERS:
                continue
            for number in holders:
                found[self._now(number)] = None
            if len(found) >= MAX_CANDIDATES:
                break
        return [self.persons[n] for n in list(found)[:MAX_CANDIDATES]]

    def _nearest(self, held: Held) -> list[Held]:
        """Who has most keys in common with a person; she has those of all her records, and is met by half a table."""
        common: Counter[int] = Counter()
        for key in held.keys:
            holders = self._holders.get(key, ())
            if len(holders) < MAX_HOLDERS:
                common.update({self._now(number) for number in holders})
        del common[held.number]
        return [self.persons[number] for number, _ in nsmallest(MAX_SETTLED_WITH, common.items(), key=lambda found: (-found[1], found[0]))]

    def _now(self, number: int) -> int:
        while number in self._merged:
            number = self._merged[number]
        return number

    def _hold(self, key: str, number: int) -> None:
        holders = self._holders.setdefault(key, [])
        if number not in holders and len(holders) < MAX_HOLDERS:
            holders.append(number)

    def _absorb(self, survivor: Held, other: Held) -> None:
        self._merged[other.number] = survivor.number
        for kind, value in _counted_values(other.traits):
            if _has(survivor.traits, kind, value):
                self.frequencies.add(kind, value, -1)
        survivor.traits.add(other.traits)
        survivor.records += other.records
        survivor.keys |= other.keys
        self.frequencies.add_person(-1)

    def _count(self, known: Traits, new: Traits) -> None:
        for kind, value in _counted_values(new):
            if not _has(known, kind, value):
                self.frequencies.add(kind, value)


def _counted_values(traits: Traits) -> Iterable[tuple[str, str]]:
    for form in traits.names:
        if form.given:
            yield GIVEN, form.given[0]
        yield FAMILY, " ".join(form.family)
    for kind in COUNTED:
        for value in traits.of(kind):
            yield kind, value


def _has(traits: Traits, kind: str, value: str) -> bool:
    if kind == GIVEN:
        return any(form.given[:1] == (value,) for form in traits.names)
    if kind == FAMILY:
        return any(" ".join(form.family) == value for form in traits.names)
    return value in traits.of(Trait(kind))
