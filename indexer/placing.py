"""Whom a record is about: the candidates that a batch has read, put before the resolver, and its decision put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from indexer.earlier import EarlierVersions
from indexer.event_log import Reason
from indexer.people import People
from indexer.person import Person
from profiles.history import reference
from profiles.judgement import Link
from profiles.models import SourceRecord
from profiles.resolve.choose import Link as PossibleLink
from profiles.resolve.decide import Candidate, Decision, Resolver
from profiles.resolve.evidence import Comparison
from profiles.resolve.keys import BLOCKING_PREFIX
from profiles.resolve.sample import Counts, Sample

JUDGED = f"{BLOCKING_PREFIX}judged"
"""Under which the resolver finds people whom somebody said the record is about."""


async def decide(
    record: SourceRecord, people: People, own: Person | None, resolver: Resolver, sample: Sample, earlier: EarlierVersions
) -> tuple[Decision, Reason]:
    """Ask the resolver; again where it is in doubt and earlier versions of records have something to say.

    own: the person of another version of the record.
    """
    candidates: dict[str, list[Candidate]] = people.candidates(record)
    said = [p for side in people.judgements.same_as(record.key) if (p := people.person_at(side.profile)) is not None]
    if said:
        candidates[JUDGED] = [person.candidate() for person in said]

    def ask(found: dict[str, list[Candidate]]) -> Decision:
        known = own.candidate() if own else None
        return resolver.decide(record, found, known, frequencies=Counts(sample, people), judgements=people.judgements)

    decision = ask(candidates)
    near = [people.persons[i] for i in decision.near]
    await people.open(near)
    known = {p.id: replace(p.candidate(), known_traits=traits) for p in near if (traits := earlier.traits(p, record)) is not None}
    if not known:
        return decision, _reason(decision)
    decision = ask({key: [known.get(c.profile_id, c) for c in found] for key, found in candidates.items()})
    return decision, _reason(decision, BY_EARLIER if decision.profile_id in known else ())


BY_EARLIER = ("an earlier version of a record said the same",)


def _reason(decision: Decision, beside: tuple[str, ...] = ()) -> Reason:
    """What spoke for a decision: the evidence with its weights, without the values themselves."""
    found = decision.comparison
    if found is None:
        return Reason(weights=decision.weights)
    return Reason((*because(found), *beside), decision.weights)


def because(found: Comparison) -> tuple[str, ...]:
    """A comparison in words and numbers."""
    return (f"score {found.score:.1f}", *(evidence.words() for evidence in found.evidence))


def note(people: People, record: SourceRecord, link: PossibleLink, weights: str) -> None:
    """Keep a possible link of the record's person for somebody to judge, unless that has been done."""
    one, other = people.person_at(people.records[record.key].profile_id), people.person_at(link.profile_id)
    if one is None or other is None or one is other or people.judgements.between(one.keys(), other.keys()):
        return
    found = link.comparison
    people.link(
        Link(
            profiles=(min(one.id, other.id), max(one.id, other.id)),
            score=round(found.score, 1),
            because=tuple(evidence.words() for evidence in found.evidence),
            record=reference(record.key),
            weights=weights,
            at=datetime.now(UTC).replace(microsecond=0),
        )
    )
