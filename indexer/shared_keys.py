"""When a key turns out to be of several people: what rested on it alone is looked at again.

A record that joined a person by an address is weighed anew, now that the address is known to be a family's or a team's. Where that is no
longer enough it becomes a person of its own, and a possible link to where it was. Bounded: a few holders, of a few records each; whoever
holds more has more to stand on.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from indexer.event_log import Reason
from indexer.people import People
from indexer.person import Person, profile_id
from indexer.placing import because, note
from profiles.resolve.choose import Link, fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.sample import Counts, Sample
from profiles.resolve.traits import gathered, traits_of
from profiles.resolve.weights import shipped_weights

MAX_HOLDERS_SEEN = 3
"""Holders of a key looked at: it is found to be shared when the second or third one comes."""

MAX_RECORDS_SEEN = 20
"""Records of a holder looked at; each is compared with all others."""


async def look_again(people: People, keys: Iterable[str], sample: Sample) -> None:
    """Part records from people whom only keys that have just turned out shared tied them to."""
    shared = set(keys)
    holders = dict.fromkeys(p.id for key in sorted(shared) for p in people.holders_of(key))
    for holder in islice(holders, MAX_HOLDERS_SEEN):
        person = people.persons[holder]
        await people.load_key_holders(person)
        if 1 < len(person.records) <= MAX_RECORDS_SEEN:
            await _part_from(people, person, shared, sample)


async def _part_from(people: People, person: Person, shared: set[str], sample: Sample) -> None:
    """Newest first: whoever came last came by the key, and the first record gave the person its id."""
    newest = sorted(person.records.values(), key=lambda r: (r.taken_at, r.collected_at, r.key), reverse=True)
    weights = shipped_weights()
    for record in newest[:-1]:
        others = [r for r in person.records.values() if r.key != record.key]
        if shared.isdisjoint(people.keys_of(record)) or people.judgements.demand([record.key], [r.key for r in others]):
            continue
        found = compare(traits_of(record), gathered(others), Counts(sample, people), weights)
        if fits(found, weights):
            continue
        await people.load_outlines([profile_id(record.key)])
        alone = await people.found(record)
        people.log.attach(record.key, _reason(person, found, weights.version))
        people.assign(person.records[record.key], alone)
        note(people, record, Link(person.id, found), weights.version)


def _reason(person: Person, found: Comparison, weights: str) -> Reason:
    said = f"left {person.id}: a key that tied it there is shared, and the evidence is no longer enough"
    return Reason((said, *because(found)), weights)
