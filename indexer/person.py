"""One person of a batch: a profile being worked on with its records, the id it gets, what is stored of it, and what a key document says."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NotRequired, TypedDict

import orjson

from engines.base import Collection as Stored
from engines.base import Write
from indexer.clock import Memory
from indexer.outline import Outline
from profiles.merge import AsStored, merged
from profiles.models import Profile, ProfileState, SourceRecord
from profiles.resolve.decide import Candidate
from profiles.resolve.traits import Traits, gathered, traits_of
from profiles.retention import Periods

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_FROM_BASE32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


TRIED_IDS = 3
"""Of the ids that a record may found a profile under, those that are looked for where a try was given up."""


class KeyBody(TypedDict):
    """What a key document says: who holds the value, and whether it has stopped identifying anyone.

    more: that others hold it who are not listed, see `profiles.resolve.keys.is_full`.
    """

    profiles: list[str]
    shared: bool
    more: NotRequired[bool]


@lru_cache(maxsize=4096)
def profile_id(record_key: str, attempt: int = 0) -> str:
    """Id of the profile that a record founds: "p" and 16 base-32 letters of BLAKE2b-80 of the record's key.

    attempt: counted up where the id is taken already (its profile was merged or erased, and ids are never given twice).
    """
    digest = blake2b(f"{record_key}#{attempt}".encode() if attempt else record_key.encode(), digest_size=10).digest()
    return "p" + b32encode(digest).decode().translate(_FROM_BASE32)


def own_ids(record_key: str) -> frozenset[str]:
    """The ids under which a record founds a profile, the first few of them."""
    return frozenset(profile_id(record_key, attempt) for attempt in range(TRIED_IDS))


@dataclass(slots=True)
class Person:
    """A profile being worked on, and its records by key.

    version: of its document as read (0 = new).    before: keys of the records it listed then.    merged_into: the id it redirects to from
    now on.    whole: whether its records have been read; of people who are only compared they are not.
    unborn: the call that was to found it was cut short, and no record has come to name it.
    """

    id: str
    created_at: datetime
    version: int
    before: tuple[str, ...] = ()
    records: dict[str, SourceRecord] = field(default_factory=dict)
    merged_into: str | None = None
    whole: bool = True
    unborn: bool = False
    _outline: Outline | None = None
    _traits: Traits | None = None
    _memory: Memory | None = None

    @classmethod
    def read(cls, outline: Outline) -> Person:
        """As it is stored, its records not yet read."""
        return cls(
            outline.id,
            outline.created_at,
            outline.version,
            outline.records,
            merged_into=outline.merged_into,
            whole=not outline.records,
            _outline=outline,
        )

    def candidate(self) -> Candidate:
        """As the resolver sees it."""
        traits = self.traits()
        return Candidate(self.id, self.created_at, self.records.values(), tuple(traits.names), traits, self.keys())

    def keys(self) -> Collection[str]:
        """Keys of its records."""
        return self.records.keys() if self.whole else self.before

    def traits(self) -> Traits:
        """What is known of it, as it is compared."""
        if self._outline is not None:  # as it is stored, and not changed since
            self._traits, self._outline = self._outline.traits(), None
        if self._traits is None:
            self._traits = gathered(self.records.values())
        return self._traits

    def memory(self) -> Memory:
        """When its values were first seen."""
        if self._memory is None:
            self._memory = Memory()
            for record in self.records.values():
                self._memory.add(record)
        return self._memory

    def keep(self, record: SourceRecord) -> None:
        """Add a record, or replace its earlier version. What is known of all records is not gathered anew for each of thousands."""
        self._must_be_whole()
        old = self.records.get(record.key)
        if old is not None and old.observations is not record.observations:
            self._traits = self._outline = None
        if old is None and not (self._traits is None and self._outline is None):
            self.traits().add(traits_of(record))
        self.records[record.key] = record  # what an earlier version knew, the new one knows as well: the memory only grows
        if self._memory is not None:
            self._memory.add(record)

    def replace(self, records: dict[str, SourceRecord]) -> None:
        """Take other records instead."""
        self.records, self.whole = records, True
        self._traits = self._outline = self._memory = None

    def lose(self, key: str) -> None:
        """Take a record away."""
        self._must_be_whole()
        self.records.pop(key, None)
        self._traits = self._outline = self._memory = None

    def _must_be_whole(self) -> None:
        """Raises RuntimeError for somebody whose records have not been read: written now, she would have lost them."""
        if not self.whole:
            raise RuntimeError(f"the records of {self.id} have not been read")


def project(person: Person, periods: Mapping[str, Periods]) -> AsStored:
    """The profile as its records make it, as it is stored: merged elsewhere, erased when no record is left."""
    if any(r.observations for r in person.records.values()):
        return merged(person.id, person.created_at, person.records.values(), periods)
    state = ProfileState.MERGED if person.merged_into else ProfileState.ERASED
    profile = Profile(
        id=person.id,
        state=state,
        merged_into=person.merged_into,
        created_at=person.created_at,
        updated=datetime.now(UTC).date(),
        records=tuple(sorted(person.records)),
    )
    return profile.model_dump(exclude_defaults=True)


def profile_write(profile: AsStored, expected: int | None) -> Write:
    """The write of a profile; the store finds it again on the day something in it expires."""
    due = min((source["expires_at"] for value in profile.get("values", ()) for source in value["sources"]), default=None)
    return Write(Stored.PROFILES, profile["id"], orjson.dumps(profile, option=orjson.OPT_UTC_Z), expected, due)
