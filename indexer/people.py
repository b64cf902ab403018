"""A batch's view of the people concerned: records, keys and profiles, read together, changed in memory, written together.

`People.load` brings everything a batch can touch in a few reads; `assign` gives a record to a person; `writes` returns conditional
writes. When another process was faster, the store refuses them and the batch is decided again from fresh reads (commit.py).

What a record says of its person (`profile_id`, redirects followed) is the truth; that a profile lists the record, and a key the profile,
follows from it. A key may name a profile that does not exist: whoever wrote the key has not come to the profile yet, or died. Then the
next one who needs that profile founds it under the same id, and the first finds on coming back that it is there.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import orjson

from engines.base import Collection, Document, ReadDocuments, Unchanged, Write
from indexer.clock import since_first
from indexer.person import KeyBody, Person, profile_id
from profiles.merge import merge
from profiles.models import Profile, ProfileState, SourceRecord
from profiles.resolve.decide import Candidate
from profiles.resolve.keys import MAX_HOLDERS, contact_keys
from profiles.retention import Periods


class People:
    """See the module's docstring. Not for use by two tasks at once."""

    def __init__(self, contacts: ReadDocuments) -> None:
        self._contacts = contacts
        self.records: dict[str, SourceRecord] = {}
        self.persons: dict[str, Person] = {}
        self._record_versions: dict[str, int] = {}
        self._keys: dict[str, KeyBody] = {}
        self._key_versions: dict[str, int] = {}
        self._taken: set[str] = set()
        self._missing: set[str] = set()
        self._redirects: dict[str, str] = {}
        self._dirty_records: set[str] = set()
        self._dirty_keys: set[str] = set()
        self._dirty_persons: set[str] = set()
        self._stored: dict[str, bytes] = {}
        self.created = 0
        self.merged = 0

    # --- reading -------------------------------------------------------------------------------------------------------------

    async def load(self, incoming: Sequence[SourceRecord]) -> None:
        """Read what the records may touch: their earlier versions, their keys, the holders of these, and all of the holders' records."""
        stored = await self._contacts.get_many(Collection.RECORDS, [r.key for r in incoming])
        for key, document in stored.items():
            self._take_record(key, document)
        keys = {k for r in (*incoming, *self.records.values()) for k in contact_keys(r.observations)}
        await self._load_keys(keys)
        holders = {p for k in keys for p in self._keys[k]["profiles"] if not self._keys[k]["shared"]}
        holders |= {r.profile_id for r in self.records.values()}
        fresh = {profile_id(r.key) for r in incoming}
        await self.load_profiles(holders | fresh)

    async def _load_keys(self, keys: Iterable[str]) -> None:
        wanted = [k for k in keys if k not in self._keys]
        found = await self._contacts.get_many(Collection.KEYS, wanted)
        for key in wanted:
            document = found.get(key)
            self._keys[key] = orjson.loads(document.body) if document else {"profiles": [], "shared": False}
            self._key_versions[key] = document.version if document else 0

    async def load_profiles(self, ids: Iterable[str]) -> None:
        """Read profiles, follow redirects, and read the records they rest on."""
        wanted = {i for i in ids if i and i not in self.persons}
        while wanted:
            documents = await self._contacts.get_many(Collection.PROFILES, sorted(wanted))
            following: set[str] = set()
            for key, document in documents.items():
                profile = Profile.model_validate_json(document.body)
                self._taken.add(key)
                self._stored[key] = document.body
                if profile.state is ProfileState.MERGED and profile.merged_into:
                    self._redirects[key] = profile.merged_into
                    following.add(profile.merged_into)
                elif profile.state is ProfileState.ACTIVE:
                    self.persons[key] = Person(key, profile.created_at, document.version, profile.records)
            wanted = {i for i in following if i not in self.persons}
        missing = {k for p in self.persons.values() for k in p.before if k not in self.records}
        for key, document in (await self._contacts.get_many(Collection.RECORDS, sorted(missing))).items():
            self._take_record(key, document)
        for person in self.persons.values():
            if not person.records:
                person.records = {k: self.records[k] for k in person.before if k in self.records}

    def _take_record(self, key: str, document: Document) -> None:
        self.records[key] = SourceRecord.model_validate_json(document.body)
        self._record_versions[key] = document.version

    async def load_key_holders(self, person: Person) -> None:
        """Read the keys of all of a person's records, so that they can be taken back or handed on."""
        await self._load_keys(k for r in person.records.values() for k in contact_keys(r.observations))

    async def load_touched(self, profiles: Iterable[str], records: Iterable[str]) -> None:
        """Read profiles and records by their keys, what these lead to, and the keys of all records met."""
        for key, document in (await self._contacts.get_many(Collection.RECORDS, sorted(set(records)))).items():
            self._take_record(key, document)
        await self.load_profiles({*profiles, *(r.profile_id for r in self.records.values())})
        while strangers := {r.profile_id for r in self.records.values()} - self._taken - self._missing:
            self._missing |= strangers
            await self.load_profiles(strangers)
        await self._load_keys({k for r in self.records.values() for k in contact_keys(r.observations)})

    # --- asking --------------------------------------------------------------------------------------------------------------

    def person_of(self, record: SourceRecord) -> Person | None:
        """The person a stored record belongs to, redirects followed."""
        at = record.profile_id
        while at in self._redirects:
            at = self._redirects[at]
        return self.persons.get(at)

    def holders(self, keys: Iterable[str]) -> dict[str, list[Candidate]]:
        """Key -> persons who hold it; keys that are shared find nobody."""
        found: dict[str, list[Candidate]] = {}
        for key in keys:
            if not self._keys[key]["shared"]:
                named = (self.persons[p] for p in self._keys[key]["profiles"] if p in self.persons)
                persons = [p for p in named if p.merged_into is None]
                if persons:
                    found[key] = [p.candidate() for p in persons]
        return found

    # --- changing ------------------------------------------------------------------------------------------------------------

    async def found(self, record: SourceRecord, claims: Sequence[str] = ()) -> Person:
        """A new person, named after the record it begins with; or under the first of `claims`, where another process is about to."""
        new, attempt = claims[0] if claims else profile_id(record.key), 0
        while new in self._taken or new in self.persons:
            attempt += 1
            new = profile_id(record.key, attempt)
            await self.load_profiles([new])
        person = Person(new, datetime.now(UTC), 0)
        self.persons[new] = person
        self.created += 1
        return person

    def claims(self, keys: Iterable[str]) -> list[str]:
        """Ids of profiles that the keys name and nobody has founded yet, sorted, so that all who meet them take the same."""
        named = {p for k in keys if not self._keys[k]["shared"] for p in self._keys[k]["profiles"]}
        return sorted(named - self._taken - self.persons.keys())

    def fence(self, person: Person, claims: Iterable[str], keys: Iterable[str]) -> None:
        """Let claimed ids redirect to the person: whoever is about to found one of them is refused, and finds the person instead."""
        for claim in claims:
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
            self._release(person, contact_keys(old.observations))
        else:
            before = self._take_away(record.key)
            person.keep(held)
        self.records[record.key] = held
        for key in contact_keys(record.observations):
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
            self._release(before, contact_keys(old.observations))
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

    def absorb(self, survivor: Person, other: Person) -> None:
        """Merge another person into the survivor; the other's id redirects from now on. Needs `load_key_holders(other)`."""
        for key, record in other.records.items():
            held = record.model_copy(update={"profile_id": survivor.id})
            self.records[key] = held
            survivor.keep(held)
            self._dirty_records.add(key)
            for name in contact_keys(record.observations):
                body = self._keys[name]
                body["profiles"] = [p for p in body["profiles"] if p != other.id]
                self._hold(name, survivor.id)
        other.records = {}
        self._align(survivor)
        other.merged_into = survivor.id
        self._redirects[other.id] = survivor.id
        self._dirty_persons |= {survivor.id, other.id}
        self.merged += 1

    def drop(self, record: SourceRecord) -> None:
        """Take a record out of its person for good; its document is deleted. Needs `load_key_holders` of the person."""
        person = self.person_of(record)
        if person is not None:
            person.lose(record.key)
            self._release(person, contact_keys(record.observations))
            self._dirty_persons.add(person.id)
        self.records.pop(record.key, None)
        self._dirty_records.add(record.key)

    def share(self, keys: Iterable[str]) -> None:
        """Mark keys as shared: met under names that do not agree."""
        for key in keys:
            self._keys[key]["shared"] = True
            self._dirty_keys.add(key)

    def realign(self, founded: Container[str]) -> None:
        """Make profiles list the records that name them, and keys the profiles whose records hold them. After `load_touched`.

        founded: profiles that calls cut short were to create; those that no record names are taken back.
        """
        for key, record in list(self.records.items()):
            owner = self.person_of(record)
            if owner is not None and owner.id != record.profile_id:
                self.records[key] = record.model_copy(update={"profile_id": owner.id})
                self._dirty_records.add(key)
        for person in self.persons.values():
            person.replace({k: r for k, r in self.records.items() if self.person_of(r) is person and not is_shelved(r, person)})
            person.unborn = not person.records and person.id in founded
            self._dirty_persons.add(person.id)
            holds = {k for r in person.records.values() for k in contact_keys(r.observations)}
            for key in holds:
                body = self._keys[key]
                if not (body["shared"] and len(body["profiles"]) >= MAX_HOLDERS):
                    self._hold(key, person.id)
            for key, body in self._keys.items():
                if key not in holds and person.id in body["profiles"]:
                    body["profiles"].remove(person.id)
                    self._dirty_keys.add(key)

    def _hold(self, key: str, person: str) -> None:
        body = self._keys[key]
        if person not in body["profiles"]:
            if len(body["profiles"]) < MAX_HOLDERS:
                body["profiles"].append(person)
            else:
                body["shared"] = True
            self._dirty_keys.add(key)

    def _release(self, person: Person, keys: Iterable[str]) -> None:
        """Take the person off keys that none of the remaining records holds."""
        kept = {k for r in person.records.values() for k in contact_keys(r.observations)}
        for key in keys:
            body = self._keys[key]
            if key not in kept and person.id in body["profiles"]:
                body["profiles"].remove(person.id)
                self._dirty_keys.add(key)

    # --- writing -------------------------------------------------------------------------------------------------------------

    def writes(self, periods: Mapping[str, Periods]) -> list[Write]:
        """Everything changed, as conditional writes."""
        return [*self._record_writes(), *self._key_writes(), *self._profile_writes(periods)]

    def rests_on(self, profiles: Iterable[str] | None = None) -> list[Unchanged]:
        """The records that profiles rest on and that are not written themselves, those that were not found included.

        profiles: ids; None means those that `writes` writes.
        """
        written = self._dirty_persons if profiles is None else profiles
        keys = {k for p in written for k in (*self.persons[p].records, *self.persons[p].before)} - self._dirty_records
        return [Unchanged(Collection.RECORDS, key, self._record_versions.get(key, 0)) for key in sorted(keys)]

    def _record_writes(self) -> Iterable[Write]:
        for key in sorted(self._dirty_records):
            record = self.records.get(key)
            body = record.model_dump_json(exclude_defaults=True).encode() if record else None
            yield Write(Collection.RECORDS, key, body, self._record_versions.get(key, 0))

    def _key_writes(self) -> Iterable[Write]:
        for key in sorted(self._dirty_keys):
            body = self._keys[key]
            version = self._key_versions[key]
            if body["profiles"] or body["shared"]:
                yield Write(Collection.KEYS, key, orjson.dumps(body), version)
            elif version:
                yield Write(Collection.KEYS, key, None, version)

    def _profile_writes(self, periods: Mapping[str, Periods]) -> Iterable[Write]:
        for key in sorted(self._dirty_persons):
            person = self.persons[key]
            if person.unborn:
                yield Write(Collection.PROFILES, key, None, person.version)
                continue
            write = profile_write(self.project(person, periods), person.version)
            if write.body != self._stored.get(key):  # else it is what the store holds
                yield write

    def project(self, person: Person, periods: Mapping[str, Periods]) -> Profile:
        """The profile as its records make it: merged elsewhere, erased when no record is left."""
        if any(r.observations for r in person.records.values()):
            return merge(person.id, person.created_at, person.records.values(), periods)
        state = ProfileState.MERGED if person.merged_into else ProfileState.ERASED
        return Profile(
            id=person.id,
            state=state,
            merged_into=person.merged_into,
            created_at=person.created_at,
            updated=datetime.now(UTC).date(),
            records=tuple(sorted(person.records)),
        )


def is_shelved(record: SourceRecord, person: Person) -> bool:
    """Whether a record that names the person is kept for its marks alone (`People.shelve`): it was not the person's to be purged."""
    return not record.observations and record.key not in person.before


def profile_write(profile: Profile, expected: int | None) -> Write:
    """The write of a profile; the store finds it again on the day something in it expires."""
    return Write(Collection.PROFILES, profile.id, profile.model_dump_json(exclude_defaults=True).encode(), expected, profile.next_expiry)
