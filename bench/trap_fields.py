"""Of the persons in traps: how many are right, and why are the others not? Is there a field that joins, or separates, them at all?

    python bench/trap_fields.py FEEDS... [--sources bench/sources] [--cases]

FEEDS as for resolve_feeds.py, of a few thousand persons, each resolved in a store of its own in the order of the deliveries. A line for
each kind of trap, all sets together: cases, cases right, and of the others one reason each. They are judged by their parts, what the
records of one person in one profile say together; of one who lies in several profiles, by the two parts nearest to each other.

    no field     as much is found between two persons (or, of those who lie together, between records of one), so that no rule on what is
                 found could tell them: of all examples in these sets with the same findings, and names about as rare, fewer than
                 19 in 20 are one person (at least half are). What weighs next to nothing is left aside
    other name   a first or family name is another one, and nothing says that it may be
    not met      it would be enough, and no key leads from one to the other
    against      what is found speaks for two persons
    too little   what is found speaks for one person, and not enough
    other        enough, met, and yet apart: a namesake was as near, or a part lies with somebody else; or likelier two, and yet together

Examples are each record beside the rest of its person, and beside the persons nearest to that one. --cases prints what is found of each
case that is not right.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from resolve_feeds import records, traps_of, truth_of
from resolve_orders import ingested
from running import ROOT

from engines.base import Collection, Reader
from engines.opening import open_reader
from indexer.frequencies import sampled
from indexer.person import Person
from indexer.view import View
from profiles.resolve.choose import fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import FAMILY, GIVEN
from profiles.resolve.sample import Counts
from profiles.resolve.traits import Traits, gathered
from profiles.resolve.weights import shipped_weights, weights_for_wholes

SURE = 0.95
"""Share of one person from which joining all who are found alike would be right: below it one join in twenty is wrong."""
AS_LIKELY = 0.5
"""Share of one person from which parting all who are found alike would part more of one person than it keeps of two."""

AS_RARE = 2.0
"""Bits between names that are about as rare: one is up to four times as rare as the other."""

LITTLE = 0.7
"""Bits below which a finding, names apart, tells next to nothing: that two in one job are in one town, or have one switchboard."""

REASONS = ("no field", "other name", "not met", "against", "too little", "other")

Findings = frozenset[tuple[str, str]]
"""What was found between two, by kind and level."""


class Case(NamedTuple):
    """Two parts of a case that is not right.    together: whether they lie in one profile, and are two persons."""

    kind: str
    persons: tuple[str, ...]
    together: bool
    reason: str
    found: Comparison


class Example(NamedTuple):
    """Two parts, whose persons are known.    rarity: bits of their names."""

    findings: Findings
    rarity: float
    one: bool


class Set:
    """A set that was resolved: its persons and parts, and how they compare."""

    def __init__(self, view: View, counts: Counts, truth: Mapping[str, str]) -> None:
        self.view, self.truth, self._counts = view, truth, counts
        self.profile_of = {key: person for person in view.persons.values() for key in person.records}
        self.records_of: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.profile_of):
            self.records_of[truth[key]].append(key)
        self._near: dict[str, list[Person]] = {}

    def traits(self, keys: Iterable[str]) -> Traits:
        """Of records, together."""
        return gathered(self.view.records[key] for key in keys)

    def compared(self, one: Traits, other: Traits) -> Comparison:
        """As wholes."""
        return compare(one, other, self._counts, weights_for_wholes())

    def enough(self, one: Traits, other: Traits) -> bool:
        """Whether they would be one person, if they met alone."""
        strict = shipped_weights()
        return fits(self.compared(one, other), weights_for_wholes()) or fits(compare(one, other, self._counts, strict), strict)

    def near(self, person: Person) -> list[Person]:
        """Whom the person would be compared with."""
        if person.id not in self._near:
            self._near[person.id] = self.view.nearest(person)
        return self._near[person.id]

    def met(self, one: Person, other: Person) -> bool:
        """Whether either leads to the other."""
        return other in self.near(one) or one in self.near(other)

    def parts(self, person: str) -> dict[str, list[str]]:
        """The records of a person, by the profile they lie in."""
        found: dict[str, list[str]] = defaultdict(list)
        for key in self.records_of[person]:
            found[self.profile_of[key].id].append(key)
        return found

    def examples(self) -> Iterator[Example]:
        """Each record beside the rest of its person, and beside the nearest others that hold nothing of hers."""
        for key, profile in self.profile_of.items():
            alone, person = self.traits([key]), self.truth[key]
            rest = [k for k in self.records_of[person] if k != key]
            if rest:
                yield _example(self.compared(alone, self.traits(rest)), one=True)
            for other in self.near(profile):
                if all(self.truth[k] != person for k in other.records):
                    yield _example(self.compared(alone, other.traits()), one=False)


def findings(found: Comparison) -> Findings:
    """By kind and level, without what tells little."""
    return frozenset((str(e.kind), e.level) for e in found.evidence if e.kind in (GIVEN, FAMILY) or abs(e.weight) >= LITTLE)


def rarity(found: Comparison) -> float:
    """Bits of the names."""
    return found.groups[0]


def _example(found: Comparison, *, one: bool) -> Example:
    return Example(findings(found), rarity(found), one)


def split(given: Set, kind: str, person: str) -> Case | None:
    """One person who should lie in one profile."""
    parts = given.parts(person)
    told = {profile: given.traits(keys) for profile, keys in parts.items()}
    pairs = [(a, b, given.compared(told[a], told[b])) for a, b in combinations(parts, 2)]
    if not pairs:
        return None
    a, b, found = max(pairs, key=lambda pair: (not pair[2].veto, pair[2].score))
    if found.veto:
        reason = "other name"
    elif given.enough(told[a], told[b]):
        reason = "other" if given.met(given.view.persons[a], given.view.persons[b]) else "not met"
    else:
        reason = "too little" if found.score >= 0 else "against"
    return Case(kind, (person,), together=False, reason=reason, found=found)


def joined(given: Set, kind: str, persons: Sequence[str]) -> Case | None:
    """Persons of whom no two should lie in one profile."""
    for one, other in combinations(persons, 2):
        ours, theirs = given.parts(one), given.parts(other)
        for profile in ours.keys() & theirs.keys():
            found = given.compared(given.traits(ours[profile]), given.traits(theirs[profile]))
            reason = "other" if found.veto or found.score < 0 else "too little"
            return Case(kind, (one, other), together=True, reason=reason, found=found)
    return None


def is_told(case: Case, examples: Mapping[Findings, Sequence[Example]]) -> bool:
    """Whether what is found of a case could tell that it is one person, or two: by all who are found alike."""
    alike = [e.one for e in examples[findings(case.found)] if abs(e.rarity - rarity(case.found)) <= AS_RARE]
    if not alike:
        return True
    share = sum(alike) / len(alike)
    return share < AS_LIKELY if case.together else share >= SURE


async def resolved(folder: Path, sources: Path, today: date) -> tuple[Counter[str], list[Case], list[Example]]:
    """Cases there are by kind, cases that are not right, and examples."""
    with tempfile.TemporaryDirectory() as store:
        await ingested(list(records(folder, sources, today)), sources, today, store)
        reader = await open_reader(f"embedded:{store}")
        try:
            given = await _read(reader, truth_of(folder))
            cases, wrong = _judged(given, traps_of(folder))
            return cases, wrong, list(given.examples())
        finally:
            await reader.close()


async def _read(reader: Reader, truth: Mapping[str, str]) -> Set:
    view = View(reader.contacts)
    await view.load_outlines([document.key async for document in reader.contacts.scan(Collection.PROFILES)])
    await view.load_surroundings(list(view.persons.values()))
    return Set(view, Counts(await sampled(reader.contacts), view), truth)


def _judged(given: Set, traps: Iterable[tuple[str, list[str], str]]) -> tuple[Counter[str], list[Case]]:
    cases: Counter[str] = Counter()
    wrong = []
    for kind, persons, expected in traps:
        known = [person for person in persons if given.records_of.get(person)]
        if expected == "same":
            case, counts = split(given, kind, persons[0]), len(given.records_of.get(persons[0], ())) > 1
        else:
            case, counts = joined(given, kind, known), len(known) > 1
        cases[kind] += counts
        wrong += [case] if case else []
    return cases, wrong


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", type=Path, nargs="+")
    parser.add_argument("--sources", type=Path, default=ROOT / "bench" / "sources")
    parser.add_argument("--cases", action="store_true", help="print what is found of each case that is not right")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    options = parser.parse_args()
    cases: Counter[str] = Counter()
    wrong: list[Case] = []
    examples: dict[Findings, list[Example]] = defaultdict(list)
    for folder in options.feeds:
        counted, failed, seen = asyncio.run(resolved(folder, options.sources, options.today))
        cases += counted
        wrong += failed
        for example in seen:
            examples[example.findings].append(example)
    wrong = [case if is_told(case, examples) else case._replace(reason="no field") for case in wrong]
    if options.cases:
        for case in sorted(wrong, key=lambda case: (case.kind, case.reason, case.persons)):
            words = ", ".join(e.words() for e in case.found.evidence)
            print(f"{case.kind} {' '.join(case.persons)}: {case.reason}, {case.found.veto or f'{case.found.score:.1f}'}; {words}")
    reasons = Counter((case.kind, case.reason) for case in wrong)
    print("\n| trap | cases | right | share | " + " | ".join(REASONS) + " |")
    print("|---" * (4 + len(REASONS)) + "|")
    for kind, number in sorted(cases.items()):
        told = [reasons[kind, reason] for reason in REASONS]
        right = number - sum(told)
        print(f"| {kind} | {number} | {right} | {right / number:.3f} | " + " | ".join(str(n or "") for n in told) + " |")


if __name__ == "__main__":
    main()
