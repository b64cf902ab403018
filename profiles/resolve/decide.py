"""Decides who a record is about: pure, from the record and the candidates its keys lead to.

This first resolver takes two records for one person when a strong key is common *and* the names agree. It fills the interface a
weighing resolver can fill as well: `Decision` says who, who else is the same, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from profiles.models import SourceRecord
from profiles.resolve.compare import NameParts, names_agree, parts_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person the record may be about: the profile's id, its age, and the records it rests on."""

    profile_id: str
    created_at: datetime
    records: tuple[SourceRecord, ...]

    def names(self) -> tuple[NameParts, ...]:
        """Every name the person is known by."""
        return parts_of(o for r in self.records for o in r.observations)


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
        person as long as it shares a word of the name (marriage changes one); otherwise the source has given its id to somebody else.
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
        if own is not None and _words(names) & _words(own.names()):
            found[own.profile_id] = own
        if not found:
            return Decision(None, shared=tuple(shared))
        oldest, *others = sorted(found.values(), key=lambda p: (p.created_at, p.profile_id))
        surviving = oldest.names()
        absorbed = tuple(p.profile_id for p in others if names_agree(surviving, p.names()))
        return Decision(oldest.profile_id, absorbed, tuple(shared), tuple(because))


def _words(names: Sequence[NameParts]) -> set[str]:
    """All name words of more than a letter."""
    return {word for given, family, _ in names for word in (*given, *family) if len(word) > 1}
