"""What a batch has read of the people concerned: records, keys and profiles, each with its version.

A record is compared with many and joins one: of people who are only compared the profile is read (outline.py), of those who change, all
records they rest on. The number of people compared with one record is bounded, whatever the store holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

import orjson

from engines.base import Collection, Document, ReadDocuments
from indexer.outline import outline_of
from indexer.pausing import pause
from indexer.person import KeyBody, Person, profile_id
from profiles.judgement import Judgements
from profiles.models import Observation, ProfileState, SourceRecord
from profiles.resolve.decide import Candidate
from profiles.resolve.keys import NAME_BLOCK, blocking_keys, contact_keys, key_of, strong_keys
from profiles.resolve.register import MAX_SETTLED_WITH
from profiles.resolve.sample import HELD_BY_TRAIT

MAX_CANDIDATES = 60
"""People one record is compared with, those found by its most telling keys first."""

FEW_HOLDERS = 4
"""Holders of a key up to whom it is worth comparing two who have nothing else in common: a first name at a company, an address. Of two
fictional sets of 3,000 persons it brought recall from .954 to .960 and from .907 to .918, for a twentieth more time. A key of so
few that turned out shared leads those who are looked at again to each other still: it was met under names that did not agree, as a marriage
leaves them, and more may be known by now."""

WAITS = 7
"""Looks for a profile that is about to be founded, over 1.3 seconds; one that is under way takes a few hundredths."""


class _FoundBy(NamedTuple):
    """A record's keys. observations: those they were made of, held so that their id stays theirs."""

    observations: tuple[Observation, ...]
    every: tuple[str, ...]
    strong: tuple[str, ...]
    candidates: tuple[str, ...]


