"""Enrichment: the one profile that is meant, or nobody; and the candidates, where somebody wants to choose.

Candidates are found by the keys by which an ingest finds whom a record is about, and compared in the same way (profiles/resolve), so that
a question finds the person whom a record saying the same would join. Never a guess between two: where another person fits nearly as well,
the answer is that it is ambiguous, and nobody is named. Nothing of a question is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2

from engines.query import SearchQuery, Term
from privacy.reading import KeyHolders, ProfileReader
from privacy.suppression import SuppressionList
from profiles.errors import QueryInvalid, RosterError, SettingsInvalid, Suppressed
from profiles.models import Profile, ValueKind
from profiles.normalise.email import hashes_of
from profiles.resolve.choose import fits
from profiles.resolve.evidence import NO_NAME, OWN, Comparison, Evidence, compare
from profiles.resolve.frequencies import Unknown
from profiles.resolve.keys import blocks_of, key_of
from profiles.resolve.sample import HELD_BY_TRAIT, Counts, Sample
from profiles.resolve.traits import Said, Span, Trait, Traits, traits_from
from profiles.resolve.weights import shipped_weights
from profiles.served import ServedProfile
from search_api.enrich.likelihood import likelihood_of, matched_fields, strongest_first
from search_api.enrich.person import PersonInput, Question, read_person
from search_api.errors import MatchAmbiguous, PersonNotFound, ServiceOff
from search_api.meaning.clauses import best
from search_api.verify.service import utc_now

log = logging.getLogger("roster.enrich")

MAX_COMPARED = 60
"""Profiles compared with one question, those found by its most telling keys first: as many as with a record at ingest."""
SAMPLE_FRESH = 3600.0
"""Seconds for which it is remembered how common values are; that moves with the whole store."""
LOWEST = -60.0  # bits; nothing is less likely


@dataclass(frozen=True, slots=True)
class Match:
    """A profile that may be the one meant.

    likelihood: 1 to 10 (likelihood.py).    bits: log2 of the odds that it is this profile rather than another one or nobody held.
    evidence: what speaks for and against, strongest first.    matched: fields that agree.    not_compared: field -> why.
    """

    served: ServedProfile
    likelihood: int
    bits: float
    evidence: Sequence[Evidence]
    matched: tuple[str, ...]
    not_compared: Mapping[str, str]

    @property
    def profile(self) -> Profile:
        """Everything that may be served of the person."""
        return self.served.whole()


def _anybody(profile: Profile) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody to be found.    min_likelihood: less is nobody.    required: what the profile must hold to be of use."""

    person: PersonInput
    min_likelihood: int = 2
    required: Callable[[Profile], bool] = _anybody


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A profile compared with a question."""

    served: ServedProfile
    traits: Traits
    found: Comparison


@dataclass(slots=True)
class Enricher:
    """The parts."""

    profiles: ProfileReader
    suppressions: SuppressionList
    _sample: Sample | None = None

    async def match(self, wanted: Sequence[Wanted]) -> list[Match | RosterError]:
        """For each, the profile meant; or PersonNotFound, MatchAmbiguous, Suppressed, or QueryInvalid for what cannot be asked."""
        outcomes: list[Match | RosterError] = []
        for one, weighed in zip(wanted, await self._weigh([one.person for one in wanted]), strict=True):
            if isinstance(weighed, RosterError):
                outcomes.append(weighed)
            else:
                outcomes.append(_chosen(one, *weighed))
        return outcomes

    async def candidates(self, asked: Sequence[PersonInput], size: int) -> list[list[Match] | RosterError]:
        """For each, up to `size` profiles that may be meant, likeliest first; empty where nobody is like it."""
        return [weighed if isinstance(weighed, RosterError) else _ranked(*weighed)[:size] for weighed in await self._weigh(asked)]

    async def barred(self, asked: Sequence[PersonInput]) -> set[int]:
        """The places of questions that name a contact detail of which nothing may be said."""
        return await self._barred({place: one for place, one in enumerate(map(_read, asked)) if isinstance(one, Question)})

    async def _weigh(self, asked: Sequence[PersonInput]) -> list[tuple[Question, list[_Weighed]] | RosterError]:
        read = [_read(one) for one in asked]
        questions = {place: one for place, one in enumerate(read) if isinstance(one, Question)}
        barred = await self._barred(questions)
        keys = {place: _keys_of(one) for place, one in questions.items()}
        keyed = await self.profiles.keyed([key for found in keys.values() for key in found])
        ids: dict[int, list[str]] = {}
        for place, one in questions.items():
            hashed = await self._by_hashes(one.hashes) if one.hashes else ()
            found = (profile for key in keys[place] if key in keyed for profile in keyed[key].ids)
            ids[place] = list(islice(dict.fromkeys((*hashed, *found)), MAX_COMPARED))
        living = await self.profiles.living(sorted({profile for found in ids.values() for profile in found}))
        sample = await self._sampled()
        traits: dict[str, Traits] = {}
        answer: list[tuple[Question, list[_Weighed]] | RosterError] = []
        for place, each in enumerate(read):
            if isinstance(each, RosterError):
                answer.append(each)
            elif place in barred:
                answer.append(Suppressed())
            else:
                near = {living[profile].id: living[profile] for profile in ids[place] if profile in living}
                answer.append((each, [_compared(each, served, keyed, sample, traits) for served in near.values()]))
                await asyncio.sleep(0)  # others' turn: a list of a hundred is some thousand comparisons
        return answer

    async def _barred(self, questions: Mapping[int, Question]) -> set[int]:
        """The places of questions that name a contact detail of which nothing may be said."""
        barred: set[int] = set()
        for kind in (ValueKind.EMAIL, ValueKind.PHONE, ValueKind.LINK):
            said = [(place, found) for place, one in questions.items() for _, its, found in one.contacts if its is kind]
            try:
                listed = await self.suppressions.listed(kind, [found for _, found in said]) if said else []
            except SettingsInvalid:
                raise ServiceOff("this server enriches nothing: its key is not the one of the suppression list") from None
            barred |= {place for (place, _), suppressed in zip(said, listed, strict=True) if suppressed}
        return barred

    async def _by_hashes(self, digests: Sequence[str]) -> list[str]:
        answer = await self.profiles.search(SearchQuery(match=best(Term("email", digest) for digest in digests), size=MAX_COMPARED))
        return [hit.id for hit in answer.hits]

    async def keep_sampled(self) -> None:
        """Find out how common values are, again and again until cancelled, so that nobody who asks waits for it."""
        while True:
            try:
                self._sample = await self.profiles.sample()
            except RosterError:
                pass  # a store that cannot be read now is read by whoever asks, or the next time
            except Exception as error:  # told now, and tried again: nobody awaits this before the server ends
                log.error("finding out how common values are failed: %s", type(error).__name__)
            await asyncio.sleep(SAMPLE_FRESH)

    async def _sampled(self) -> Sample:
        if self._sample is None:
            self._sample = await self.profiles.sample()
        return self._sample


def _read(asked: PersonInput) -> Question | RosterError:
    try:
        return read_person(asked, utc_now().date())
    except QueryInvalid as error:
        return error


def _keys_of(question: Question) -> tuple[str, ...]:
    """The keys that lead to whom it may be about, the most telling first."""
    strong = (
        key_of(kind, spelling)
        for _, kind, found in question.contacts
        if not found.parts.get("role")
        for spelling in (found.keys[0], *found.parts.get("variants", ()))
    )
    whole = Traits()
    whole.add(question.traits)
    whole.add(_contact_traits(question, None, Traits()))
    return tuple(dict.fromkeys((*strong, *blocks_of(whole))))


def _contact_traits(question: Question, served: ServedProfile | None, theirs: Traits) -> Traits:
    """The contact details of a question, said as a profile says them: by its spelling of a mailbox, a number by the kind it has there."""
    span = Span(question.on, question.on)
    said: list[Said] = []
    numbers: list[str] = []
    for _, kind, found in question.contacts:
        keys = found.keys
        if kind is ValueKind.EMAIL and served is not None:
            spellings = {keys[0], *found.parts.get("variants", ())}
            held = (value for value in served.of(kind) if spellings & {value.keys[0], *(value.parts.get("variants") or ())})
            keys = next((tuple(value.keys) for value in held), keys)
        if kind is ValueKind.PHONE and (keys[0] in theirs.of(Trait.PHONE) or keys[0] in theirs.of(Trait.MOBILE)):
            numbers.append(keys[0])
        else:
            said.append(Said(kind, keys, found.parts, span))
    if served is not None and question.hashes:
        for value in served.of(ValueKind.EMAIL):
            forms = (value.keys[0], *(value.parts.get("variants") or ()))
            if any(digest in question.hashes for form in forms for digest in hashes_of(form)):
                said.append(Said(ValueKind.EMAIL, tuple(value.keys), dict(value.parts), span))
    traits = traits_from(said, 1)
    for number in numbers:
        traits.say(Trait.MOBILE if number in theirs.of(Trait.MOBILE) else Trait.PHONE, number, span)
    return traits


class _Holders:
    """`profiles.resolve.sample.Holders`, of the keys that were looked up."""

    def __init__(self, keyed: Mapping[str, KeyHolders]) -> None:
        self._keyed = keyed

    def holder_count(self, kind: str, value: str) -> int | None:
        """How many people hold a contact detail; None where its key was not looked up."""
        held = self._held(kind, value)
        return len(held.ids) if held else None

    def is_shared(self, kind: str, value: str) -> bool:
        """Whether it is known to be of several people."""
        held = self._held(kind, value)
        return held is not None and held.shared

    def _held(self, kind: str, value: str) -> KeyHolders | None:
        counted = HELD_BY_TRAIT.get(kind)
        return self._keyed.get(key_of(counted, value)) if counted else None


def _compared(
    question: Question, served: ServedProfile, keyed: Mapping[str, KeyHolders], sample: Sample, known: dict[str, Traits]
) -> _Weighed:
    """known: traits of profiles met before in the same call."""
    theirs = known.get(served.id) or known.setdefault(served.id, served.traits())
    ours = Traits()
    ours.add(question.traits)
    ours.add(_contact_traits(question, served, theirs))
    if not question.is_named:
        theirs = _with_own_lines(ours, theirs, keyed)
    return _Weighed(served, theirs, compare(ours, theirs, Counts(sample, _Holders(keyed)), shipped_weights()))


def _with_own_lines(ours: Traits, theirs: Traits, keyed: Mapping[str, KeyHolders]) -> Traits:
    """What is known of a profile, a line that nobody else is known to have taken for its own, as a mobile number is.

    Asked by the number alone, 124 of 126 such matches on generated feeds were right (bench/enrich_accuracy.py).
    """
    own = [number for number in ours.of(Trait.PHONE) if number in theirs.of(Trait.PHONE) and _has_one_holder(number, keyed)]
    if not own:
        return theirs
    whole = Traits()
    whole.add(theirs)
    for number in own:
        whole.say(Trait.MOBILE, number, theirs.of(Trait.PHONE)[number])
        ours.say(Trait.MOBILE, number, ours.of(Trait.PHONE)[number])
    others = {number: span for number, span in ours.of(Trait.PHONE).items() if number not in own}
    ours.facts = {kind: values for kind, values in ours.facts.items() if kind is not Trait.PHONE}  # or one number would count twice
    for number, span in others.items():
        ours.say(Trait.PHONE, number, span)
    return whole


def _has_one_holder(number: str, keyed: Mapping[str, KeyHolders]) -> bool:
    held = keyed.get(key_of(ValueKind.PHONE, number))
    return held is not None and len(held.ids) == 1 and not held.shared


def _possible(question: Question, weighed: Sequence[_Weighed]) -> list[_Weighed]:
    """Those that nothing forbids, likeliest first."""
    allowed = [one for one in weighed if not one.found.veto or (one.found.veto == NO_NAME and not question.is_named)]
    return sorted(allowed, key=lambda one: (-one.found.score, one.served.id))


def _same_person(one: _Weighed, other: _Weighed) -> bool:
    """Whether two profiles are one person whose records have not come together yet: they share a detail that is one person's own."""
    found = compare(one.traits, other.traits, Unknown(), shipped_weights())
    return fits(found, shipped_weights()) and any(each.kind in OWN and each.level == "same" for each in found.evidence)


