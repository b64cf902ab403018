"""How long a value may be held: policy + dates -> the day it expires, and what is left of a profile on a given day. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from profiles.models import Profile, Value, ValueKind

_DAY = timedelta(days=1)

Periods = Mapping[ValueKind, int]
"""Days from first sight to expiry, for every kind of value."""


class Terms(dict[ValueKind, int]):
    """The periods of a source, and the last day of its licence: nothing that rests on the source alone is held beyond."""

    def __init__(self, periods: Periods, until: date | None = None) -> None:
        super().__init__(periods)
        self.until = until


def expires_at(kind: ValueKind, first_seen: date, periods: Periods, valid_until: date | None = None) -> date:
    """The first day on which a value may no longer be served.

    The clock starts on the day the value was first seen and no later delivery moves it; a source that vouches for its record only
    until a certain day ends it earlier, and so does the end of its licence (periods: Terms), whatever it was when the record came.
    Raises KeyError when the policy has no period for the kind (start-up checks that).
    """
    end = first_seen + timedelta(days=periods[kind])
    for last in (valid_until, periods.until if isinstance(periods, Terms) else None):
        if last is not None and last < end:  # held on its last day, and no more on the next
            end = last + _DAY
    return end


def live_value(value: Value, today: date) -> Value | None:
    """The value with only those sources whose time is not over; None when no source is left."""
    if value.expires_at <= today:
        return None
    kept = tuple(s for s in value.sources if s.expires_at > today)
    if len(kept) == len(value.sources):
        return value
    return value.model_copy(update={"sources": kept, "last_seen": max(s.collected_at for s in kept)})


def live(profile: Profile, today: date) -> Profile | None:
    """What may be served of a profile on a day; None when no name is left, since a profile nobody can name is nobody's."""
    due = profile.next_expiry
    if due is not None and due > today:
        return profile
    values = tuple(v for v in (live_value(v, today) for v in profile.values) if v is not None)
    if not any(v.kind is ValueKind.NAME for v in values):
        return None
    return profile.model_copy(update={"values": values})
