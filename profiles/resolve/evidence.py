"""What speaks for and against two sets of traits being one person's: each finding with its weight, and what they add up to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import inf, log2
from typing import NamedTuple

from profiles.resolve.damage import are_two_names
from profiles.resolve.facts import compare_facts, compare_kinds
from profiles.resolve.frequencies import FAMILY, GIVEN, HOME, Counted, Frequencies, name_shares
from profiles.resolve.names import LIKELIER, Likeness, NameForm, NameMatch, match_forms, spells, spells_both
from profiles.resolve.traits import Trait, Traits
from profiles.resolve.weights import Weights, Wholes

MIDDLE, SUFFIX, COMPANY = "middle", "suffix", "company"
NO_NAME = "no name"
"""The veto where one side has none: no record may join a person without it, though somebody may be looked up by an address alone."""

OWN = frozenset({"email", "mobile", "link", "id_number", "birth_date"})
"""Kinds that are one person's own. Twins share a birth date and a home: of another first name, they need one more of these, or the job."""
LASTING = OWN | {"address", "postcode", "birth_place"}
"""Kinds that outweigh a name that cannot be reconciled, when two agree, one of OWN among them: a marriage, a damaged first name."""
TELLING = 5.0
"""Bits from which one agreement is of few people: an address of one house, not of a barracks."""
DESPITE_NAME = 18.0
"""Bits that LASTING kinds must bring for it: more than any one of them does."""


class Evidence(NamedTuple):
    """One finding. kind, level: as in weights.toml; weight: bits, before groups are capped; value: what agrees, "" when nothing does."""

    kind: str
    level: str
    weight: float
    value: str = ""

    def words(self) -> str:
        """For people: "email same (+14.3)", "title same here (+2.9)"."""
        return f"{self.kind} {self.level} ({self.weight:+.1f})".replace("_", " ")


class Comparison(NamedTuple):
    """score: bits for one person, what can be expected of two taken at random included: 0 is even odds, 10 a thousand to one.

    groups: bits by group, capped, in the order of Weights.groups.    veto: why they cannot be one person, "" when nothing forbids it.
    """

    score: float
    evidence: tuple[Evidence, ...]
    groups: tuple[float, ...]
    veto: str

    @property
    def despite_name(self) -> bool:
        """Whether a first or family name differs, and other evidence was strong enough to look past it."""
        return any(e.kind in (GIVEN, FAMILY) and e.level == Likeness.DIFFERENT for e in self.evidence) and not self.veto

    @property
    def name_damaged(self) -> bool:
        """Whether a first or family name is but a letter or two from the other's: damaged, or another one."""
        return any(e.kind in (GIVEN, FAMILY) and e.level == Likeness.NEAR for e in self.evidence)

    @property
    def half_named(self) -> bool:
        """Whether one of them has no first name, or no family name: colleagues share the other half."""
        return any(e.kind in (GIVEN, FAMILY) and e.level == Likeness.MISSING for e in self.evidence)

    @property
    def same_job(self) -> bool:
        """Whether both began in one month at one company, under one title."""
        return self.same_title_here and self._says("begun", "same")

    @property
    def same_title_here(self) -> bool:
        """Whether both had one title at one company."""
        return self._says("title", "same_here")

    @property
    def begun_apart(self) -> bool:
        """Whether they began at one company in different months. Of pairs whose names are a letter or two apart besides, in two fictional
        sets of 20,000 persons, one was one person and 435 were two.
        """
        return self._says("begun", "different")

    def _says(self, kind: str, level: str) -> bool:
        return any(e.kind == kind and e.level == level for e in self.evidence)

    @property
    def of_jobs(self) -> bool:
        """Whether jobs were compared: where they were not, all others of the name are as likely."""
        return any(e.kind in (COMPANY, "title") for e in self.evidence)

    @property
    def could_be_family(self) -> bool:
        """Whether names allow for somebody else of the household: no first name, or another middle name."""
        said = {(e.kind, e.level) for e in self.evidence}
        return (GIVEN, Likeness.MISSING) in said or (MIDDLE, "different") in said

    @property
    def probability(self) -> float:
        """The chance, 0 to 1, that both are one person."""
        return 1 / (1 + 2 ** -max(-60.0, min(60.0, self.score)))


