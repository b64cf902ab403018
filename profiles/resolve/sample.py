"""How common values are among the persons a store holds, for the resolver: from a sample, contact details by their holders.

Ids of profiles are hashes, so the first few thousand in key order are drawn at random. Only common values matter: below the floor of its
weight (profiles/resolve/weights.toml) a value counts as rare, however rare it is. Nothing is kept, so nothing outlives an erasure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Protocol

from profiles.models import ValueKind
from profiles.resolve.frequencies import FAMILY, GIVEN
from profiles.resolve.traits import Trait, Traits
from profiles.resolve.weights import shipped_weights

SAMPLE = 3000
"""Profiles looked at: a value of one person in five hundred, the floor of companies, is then seen six times."""

ENOUGH = 5
"""Sightings from which a share is believed: fewer may be chance, and a value taken for common by chance loses a true match."""

FEW = 500
"""Persons up to which a sample is taken as if it were this large: the first dozen of a store say little of those to come."""

SHARED = 0.03
"""Share of people taken to have what is known to be shared, argued: nearly as many as live in one city (weights.toml). By it a rare name is
still recognised and a common one is not; tests/indexer has both, Ada Byron's family phone and Mary Smith's team page."""

SEVERAL = 0.3
"""Share of a source's records whose person has another of that source already, from which it gives several as a matter of course: .05 in
generated feeds, .86 of seats on the committees of Congress."""

RECORDS_ENOUGH = 50
"""Records of a source from which that share is believed."""

COUNTED = (Trait.COMPANY, Trait.DOMAIN, Trait.PHONE, Trait.TITLE, Trait.POSITION, Trait.PLACE, Trait.COUNTRY)
"""Kinds counted beside names. Addresses, mobile numbers and links are not: almost every one is rare, and those that are not are known
by their holders."""

COUNTED_KINDS = frozenset(ValueKind) - {ValueKind.LINK, ValueKind.SKILL}
"""Kinds of value that make what is counted."""


class Sample:
    """`profiles.resolve.frequencies.Frequencies` from a sample that goes on growing until it is large enough."""

    def __init__(self, persons: int = 0) -> None:
        self._persons = persons
        self._seen = 0
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._records: Counter[str] = Counter()
        self._further: Counter[str] = Counter()
        self._unsure: list[tuple[str, bool] | Traits] = []

    def persons(self) -> int:
        """Persons held; of fewer than the weights take as the least, no share could be told."""
        return max(self._persons, shipped_weights().limits.population)

    def held(self) -> int:
        """Persons held."""
        return self._persons

    def count(self, kind: str, value: str) -> int | None:
        """Persons with the value, estimated; None where too few were seen to tell."""
        seen = self._counts[kind][value] if kind in self._counts else 0
        return None if seen < ENOUGH else round(seen / max(self._seen, FEW) * self.persons())

    def gives_several(self, source: str) -> bool:
        """Whether a source has several records of one person as a matter of course."""
        records = self._records[source]
        return records >= RECORDS_ENOUGH and self._further[source] > SEVERAL * records

    def came(self, source: str, further: bool) -> None:
        """A record of a source has come.    further: its person has another of that source already."""
        self._records[source] += 1
        self._further[source] += further
        self._unsure.append((source, further))

    def found(self, number: int) -> None:
        """So many persons have come to the store since it was looked at."""
        self._persons += number

    def keep(self) -> None:
        """What has come so far stays: no `take_back` reaches it."""
        self._unsure.clear()

    def take_back(self) -> None:
        """Forget what has come since `keep`: it was not written, and will come again."""
        for came in self._unsure:
            if isinstance(came, Traits):
                self._seen -= 1
                for kind, value in _counted(came):
                    self._counts[kind][value] -= 1
            else:
                source, further = came
                self._records[source] -= 1
                self._further[source] -= further
        self._unsure.clear()

    @property
    def full(self) -> bool:
        """Whether it needs no more persons."""
        return self._seen >= SAMPLE

    def add(self, traits: Traits) -> None:
        """Look at one more person, if the sample is not large enough."""
        if self.full:
            return
        self._seen += 1
        self._unsure.append(traits)
        for kind, value in _counted(traits):
            self._counts[kind][value] += 1


HELD_BY_TRAIT = {"email": ValueKind.EMAIL, "mobile": ValueKind.PHONE, "phone": ValueKind.PHONE, "link": ValueKind.LINK}
"""Traits whose values are counted by their holders, and the kind of contact detail that each is."""


class Holders(Protocol):
    """Who holds a contact detail, by its trait and first key."""

    def holder_count(self, kind: str, value: str) -> int | None:
        """How many people; None where that is not known."""
        ...

    def is_shared(self, kind: str, value: str) -> bool:
        """Whether it is known to be of several people."""
        ...


class Counts:
    """`profiles.resolve.frequencies.Frequencies`: contact details by their holders, all else from the sample."""

    def __init__(self, sample: Sample, holders: Holders) -> None:
        self._sample, self._holders = sample, holders

    def persons(self) -> int:
        """People held."""
        return self._sample.persons()

    def held(self) -> int:
        """People held."""
        return self._sample.held()

    def gives_several(self, source: str) -> bool:
        """Whether a source has several records of one person as a matter of course."""
        return self._sample.gives_several(source)

    def count(self, kind: str, value: str) -> int | None:
        """How many of them have the value; of a shared contact detail, a share of everybody."""
        if self._holders.is_shared(kind, value):
            return round(SHARED * self.persons())
        held = self._holders.holder_count(kind, value)
        return held if held is not None else self._sample.count(kind, value)


def _counted(traits: Traits) -> Iterable[tuple[str, str]]:
    given = {form.given[0] for form in traits.names if form.given}
    family = {" ".join(form.family) for form in traits.names if form.family}
    yield from ((GIVEN, word) for word in given)
    yield from ((FAMILY, word) for word in family)
    for kind in COUNTED:
        for value in traits.of(kind):
            yield kind, value
