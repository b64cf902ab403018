"""One person of a batch: a profile being worked on with its records, the id it gets, and what a key document says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TypedDict

from indexer.clock import Memory
from profiles.models import SourceRecord
from profiles.resolve.compare import NameParts, parts_of
from profiles.resolve.decide import Candidate

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class KeyBody(TypedDict):
    """What a key document says: who holds the value, and whether it has stopped identifying anyone."""

    profiles: list[str]
    shared: bool


def profile_id(record_key: str, attempt: int = 0) -> str:
    """Id of the profile that a record founds: "p" and 16 base-32 letters of BLAKE2b-80 of the record's key.

    attempt: counted up where the id is taken already (its profile was merged or erased, and ids are never given twice).
    """
    number = int.from_bytes(blake2b(f"{record_key}#{attempt}".encode() if attempt else record_key.encode(), digest_size=10).digest(), "big")
    return "p" + "".join(ALPHABET[number >> shift & 31] for shift in range(75, -5, -5))


@dataclass(slots=True)
class Person:
    """A profile being worked on, and its records by key.

    version: of its document as read (0 = new).    before: the records it listed then.    merged_into: the id it redirects to from now on.
    unborn: the call that was to found it was cut short, and no record has come to name it.
    """

    id: str
    created_at: datetime
    version: int
    before: tuple[str, ...] = ()
    records: dict[str, SourceRecord] = field(default_factory=dict)
    merged_into: str | None = None
    _names: dict[NameParts, None] | None = None
    _memory: Memory | None = None
    unborn: bool = False

    def candidate(self) -> Candidate:
        """As the resolver sees it."""
        if self._names is None:
            self._names = dict.fromkeys(parts_of(o for r in self.records.values() for o in r.observations))
        return Candidate(self.id, self.created_at, self.records.values(), tuple(self._names))

    def memory(self) -> Memory:
        """When its values were first seen."""
        if self._memory is None:
            self._memory = Memory()
            for record in self.records.values():
                self._memory.add(record)
        return self._memory

    def keep(self, record: SourceRecord) -> None:
        """Add a record, or replace its earlier version. What is known of all records is not gathered anew for each of thousands."""
        old = self.records.get(record.key)
        if old is not None and parts_of(old.observations) != parts_of(record.observations):
            self._names = None
        self.records[record.key] = record  # what an earlier version knew, the new one knows as well: the memory only grows
        if self._names is not None:
            self._names |= dict.fromkeys(parts_of(record.observations))
        if self._memory is not None:
            self._memory.add(record)

    def replace(self, records: dict[str, SourceRecord]) -> None:
        """Take other records instead."""
        self.records = records
        self._names = self._memory = None

    def lose(self, key: str) -> None:
        """Take a record away."""
        self.records.pop(key, None)
        self._names = self._memory = None