def compare(a: Traits, b: Traits, frequencies: Frequencies, weights: Weights, *, brief: bool = False) -> Comparison:
    """What speaks for and against a and b being one person. Symmetric.

    brief: of two whose names forbid it, say only that; most of those whom a key leads to are such.
    """
    matches = _matches(a, b, frequencies)
    if brief and (veto := _veto_at_sight(matches, a, b)):
        return Comparison(-inf, (), (), veto)
    evidence, generation = _names(matches, a, b, frequencies, weights)
    named, veto = bool(evidence), NO_NAME
    if named and brief and (generation or _nothing_outweighs(_different(evidence), a, b)):
        veto = "generation" if generation else _other_name(evidence, frequencies)
    else:
        for kind, level, value in compare_facts(a, b):
            if (kind, level) == (Trait.SOURCE, "again") and all(map(frequencies.gives_several, _sources_of_both(a, b))):
                continue
            evidence.append(Evidence(kind, level, _bits(kind, level, value, frequencies, weights), value))
        if named:
            veto = "generation" if generation else _other_name(evidence, frequencies)
    if weights.wholes is not None:
        return _as_wholes(evidence, veto, weights, weights.wholes, frequencies.held())
    sums = [0.0] * len(weights.groups)
    for found in evidence:
        sums[weights.group_of[found.kind]] += found.weight
    groups = tuple(max(g.least, min(g.most, bits)) for g, bits in zip(weights.groups, sums, strict=True))
    score = sum(groups) - log2(max(frequencies.persons(), weights.limits.population))
    return Comparison(score, tuple(evidence), groups, veto)


def _sources_of_both(a: Traits, b: Traits) -> Iterable[str]:
    return a.of(Trait.SOURCE).keys() & b.of(Trait.SOURCE).keys()


def _as_wholes(found: list[Evidence], veto: str, weights: Weights, wholes: Wholes, held: int) -> Comparison:
    """What findings say of two persons as wholes: what each is worth beside all others has been trained, so that no group need be capped.

    held: persons there are; among more than the limit was chosen among, chance namesakes are as many times more, and more must agree.
    """
    more = max(held / wholes.persons, 1.0)
    evidence = tuple(e._replace(weight=wholes.bits(e.kind, e.level, e.weight)) for e in found)
    sums = [0.0] * len(weights.groups)
    for e in evidence:
        sums[weights.group_of[e.kind]] += e.weight
    return Comparison(wholes.start + sum(sums) - log2(more), evidence, tuple(sums), veto)


def _bits(kind: str, level: str, value: str, frequencies: Frequencies, weights: Weights) -> float:
    """What a level is worth. A rare level's u is what can be expected of one more person: by the table, and by the others counted.

    Persons as many as the weights' population stand for the table: in a small store it outweighs what little has been counted.
    """
    shares = weights.levels[kind][level]
    if not shares.rare or not value:
        return shares.bits
    expected = shares.u
    if kind in (GIVEN, FAMILY):
        expected = name_shares()[kind].get(value, expected)
    counted = frequencies.count(kind, value)
    if counted is not None:
        population = weights.limits.population
        expected = (max(counted - 1, 0) + population * expected) / (frequencies.persons() + population)
    return log2(shares.m / max(expected, shares.least))


def _veto_at_sight(matches: Collection[NameMatch], a: Traits, b: Traits) -> str:
    """The veto where every match leaves the same parts different, so that no weighing of them can tell otherwise; "" where it may.

    Of 2,483 pairs that their names forbade, in one of the generated feeds, it told 2,397, in half of the time.
    """
    different = {(GIVEN,) * (m.given is Likeness.DIFFERENT) + (FAMILY,) * (m.family is Likeness.DIFFERENT) for m in matches}
    parts = different.pop() if len(different) == 1 else ()
    if not parts or any(Likeness.MISSING in match for match in matches) or not _nothing_outweighs(parts, a, b):
        return ""
    if any(name.suffix for name in a.telling()) and any(name.suffix for name in b.telling()):
        return ""
    if parts == (FAMILY,):
        return "" if _spelled(a, b) or _spelled(b, a) else "family names"
    return "" if parts == (GIVEN,) and _spelled_at_work(a, b) else "first names"


