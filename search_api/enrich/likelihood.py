"""What a likelihood from 1 to 10 means, and the evidence of a match in words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from profiles.resolve.evidence import Comparison, Evidence
from profiles.resolve.traits import Trait
from search_api.enrich.person import Question

THRESHOLDS = (0.0, 1.6, 2.6, 3.5, 4.4, 5.4, 6.6, 8.0, 10.0)
"""Bits from which a match has the likelihood 2, 3 ... 10: even odds, then chances of 75, 86, 92, 95, 98, 99, 99.6 and 99.9 %. The steps are
set by hand; what matches of each were worth is counted in docs/enrich.md (bench/enrich_accuracy.py)."""

_SAME_NAME = {
    "exact": "is the same",
    "nickname": "is a usual form of the same",
    "part": "is a part of the longer one",
    "sound": "is another spelling of the same sound",
    "near": "is a letter or two apart",
    "initial": "begins with the initial",
    "missing": "is missing on one side",
    "different": "differs",
}
_NOUNS = {
    "given": "the first name",
    "family": "the family name",
    "middle": "the middle name",
    "suffix": "the generation (Jr, II ...)",
    "email": "the e-mail address",
    "mobile": "the phone number",
    "phone": "the phone number",
    "link": "the profile link",
    "company": "the company",
    "place": "the place",
}
_LEVELS = {
    ("email", "near"): "is a letter apart",
    ("email", "other"): "is another one at the same domain",
    ("company", "domain"): "has the same domain",
    ("company", "other"): "is another one",
    ("company", "former"): "is another one, though so long ago that the job may have changed",
    ("place", "country"): "is another one in the same country",
    ("place", "abroad"): "is in another country",
}
_FIELDS = {
    "given": ("name", "first_name"),
    "family": ("name", "last_name"),
    "middle": ("middle_name",),
    "email": ("email", "email_hash"),
    "mobile": ("phone",),
    "phone": ("phone",),
    "link": ("profile",),
    "company": ("company",),
    "place": ("location", "locality", "region", "country"),
}


def likelihood_of(bits: float) -> int:
    """1 to 10, of the evidence less that for anybody else."""
    return 1 + bisect_right(THRESHOLDS, bits)


def in_words(evidence: Evidence) -> str:
    """A finding as a sentence: "the e-mail address is the same"."""
    noun = _NOUNS.get(evidence.kind, evidence.kind.replace("_", " "))
    level = evidence.level.removesuffix("_here").removesuffix("_then")
    if evidence.kind in ("given", "family"):
        return f"{noun} {_SAME_NAME[level]}"
    return f"{noun} {_LEVELS.get((evidence.kind, level)) or ('is the same' if level == 'same' else 'differs')}"


def matched_fields(question: Question, found: Comparison) -> tuple[str, ...]:
    """Those of the fields given in which question and profile agree, in the order given."""
    agreeing: set[str] = set()
    for evidence in found.evidence:
        if evidence.weight > 0 and evidence.level not in ("different", "missing", "country", "abroad"):
            agreeing |= {*_FIELDS.get(evidence.kind, ())}
        if evidence.kind == "place" and evidence.level.startswith("country"):
            agreeing.add("country")
    names = {e.kind for e in found.evidence if e.kind in ("given", "family") and e.level not in ("different", "missing")}
    if names != {"given", "family"}:
        agreeing.discard("name")
    if any(e.kind == "company" and e.level == "domain" for e in found.evidence) and not question.traits.of(Trait.DOMAIN):
        agreeing.discard("company")  # the domain was the address's
    return tuple(name for name in question.given if name in agreeing)


def strongest_first(evidence: Iterable[Evidence]) -> Sequence[Evidence]:
    """The findings, those that tell most first, for or against."""
    return sorted(evidence, key=lambda found: -abs(found.weight))