class View:
    """See the module's docstring.    judgements: what people have said."""

    def __init__(self, contacts: ReadDocuments, judgements: Judgements | None = None) -> None:
        self._contacts = contacts
        self.judgements = judgements or Judgements()
        self.records: dict[str, SourceRecord] = {}
        self.persons: dict[str, Person] = {}
        self._record_versions: dict[str, int] = {}
        self._keys: dict[str, KeyBody] = {}
        self._key_versions: dict[str, int] = {}
        self._taken: set[str] = set()
        self._missing: set[str] = set()
        self._redirects: dict[str, str] = {}
        self._merged: dict[str, Person] = {}
        self._erased: dict[str, Person] = {}
        self._stored: dict[str, bytes] = {}
        self._found_by: dict[int, _FoundBy] = {}

    # --- reading -------------------------------------------------------------------------------------------------------------

    async def load(self, incoming: Sequence[SourceRecord]) -> None:
        """Read what the records may touch: their earlier versions, their keys, and the people these lead to.

        Of people who hold a contact detail of a record, all is read at once: most records join one of them.
        """
        stored = await self._contacts.get_many(Collection.RECORDS, [r.key for r in incoming])
        for key, document in stored.items():
            self._take_record(key, document)
        await self._load_keys({k for r in (*incoming, *self.records.values()) for k in self.keys_of(r)})
        near = {p for r in incoming for p in islice(self._holders(self.candidate_keys(r)), MAX_CANDIDATES)}
        likely = {p for r in incoming for p in islice(self._holders(self.strong_keys(r)), MAX_CANDIDATES)}
        likely |= {r.profile_id for r in self.records.values()}
        likely |= {side.profile for r in incoming for side in self.judgements.same_as(r.key)}
        await self.load_outlines(near | likely | {profile_id(r.key) for r in incoming})
        await self._wait_for_founders(incoming)
        await self.open(filter(None, map(self.person_at, likely)))

    async def _wait_for_founders(self, incoming: Sequence[SourceRecord]) -> None:
        """Where keys name profiles that another process is about to found, see them first.

        One that died founds none; the next run of its feed founds them, or finds us by the same keys.
        """
        ours = {profile_id(r.key) for r in incoming}
        for attempt in range(WAITS):
            if not (claims := {c for r in incoming for c in self.claims(self.candidate_keys(r))} - ours):
                return
            await pause(attempt)
            await self.load_outlines(claims)

    async def load_keys(self, record: SourceRecord) -> None:
        """Read the keys of a record that has just been changed."""
        await self._load_keys(self.keys_of(record))

    async def _load_keys(self, keys: Iterable[str]) -> None:
        wanted = [k for k in keys if k not in self._keys]
        found = await self._contacts.get_many(Collection.KEYS, wanted)
        for key in wanted:
            document = found.get(key)
            self._keys[key] = orjson.loads(document.body) if document else {"profiles": [], "shared": False}
            self._key_versions[key] = document.version if document else 0

    async def load_outlines(self, ids: Iterable[str]) -> None:
        """Read profiles, and follow redirects."""
        wanted = {i for i in ids if i and i not in self.persons}
        while wanted:
            documents = await self._contacts.get_many(Collection.PROFILES, sorted(wanted))
            following: set[str] = set()
            for key, document in documents.items():
                outline = outline_of(document)
                self._taken.add(key)
                self._stored[key] = document.body
                if outline.state is ProfileState.MERGED and outline.merged_into:
                    self._redirects[key] = outline.merged_into
                    self._merged[key] = Person.read(outline)
                    following.add(outline.merged_into)
                elif outline.state is ProfileState.ACTIVE:
                    self.persons[key] = Person.read(outline)
                else:
                    self._erased[key] = Person.read(outline)
            wanted = {i for i in following if i not in self.persons}

    async def open(self, persons: Iterable[Person]) -> None:
        """Read the records that people rest on."""
        opened = {p.id: p for p in persons if not p.whole}.values()
        missing = {k for p in opened for k in p.before if k not in self.records}
        for key, document in (await self._contacts.get_many(Collection.RECORDS, sorted(missing))).items():
            self._take_record(key, document)
        for person in opened:
            person.records = {k: self.records[k] for k in person.before if k in self.records}
            person.whole = True

    async def load_profiles(self, ids: Iterable[str]) -> None:
        """Read profiles, follow redirects, and read the records they rest on."""
        wanted = list(ids)
        await self.load_outlines(wanted)
        await self.open(filter(None, map(self.person_at, wanted)))

    def _take_record(self, key: str, document: Document) -> None:
        self.records[key] = SourceRecord.model_validate_json(document.body)
        self._record_versions[key] = document.version

    async def load_key_holders(self, person: Person) -> None:
        """Read the keys of all of a person's records, so that they can be taken back or handed on."""
        await self.open([person])
        await self._load_keys(k for r in person.records.values() for k in self.keys_of(r))

    async def load_surroundings(self, persons: Sequence[Person]) -> None:
        """Read the keys of all records of people, and whom these lead to; see `nearest`."""
        await self.open(persons)
        await self._load_keys({k for p in persons for r in p.records.values() for k in self.keys_of(r)})
        await self.load_outlines({n for p in persons for n in self._nearest(p)})

    async def load_touched(self, profiles: Iterable[str], records: Iterable[str], keys: Iterable[str] = ()) -> None:
        """Read profiles and records by their keys, what these lead to, and the keys of all records met; and those that are named."""
        for key, document in (await self._contacts.get_many(Collection.RECORDS, sorted(set(records)))).items():
            self._take_record(key, document)
        await self.load_profiles({*profiles, *(r.profile_id for r in self.records.values())})
        while strangers := {r.profile_id for r in self.records.values()} - self._taken - self._missing:
            self._missing |= strangers
            await self.load_profiles(strangers)
        await self._load_keys({*keys, *(k for r in self.records.values() for k in self.keys_of(r))})

    # --- asking --------------------------------------------------------------------------------------------------------------

    def keys_of(self, record: SourceRecord) -> tuple[str, ...]:
        """Every key by which a record is found."""
        return self._keys_found(record).every

    def strong_keys(self, record: SourceRecord) -> tuple[str, ...]:
        """`profiles.resolve.keys.strong_keys`."""
        return self._keys_found(record).strong

    def candidate_keys(self, record: SourceRecord) -> tuple[str, ...]:
        """The keys that lead to whom the record may be about, the most telling first."""
        return self._keys_found(record).candidates

    def _keys_found(self, record: SourceRecord) -> _FoundBy:
        """The keys, worked out once for all copies of the record."""
        known = self._found_by.get(id(record.observations))
        if known is None:
            strong, blocking = strong_keys(record), blocking_keys(record)
            every = (*contact_keys(record.observations), *blocking)
            known = self._found_by[id(record.observations)] = _FoundBy(record.observations, every, strong, (*strong, *blocking))
        return known

    def person_of(self, record: SourceRecord) -> Person | None:
        """The person a stored record belongs to, redirects followed."""
        return self.person_at(record.profile_id)

    def person_at(self, profile: str) -> Person | None:
        """The person a profile id leads to, redirects followed."""
        return self.persons.get(self._end_of(profile))

    def listed(self, ids: Iterable[str]) -> int:
        """How many records, of those held, profiles that have been read list; of erased ones, how many these name."""
        return sum(len(p.keys()) for i in ids if (p := self.persons.get(i) or self._erased.get(i)))

    def _end_of(self, profile: str) -> str:
        """The profile id where redirects end."""
        while profile in self._redirects:
            profile = self._redirects[profile]
        return profile

    def candidates(self, record: SourceRecord) -> dict[str, list[Candidate]]:
        """Key -> people who hold it; keys that are shared find nobody. At most MAX_CANDIDATES people in all."""
        found: dict[str, list[Candidate]] = {}
        met: dict[str, Candidate] = {}
        for key in self.candidate_keys(record):
            for profile in self._holders([key]):
                person = self.person_at(profile)
                if person is None or person.id != profile:  # who is merged holds no key: a call that was refused has left it
                    continue
                if person.id not in met:
                    if len(met) == MAX_CANDIDATES:
                        return found
                    met[person.id] = person.candidate()
                found.setdefault(key, []).append(met[person.id])
        return found

    def nearest(self, person: Person) -> list[Person]:
        """Who has most keys in common with a person, she herself left out. After `load_surroundings`."""
        found = (self.person_at(profile) for profile in self._nearest(person))
        return list({p.id: p for p in found if p is not None and p is not person}.values())

    def _nearest(self, person: Person) -> list[str]:
        """As `nearest`, by id. Whoever shares nothing but one thing that many have is left out, a workplace, a switchboard or a city: of
        two sets of 5,000 fictional persons that is seven eighths of those met.
        """
        common: Counter[str] = Counter()
        alone = [person.id]
        for key in {k for r in person.records.values() for k in self.candidate_keys(r)}:
            body = self._keys[key]
            if body["profiles"] == alone or (body["shared"] and len(body["profiles"]) > FEW_HOLDERS):  # as most keys are
                continue
            holders = {self._end_of(profile) for profile in body["profiles"]}
            told = 2 if key.startswith(NAME_BLOCK) or len(holders) <= FEW_HOLDERS else 1
            for profile in holders:
                common[profile] += told
        del common[person.id]
        likely = ((profile, told) for profile, told in common.items() if told > 1)
        return [profile for profile, _ in nsmallest(MAX_SETTLED_WITH, likely, key=lambda found: (-found[1], found[0]))]

    def _holders(self, keys: Iterable[str]) -> Iterable[str]:
        bodies = map(self._keys.__getitem__, keys)
        return (profile for body in bodies if not body["shared"] for profile in body["profiles"])

    def holders_of(self, key: str) -> list[Person]:
        """The people known to hold a key that has been read, shared or not."""
        return [person for p in self._keys[key]["profiles"] if (person := self.person_at(p)) is not None]

    def holder_count(self, kind: str, value: str) -> int | None:
        """How many people hold a contact detail, by its trait and first key; None where its key has not been read."""
        body = self._key_body(kind, value)
        return None if body is None else len(body["profiles"])

    def is_shared(self, kind: str, value: str) -> bool:
        """Whether a contact detail, by its trait and first key, is known to be of several people; who else has it is not known."""
        body = self._key_body(kind, value)
        return body is not None and body["shared"]

    def _key_body(self, kind: str, value: str) -> KeyBody | None:
        held = HELD_BY_TRAIT.get(kind)
        return self._keys.get(key_of(held, value)) if held else None

    def claims(self, keys: Iterable[str], *, shared: bool = False) -> list[str]:
        """Ids of profiles that the keys name and nobody has founded yet, sorted, so that all who meet them take the same.

        shared: whether those that shared keys name count.
        """
        bodies = map(self._keys.__getitem__, keys)
        held = (body["profiles"] for body in bodies if shared or not body["shared"])
        return sorted({p for profiles in held for p in profiles if p not in self._taken and p not in self.persons})
