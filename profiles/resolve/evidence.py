"""What speaks for and against two sets of traits being one person's: each finding with its weight, and what they add up to. Pure."""

from __future__ import annotations

from collections.abc import Collection
from math import log2
from typing import NamedTuple

from profiles.resolve.facts import compare_facts
from profiles.resolve.frequencies import FAMILY, GIVEN, Frequencies, name_shares
from profiles.resolve.names import Likeness, NameForm, NameMatch, match_forms
from profiles.resolve.traits import Traits
from profiles.resolve.weights import Weights

SUFFIX = "suffix"

STRONG = frozenset({"email", "mobile", "link", "id_number"})
"""Kinds of which a common value is enough to look past another family name (a marriage), when two of them agree."""


class Evidence(NamedTuple):
    """One finding. kind, level: as in weights.toml; weight: bits, before groups are capped; value: what agrees, "" when nothing does."""

    kind: str
    level: str
    weight: float
    value: str = ""

    def words(self) -> str:
        """For people: "email same (+14.3)"."""
        return f"{self.kind} {self.level} ({self.weight:+.1f})"


class Comparison(NamedTuple):
    """score: bits for one person, what can be expected of two taken at random included: 0 is even odds, 10 a thousand to one.

    groups: bits by group, capped, in the order of Weights.groups.    veto: why they cannot be one person, "" when nothing forbids it.
    """

    score: float
    evidence: tuple[Evidence, ...]
    groups: tuple[float, ...]
    veto: str

    @property
    def probability(self) -> float:
        """The chance, 0 to 1, that both are one person."""
        return 1 / (1 + 2 ** -max(-60.0, min(60.0, self.score)))


def compare(a: Traits, b: Traits, frequencies: Frequencies, weights: Weights) -> Comparison:
    """What speaks for and against a and b being one person. Symmetric."""
    evidence, veto = _names(a.names, b.names, frequencies, weights)
    if not veto:
        for kind, level, value in compare_facts(a, b):
            share = _share(kind, value, frequencies) if value else None
            evidence.append(Evidence(kind, level, weights.levels[kind][level].weight(share), value))
        veto = _other_family(evidence)
    sums = [0.0] * len(weights.groups)
    for found in evidence:
        sums[weights.group_of[found.kind]] += found.weight
    groups = tuple(max(g.least, min(g.most, bits)) for g, bits in zip(weights.groups, sums, strict=True))
    score = sum(groups) - log2(max(frequencies.persons(), weights.limits.population))
    return Comparison(score, tuple(evidence), groups, veto)


def _share(kind: str, value: str, frequencies: Frequencies) -> float | None:
    """The share of persons with a value; for a name the shipped table's where it is higher, or nothing is counted."""
    counted = frequencies.count(kind, value)
    share = counted / max(frequencies.persons(), 1) if counted is not None else None
    if kind in (GIVEN, FAMILY):
        listed = name_shares()[kind].get(value)
        if listed is not None:
            return max(listed, share or 0.0)
    return share


def _names(a: Collection[NameForm], b: Collection[NameForm], frequencies: Frequencies, weights: Weights) -> tuple[list[Evidence], str]:
    """The best match of any two telling names, and whether names forbid it."""
    best: tuple[float, list[Evidence], NameMatch] | None = None
    ours, theirs = telling(a), telling(b)
    for x in ours:
        for y in theirs:
            match = match_forms(x, y)
            weighed = _weighed(match, frequencies, weights)
            bits = sum(e.weight for e in weighed)
            if best is None or bits > best[0]:
                best = bits, weighed, match
    if best is None:
        return [], "no name"
    _, evidence, match = best
    if match.given is Likeness.DIFFERENT:
        return evidence, "first names"
    suffixes = {x.suffix for x in ours if x.suffix}, {y.suffix for y in theirs if y.suffix}
    if suffixes[0] and suffixes[1]:
        agree = not suffixes[0].isdisjoint(suffixes[1])
        level = "same" if agree else "different"
        evidence.append(Evidence(SUFFIX, level, weights.levels[SUFFIX][level].weight(None)))
        if not agree:
            return evidence, "generation"
    return evidence, ""


def _weighed(match: NameMatch, frequencies: Frequencies, weights: Weights) -> list[Evidence]:
    found = []
    for kind, level, word in ((GIVEN, match.given, match.given_word), (FAMILY, match.family, match.family_word)):
        share = _share(kind, word, frequencies) if word else None
        found.append(Evidence(kind, level.value, weights.levels[kind][level.value].weight(share), word))
    return found


def telling(names: Collection[NameForm]) -> list[NameForm]:
    """Without names given by an initial only, where a fuller name with this initial and the family name is among them.

    "J. Smith", taken for John Smith, must not let Jane in.
    """
    if len(names) == 1:
        return list(names)
    return [n for n in names if not (_by_initial(n) and any(_is_fuller(other, n) for other in names))]


def _by_initial(name: NameForm) -> bool:
    return bool(name.given) and len(name.given[0]) == 1


def _is_fuller(other: NameForm, name: NameForm) -> bool:
    return bool(other.given) and not _by_initial(other) and other.given[0][0] == name.given[0][0] and other.family == name.family


def _other_family(evidence: list[Evidence]) -> str:
    """Another family name is looked past only where two lasting details agree, or a profile link, which nobody inherits."""
    if any(e.kind == FAMILY and e.level == "different" for e in evidence):
        agreeing = {e.kind for e in evidence if e.kind in STRONG and e.level == "same"}
        if len(agreeing) < 2 and "link" not in agreeing:
            return "family names"
    return ""
