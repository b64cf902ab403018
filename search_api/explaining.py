"""Why a hit was found and stands where it stands, in words; and which words of it matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.query import AllOf, AnyOf, Best, Clause, Fuzzy, Hit, Leaf, Phrase, Prefix, Term, Without, leaves
from mappings.reading import load_given_names
from profiles.models import Profile, ValueKind
from profiles.normalise.fold import fold_tokens
from profiles.normalise.name import formal_names, phonetic_codes
from search_api.matching import kind_of, matches_of, matching
from search_api.meaning.clauses import ABROAD, INITIAL, Reading

MAX_HIGHLIGHTS = 5  # values of one field: who had ten employers of one name need not see all ten

_HIGHLIGHTED = (ValueKind.NAME, ValueKind.JOB_TITLE, ValueKind.COMPANY, ValueKind.LOCATION, ValueKind.SKILL)

# How a match reads between what was asked and what the person has; by index field, for the others by the kind of clause.
_VERBS: Mapping[str, str] = {
    "name_exact": "is the whole name",
    "name_spelling": "is spelt as",
    "name_nickname": "is a form of",
    "name_phonetic": "sounds like",
    "job_title_name": "is the whole title",
    "seniority": "is the level of",
    "function": "is the work of",
    "company_key": "is the company",
    "company_domain": "is the domain of",
    "company_current_key": "is the present company",
    "company_past_key": "is the former company",
    "skill_key": "is the skill",
    "city_key": "is the city of",
    "region_key": "is the region of",
    "country": "is the country of",
    "city_shown_key": "is the city shown,",
    "region_shown_key": "is the region shown,",
    "country_shown": "is the country shown,",
}


def highlights(match: Clause, profile: Profile) -> list[dict[str, Any]]:
    """The values of which something matched: schemas.Highlight, by field, the shown values first."""
    found: dict[tuple[ValueKind, str], set[tuple[int, int]]] = {}
    for _, matched in matching(match, profile):
        for one in matched:
            if one.value.kind in _HIGHLIGHTED and one.spans:
                found.setdefault((one.value.kind, one.value.value), set()).update(one.spans)
    ordered: list[dict[str, Any]] = []
    for kind in _HIGHLIGHTED:
        texts = [text for text in dict.fromkeys(value.value for value in profile.of(kind)) if (kind, text) in found]
        ordered += [{"field": kind.value, "value": text, "words": _merged(found[kind, text])} for text in texts[:MAX_HIGHLIGHTS]]
    return ordered


def _merged(spans: set[tuple[int, int]]) -> list[dict[str, int]]:
    """In order, none within or over another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return [{"start": start, "end": end} for start, end in kept]


def explanation(match: Clause, readings: Sequence[Reading], hit: Hit) -> dict[str, Any]:
    """What each part of the question gave to a hit: schemas.Explanation, the largest first. It needs a hit of a query with `explain`."""
    given: dict[_Said, float] = {}
    for leaf in _given(match, hit.shares)[1]:
        said = _say(leaf, readings, hit.profile)
        given[said] = given.get(said, 0.0) + hit.shares[leaf]  # two codes of one word, say, are one reason
    shares = [said.body(score) for said, score in sorted(given.items(), key=lambda pair: (-pair[1], pair[0].sentence()))]
    return {"score": round(sum(given.values()), 4), "shares": shares}


@dataclass(frozen=True, slots=True)
class _Said:
    """One reason in pieces."""

    parameter: str
    said: str
    field: str
    how: str
    verb: str
    value: str | None
    words: str

    def sentence(self) -> str:
        """name: 'pelosee' sounds like Pelosi."""
        return f"{self.field}: '{self.said}' {self.verb} {self.words}".rstrip()

    def body(self, score: float) -> dict[str, Any]:
        """schemas.Share."""
        told = {name: getattr(self, name) for name in ("parameter", "said", "field", "how", "value")}
        return {"text": f"{self.sentence()}, +{score:.2f}", **told, "score": round(score, 4)}


def _given(clause: Clause, shares: Mapping[Leaf, float]) -> tuple[float | None, list[Leaf]]:
    """The score of a clause and the leaves that make it up, as engines/query.py adds them; None when it does not match."""
    match clause:
        case Term() | Fuzzy() | Prefix() | Phrase():
            return (shares[clause], [clause]) if clause in shares else (None, [])
        case AllOf(parts):
            return _sum([_given(part, shares) for part in parts], len(parts))
        case AnyOf(parts, minimum):
            return _sum([_given(part, shares) for part in parts], minimum)
        case Best(parts):
            best: tuple[float | None, list[Leaf]] = (None, [])
            for score, given in (_given(part, shares) for part in parts):
                if score is not None and (best[0] is None or score > best[0]):
                    best = (score, given)
            return best
        case Without(wanted):
            return _given(wanted, shares)
        case _:
            return 0.0, []


def _sum(parts: list[tuple[float | None, list[Leaf]]], minimum: int) -> tuple[float | None, list[Leaf]]:
    matched = [(score, given) for score, given in parts if score is not None]
    if len(matched) < minimum:
        return None, []
    return sum(score for score, _ in matched), [leaf for _, given in matched for leaf in given]


def _say(leaf: Leaf, readings: Sequence[Reading], profile: Profile) -> _Said:
    reading = next((reading for reading in readings if leaf in leaves(reading.clause)), None)
    text = reading.text if reading else " ".join(dict.fromkeys(reading.text for reading in readings))
    parameter = reading.field if reading else "q"
    kind = kind_of(leaf)
    matched = next(iter(matches_of(leaf, profile)), None)
    value = matched.value.value if matched else None
    words = " ".join(value[start:end] for start, end in matched.spans) if matched and value else ""
    field = kind.value if kind else leaf.field
    return _Said(parameter, _words_asked(leaf, text), field, leaf.why or "match", _verb(leaf, bool(words)), value, words or value or "")


def _verb(leaf: Leaf, known: bool) -> str:
    if not known:
        return f"matches ({leaf.why})" if leaf.why else "matches"
    if leaf.field == "name_exact" and leaf.why == INITIAL:
        return "may be"
    if leaf.why == ABROAD:
        return "is another language's"
    if leaf.field in _VERBS:
        return _VERBS[leaf.field]
    match leaf:
        case Fuzzy(distance=1):
            return "is within one edit of"
        case Fuzzy():
            return "is within two edits of"
        case Prefix(token=token):
            return "is the initial of" if len(token) == 1 else "begins"
        case _:
            return "is"


def _words_asked(leaf: Leaf, text: str) -> str:
    """The word of a text that a clause came from; the whole text where it is none of them."""
    wanted = leaf.tokens if isinstance(leaf, Phrase) else (leaf.token, *getattr(leaf, "others", ()))
    pieces = [piece.strip(",;:!?\"'()[]{}|") for piece in text.split()]
    for piece in pieces if len(pieces) > 1 else ():
        if any(token in _as_indexed(leaf.field, folded) for folded in fold_tokens(piece) for token in wanted):
            return piece
    return text


def _as_indexed(field: str, word: str) -> Sequence[str]:
    if field == "name_phonetic":
        return phonetic_codes(word)
    if field == "name":
        return (word, *load_given_names().get(word, ()))
    return formal_names(word) if field == "name_nickname" else (word,)
