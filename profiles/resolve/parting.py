"""Whether the records taken for one person's are two persons': seen only when both have come with records enough. Pure.

A record is given to a person when it comes, on what it says alone. Namesakes in one job, or two whose names differ by a letter, may be
taken for one from the first record of the second; what tells them apart (when each began, each one's own address) comes later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from profiles.resolve.evidence import TELLING, Comparison, compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.traits import Trait, Traits
from profiles.resolve.weights import Weights

APART = -6.0
"""Bits from which two halves are two persons, if what speaks for it is not of the job alone."""

OF_THE_JOB = frozenset({"company", "begun", "phone", "title", "place", "email"})
"""Kinds that can differ together in one person: whoever comes back to an employer has another beginning, address and title. Of 22,000
fictional persons in five sets, the one whose halves were told apart by these alone, at -7.9, was one person; all six halves at -7 and below
that differed in something else as well were two."""

ATTESTED = 2
"""Records that each half must have: of halves of one record each, six of six were a person's own, with a damaged or a native name."""

Half = tuple[str, ...]
"""Keys of records."""


def may_be_two(traits: Traits) -> bool:
    """Whether anything known of a person is said in a way in which one person seldom is: worth looking at her records one by one."""
    addresses = Counter(email.rpartition("@")[2] for email in traits.of(Trait.EMAIL))
    handles = Counter(link.partition(":")[0] for link in traits.of(Trait.LINK))
    jobs = Counter(job[8:] for job in traits.of(Trait.BEGUN))
    return any(number > 1 for counted in (addresses, handles, jobs) for number in counted.values())


def halves_of(records: Mapping[str, Traits], frequencies: Frequencies, weights: Weights) -> list[tuple[Half, Comparison]]:
    """The records of each further person among them, with what speaks against her being the first; empty while they are one person.

    The first is who has most records. Records that go together best are put together until none do; then what lies further than APART
    from the rest, with records enough, is another person. The number of comparisons grows with the square of the records.
    """
    groups: list[tuple[Half, Traits]] = [((key,), traits) for key, traits in sorted(records.items())]
    scores = {(i, j): _score(groups[i][1], groups[j][1], frequencies, weights) for j in range(len(groups)) for i in range(j)}
    live = dict(enumerate(groups))
    while scores:
        (i, j), best = max(scores.items(), key=lambda found: (found[1], -found[0][0], -found[0][1]))
        if best < APART and min(len(keys) for keys, _ in live.values()) >= ATTESTED:
            break
        if best < APART:  # a record alone proves nothing: it stays with those it fits best
            lone = min(live, key=lambda n: (len(live[n][0]), n))
            i, j = max((pair for pair in scores if lone in pair), key=lambda pair: (scores[pair], -pair[0], -pair[1]))
        live[i] = (live[i][0] + live[j][0], _together(live[i][1], live[j][1]))
        del live[j]
        scores = {pair: bits for pair, bits in scores.items() if not {i, j}.intersection(pair)}
        scores |= {(min(i, n), max(i, n)): _score(live[i][1], live[n][1], frequencies, weights) for n in live if n != i}
    first, *others = sorted(live.values(), key=lambda group: (-len(group[0]), group[0]))
    parted = ((keys, compare(first[1], traits, frequencies, weights)) for keys, traits in others)
    return [(keys, found) for keys, found in parted if _is_told_otherwise(found)]


def _is_told_otherwise(found: Comparison) -> bool:
    return any(evidence.weight < -TELLING for evidence in found.evidence if evidence.kind not in OF_THE_JOB)


def _score(one: Traits, other: Traits, frequencies: Frequencies, weights: Weights) -> float:
    return compare(one, other, frequencies, weights).score


def _together(one: Traits, other: Traits) -> Traits:
    both = Traits()
    both.add(one)
    both.add(other)
    return both
