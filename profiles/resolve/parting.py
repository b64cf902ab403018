"""Whether the records taken for one person's are two persons': seen only when both have come with records enough. Pure.

A record is given to a person when it comes, on what it says alone, and persons are joined on what is known by then. Namesakes in one job,
or two whose names differ by a letter, may be taken for one from the first record of the second; what tells them apart (when each began,
each one's own address) comes later. So whatever no contact detail and no job holds together is weighed again as it now is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from math import inf

from profiles.resolve.choose import beside_name, fits
from profiles.resolve.damage import are_near
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Frequencies
from profiles.resolve.traits import Trait, Traits, together
from profiles.resolve.weights import Weights, shipped_weights

SLACK = 2.5
"""Bits that two halves may lack of what makes two persons one, and yet stay together: nobody is to part and join again with each record.
Of two sets of 3,000 fictional persons, one hard, 1 gave a recall of .956 and .913, and 2.5 of .957 and .917, at the same precision (.9988
and .9973)."""

Half = tuple[str, ...]
"""Keys of records."""


def may_be_two(traits: Traits) -> bool:
    """Whether anything known of a person is said in a way in which one person seldom is: worth looking at her records one by one."""
    if traits.records > len(traits.of(Trait.SOURCE)) or any(are_near(x, y) for x, y in combinations(traits.telling(), 2)):
        return True
    addresses = Counter(email.rpartition("@")[2] for email in traits.of(Trait.EMAIL))
    handles = Counter(link.partition(":")[0] for link in traits.of(Trait.LINK))
    jobs = Counter(job[8:] for job in traits.of(Trait.BEGUN))
    return any(number > 1 for counted in (addresses, handles, jobs) for number in counted.values())


def halves_of(records: Mapping[str, Traits], frequencies: Frequencies, weights: Weights) -> list[tuple[Half, Comparison]]:
    """The records of each further person among them, with what speaks against her being the first; empty while they are one person.

    weights: for wholes. Records that the shipped weights would give to one person stay together, whatever these say.

    The first is who has most records. Records that go together best are put together while any go together; what is left is other persons.
    The number of comparisons grows with the square of the records that have no contact detail and no job in common.
    """
    live = dict(enumerate(_groups_of(records)))
    scores = {(i, j): _score(live[i][1], live[j][1], frequencies, weights) for i in live for j in range(i + 1, len(live))}
    strict, enough = shipped_weights(), weights.limits.same - SLACK
    while scores:
        (i, j), best = max(scores.items(), key=lambda found: (found[1], -found[0][0], -found[0][1]))
        if best < enough:
            fitting = (p for p in scores if fits(compare(live[p[0]][1], live[p[1]][1], frequencies, strict, brief=True), strict))
            pair = next(fitting, None)
            if pair is None:
                break
            i, j = pair
        live[i] = (live[i][0] + live[j][0], together((live[i][1], live[j][1])))
        del live[j]
        scores = {pair: bits for pair, bits in scores.items() if not {i, j}.intersection(pair)}
        scores |= {(min(i, n), max(i, n)): _score(live[i][1], live[n][1], frequencies, weights) for n in live if n != i}
    first, *others = sorted(live.values(), key=lambda group: (-len(group[0]), group[0]))
    return [(keys, compare(first[1], traits, frequencies, weights)) for keys, traits in others]


def _groups_of(records: Mapping[str, Traits]) -> list[tuple[Half, Traits]]:
    """Records that a contact detail or a job holds together; each by itself where what they say is seldom said of one person."""
    if may_be_two(together(records.values())):
        return [((key,), traits) for key, traits in sorted(records.items())]
    groups: list[tuple[Half, Traits, set[str]]] = []
    for key, traits in sorted(records.items()):
        half: Half = (key,)
        known, marks = traits, _marks(traits)
        for met in [group for group in groups if not marks.isdisjoint(group[2])]:
            groups.remove(met)
            half, known, marks = met[0] + half, together((met[1], known)), marks | met[2]
        groups.append((half, known, marks))
    return [(half, known) for half, known, _ in groups]


def _marks(traits: Traits) -> set[str]:
    """What can hold two records together at sight."""
    details = {value for kind in (Trait.EMAIL, Trait.MOBILE, Trait.LINK) for value in traits.of(kind)}
    return details | {f"{title} {company}" for title in traits.of(Trait.TITLE) for company in traits.of(Trait.COMPANY)}


def _score(one: Traits, other: Traits, frequencies: Frequencies, weights: Weights) -> float:
    """Bits for their being one person; a name alone, however rare, keeps nobody together, nor does a name that is another's."""
    found = compare(one, other, frequencies, weights)
    if found.veto or (found.name_damaged and not fits(found, weights)):
        return -inf
    return found.score if max(beside_name(found, weights).values()) > 0 else -inf
