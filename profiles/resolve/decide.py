"""Decides who a record is about: pure, from the record and the profiles its keys lead to.

This first resolver takes two records for one person when a strong key is common *and* the names agree. It fills the interface a
weighing resolver can fill as well: `Decision` says who, who else is the same, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from profiles.models import Profile, SourceRecord
from profiles.resolve.compare import names_agree, parts_of


@dataclass(frozen=True, slots=True)
class Decision:
    """Who the record is about.

    profile_id: the surviving profile, or None for a new person.    absorbed: profiles found to be the same person, to merge into it.
    shared: keys met under names that do not agree: they stop being strong.    because: keys and rules, for explanation.
    """

    profile_id: str | None
    absorbed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


class Resolver(Protocol):
    """Decides for one record at a time, from the candidates that its keys found."""

    def decide(self, record: SourceRecord, candidates: Mapping[str, Sequence[Profile]]) -> Decision:
        """candidates: strong key -> profiles that hold it (keys known to be shared are left out)."""
        ...


class StrongKeyResolver:
    """Same person = a common strong key and an agreeing name; everyone else is new."""

    def decide(self, record: SourceRecord, candidates: Mapping[str, Sequence[Profile]]) -> Decision:
        """Oldest matching profile survives; further ones are absorbed only if they agree with the survivor by themselves.

        Without that test a record could bridge two persons whom nothing else connects.
        """
        names = parts_of(record.observations)
        found: dict[str, Profile] = {}
        shared: list[str] = []
        because: list[str] = []
        for key, profiles in candidates.items():
            agreeing = [p for p in profiles if names_agree(names, parts_of(p.values))]
            if len(agreeing) < len(profiles):
                shared.append(key)
            if agreeing:
                because.append(key)
            found.update((p.id, p) for p in agreeing)
        if not found:
            return Decision(None, shared=tuple(shared))
        oldest, *others = sorted(found.values(), key=lambda p: (p.created_at, p.id))
        own = parts_of(oldest.values)
        absorbed = tuple(p.id for p in others if names_agree(own, parts_of(p.values)))
        return Decision(oldest.id, absorbed, tuple(shared), tuple(because))
