"""Suppressing a person who may or may not be held: whom a name for them reaches, and the one write that hides them and lists them.

The list itself is suppression.py; the stored data follows in indexer/purge.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import orjson

from engines.base import Collection, ReadDocuments, Write, Writer
from privacy.suppression import (
    ATTEMPTS,
    IDENTIFIERS,
    RECORD,
    EntryKind,
    Scope,
    SuppressionList,
    canonical_forms,
    forms_of,
    identify,
    own_scope,
    record_forms,
)
from profiles.errors import ProfileErased, ProfileNotFound, WriteConflict
from profiles.models import Profile, ProfileState, SourceRecord, Value, ValueKind
from profiles.resolve.keys import is_full, key_of

PROFILE: Literal["profile"] = "profile"
Named = ValueKind | Literal["profile"]
"""By what a person to be suppressed is named: an identifier, or the id of a profile."""


@dataclass(frozen=True, slots=True)
class SuppressionResult:
    """What a suppression did, or would do.

    hidden: profile ids no read path shows any more, which the indexer purges.  entries: entries made or widened.
    stripped: profile ids that stay but must lose the value (scope "value"): the indexer makes them anew.
    shared: the identifier stands for several people, so nobody was hidden: ask for an address of the person's own.
    """

    hidden: tuple[str, ...]
    entries: int
    stripped: tuple[str, ...] = ()
    shared: bool = False


async def suppress(
    writer: Writer, suppressions: SuppressionList, kind: Named, text: str, country: str | None = None, today: date | None = None
) -> SuppressionResult:
    """Suppress the person with this e-mail address, phone number or social profile, held or not (requirements D01-D03), or a held profile.

    One write hides every profile that has it and puts it on the list, together with the person's other own identifiers (personal
    e-mail addresses, links, mobile numbers, none of them shared) and records, so that it holds at once. Then the holders are looked
    for again: an ingest that had read the list before may have added one, and one that reads it now knows. Raises InputInvalid,
    WriteConflict; ProfileNotFound, ProfileErased for a profile.
    """
    await _check(writer.contacts, kind, text)
    day = today or date.today()
    entries, hidden, attempt = 0, set[str](), 0
    while True:
        reach = await _reach(writer.contacts, suppressions, kind, text, country)
        writes = await suppressions.entry_writes(reach.wanted, day)
        fresh = [] if reach.shared else sorted({*reach.holders} - hidden)
        if not writes and not fresh:
            return SuppressionResult(tuple(sorted(hidden)), entries, reach.holders if reach.shared else (), reach.shared)
        body = orjson.dumps({"created": day.isoformat()})
        try:
            await writer.service.write([*writes, *(Write(Collection.HIDDEN, profile_id, body) for profile_id in fresh)])
        except WriteConflict:
            attempt += 1
            if attempt == ATTEMPTS:
                raise
        else:
            entries, hidden = entries + len(writes), hidden | {*fresh}


async def foresee(
    contacts: ReadDocuments, suppressions: SuppressionList, kind: Named, text: str, country: str | None = None
) -> SuppressionResult:
    """What `suppress` would do now; nothing is written. Raises InputInvalid, ProfileNotFound, ProfileErased."""
    await _check(contacts, kind, text)
    reach = await _reach(contacts, suppressions, kind, text, country)
    entries = len(await suppressions.entry_writes(reach.wanted, date.min))
    hidden, stripped = ((), reach.holders) if reach.shared else (reach.holders, ())
    return SuppressionResult(hidden, entries, stripped, reach.shared)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whom an identifier leads to now, and what would be put on the list."""

    holders: tuple[str, ...]
    shared: bool
    wanted: Mapping[str, tuple[EntryKind, Scope]]


async def _check(contacts: ReadDocuments, kind: Named, text: str) -> None:
    if kind == PROFILE:
        profiles = await _profiles(contacts, [text])
        if not profiles:
            raise ProfileNotFound("no profile has this id")
        if all(profile.state is not ProfileState.ACTIVE for profile in profiles):
            raise ProfileErased("this profile was erased")


