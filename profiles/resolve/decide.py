"""Decides who a record is about: pure, from the record and the candidates its keys lead to.

`Resolver` is the one seam: the indexer hands in a record and candidates, and gets a `Decision` that says who, who else is the same, who
may be, and why. `WeighingResolver` weighs all evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.choose import Choice, Link, Person, choose
from profiles.resolve.compare import NameParts, names_agree, parts_of
from profiles.resolve.evidence import Comparison
from profiles.resolve.frequencies import Frequencies, Unknown
from profiles.resolve.keys import STRONG_KINDS, is_blocking
from profiles.resolve.traits import Traits, gathered, traits_of
from profiles.resolve.weights import Weights, shipped_weights


class Outcome(StrEnum):
    """same: the record joins a person known. possible: a person of its own, with links for somebody to judge. new: nobody is like it."""

    SAME = "same"
    POSSIBLE = "possible"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person the record may be about: the profile's id, its age, and the records it rests on.

    known_names, known_traits, known_records (keys): spare gathering them from thousands of records again; where they are given, `records`
    may be left out for a person of whom the record is no new version.
    """

    profile_id: str
    created_at: datetime
    records: Collection[SourceRecord]
    known_names: tuple[NameParts, ...] | None = None
    known_traits: Traits | None = None
    known_records: Collection[str] | None = None

    def names(self) -> tuple[NameParts, ...]:
        """Every name the person is known by."""
        return parts_of(o for r in self.records for o in r.observations) if self.known_names is None else self.known_names

    def traits(self) -> Traits:
        """All that is known of the person, as it is compared."""
        return gathered(self.records) if self.known_traits is None else self.known_traits

    def record_keys(self) -> Collection[str]:
        """Keys of the records the person rests on."""
        return frozenset(r.key for r in self.records) if self.known_records is None else self.known_records


@dataclass(frozen=True, slots=True)
class Decision:
    """Who the record is about.

    profile_id: the surviving profile, or None for a new person.    absorbed: profiles found to be the same person, to merge into it.
    shared: keys met under names that do not agree: they stop being strong.    because: the strong keys that spoke for it.
    near, links: who else it may be, see `choose.Choice`.    comparison: of the record with the person chosen.    weights: their version.
    """

    profile_id: str | None
    absorbed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    comparison: Comparison | None = None
    weights: str = ""

    @property
    def outcome(self) -> Outcome:
        """Same, possible or new."""
        return Outcome.SAME if self.profile_id else Outcome.POSSIBLE if self.links else Outcome.NEW


class Judged(Protocol):
    """What people have decided about records (by their keys); it wins over all evidence. Of a store: profiles/judgement.py."""

    def forbid(self, one: Iterable[str], other: Collection[str]) -> bool:
        """Whether records of the two sides were judged different."""
        ...

    def demand(self, one: Iterable[str], other: Collection[str]) -> bool:
        """Whether records of the two sides were judged the same."""
        ...


@dataclass(frozen=True, slots=True)
class Judgements:
    """`Judged` by pairs of records.

    same, different: record key -> keys of the records it must, or must not, be one person with. Both ways round.
    """

    same: Mapping[str, Collection[str]] = field(default_factory=dict)
    different: Mapping[str, Collection[str]] = field(default_factory=dict)

    def forbid(self, one: Iterable[str], other: Collection[str]) -> bool:
        """Whether records of the two sides were judged different."""
        return _meets(self.different, one, other)

    def demand(self, one: Iterable[str], other: Collection[str]) -> bool:
        """Whether records of the two sides were judged the same."""
        return _meets(self.same, one, other)


def _meets(pairs: Mapping[str, Collection[str]], one: Iterable[str], other: Collection[str]) -> bool:
    return bool(pairs) and any(o in other for key in one for o in pairs.get(key, ()))


NO_JUDGEMENTS = Judgements()

_OF_A_JOB = frozenset({ValueKind.COMPANY, ValueKind.JOB_TITLE})


class Resolver(Protocol):
    """Decides for one record at a time, from the candidates that its keys found."""

    def decide(
        self,
        record: SourceRecord,
        candidates: Mapping[str, Sequence[Candidate]],
        own: Candidate | None = None,
        *,
        frequencies: Frequencies | None = None,
        judgements: Judged = NO_JUDGEMENTS,
    ) -> Decision:
        """candidates: key, strong or blocking -> persons who hold it (keys known to be shared may be left out).

        own: the person an earlier version of this record was resolved to.    frequencies: how common values are among the persons held.
        """
        ...


class WeighingResolver:
    """Weighs all evidence against each candidate; see weights.toml."""

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = weights or shipped_weights()

    def decide(
        self,
        record: SourceRecord,
        candidates: Mapping[str, Sequence[Candidate]],
        own: Candidate | None = None,
        *,
        frequencies: Frequencies | None = None,
        judgements: Judged = NO_JUDGEMENTS,
    ) -> Decision:
        """The person who fits best, if one fits and leads the next; persons who fit the record and each other become one.

        A new version of a record stays with its person, unless the source has given its id to somebody else (see `continues`).
        """
        persons = {p.profile_id: p for found in candidates.values() for p in found}
        traits, keys = traits_of(record), (record.key,)
        must = tuple(i for i, p in persons.items() if judgements.demand(keys, p.record_keys()))
        if own is not None and continues(record, own):
            persons[own.profile_id] = own
            must = (*must, own.profile_id)
        barred = {i for i, p in persons.items() if judgements.forbid(keys, p.record_keys())}
        near = [Person(i, p.created_at, p.traits()) for i, p in persons.items() if i not in barred]
        chosen = choose(
            traits,
            near,
            frequencies or Unknown(),
            self.weights,
            must=tuple(i for i in must if i not in barred),
            apart=lambda a, b: judgements.forbid(persons[a].record_keys(), persons[b].record_keys()),
        )
        shared, because = _strong_keys_said(candidates, chosen)
        return Decision(chosen.person, chosen.absorbed, shared, because, chosen.near, chosen.links, chosen.comparison, self.weights.version)


def _strong_keys_said(candidates: Mapping[str, Sequence[Candidate]], chosen: Choice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Strong keys that somebody of another name holds, and those that the person chosen holds."""
    one = {chosen.person, *chosen.absorbed}
    strong = {key: {p.profile_id for p in found} for key, found in candidates.items() if not is_blocking(key)}
    shared = tuple(key for key, holders in strong.items() if holders & chosen.refused)
    return shared, tuple(key for key, holders in strong.items() if holders & one)


def continues(record: SourceRecord, own: Candidate) -> bool:
    """Whether a new version of a record is still about its person.

    With a contact detail kept, one word of the name is enough; with the job kept, it must be one of the first names: a family
    business has many of one family. Skills and places are everybody's and prove nothing.
    """
    names = parts_of(record.observations)
    if names_agree(names, own.names()):
        return True
    before = next((r for r in own.records if r.key == record.key), None)
    if before is None:
        return False
    held, now = ({(o.kind, o.keys[0]) for o in r.observations if not o.parts.get("role")} for r in (before, record))
    kept = {kind for kind, _ in held & now}
    contact = bool(kept & set(STRONG_KINDS)) and bool(_words(names) & _words(own.names()))
    return contact or (bool(kept & _OF_A_JOB) and bool(_given_words(names) & _given_words(own.names())))


def _given_words(names: Sequence[NameParts]) -> set[str]:
    return {word for given, _, _ in names for word in given if len(word) > 1}


def _words(names: Sequence[NameParts]) -> set[str]:
    """All name words of more than a letter."""
    return {word for given, family, _ in names for word in (*given, *family) if len(word) > 1}
