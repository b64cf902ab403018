"""A profile as the resolver looks at it: what can be compared, read from the document without the records it rests on.

A record is compared with dozens of people and joins one. So only that one's records are read; of the others this outline is enough.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from engines.base import Document
from profiles.models import ProfileState, ValueKind
from profiles.resolve.traits import NO_DAYS, Said, Span, Traits, sources_of, traits_from


class Outline(NamedTuple):
    """The parts of a stored profile. values: as stored, JSON."""

    id: str
    version: int
    state: ProfileState
    created_at: datetime
    merged_into: str | None
    records: tuple[str, ...]
    values: list[dict[str, Any]]

    def traits(self) -> Traits:
        """What is known of the person, as it is compared."""
        said = [_said(value, _span(value)) for value in self.values]
        said += [begun for value in self.values if value["kind"] == ValueKind.COMPANY for begun in _begun_otherwise(value)]
        return traits_from(said, len(self.records), sources_of(self.records))

    def undated(self, kinds: Container[ValueKind]) -> Traits:
        """The traits that values of some kinds make, without their days, which cost half of the reading."""
        return traits_from([_said(value, NO_DAYS) for value in self.values if value["kind"] in kinds], len(self.records))


_KINDS = {kind.value: kind for kind in ValueKind}  # a third of the time that asking the enumeration takes


def _span(value: dict[str, Any]) -> Span:
    sources = value["sources"]  # newest collection first
    return _days(sources[-1]["collected_at"], sources[0]["collected_at"])


@lru_cache(maxsize=16384)
def _days(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())


def _said(value: dict[str, Any], span: Span) -> Said:
    kind, records = _KINDS[value["kind"]], len(value["sources"])
    return Said(kind, tuple(value["keys"]), value.get("parts") or {}, span, value.get("started"), value.get("ended"), records)


def _begun_otherwise(value: dict[str, Any]) -> Iterable[Said]:
    """What those say who have a job begin on another day."""
    for source in value["sources"]:
        if started := source.get("started"):
            day = date.fromisoformat(source["collected_at"]).toordinal()
            yield _said({**value, "started": started}, Span(day, day))


def outline_of(document: Document) -> Outline:
    """Read a stored profile. Five times as fast as validating it, and it was valid when it was written."""
    said = orjson.loads(document.body)
    return Outline(
        id=said["id"],
        version=document.version,
        state=ProfileState(said.get("state", ProfileState.ACTIVE)),
        created_at=datetime.fromisoformat(said["created_at"]),
        merged_into=said.get("merged_into"),
        records=tuple(said.get("records", ())),
        values=said.get("values", []),
    )