def _only_named(found: Comparison) -> bool:
    """Whether nothing agrees but the name, which thousands may have."""
    names = shipped_weights().group_of["given"]
    return not any(each.weight > 0 and shipped_weights().group_of[each.kind] != names for each in found.evidence)


def _bits(one: _Weighed, rivals: Sequence[_Weighed]) -> float:
    """Log2 of the odds for one, against nobody held and against each rival."""
    against = sum(2.0 ** max(LOWEST, rival.found.score) for rival in rivals)
    return max(LOWEST, one.found.score - log2(1.0 + against))


def _match(question: Question, one: _Weighed, bits: float) -> Match:
    matched = matched_fields(question, one.found)
    likelihood = 1 if _only_named(one.found) else likelihood_of(bits)
    return Match(one.served, likelihood, bits, strongest_first(one.found.evidence), matched, question.not_compared)


def _ranked(question: Question, weighed: Sequence[_Weighed]) -> list[Match]:
    possible = _possible(question, weighed)
    return [_match(question, one, _bits(one, [other for other in possible if other is not one])) for one in possible]


def _chosen(wanted: Wanted, question: Question, weighed: Sequence[_Weighed]) -> Match | RosterError:
    possible = _possible(question, weighed)
    if not possible:
        return PersonNotFound("nobody here is like what was sent")
    best, *others = possible
    rivals = [other for other in others if not _same_person(best, other)]
    bits = _bits(best, rivals)
    margin = shipped_weights().limits.margin
    if any(best.found.score - rival.found.score < margin for rival in rivals) and likelihood_of(best.found.score) >= wanted.min_likelihood:
        return MatchAmbiguous("two people or more fit what was sent about equally well: send more, or ask /v1/identify")
    found = _match(question, best, bits)
    if found.likelihood < wanted.min_likelihood:
        return PersonNotFound(f"nobody here fits what was sent with a likelihood of {wanted.min_likelihood} or more")
    if not wanted.required(found.profile):
        return PersonNotFound("the person found does not hold what `required` asks for")
    return found
