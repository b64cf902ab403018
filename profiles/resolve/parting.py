"""Whether the records taken for one person's are two persons': seen only when both have come with records enough. Pure.

A record is given to a person when it comes, on what it says alone. Namesakes in one job, or two whose names differ by a letter, may be
taken for one from the first record of the second; what tells them apart (when each began, each one's own address) comes later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from profiles.resolve.choose import beside_name, fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.traits import Trait, Traits
from profiles.resolve.weights import Weights, shipped_weights

APART = 0.0
"""Bits, by the weights for wholes, below which two halves are two persons: they are likelier two than one. The limit for joining lies above
it, so that nobody who was parted is joined again on the same evidence."""

Half = tuple[str, ...]
"""Keys of records."""


def may_be_two(traits: Traits) -> bool:
    """Whether anything known of a person is said in a way in which one person seldom is: worth looking at her records one by one."""
    if traits.records > len(traits.of(Trait.SOURCE)):
        return True
    addresses = Counter(email.rpartition("@")[2] for email in traits.of(Trait.EMAIL))
    handles = Counter(link.partition(":")[0] for link in traits.of(Trait.LINK))
    jobs = Counter(job[8:] for job in traits.of(Trait.BEGUN))
    return any(number > 1 for counted in (addresses, handles, jobs) for number in counted.values())


def halves_of(records: Mapping[str, Traits], frequencies: Frequencies, weights: Weights) -> list[tuple[Half, Comparison]]:
    """The records of each further person among them, with what speaks against her being the first; empty while they are one person.

    weights: for wholes. Whoever the shipped weights would give a record of the first to stays with her.

    The first is who has most records. Records that go together best are put together while any go together; what is left is other persons.
    The number of comparisons grows with the square of the records.
    """
    groups: list[tuple[Half, Traits]] = [((key,), traits) for key, traits in sorted(records.items())]
    scores = {(i, j): _score(groups[i][1], groups[j][1], frequencies, weights) for j in range(len(groups)) for i in range(j)}
    live = dict(enumerate(groups))
    while scores:
        (i, j), best = max(scores.items(), key=lambda found: (found[1], -found[0][0], -found[0][1]))
        if best < APART:
            break
        live[i] = (live[i][0] + live[j][0], _together(live[i][1], live[j][1]))
        del live[j]
        scores = {pair: bits for pair, bits in scores.items() if not {i, j}.intersection(pair)}
        scores |= {(min(i, n), max(i, n)): _score(live[i][1], live[n][1], frequencies, weights) for n in live if n != i}
    first, *others = sorted(live.values(), key=lambda group: (-len(group[0]), group[0]))
    strict = shipped_weights()
    apart = [half for half in others if not fits(compare(first[1], half[1], frequencies, strict), strict)]
    return [(keys, compare(first[1], traits, frequencies, weights)) for keys, traits in apart]


def _score(one: Traits, other: Traits, frequencies: Frequencies, weights: Weights) -> float:
    """Bits for their being one person; a name alone, however rare, keeps nobody together."""
    found = compare(one, other, frequencies, weights)
    return found.score if max(beside_name(found, weights).values()) > 0 else min(found.score, APART - 1)


def _together(one: Traits, other: Traits) -> Traits:
    both = Traits()
    both.add(one)
    both.add(other)
    return both
