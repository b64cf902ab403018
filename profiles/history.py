"""The history of a profile: an append-only chain of events, each sealed with the hash of all before it. Pure.

One chain a profile, so that processes working on different people never wait for one another. An event names records, profiles and keys
by reference, never by a value: it stays when the person is erased, and must then say nothing about her.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import Any

import orjson
from pydantic import Field

from profiles.models import Model


class EventKind(StrEnum):
    """What can happen to a profile. `other` and `records` of the event say with whom and what."""

    ATTACHED = "attached"  # records were found to be about this person; other: the profile they came from
    LEFT = "left"  # records went: to the profile `other`, or out of the store
    MERGED = "merged"  # the profile `other` was found to be the same person and came in with its records
    MERGED_INTO = "merged_into"  # this profile went into `other`
    UNMERGED = "unmerged"  # the profile `other` was given back with these records
    RESTORED = "restored"  # this profile was given back out of `other`
    JUDGED = "judged"  # a person said whether this and `other` are one
    SHARED = "shared"  # a key of this profile was found to be of several people; key says which


class FirstDays(Model):
    """The first days of a record's values before a merge moved some of them back, so that an unmerge can put them right.

    mark: start of the content hash; another version of the record is left as it is.    days: index of the observation -> its day.
    """

    mark: str
    days: dict[int, date]


class Event(Model):
    """One event.

    number: from 0, counted for each profile.    at: UTC, whole seconds.    actor: "ingest of SOURCE", or who judged or merged.
    because: what spoke for it, in words and numbers.    weights: version of the weights that decided; "" where a person did.
    records: references, see `reference`.    key: kind and a few digits of the hash, enough to tell the keys of one person apart.
    judgement: id.    days: by record, for merges.    seal: SHA-256 over the seal before (the profile's id for the first) and this event.
    """

    number: int
    kind: EventKind
    at: datetime
    actor: str
    because: tuple[str, ...] = ()
    weights: str = ""
    records: tuple[str, ...] = ()
    other: str | None = None
    key: str | None = None
    judgement: str | None = None
    days: dict[str, FirstDays] = Field(default_factory=dict)
    seal: str = ""

    def unsealed(self) -> dict[str, Any]:
        """As it is stored, without its seal."""
        return self.model_dump(mode="json", exclude={"seal"}, exclude_defaults=True)

    def sealed_after(self, before: str) -> str:
        """The seal this event must carry after one sealed `before`."""
        return _seal(before, self.unsealed())


def _seal(before: str, said: Mapping[str, Any]) -> str:
    return sha256(before.encode() + b"\n" + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def reference(record_key: str) -> str:
    """A record as events and judgements name it: its source, and BLAKE2b-80 of its key; the feed's id may be a person's address.

    No secret goes into it, as none goes into the ids of profiles, which are made alike: a record has one reference in every store, and
    chains that are sealed can be read without a key. Whoever reads a store can try a record's key he guesses, and learns that its source
    had such a record once; nothing of what it said.
    """
    source, _, _ = record_key.partition("/")
    return f"{source}#{blake2b(record_key.encode(), digest_size=10).hexdigest()}"


def key_mark(key: str) -> str:
    """A key as events name it: "email:3fa1". Sixteen bits tell a person's keys apart, and fit millions of addresses."""
    kind, _, digest = key.partition(":")
    return f"{kind}:{digest[:4]}"


@dataclass(slots=True)
class Standing:
    """Where a chain has come to: what `append` compares with, so that an event told once is not told again.

    records: references of those attached.    absorbed: profiles that came in and are still in.    into: where this profile went.
    """

    records: set[str] = field(default_factory=set)
    absorbed: set[str] = field(default_factory=set)
    into: str | None = None
    judgements: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)

    def tells(self, event: Event) -> bool:
        """Whether the chain says already what the event would."""
        match event.kind:
            case EventKind.ATTACHED:
                return self.records >= set(event.records)
            case EventKind.LEFT:
                return not self.records & set(event.records)
            case EventKind.MERGED:
                return event.other in self.absorbed
            case EventKind.MERGED_INTO:
                return self.into == event.other
            case EventKind.UNMERGED:
                return event.other not in self.absorbed and not self.records & set(event.records)
            case EventKind.RESTORED:
                return self.into is None and self.records >= set(event.records)
            case EventKind.JUDGED:
                return event.judgement in self.judgements
            case EventKind.SHARED:
                return event.key in self.shared

    def take(self, event: Event) -> None:
        """Move on by one event."""
        match event.kind:
            case EventKind.ATTACHED:
                self.records |= set(event.records)
            case EventKind.LEFT:
                self.records -= set(event.records)
            case EventKind.MERGED:
                self.records |= set(event.records)
                self.absorbed.add(event.other or "")
            case EventKind.MERGED_INTO:
                self.records, self.into = set(), event.other
            case EventKind.UNMERGED:
                self.records -= set(event.records)
                self.absorbed.discard(event.other or "")
            case EventKind.RESTORED:
                self.records |= set(event.records)
                self.into = None
            case EventKind.JUDGED:
                self.judgements.add(event.judgement or "")
            case EventKind.SHARED:
                self.shared.add(event.key or "")


class Chain:
    """The events of one profile, in order."""

    def __init__(self, profile: str, events: Iterable[Event] = ()) -> None:
        self.profile = profile
        self.events: list[Event] = []
        self.standing = Standing()
        self._stored: list[dict[str, Any]] = []
        for event in events:
            self._take(event, event.unsealed() | {"seal": event.seal})

    @classmethod
    def from_json(cls, profile: str, body: bytes) -> Chain:
        """As it is stored."""
        chain = cls(profile)
        for stored in orjson.loads(body):
            chain._take(Event.model_validate(stored), stored)
        return chain

    def to_json(self) -> bytes:
        """As it is stored: a list of events."""
        return orjson.dumps(self._stored)

    def append(self, kind: EventKind, at: datetime, actor: str, **said: Any) -> bool:
        """Add an event, unless the chain says it already; whether it was added."""
        event = Event(number=len(self.events), kind=kind, at=at, actor=actor, **said)
        if self.standing.tells(event):
            return False
        stored = event.unsealed()
        stored["seal"] = _seal(self.head, stored)
        self._take(event.model_copy(update={"seal": stored["seal"]}), stored)
        return True

    def _take(self, event: Event, stored: dict[str, Any]) -> None:
        self.events.append(event)
        self._stored.append(stored)
        self.standing.take(event)

    @property
    def head(self) -> str:
        """The seal of the last event: whoever has noted it can tell whether anything was changed or cut off since."""
        return self.events[-1].seal if self.events else self.profile

    def broken_at(self) -> int | None:
        """The number of the first event that was changed, moved or taken out; None when the chain is whole."""
        before = self.profile
        for number, event in enumerate(self.events):
            if event.number != number or event.seal != event.sealed_after(before):
                return number
            before = event.seal
        return None


def heads_digest(heads: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """One hash over the heads of all chains, to be noted elsewhere: no chain can be cut short or left out without changing it."""
    pairs = sorted(heads.items() if isinstance(heads, Mapping) else heads)
    return sha256("".join(f"{profile} {head}\n" for profile, head in pairs).encode()).hexdigest()
