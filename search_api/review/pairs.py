"""Review: what an id of an operator means, and how a person's word about two profiles or records is given (which pairs wait: queue.py).

A word goes to the service half of the store; the indexer lets profiles follow it (indexer/judging.py). The command line uses this too.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from engines.base import Collection, Reader, Write, Writer
from engines.opening import utc_today
from privacy.reading import ProfileReader
from profiles.errors import InputInvalid, Problem, ProfileNotFound
from profiles.history import Chain, Event, EventKind, reference
from profiles.judgement import Judgement, Side, Verdict
from profiles.models import Profile, SourceRecord

MAX_REASON = 500  # characters: a sentence or two
SHOWN = 5  # records named in an error: enough to see what is wrong with them

Store = Reader | Writer


@dataclass(frozen=True, slots=True)
class Found:
    """What an id leads to. asked: the profile id meant; profile: the living profile it leads to; records: keys of those meant."""

    asked: str
    profile: Profile
    records: tuple[str, ...]


async def find(store: Store, text: str, today: Callable[[], date] = utc_today) -> Found:
    """A profile by its id, or a record by "source/record_id", without what has expired.

    An id that was merged stands for the records that came with it. Raises ProfileNotFound, ProfileErased.
    """
    profiles = ProfileReader(store, today)
    if "/" in text:
        record = await _record(store, text)
        profile = await profiles.surviving(record.profile_id)
        return Found(profile.id, profile, (text,))
    profile = await profiles.surviving(text)
    if profile.id == text:
        return Found(text, profile, profile.records)
    came = await _came_with(store, text)
    return Found(text, profile, tuple(key for key in profile.records if reference(key) in came))


async def _came_with(store: Store, merged: str) -> set[str]:
    """References of the records with which a profile was merged into another."""
    document = await store.contacts.get(Collection.PROFILES, merged)
    into = (document and Profile.model_validate_json(document.body).merged_into) or ""
    merges = (e for e in reversed((await chain_of(store, into)).events) if e.kind is EventKind.MERGED and e.other == merged)
    return set(next((e.records for e in merges), ()))


async def _record(store: Store, key: str) -> SourceRecord:
    document = await store.contacts.get(Collection.RECORDS, key)
    record = SourceRecord.model_validate_json(document.body) if document else None
    if record is None or not record.observations:
        raise ProfileNotFound("no record has this key; it is the source's id, a slash, and the record's id in its feed")
    return record


async def chain_of(store: Store, profile: str) -> Chain:
    """The history of a profile id, whatever has become of it; empty where nothing is known."""
    document = await store.contacts.get(Collection.EVENTS, profile)
    return Chain.from_json(profile, document.body) if document else Chain(profile)


async def chains(store: Store) -> AsyncIterator[Chain]:
    """Every history."""
    async for document in store.contacts.scan(Collection.EVENTS):
        yield Chain.from_json(document.key, document.body)


# --- judging -------------------------------------------------------------------------------------------------------------------


def judge(verdict: Verdict, one: Found, other: Found, *, reason: str, actor: str) -> Judgement:
    """A person's word about two profiles or records. Raises InputInvalid when it cannot hold."""
    if len(reason) > MAX_REASON:
        raise InputInvalid([Problem("reason", f"is longer than {MAX_REASON} characters", "a sentence or two")])
    one, other = two(one, other)
    sides = [Side(profile=f.asked, records=tuple(sorted(map(reference, f.records)))) for f in (one, other)]
    now = datetime.now(UTC)
    return Judgement(id=f"j{secrets.token_hex(8)}", verdict=verdict, sides=(sides[0], sides[1]), reason=reason.strip(), actor=actor, at=now)


def two(one: Found, other: Found) -> tuple[Found, Found]:
    """Both; a record beside its own profile stands against the rest of it. Raises InputInvalid when they are one and the same."""
    if one.profile.id == other.profile.id and len(one.records) != len(other.records):
        smaller = min(one, other, key=lambda found: len(found.records))
        rest = tuple(key for key in one.profile.records if key not in smaller.records)
        one, other = (found if found is smaller else replace(found, records=rest) for found in (one, other))
    if not one.records or not other.records or set(one.records) & set(other.records):
        raise InputInvalid([Problem("profiles", "are one and the same", "two profiles, or two records of one")])
    return one, other


async def part(store: Store, text: str, records: Sequence[str], *, reason: str, actor: str) -> Judgement:
    """The word that takes a profile apart again.

    text: an id that was merged, which then stands for a person of its own again; or with records, a profile that they do not belong to.
    Raises ProfileNotFound, ProfileErased, InputInvalid.
    """
    found = await find(store, text)
    leaving = tuple(records) or found.records
    if strangers := [key for key in leaving if key not in found.profile.records]:
        shown = ", ".join(strangers[:SHOWN]) + (" and others" if len(strangers) > SHOWN else "")
        raise InputInvalid([Problem("records", f"not of this profile: {shown}", "records that `roster why` lists")])
    if not records and found.asked == found.profile.id:
        came = ", ".join(sorted((await chain_of(store, found.profile.id)).standing.absorbed))
        merged = f"an id that was merged into it ({came})" if came else "an id that was merged into another profile"
        allowed = f"{merged}, or the records that are of another person"
        raise InputInvalid([Problem("profile", "has not been merged into another one", allowed)])
    if not leaving:
        gone = f"brought records that {found.profile.id} no longer has"
        raise InputInvalid([Problem("profile", gone, "a profile whose records are there still; `roster history` tells where these went")])
    rest = tuple(key for key in found.profile.records if key not in leaving)
    if not rest:
        raise InputInvalid([Problem("records", "would leave one of the two with nothing", "some of the profile's records, not all")])
    stays = Found(found.profile.id, found.profile, rest)
    goes = Found(found.asked if not records else found.profile.id, found.profile, leaving)
    return judge(Verdict.DIFFERENT, stays, goes, reason=reason, actor=actor)


async def give(store: Store, judgement: Judgement) -> None:
    """Put a judgement where the indexer finds it."""
    body = judgement.model_dump_json(exclude_defaults=True).encode()
    await store.service.write([Write(Collection.JUDGEMENTS, judgement.id, body, 0)])


def told(event: Event, names: dict[str, str]) -> dict[str, object]:
    """An event as JSON. names: reference -> record key, for records that are still held."""
    body = event.model_dump(mode="json", exclude_defaults=True, exclude={"days", "number"})
    body["number"] = event.number
    if event.records:
        body["records"] = [names.get(record, record) for record in event.records]
    return body
