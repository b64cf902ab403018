"""What a batch has to tell of the profiles it changes: one chain of events each, read late and written with the change itself.

Which records came and went is not noted on the way but found by comparing the chain with the person as she now is. So an ingest that was
killed, lost a race or is run again tells everything once: what the chain says already is not said again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engines.base import Collection, ReadDocuments, Write
from indexer.person import Person
from profiles.errors import WriteConflict
from profiles.history import Chain, EventKind, FirstDays, key_mark, reference
from profiles.models import SourceRecord


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record went where it did: in words and numbers, with the version of the weights that decided ("" for a person's word)."""

    because: tuple[str, ...] = ()
    weights: str = ""


MARK_DIGITS = 8  # of a content hash: enough to see that a record is as it was, too few to say what it holds


class EventLog:
    """Events of the profiles that one decision is about. actor: who acts, as in `profiles.history.Event`."""

    def __init__(self, contacts: ReadDocuments, actor: str) -> None:
        self._contacts, self._actor = contacts, actor
        self._chains: dict[str, Chain] = {}
        self._versions: dict[str, int] = {}
        self._told: dict[str, list[tuple[EventKind, dict[str, Any]]]] = defaultdict(list)
        self._reasons: dict[str, Reason] = {}

    # --- telling -------------------------------------------------------------------------------------------------------------

    @property
    def told(self) -> set[str]:
        """Profiles that something was told of."""
        return set(self._told)

    def attach(self, record: str, reason: Reason) -> None:
        """Why a record, by its key, is now where it is."""
        self._reasons[record] = reason

    def merge(self, survivor: str, other: Person, days: Mapping[str, FirstDays], reason: Reason) -> None:
        """Another person went into the survivor; call it while the other still has her records."""
        said = {"other": other.id, "records": _references(other.records), "because": reason.because, "weights": reason.weights}
        self._told[survivor].append((EventKind.MERGED, said | {"days": dict(days)}))
        self._told[other.id].append((EventKind.MERGED_INTO, said | {"records": (), "other": survivor}))

    def part(self, person: str, other: str, records: Iterable[str], reason: Reason, judgement: str | None = None) -> None:
        """Records, by their keys, were given back to a profile; judgement: whose word it was, None where evidence showed it."""
        said = {"records": _references(records), "judgement": judgement, "because": reason.because, "weights": reason.weights}
        self._told[person].append((EventKind.UNMERGED, said | {"other": other}))
        self._told[other].append((EventKind.RESTORED, said | {"other": person}))

    def judge(self, profiles: Iterable[str], judgement: str, because: str) -> None:
        """A person said something of two profiles."""
        first, second = profiles
        for profile, other in ((first, second), (second, first)):
            self._told[profile].append((EventKind.JUDGED, {"other": other, "judgement": judgement, "because": (because,)}))

    def share(self, profile: str, key: str, because: str) -> None:
        """A key of the profile was found to be of several people."""
        self._told[profile].append((EventKind.SHARED, {"key": key_mark(key), "because": (because,)}))

    # --- reading and writing -------------------------------------------------------------------------------------------------

    async def load(self, profiles: Iterable[str], known_judgements: Set[str] | None) -> None:
        """Read the chains to be continued.

        known_judgements: ids of those that the decision heeds; None for what no judgement has a say in.
        Raises WriteConflict when a chain tells of one that is not among them: whoever decides looks again.
        """
        wanted = sorted(set(profiles) - self._chains.keys())
        found = await self._contacts.get_many(Collection.EVENTS, wanted)
        for profile in wanted:
            document = found.get(profile)
            self._chains[profile] = Chain.from_json(profile, document.body) if document else Chain(profile)
            self._versions[profile] = document.version if document else 0
            if known_judgements is not None and not self._chains[profile].standing.judgements <= known_judgements:
                raise WriteConflict("judgements: one was given meanwhile; read it again and retry")

    def days_before(self, profile: str, other: str) -> Mapping[str, FirstDays]:
        """The days that values of either counted from before `other` came into `profile`; see `profiles.history.Event`. Needs `load`."""
        merges = (e for e in reversed(self._chains[profile].events) if e.kind is EventKind.MERGED and e.other == other)
        return next((e.days for e in merges), {})

    def writes(self, persons: Mapping[str, Person], homes: Mapping[str, SourceRecord]) -> Iterable[Write]:
        """Each person's chain with what is new to it.    homes: where records are now, by key."""
        now = datetime.now(UTC).replace(microsecond=0)
        whereabouts = {reference(key): record.profile_id for key, record in homes.items()}
        for profile in sorted(persons.keys() | self._told.keys()):
            chain = self._chains[profile]
            before = len(chain.events)
            for kind, said in self._told[profile]:
                chain.append(kind, now, self._actor, **said)
            if profile in persons:
                self._follow(chain, persons[profile], whereabouts, now)
            if len(chain.events) > before:
                yield Write(Collection.EVENTS, profile, chain.to_json(), self._versions[profile])

    def _follow(self, chain: Chain, person: Person, whereabouts: Mapping[str, str], now: datetime) -> None:
        """Tell which records came and which went."""
        keys = {reference(key): key for key in person.records}
        for record in sorted(chain.standing.records - keys.keys()):
            to = whereabouts.get(record)
            chain.append(EventKind.LEFT, now, self._actor, records=(record,), other=to if to != person.id else None)
        for record in sorted(keys.keys() - chain.standing.records):
            reason = self._reasons.get(keys[record], Reason())
            chain.append(EventKind.ATTACHED, now, self._actor, records=(record,), because=reason.because, weights=reason.weights)


def _references(records: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(reference, records)))


def mark_of(record: SourceRecord) -> str:
    """By which `FirstDays` knows the version of a record."""
    return record.content_hash[:MARK_DIGITS]
