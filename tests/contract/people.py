"""Fictional people for the contract suite: a profile from a few words, so that a test shows what its promise turns on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engines.base import Collection, Write
from profiles.models import Profile, ProfileState, Value, ValueKind, ValueSource
from profiles.normalise.fold import fold
from profiles.normalise.name import normalise_name
from profiles.normalise.result import Normalised

TODAY = date(2026, 11, 23)
FAR = TODAY + timedelta(days=300)


def value(kind: ValueKind, said: str, *, keys: Iterable[str] = (), expires: date = FAR, source: str = "crm", **parts: Any) -> Value:
    """One value of one source."""
    origin = ValueSource(source_id=source, record_id="1", collected_at=TODAY, first_seen=TODAY, expires_at=expires)
    return Value(
        kind=kind,
        value=said,
        keys=tuple(keys) or (fold(said),),
        parts=parts,
        score=1.0,
        first_seen=TODAY,
        last_seen=TODAY,
        expires_at=expires,
        sources=(origin,),
    )


def person(
    profile_id: str,
    name: str = "Anna Berg",
    *,
    title: str | None = None,
    company: str | None = None,
    former: str | None = None,
    points: Iterable[tuple[float, float]] = (),
    skills: Iterable[str] = (),
    city: str | None = None,
    country: str = "DE",
    email: str | None = None,
    expires: date = FAR,
    email_expires: date | None = None,
    updated: date = TODAY,
    state: ProfileState = ProfileState.ACTIVE,
    merged_into: str | None = None,
) -> Profile:
    """A profile.

    former: a company they have left.    points: places as (latitude, longitude).
    expires: of everything but the e-mail address, where `email_expires` says otherwise.
    """
    read = normalise_name(name)
    assert isinstance(read, Normalised)
    values = [value(ValueKind.NAME, read.value, keys=read.keys, expires=expires, **read.parts)]
    if email:
        values.append(value(ValueKind.EMAIL, email, keys=[email], expires=email_expires or expires, domain=email.partition("@")[2]))
    if title:
        values.append(value(ValueKind.JOB_TITLE, title, expires=expires, seniority="senior", function="engineering"))
    if company:
        values.append(value(ValueKind.COMPANY, company, expires=expires))
    if former:
        values.append(value(ValueKind.COMPANY, former, expires=expires).model_copy(update={"current": False}))
    values += [value(ValueKind.LOCATION, f"{lat},{lon}", expires=expires, lat=lat, lon=lon) for lat, lon in points]
    if city:
        values.append(value(ValueKind.LOCATION, city, expires=expires, city=city, country=country))
    values += [value(ValueKind.SKILL, skill, keys=[skill.lower()], expires=expires) for skill in skills]
    return Profile(
        id=profile_id,
        state=state,
        merged_into=merged_into,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated=updated,
        values=tuple(values) if state is ProfileState.ACTIVE else (),
        records=("crm/1",),
    )


def put(profile: Profile, expected: int | None = None) -> Write:
    """The write that stores a profile."""
    return Write(Collection.PROFILES, profile.id, profile.model_dump_json().encode(), expected, profile.next_expiry)


def drop(profile_id: str) -> Write:
    """The write that deletes a profile."""
    return Write(Collection.PROFILES, profile_id, None)
