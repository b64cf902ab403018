"""Whether a record that was given to one person is another's, who was not known by then, or not as well. Pure.

A record goes to whom it fits among those who have come before it. Her own records may come later, and found a profile of their own beside
it: nothing holds two namesakes together once both are known. So whoever has grown is put before the records of her namesakes.

Of records of namesakes in three fictional sets of 20,000 persons, one hard, that the rule below gives to somebody else, 23
were hers and one was not, where their person was at one of the two places alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from profiles.resolve.choose import fits
from profiles.resolve.damage import are_near
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import GIVEN, Frequencies
from profiles.resolve.traits import Traits, together
from profiles.resolve.weights import Weights, shipped_weights

BETTER = 2.0
"""Bits by which a record must fit another better than those it is with; at half a bit 23 went rightly and 3 wrongly."""


def may_stray(a: Traits, b: Traits) -> bool:
    """Whether two persons have two words of their names in common, or one and another but for a letter or two."""
    ours, theirs = ({word for name in t.telling() for word in (*name.given, *name.family)} for t in (a, b))
    common = len(ours & theirs)
    return common > 1 or (common == 1 and any(are_near(x, y) for x in a.telling() for y in b.telling()))


def strayed(
    records: Mapping[str, Traits], free: Collection[str], person: Traits, frequencies: Frequencies
) -> list[tuple[tuple[str, ...], Comparison]]:
    """Which records, by their keys, are the person's, and what speaks for it: together where they fit her better so, else one by one.

    records: all that are with another.    free: keys of those that may go. One stays at least.
    """
    weights = shipped_weights()
    fitting = [key for key in sorted(free) if fits(compare(records[key], person, frequencies, weights, brief=True), weights)]
    found: list[tuple[tuple[str, ...], Comparison]] = []
    gone: set[str] = set()
    for keys in dict.fromkeys([tuple(fitting), *((key,) for key in fitting)]):
        staying = [traits for key, traits in records.items() if key not in gone and key not in keys]
        if not keys or not staying or not gone.isdisjoint(keys):
            continue
        told = _strays(together([records[key] for key in keys]), together(staying), person, frequencies)
        if told is not None:
            found.append((keys, told))
            gone.update(keys)
    return found


def _strays(going: Traits, staying: Traits, person: Traits, frequencies: Frequencies) -> Comparison | None:
    """What speaks for records being the person's, where they fit her better than the others they are with; None where they do not."""
    weights = shipped_weights()
    there = compare(going, person, frequencies, weights, brief=True)
    if not fits(there, weights):
        return None
    here = compare(going, staying, frequencies, weights)
    return there if here.veto or _likeness(there, weights) > _likeness(here, weights) + BETTER else None


def _likeness(found: Comparison, weights: Weights) -> float:
    """Bits for two persons to be weighed against each other.

    The sources count for neither: a stray of the record's own source would speak against its going home. Bits of a name are not capped: of
    two rare names a letter apart either is enough, and the very one is more.
    """
    name, source = weights.group_of[GIVEN], weights.group_of["source"]
    named = sum(evidence.weight for evidence in found.evidence if weights.group_of[evidence.kind] == name)
    return named + sum(bits for group, bits in enumerate(found.groups) if group not in (name, source))
