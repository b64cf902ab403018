"""A batch's view of the people concerned: records, keys and profiles, read together, changed in memory, written together.

`View.load` (view.py) brings everything a batch can touch in a few reads; `assign` gives a record to a person; `writes` returns conditional
writes. When another process was faster, the store refuses them and the batch is decided again from fresh reads (commit.py).

What a record says of its person (`profile_id`, redirects followed) is the truth; that a profile lists the record, and a key the profile,
follows from it. A key may name a profile that does not exist: whoever wrote the key has not come to the profile yet, or died. Then the
next one who needs that profile founds it under the same id, and the first finds on coming back that it is there.
"""

from __future__ import annotations

from collections.abc import Collection as Collected
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import orjson

from engines.base import Collection, ReadDocuments, Unchanged, Write
from indexer.clock import since_first
from indexer.event_log import EventLog, Reason, mark_of
from indexer.person import Person, own_ids, profile_id, profile_write, project
from indexer.view import View
from profiles.history import FirstDays, reference
from profiles.judgement import Judgements, Link, link_key
from profiles.models import SourceRecord
from profiles.resolve.keys import MAX_HOLDERS
from profiles.retention import Periods


class People(View):
    """See the module's docstring. Not for use by two tasks at once.

    actor: who acts, for the event log.    judgements: what people have said; None for work that gives no record to anybody, such as
    removing them: it cannot go against a judgement, and need know none.    moved: keys of records that were given back to a person.
    """

    def __init__(self, contacts: ReadDocuments, actor: str, judgements: Judgements | None = None) -> None:
        super().__init__(contacts, judgements)
        self._known = None if judgements is None else judgements.ids
        self.log = EventLog(contacts, actor)
        self._dirty_records: set[str] = set()
        self._dirty_keys: set[str] = set()
        self._dirty_persons: set[str] = set()
        self._links: dict[str, Link | None] = {}
        self._as_stored: dict[str, int] = {}
        self.moved: set[str] = set()
        self.created = 0
        self.merged = 0

    # --- changing ------------------------------------------------------------------------------------------------------------

    async def found(self, record: SourceRecord, claims: Sequence[str] = ()) -> Person:
        """A new person, named after the record it begins with; or under the first of `claims`, where another process is about to."""
        new, attempt = claims[0] if claims else profile_id(record.key), 0
        while new in self._taken or new in self.persons:
            attempt += 1
            new = profile_id(record.key, attempt)
            await self.load_outlines([new])
        person = Person(new, datetime.now(UTC), 0)
        self.persons[new] = person
        self.created += 1
        return person

    def unfound(self) -> None:
        """Forget those founded here whose records all went to others: nobody has seen them. Call it when all is decided."""
        for key in sorted(self._dirty_persons - self.log.told):
            person = self.persons[key]
            if not (person.records or person.version or person.merged_into):
                self._dirty_persons.remove(key)
                self._links = {pair: link for pair, link in self._links.items() if key not in pair.split("/")}
                self.created -= 1

    def restore(self, profile: str) -> Person:
        """A person under the id of a profile that redirects; the caller gives records back to her."""
        person = self.persons[profile] = self._merged.pop(profile) if profile in self._merged else self.persons[profile]
        return person

    async def home_of(self, person: Person, keys: Iterable[str], named: str = "") -> Person:
        """Where records of a person, by their keys, are to go: to the profile they came from, or to a new one.

        named: a profile id to be tried first.
        """
        leaving = sorted(keys)
        founded = [profile_id(key) for key in leaving]
        await self.load_outlines(founded)
        for former in (named, *founded):
            if former != person.id and self.person_at(former) is person:
                return self.restore(former)
        return await self.found(self.records[leaving[0]])

    def fence(self, person: Person, claims: Iterable[str], keys: Iterable[str]) -> None:
        """Let claimed ids redirect to the person: whoever is about to found one of them is refused, and finds the person instead."""
        for claim in sorted(claims):
            self.persons[claim] = Person(claim, person.created_at, 0, merged_into=person.id)
            self._redirects[claim] = person.id
            self._dirty_persons.add(claim)
            for key in keys:
                if claim in self._keys[key]["profiles"]:
                    self._keys[key]["profiles"].remove(claim)
                    self._dirty_keys.add(key)

    def assign(self, record: SourceRecord, person: Person) -> None:
        """Give the record (a new one, or a new version) to the person; keys follow."""
        held = record if record.profile_id == person.id else record.model_copy(update={"profile_id": person.id})
        before: Person | None = person
        if (old := person.records.get(record.key)) is not None:
            person.keep(held)
            self._release(person, self.keys_of(old))
        else:
            before = self._take_away(record.key)
            person.keep(held)
        self.records[record.key] = held
        for key in self.keys_of(record):
            self._hold(key, person.id)
        self._dirty_records.add(record.key)
        self._dirty_persons.add(person.id)
        if before is not None and before is not person:
            self._align(person)

    def shelve(self, record: SourceRecord) -> None:
        """Keep a new version of a record of which nothing may be held but its marks: it is about nobody."""
        self._take_away(record.key)
        self.records[record.key] = record.model_copy(update={"profile_id": self.records[record.key].profile_id})
        self._dirty_records.add(record.key)

    def _take_away(self, key: str) -> Person | None:
        """Take the stored version of a record from its person, who is returned; None when there is none."""
        old = self.records.get(key)
        before = self.person_of(old) if old is not None else None
        if old is not None and before is not None:
            before.lose(key)
            self._release(before, self.keys_of(old))
            self._dirty_persons.add(before.id)
        return before

    def _align(self, person: Person) -> None:
        """After records of two persons have come together: a value counts from its first sight in all of them."""
        days = person.memory().days
        for key, record in list(person.records.items()):
            if (dated := since_first(record, days)) is not record:
                self.records[key] = dated
                person.keep(dated)
                self._dirty_records.add(key)

    def absorb(self, survivor: Person, other: Person, reason: Reason) -> None:
        """Merge another person into the survivor; the other's id redirects from now on. Needs `load_key_holders(other)`."""
        before = survivor.records | other.records
        for key, record in other.records.items():
            held = record.model_copy(update={"profile_id": survivor.id})
            self.records[key] = held
            survivor.keep(held)
            self._dirty_records.add(key)
            for name in self.keys_of(record):
                if other.id in self._keys[name]["profiles"]:
                    self._keys[name]["profiles"].remove(other.id)
                    self._dirty_keys.add(name)
                self._hold(name, survivor.id)
        self._align(survivor)
        self.log.merge(survivor.id, other, _moved_back(before, survivor.records), reason)
        other.replace({})
        other.merged_into = survivor.id
        self._redirects[other.id] = survivor.id
        self._dirty_persons |= {survivor.id, other.id}
        self._links[link_key(survivor.id, other.id)] = None
        self.merged += 1

    def give_back(self, person: Person, other: Person, keys: Iterable[str], days: Mapping[str, FirstDays]) -> None:
        """Take records out of a person and into another, new or restored; values count again from the days the merge had moved back.

        Needs `load_key_holders(person)`. days: as the event of the merge has them, for the records of both.
        """
        for key in keys:
            self.moved.add(key)
            record = person.records[key]
            person.lose(key)
            other.keep(record.model_copy(update={"profile_id": other.id}))
        for side in (person, other):
            for key, record in list(side.records.items()):
                held = _put_right(record, days.get(reference(key)))
                side.records[key] = self.records[key] = held
                if held is not record or side is other:
                    self._dirty_records.add(key)
            side.replace(side.records)
            self._align(side)
        names = {name for record in other.records.values() for name in self.keys_of(record)}
        self._release(person, names)
        for name in names:
            self._hold(name, other.id)
        other.merged_into = None
        self._redirects.pop(other.id, None)
        self._dirty_persons |= {person.id, other.id}

    def drop(self, record: SourceRecord) -> None:
        """Take a record out of its person for good; its document is deleted. Needs `load_key_holders` of the person."""
        person = self.person_of(record)
        if person is not None:
            person.lose(record.key)
            self._release(person, self.keys_of(record))
            self._dirty_persons.add(person.id)
        self.records.pop(record.key, None)
        self._dirty_records.add(record.key)

    def share(self, keys: Iterable[str], person: Person) -> list[str]:
        """Mark keys as shared: met under names that do not agree; returns those that were not so before. person: at whom it showed."""
        fresh = [key for key in keys if not self._keys[key]["shared"]]
        for key in fresh:
            body = self._keys[key]
            body["shared"] = True
            self._dirty_keys.add(key)
            for profile in sorted({*body["profiles"], person.id}):
                self.log.share(profile, key, f"held by {len(body['profiles'])} people whose names do not agree")
        return fresh

    def link(self, link: Link) -> None:
        """Note two profiles that may be one person, for somebody to judge."""
        self._links[link_key(*link.profiles)] = link

    def realign(self, founded: Collected[str]) -> None:
        """Make profiles list the records that name them, and keys the profiles whose records hold them. After `load_touched`.

        founded: profiles that calls cut short were to create; those that no record names are taken back. What was to be founded for a
        record that is still whose it was, is no more: its keys are not to wait for it.
        """
        for key, record in list(self.records.items()):
            owner = self.person_of(record)
            if owner is None and record.observations:  # somebody took the profile for gone while its one record was on its way
                end = self._end_of(record.profile_id)
                owner = self.persons[end] = self._erased.get(end) or Person(end, datetime.now(UTC), 0)
            if owner is not None and owner.id != record.profile_id:
                self.records[key] = record.model_copy(update={"profile_id": owner.id})
                self._dirty_records.add(key)
        for person in self.persons.values():
            person.replace({k: r for k, r in self.records.items() if self.person_of(r) is person and not is_shelved(r, person)})
            person.unborn = not person.records and person.id in founded
            self._dirty_persons.add(person.id)
            holds = {k for r in person.records.values() for k in self.keys_of(r)}
            for key in holds:
                body = self._keys[key]
                if not (body.get("more") and len(body["profiles"]) >= MAX_HOLDERS):
                    self._hold(key, person.id)
            for key, body in self._keys.items():
                if key not in holds and person.id in body["profiles"]:
                    body["profiles"].remove(person.id)
                    self._dirty_keys.add(key)
        for record in list(self.records.values()):
            if (owner := self.person_of(record)) is not None:
                self.fence(owner, own_ids(record.key).intersection(founded) - self._taken - self.persons.keys(), self._keys)

    def is_awaited(self, cut_short: Container[str]) -> bool:
        """Whether somebody would be gone only because the records they rest on are on their way. After `realign`.

        cut_short: keys of records of calls that are dead: these are on no way.
        """
        listed = (key for person in self.persons.values() if not person.records for key in person.before)
        return any(key not in self.records and key not in cut_short for key in listed)

    def _hold(self, key: str, person: str) -> None:
        body = self._keys[key]
        if gone := [held for held in body["profiles"] if held != person and self._is_gone(held)]:
            # Left by a call that was to found them, and was refused: they would lead whoever asks by the key to somebody else.
            body["profiles"] = [held for held in body["profiles"] if held not in gone]
            self._dirty_keys.add(key)
        if person not in body["profiles"]:
            if len(body["profiles"]) < MAX_HOLDERS:
                body["profiles"].append(person)
            else:
                body["shared"] = body["more"] = True
            self._dirty_keys.add(key)

    def _is_gone(self, profile: str) -> bool:
        """Whether nobody is under this id any more: merged or erased."""
        person = self.persons.get(profile)
        return profile in self._taken if person is None else person.merged_into is not None

    def _release(self, person: Person, keys: Iterable[str]) -> None:
        """Take the person off keys that none of the remaining records holds."""
        kept = {k for r in person.records.values() for k in self.keys_of(r)}
        for key in keys:
            body = self._keys[key]
            if key not in kept and person.id in body["profiles"]:
                body["profiles"].remove(person.id)
                self._dirty_keys.add(key)

    # --- writing -------------------------------------------------------------------------------------------------------------

    async def load_log(self) -> None:
        """Read the chains of events that are to be continued. Raises WriteConflict, see `EventLog.load`."""
        await self.log.load(self._dirty_persons | self.log.told, self._known)

    def writes(self, periods: Mapping[str, Periods]) -> list[Write]:
        """Everything changed, as conditional writes, with the events that tell of it. Needs `load_log`."""
        persons = {key: self.persons[key] for key in self._dirty_persons}
        return [*self.repairs(periods), *self.log.writes(persons, self.records), *self._link_writes()]

    def repairs(self, periods: Mapping[str, Periods]) -> list[Write]:
        """Everything changed, without events: what makes whole that which another call has told of."""
        return [*self._record_writes(), *self._key_writes(), *self._profile_writes(periods)]

    def corrections(self, periods: Mapping[str, Periods]) -> list[Write]:
        """Of the profiles read, those that their records make different. After `load_profiles`."""
        made = (profile_write(project(person, periods), person.version) for person in self.persons.values())
        return [write for write in made if write.body != self._stored[write.key]]

    def changed_keys(self) -> frozenset[str]:
        """Those that `writes` writes."""
        return frozenset(self._dirty_keys)

    def _link_writes(self) -> Iterable[Write]:
        for key, link in sorted(self._links.items()):
            yield Write(Collection.LINKS, key, link.model_dump_json().encode() if link else None)

    def rests_on(self, profiles: Iterable[str] | None = None) -> list[Unchanged]:
        """The records that profiles rest on and that are not written themselves, those that were not found included.

        profiles: ids; None means those that `writes` writes, and adds the profiles that it left as they are: whoever makes one anew before
        our records are in place would leave these out, and nobody would see it.
        """
        written = self._dirty_persons if profiles is None else profiles
        keys = {k for p in written for k in (*self.persons[p].records, *self.persons[p].before)} - self._dirty_records
        found = [Unchanged(Collection.RECORDS, key, self._record_versions.get(key, 0)) for key in sorted(keys)]
        left = self._as_stored.items() if profiles is None else ()
        return [*found, *(Unchanged(Collection.PROFILES, key, version) for key, version in left)]

    def _record_writes(self) -> Iterable[Write]:
        for key in sorted(self._dirty_records):
            record = self.records.get(key)
            body = record.model_dump_json(exclude_defaults=True).encode() if record else None
            yield Write(Collection.RECORDS, key, body, self._record_versions.get(key, 0))

    def _key_writes(self) -> Iterable[Write]:
        for key in sorted(self._dirty_keys):
            body = self._keys[key]
            version = self._key_versions[key]
            if body["profiles"] or body.get("more"):  # that a value was shared is not kept of people who are gone: it is a trace of them
                yield Write(Collection.KEYS, key, orjson.dumps(body), version)
            elif version:
                yield Write(Collection.KEYS, key, None, version)

    def _profile_writes(self, periods: Mapping[str, Periods]) -> Iterable[Write]:
        for key in sorted(self._dirty_persons):
            person = self.persons[key]
            if person.unborn:
                yield Write(Collection.PROFILES, key, None, person.version)
                continue
            write = profile_write(project(person, periods), person.version)
            if write.body != self._stored.get(key):
                yield write
            else:  # it is what the store holds: a call under way, or one cut short, has written it before its records
                self._as_stored[key] = person.version


def _moved_back(before: Mapping[str, SourceRecord], after: Mapping[str, SourceRecord]) -> dict[str, FirstDays]:
    """Of records whose values now count from an earlier day: the days before."""
    found = {}
    for key, record in before.items():
        pairs = enumerate(zip(record.observations, after[key].observations, strict=True))
        if days := {n: old.first_seen for n, (old, new) in pairs if old.first_seen != new.first_seen}:
            found[reference(key)] = FirstDays(mark=mark_of(record), days=days)
    return found


def is_shelved(record: SourceRecord, person: Person) -> bool:
    """Whether a record that names the person is kept for its marks alone (`People.shelve`): it was not the person's to be purged."""
    return not record.observations and record.key not in person.before


def _put_right(record: SourceRecord, days: FirstDays | None) -> SourceRecord:
    """The record with its first days as they were; another version of it as it is."""
    if days is None or days.mark != mark_of(record) or max(days.days) >= len(record.observations):
        return record
    dated = (o.model_copy(update={"first_seen": days.days[n]}) if n in days.days else o for n, o in enumerate(record.observations))
    return record.model_copy(update={"observations": tuple(dated)})
