"""Taking records or single values out of the store, whoever asks for it; and seeing to it that nothing of them stays in the files."""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Sequence
from contextlib import suppress

from engines.base import Collection, Write, Writer
from indexer.commit import commit, settle
from indexer.people import People
from indexer.periods import SourcePeriods, all_periods
from privacy.policy import RetentionPolicy
from profiles.errors import StoreBusy, WriteConflict
from profiles.models import Observation, ValueKind

BATCH = 200
"""Profiles changed in one transaction: each brings its records along, so fewer than records in an ingest batch."""

REMAINS = Write(Collection.META, "remains", b"{}")
"""Says that something was destroyed since the search index was last built: its files may still hold words of it."""

Held = tuple[ValueKind, str]
"""A value by kind and first key, or one of its spellings (privacy.suppression.canonical_forms)."""


async def remove(writer: Writer, ids: Sequence[str], policy: RetentionPolicy, values: Container[Held] | None) -> None:
    """Drop these profiles' records (values=None), or take the given values out of them; BATCH profiles at a time."""
    periods = await all_periods(writer.contacts, policy)
    await settle(writer, periods)
    for start in range(0, len(ids), BATCH):
        await _remove(writer, ids[start : start + BATCH], periods, values)


async def _remove(writer: Writer, ids: Sequence[str], periods: SourcePeriods, values: Container[Held] | None) -> None:
    async def decide() -> People:
        people = People(writer.contacts, actor="removal")
        await people.load_profiles(ids)
        for person in list(people.persons.values()):
            await people.load_key_holders(person)
            for record in list(person.records.values()):
                kept = () if values is None else tuple(o for o in record.observations if not _among(o, values))
                if values is None:
                    people.drop(record)
                elif len(kept) < len(record.observations):
                    left = record.model_copy(update={"observations": kept})
                    await people.load_keys(left)
                    people.assign(left, person)
        return people

    await commit(writer, decide, periods, beside=[REMAINS])


def _among(seen: Observation, values: Container[Held]) -> bool:
    return any((seen.kind, spelling) in values for spelling in (seen.keys[0], *seen.parts.get("variants", ())))


async def clear_files(writer: Writer, *, wait: bool) -> None:
    """Clean the files of store and index if they may hold words of what was destroyed: what is deleted stays in them until they are merged.

    wait: where the store keeps what was deleted for a while (engines/base.py, `scrub`), until it lets go; otherwise for the next time.
    """
    noted = await writer.contacts.get(Collection.META, REMAINS.key)
    await writer.contacts.scrub(wait=wait and noted is not None)
    if noted is not None:
        with suppress(StoreBusy, WriteConflict):  # another process is indexing, or has just destroyed more: next time
            if await writer.index.scrub(wait=wait):
                await writer.contacts.write([Write(Collection.META, REMAINS.key, None, noted.version)])