def _different(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Which of first and family name differ."""
    return tuple(e.kind for e in evidence if e.kind in (GIVEN, FAMILY) and e.level == Likeness.DIFFERENT)


def _nothing_outweighs(different: tuple[str, ...], a: Traits, b: Traits) -> bool:
    """Whether another first or family name settles it: nothing agrees that could be looked to instead. `_other_name` says what could."""
    if not different or (different == (FAMILY,) and HOME in a.facts and HOME in b.facts):
        return False
    if len(different) == 1 and not {job[:7] for job in a.of(Trait.BEGUN)}.isdisjoint(job[:7] for job in b.of(Trait.BEGUN)):
        return False
    return not any(fact.level in ("same", "near") for fact in compare_kinds(a, b, OWN))


def _matches(a: Traits, b: Traits, frequencies: Frequencies) -> Collection[NameMatch]:
    """How any two telling names match; of persons of many names, few ways."""
    return {_matched(x, y, a, b, frequencies): None for x in a.telling() for y in b.telling()}


def _names(matches: Collection[NameMatch], a: Traits, b: Traits, frequencies: Frequencies, weights: Weights) -> tuple[list[Evidence], bool]:
    """The best of the matches, and whether the generations of the names forbid it. Where it leaves a difference, see `_reconciled`."""
    if not matches:
        return [], False
    ours, theirs = a.telling(), b.telling()
    weighed = [_weighed(match, frequencies, weights) for match in matches]
    evidence = max(weighed, key=lambda found: sum(e.weight for e in found))
    if any(e.level == Likeness.DIFFERENT for e in evidence[:2]):
        evidence = _reconciled(weighed, a, b, weights) or evidence
    suffixes = {x.suffix for x in ours if x.suffix}, {y.suffix for y in theirs if y.suffix}
    if not suffixes[0] or not suffixes[1]:
        return evidence, False
    agree = not suffixes[0].isdisjoint(suffixes[1])
    level = "same" if agree else "different"
    return [*evidence, Evidence(SUFFIX, level, weights.levels[SUFFIX][level].bits)], not agree


def _matched(x: NameForm, y: NameForm, a: Traits, b: Traits, frequencies: Frequencies) -> NameMatch:
    """The names compared; of two that are a letter apart and both as they are written, that part is different, unless they write from one
    address in one job: of colleagues each has one.
    """
    match = match_forms(x, y)
    if Likeness.NEAR not in (match.given, match.family) or not are_two_names(x, y, a, b, frequencies):
        return match
    if all(not a.of(kind).keys().isdisjoint(b.of(kind)) for kind in (Trait.EMAIL, Trait.TITLE, Trait.COMPANY)):
        return match
    return match._replace(**{part: Likeness.DIFFERENT for part in (GIVEN, FAMILY) if getattr(match, part) is Likeness.NEAR})


def _reconciled(weighed: list[list[Evidence]], a: Traits, b: Traits, weights: Weights) -> list[Evidence]:
    """First and family name where each of them is known, though no two names have both in common; empty where one is not.

    Of one who goes by several names, the first name may be in one and the family name in another: Xin Lin, Eric Luo and Eric Lin.
    A family name given up lives on in addresses: Danielle Ndiaye who writes from dfonfort@ was Danielle Fonfort. Of pairs of records in
    one job that differ in the family name alone, in two fictional sets of 20,000 persons, 481 of 488 with such an address were one person
    (the 7 had begun in different months), and 467 of 941 without.
    And a first name that somebody is not called by: Grace Zhao who writes from linqian_zhao@ is Linqian Zhao, if they had one job: of
    such records and persons, in three sets of 20,000, 128 of 128 were one person.
    """
    best, other = (max(weighed, key=lambda found: (-LIKELIER[Likeness(found[i].level)], found[i].weight)) for i in (0, 1))
    given, family = best[0], other[1]
    if given.level == Likeness.DIFFERENT and family.level in _AGREEING and (called := _spelled_at_work(a, b)):
        given = Evidence(GIVEN, Likeness.PART.value, weights.levels[GIVEN][Likeness.PART].bits, called)
    if given.level not in _AGREEING:
        return []
    if family.level == Likeness.DIFFERENT and (former := _spelled(a, b) or _spelled(b, a)):
        family = Evidence(FAMILY, Likeness.PART.value, weights.levels[FAMILY][Likeness.PART].bits, former)
    return [given, family, *best[2:]] if family.level in _AGREEING else []


_AGREEING = frozenset({Likeness.EXACT, Likeness.NICKNAME, Likeness.PART, Likeness.SOUND})


def _spelled(a: Traits, b: Traits) -> str:
    """The family name of b that an e-mail address of a spells, or the address of a page; "" when none does."""
    spelled = a.address_names()
    return next((" ".join(name.family) for name in b.telling() for text in spelled if spells(text, name)), "")


def _spelled_at_work(a: Traits, b: Traits) -> str:
    """The first name of one that an address of the other alone spells with the family name, if both had one title and one company, or "".

    An address that both have may be anybody's: it was handed on, or a source mixed them up.
    """
    if a.of(Trait.TITLE).keys().isdisjoint(b.of(Trait.TITLE)) or a.of(Trait.COMPANY).keys().isdisjoint(b.of(Trait.COMPANY)):
        return ""
    ours, theirs = a.address_names(), b.address_names()
    own = ((b, set(ours).difference(theirs)), (a, set(theirs).difference(ours)))
    spelled = (name.given[0] for traits, alone in own for name in traits.telling() for text in alone if spells_both(text, name))
    return min(spelled, default="")


def _weighed(match: NameMatch, frequencies: Frequencies, weights: Weights) -> list[Evidence]:
    said = ((GIVEN, match.given.value, match.given_word), (FAMILY, match.family.value, match.family_word))
    found = [Evidence(kind, level, _bits(kind, level, word, frequencies, weights), word) for kind, level, word in said]
    if match.middle:
        found.append(Evidence(MIDDLE, match.middle, weights.levels[MIDDLE][match.middle].bits))
    return found


def _other_name(evidence: list[Evidence], frequencies: Frequencies) -> str:
    """Another first or family name forbids it, unless two lasting details agree.

    For a family name a profile link is enough, or the home with the company or a middle name: of pairs of wage earners' rows with one first
    name and one middle initial at one address, 176 were one person and 1 was not.

    With the job under one title, a profile link is enough for any name, an address or a number for another family name, and the month it
    began where only one of the two names is another: of pairs of persons in four fictional sets, 173 of 173 that had a name and that month
    in common were one person; with the job alone, 335 of 365. An address is not enough for another first name, though in thirteen fictional
    sets all of 234 pairs of records were one person (Eric and Weili Chen at chen.weili@): who run a family's firm share title and address.
    """
    different = [e.kind for e in evidence if e.kind in (GIVEN, FAMILY) and e.level == Likeness.DIFFERENT]
    if not different:
        return ""
    lasting = [e for e in evidence if e.kind in LASTING and e.weight > 0]
    own = {e.kind for e in lasting if e.kind in OWN and e.weight > TELLING}
    if own <= {"birth_date"} and any(e.kind in (GIVEN, FAMILY) and e.level == Likeness.MISSING for e in evidence):
        return "family names"  # half a name, and another: nothing of the names agrees
    twins = different == [GIVEN] and own == {"birth_date"} and not any(e.kind == "occupation" and e.weight > 0 for e in evidence)
    if twins and isinstance(frequencies, Counted) and not frequencies.has_families():
        twins = False
    if own and not twins and len(lasting) > 1 and sum(e.weight for e in lasting) >= DESPITE_NAME:
        return ""
    said = {(e.kind, e.level) for e in evidence}
    same_job = ("title", "same_here") in said
    if "link" in own and (different == [FAMILY] or same_job):
        return ""
    if same_job and ((own and different == [FAMILY]) or (("begun", "same") in said and len(different) == 1)):
        return ""
    telling = {e.kind for e in evidence if e.weight > TELLING or (e.kind, e.level) == (MIDDLE, "same")}
    if different == [FAMILY] and HOME in telling and not telling.isdisjoint((COMPANY, MIDDLE)):
        return ""
    return "first names" if GIVEN in different else "family names"
