"""Looking again at people who are new or have grown: two who were rightly kept apart may now be one, and one may turn out to be two.

A record is given to a person on what it says alone. What several records say together is more: so whoever got records of a batch is
compared, as a whole, with those who have most keys in common with her; those of her records that no contact detail and no job holds
together, or that contradict one another, are compared among themselves; and of records that went to her namesakes she gets back her own.
It goes the way of every other decision of the batch and is written with it, so a run that is killed does it again, and a record that is no
news brings nobody here. Bounded: MAX_SETTLED_WITH persons are looked at with each, and MAX_RECORDS_SEEN records of a person.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from indexer.earlier import EarlierVersions
from indexer.event_log import Reason
from indexer.people import People
from indexer.person import Person
from indexer.placing import because, note
from indexer.shared_keys import MAX_RECORDS_SEEN
from profiles.resolve.choose import Link, choose
from profiles.resolve.choose import Person as Compared
from profiles.resolve.evidence import Comparison
from profiles.resolve.parting import halves_of
from profiles.resolve.sample import Counts, Sample
from profiles.resolve.straying import may_stray, strayed
from profiles.resolve.traits import traits_of
from profiles.resolve.weights import shipped_weights, weights_for_wholes


async def look_at_grown(people: People, profiles: Iterable[str], sample: Sample, earlier: EarlierVersions, hidden: Container[str]) -> None:
    """Part and join people as wholes.

    profiles: ids of those who got records.    hidden: ids of those who wait to be purged: nothing of theirs goes to anybody else.
    """
    grown = sorted({p.id: p for i in profiles if (p := people.person_at(i)) is not None and p.id not in hidden}.values(), key=_age)
    await people.load_surroundings(grown)
    for person in grown:
        await _part(people, person, sample, earlier)
    namesakes = {p.id: [n for n in _namesakes(people, p) if n.id not in hidden] for p in grown}
    await people.open(namesake for found in namesakes.values() for namesake in found)
    grown = [await _bring_home(people, person, namesakes[person.id], sample, earlier) for person in grown]
    for person in grown:
        if person.merged_into is None and person.records:
            await _join(people, person, sample)


def _age(person: Person) -> tuple[object, str]:
    return person.created_at, person.id


async def _join(people: People, person: Person, sample: Sample) -> None:
    """Merge who is the same person, as the wholes that both now are."""
    weights = weights_for_wholes()
    near = [p for p in people.nearest(person) if not people.judgements.between(person.keys(), p.keys())]
    found = choose(
        person.traits(),
        [Compared(p.id, p.created_at, p.traits()) for p in near],
        Counts(sample, people),
        weights,
        apart=lambda a, b: people.judgements.forbid(people.persons[a].keys(), people.persons[b].keys()),
    )
    if found.person is None or found.comparison is None:
        return
    one = sorted((person, *(people.persons[i] for i in (found.person, *found.absorbed))), key=_age)
    reason = Reason(("both have grown", *because(found.comparison)), weights.version)
    await people.open(one[:1])
    for other in one[1:]:
        await people.load_key_holders(other)
        people.absorb(one[0], other, reason)


def _namesakes(people: People, person: Person) -> list[Person]:
    near = (other for other in people.nearest(person) if 2 <= len(other.keys()) <= MAX_RECORDS_SEEN)
    return [other for other in near if may_stray(person.traits(), other.traits())]


async def _bring_home(people: People, person: Person, namesakes: Iterable[Person], sample: Sample, earlier: EarlierVersions) -> Person:
    """Give her the records that were taken for a namesake's as long as she was not known. Returns her, under the id that she has then.

    They leave the namesake as in every parting, with the id they came with and the days they brought, and that profile is merged with hers.
    """
    for other in namesakes:
        if other.merged_into is not None or other is person:
            continue
        records = {key: traits_of(record) for key, record in other.records.items()}
        free = [key for key, record in other.records.items() if earlier.traits(other, record) is None]
        free = [key for key in free if not _is_judged(people, key, other, person)]
        for keys, found in strayed(records, free, person.traits(), Counts(sample, people)):
            reason = Reason(("they went to a namesake before this person was known", *because(found)), shipped_weights().version)
            home = await _let_go(people, other, keys, reason)
            person, absorbed = sorted((person, home), key=_age)
            await people.load_key_holders(absorbed)
            people.absorb(person, absorbed, reason)
    return person


def _is_judged(people: People, key: str, holder: Person, person: Person) -> bool:
    """Whether somebody has said that a record is of its holder, or none of the other person's."""
    others = [k for k in holder.records if k != key]
    return people.judgements.demand([key], others) or people.judgements.forbid([key], person.keys())


async def _part(people: People, person: Person, sample: Sample, earlier: EarlierVersions) -> None:
    """Give records back that have turned out to be somebody else's."""
    if not 2 <= len(person.records) <= MAX_RECORDS_SEEN:
        return
    weights = weights_for_wholes()
    records = {key: traits_of(record) for key, record in person.records.items()}
    for keys, found in halves_of(records, Counts(sample, people), weights):
        staying = [key for key in person.records if key not in keys]
        held = len(keys) == 1 and earlier.traits(person, person.records[keys[0]]) is not None  # by what another's earlier version said
        if not held and not people.judgements.demand(keys, staying):
            await _give_back(people, person, keys, found, weights.version)


async def _give_back(people: People, person: Person, keys: tuple[str, ...], found: Comparison, weights: str) -> None:
    await _let_go(people, person, keys, Reason(("their records, as they now are, are two people's", *because(found)), weights))
    note(people, people.records[min(keys)], Link(person.id, found), weights)


async def _let_go(people: People, person: Person, keys: tuple[str, ...], reason: Reason) -> Person:
    """Take records out of a person, into the profile they came from or a new one, which is returned."""
    await people.load_key_holders(person)
    other = await people.home_of(person, keys)
    await people.log.load([person.id], people.judgements.ids)
    people.give_back(person, other, keys, people.log.days_before(person.id, other.id))
    people.log.part(person.id, other.id, keys, reason)
    return other