async def _reach(contacts: ReadDocuments, suppressions: SuppressionList, kind: Named, text: str, country: str | None) -> _Reach:
    if kind == PROFILE:
        living = [profile.id for profile in await _profiles(contacts, [text]) if profile.state is ProfileState.ACTIVE]
        return await _reach_of(contacts, suppressions, living, {})
    found = identify(kind, text, country)
    forms = canonical_forms(kind, found.keys, found.parts.get("variants") or ())
    holders, shared = await _holders(contacts, kind, forms)
    if shared or own_scope(found) == "value":
        return _Reach(tuple(holders), True, dict.fromkeys(suppressions.digests(kind, forms), (kind, "value")))
    return await _reach_of(contacts, suppressions, holders, dict.fromkeys(suppressions.digests(kind, forms), (kind, "person")))


async def _reach_of(
    contacts: ReadDocuments, suppressions: SuppressionList, holders: Sequence[str], named: Mapping[str, tuple[EntryKind, Scope]]
) -> _Reach:
    """Of a person: these profiles, with all of the person's own identifiers and records.    named: entries already known."""
    wanted = dict(named)
    profiles = await _profiles(contacts, holders)
    for value in await _own_identifiers(contacts, profiles):
        wanted |= dict.fromkeys(suppressions.digests(value.kind, forms_of(value)), (value.kind, "person"))
    records = await contacts.get_many(Collection.RECORDS, sorted({key for profile in profiles for key in profile.records}))
    for document in records.values():
        forms = record_forms(SourceRecord.model_validate_json(document.body))
        wanted |= dict.fromkeys(suppressions.digests(RECORD, forms), (RECORD, "person"))
    return _Reach(tuple(sorted({*holders, *(profile.id for profile in profiles)})), False, wanted)


async def _holders(contacts: ReadDocuments, kind: ValueKind, forms: Sequence[str]) -> tuple[list[str], bool]:
    """Ids of the profiles that have the value in any spelling, and whether it stands for several people."""
    documents = await contacts.get_many(Collection.KEYS, [key_of(kind, form) for form in forms])
    entries = [orjson.loads(document.body) for document in documents.values()]
    holders = {profile_id for entry in entries for profile_id in entry["profiles"]}
    if any(map(is_full, entries)):  # the key remembers no more: look at everybody
        holders |= {profile_id async for profile_id in _having(contacts, kind, frozenset(forms))}
    return sorted(holders), any(entry["shared"] or len(entry["profiles"]) > 1 for entry in entries)


async def _having(contacts: ReadDocuments, kind: ValueKind, forms: frozenset[str]) -> AsyncIterator[str]:
    """Every profile that has the value in any spelling, found by reading all of them: rare, and nobody may be missed."""
    written = [orjson.dumps(form)[1:-1] for form in forms]
    async for document in contacts.scan(Collection.PROFILES):
        if any(text in document.body for text in written):  # most are passed over unread
            profile = Profile.model_validate_json(document.body)
            if any(forms & {*forms_of(value)} for value in profile.of(kind)):
                yield profile.id


async def _profiles(contacts: ReadDocuments, ids: Sequence[str]) -> list[Profile]:
    """The profiles, merged ones followed to where they went."""
    found: dict[str, Profile] = {}
    pending = list(ids)
    while pending:
        documents = await contacts.get_many(Collection.PROFILES, pending)
        fresh = [Profile.model_validate_json(document.body) for document in documents.values()]
        found |= {profile.id: profile for profile in fresh}
        pending = [p.merged_into for p in fresh if p.state is ProfileState.MERGED and p.merged_into and p.merged_into not in found]
    return list(found.values())


async def _own_identifiers(contacts: ReadDocuments, profiles: Iterable[Profile]) -> list[Value]:
    """The identifiers that are the person's own: no role mailbox, no landline (it outlives the person in the job), nothing shared."""
    own = [value for profile in profiles for value in profile.values if value.kind in IDENTIFIERS and _personal(value)]
    documents = await contacts.get_many(Collection.KEYS, [key_of(value.kind, value.keys[0]) for value in own])
    shared = {key for key, document in documents.items() if _is_shared(orjson.loads(document.body))}
    return [value for value in own if key_of(value.kind, value.keys[0]) not in shared]


def _is_shared(entry: dict[str, object]) -> bool:
    profiles = entry["profiles"]
    return bool(entry["shared"]) or (isinstance(profiles, list) and len(profiles) > 1)


def _personal(value: Value) -> bool:
    if value.kind is ValueKind.PHONE:  # North American numbers do not tell; there the feed's word counts
        kind = value.parts.get("kind")
        return kind == "mobile" or (kind == "fixed_or_mobile" and value.parts.get("type") == "mobile")
    return not value.parts.get("role")
