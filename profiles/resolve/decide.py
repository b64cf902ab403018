"""Decides who a record is about: pure, from the record and the candidates its keys lead to.

This first resolver takes two records for one person when a strong key is common *and* the names agree. It fills the interface a
weighing resolver can fill as well: `Decision` says who, who else is the same, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.compare import NameParts, names_agree, parts_of
from profiles.resolve.keys import STRONG_KINDS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person the record may be about: the profile's id, its age, and the records it rests on."""

    profile_id: str
    created_at: datetime
    records: Collection[SourceRecord]
    known_names: tuple[NameParts, ...] | None = None

    def names(self) -> tuple[NameParts, ...]:
        """Every name the person is known by; `known_names` spares reading them out of thousands of records again."""
        return parts_of(o for r in self.records for o in r.observations) if self.known_names is None else self.known_names


@dataclass(frozen=True, slots=True)
class Decision:
    """Who the record is about.

    profile_id: the surviving profile, or None for a new person.    absorbed: profiles found to be the same person, to merge into it.
    shared: keys met under names that do not agree: they stop being strong.    because: the keys that spoke for it.
    """

    profile_id: str | None
    absorbed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


_OF_A_JOB = frozenset({ValueKind.COMPANY, ValueKind.JOB_TITLE})


class Resolver(Protocol):
    """Decides for one record at a time, from the candidates that its keys found."""

    def decide(self, record: SourceRecord, candidates: Mapping[str, Sequence[Candidate]], own: Candidate | None = None) -> Decision:
        """candidates: strong key -> persons who hold it (keys known to be shared are left out).

        own: the person an earlier version of this record was resolved to.
        """
        ...


class StrongKeyResolver:
    """Same person = a common strong key and an agreeing name; everyone else is new."""

    def decide(self, record: SourceRecord, candidates: Mapping[str, Sequence[Candidate]], own: Candidate | None = None) -> Decision:
        """The oldest matching profile survives; further ones are absorbed only if they agree with it by themselves.

        Without that test a record could bridge two persons whom nothing else connects. A new version of a record stays with its
        person when the names agree, or when they share a word (marriage changes the other) and something else is as it was;
        otherwise the source has given its id to somebody else.
        """
        names = parts_of(record.observations)
        found: dict[str, Candidate] = {}
        shared: list[str] = []
        because: list[str] = []
        for key, persons in candidates.items():
            agreeing = [p for p in persons if names_agree(names, p.names())]
            if len(agreeing) < len(persons):
                shared.append(key)
            if agreeing:
                because.append(key)
            found.update((p.profile_id, p) for p in agreeing)
        if own is not None and _continues(record, names, own):
            found[own.profile_id] = own
        if not found:
            return Decision(None, shared=tuple(shared))
        oldest, *others = sorted(found.values(), key=lambda p: (p.created_at, p.profile_id))
        surviving = oldest.names()
        absorbed = tuple(p.profile_id for p in others if names_agree(surviving, p.names()))
        return Decision(oldest.profile_id, absorbed, tuple(shared), tuple(because))


def _continues(record: SourceRecord, names: Sequence[NameParts], own: Candidate) -> bool:
    """Whether a new version of a record is still about its person.

    With a contact detail kept, one word of the name is enough; with the job kept, it must be one of the first names: a family
    business has many of one family. Skills and places are everybody's and prove nothing.
    """
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
