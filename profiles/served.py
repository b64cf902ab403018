"""What may be served of a stored profile on a day, read no further than somebody looks: most who find a person look at a few values.

Checking every field of every value takes four fifths of the time of reading, and finds nothing in what roster itself wrote. So a hit is
read as plain JSON, and as a `Profile` only where one is asked for. Where only what a hit shows is wanted, a `brief` will do: a tenth of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from profiles.models import Profile, ProfileState, ValueKind
from profiles.resolve.traits import Said, Span, Traits, traits_from
from profiles.retention import live


class ServedValue(NamedTuple):
    """A value as it is shown: as `Value`, less what says where it comes from."""

    value: str
    keys: Sequence[str]
    parts: Mapping[str, Any]
    current: bool | None


class ServedProfile:
    """A living profile without what has expired by `today`."""

    __slots__ = ("_body", "_kinds", "_read", "_today", "_whole", "id", "updated")

    def __init__(self, body: bytes | None, told: Mapping[str, Any], kinds: Mapping[str, Sequence[Mapping[str, Any]]], today: date) -> None:
        self.id: str = told["id"]
        self.updated: str = told["updated"]  # the last day on which a record changed it, YYYY-MM-DD
        self._body, self._kinds, self._today = body, kinds, today
        self._read: dict[ValueKind, tuple[ServedValue, ...]] = {}
        self._whole: Profile | None = None

    def of(self, kind: ValueKind) -> tuple[ServedValue, ...]:
        """The values of one kind, best first."""
        found = self._read.get(kind)
        if found is None:
            found = self._read[kind] = tuple(map(_value, self._kinds.get(kind, ())))
        return found

    def first(self, kind: ValueKind) -> ServedValue | None:
        """The value shown for a kind, or None."""
        found = self._kinds.get(kind)
        return _value(found[0]) if found else None

    def has(self, kind: ValueKind) -> bool:
        """Whether there is a value of a kind."""
        return kind in self._kinds

    def sources(self) -> list[Mapping[str, Any]]:
        """Who attests its values, but for those whose time is over: each a `ValueSource` as JSON says it. Not of a brief."""
        day = self._today.isoformat()
        return [source for values in self._kinds.values() for told in values for source in told["sources"] if source["expires_at"] > day]

    def said(self) -> Iterator[tuple[str, str, str | None, bool | None, str]]:
        """Kind, text, job, whether it is current, and status of every value: what is shown of it but for days and sources."""
        for kind, values in self._kinds.items():
            for told in values:
                yield kind, told["value"], told.get("job"), told.get("current"), told.get("status", "attested")

    def traits(self) -> Traits:
        """What is known of the person, as it is compared; a record's worth, however many attest it."""
        return traits_from([_said(told) for values in self._kinds.values() for told in values], 1)

    def whole(self) -> Profile:
        """Everything, with sources and dates. Raises ValueError for one that was read from a brief."""
        if self._body is None:
            raise ValueError("a brief profile says no more than a hit shows")
        if self._whole is None:
            self._whole = live(Profile.model_validate_json(self._body), self._today)
            assert self._whole is not None  # noqa: S101  # `read_served` has looked
        return self._whole


def read_served(body: bytes, today: date) -> ServedProfile | None:
    """What may be served of a stored profile; None where that is nothing: merged, erased, or without a name that may be shown."""
    return served_of(orjson.loads(body), body, today)


def served_of(told: Mapping[str, Any], body: bytes, today: date) -> ServedProfile | None:
    """The same of a profile that has been decoded.    told: what the body says."""
    if told.get("state", ProfileState.ACTIVE) != ProfileState.ACTIVE:
        return None
    day = today.isoformat()
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for value in told.get("values", ()):
        if value["expires_at"] > day:
            kinds.setdefault(value["kind"], []).append(value)
    return ServedProfile(body, told, kinds, today) if ValueKind.NAME in kinds else None


def brief_of(profile: ServedProfile) -> bytes:
    """What a hit shows, as JSON: texts, keys of names, parts; of contact details only whether there are any."""
    kinds = {str(kind): [_brief(kind, value) for value in profile.of(kind)] for kind in _SHOWN if profile.has(kind)}
    kinds |= {str(kind): [{}] for kind in _UNSHOWN if profile.has(kind)}
    return orjson.dumps({"id": profile.id, "updated": profile.updated, "kinds": kinds})


def read_brief(text: str, today: date) -> ServedProfile:
    """What `brief_of` wrote; the caller answers for it that nothing of it has expired by today."""
    told = orjson.loads(text)
    return ServedProfile(None, told, told["kinds"], today)


def _brief(kind: ValueKind, value: ServedValue) -> dict[str, Any]:
    if kind is ValueKind.NAME:
        return {"value": value.value, "keys": value.keys}
    wanted = _PARTS.get(kind)
    return {"value": value.value, "parts": {part: value.parts.get(part) for part in wanted}} if wanted else {"value": value.value}


_UNSHOWN = (ValueKind.EMAIL, ValueKind.PHONE)
_SHOWN = tuple(kind for kind in ValueKind if kind not in _UNSHOWN)
_PARTS: Mapping[ValueKind, Sequence[str]] = {
    ValueKind.JOB_TITLE: ("seniority", "function"),
    ValueKind.LOCATION: ("lat", "lon"),
    ValueKind.LINK: ("network",),
}


def _value(told: Mapping[str, Any]) -> ServedValue:
    return ServedValue(told.get("value", ""), told.get("keys", ()), told.get("parts") or {}, told.get("current"))


def _said(told: Mapping[str, Any]) -> Said:
    days = [date.fromisoformat(source["collected_at"]).toordinal() for source in told["sources"]]
    return Said(ValueKind(told["kind"]), tuple(told["keys"]), told.get("parts") or {}, Span(min(days), max(days)))
