"""Purging what was suppressed: the person's records, keys and profile go; for a value shared by several, only the value goes.

A suppression hides a person at once (privacy/suppression.py). This makes it true of the stored data, then lifts the hiding.
"""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Sequence

from engines.base import Collection, Write, Writer
from indexer.batch import all_periods
from indexer.commit import commit, settle
from indexer.following import catch_up
from indexer.people import People
from privacy.policy import RetentionPolicy
from profiles.models import Observation, ValueKind

Held = tuple[ValueKind, str]
"""A value by kind and first key, or one of its spellings (privacy.suppression.canonical_forms)."""


async def purge_hidden(writer: Writer, policy: RetentionPolicy) -> int:
    """Destroy every profile that is hidden, then forget that it was; returns their number.

    Killed half-way, what is left stays hidden, and the next run goes on. The hiding ends only once the index has followed.
    """
    hidden = [d.key async for d in writer.service.scan(Collection.HIDDEN)]
    if not hidden:
        return 0
    await _change(writer, hidden, policy, None)
    if await catch_up(writer.index):  # else they stay hidden until the next run: whoever is indexing has not confirmed our writes yet
        await writer.service.write([Write(Collection.HIDDEN, key, None) for key in hidden])
    return len(hidden)


async def purge_values(writer: Writer, profiles: Sequence[str], values: Container[Held], policy: RetentionPolicy) -> None:
    """Take single values out of these profiles: a shared mailbox or number goes, the persons stay."""
    await _change(writer, profiles, policy, values)
    await catch_up(writer.index)


async def _change(writer: Writer, ids: Sequence[str], policy: RetentionPolicy, values: Container[Held] | None) -> None:
    """Drop the profiles' records (values=None) or the given values from them."""
    periods = await all_periods(writer, policy)
    await settle(writer, periods)

    async def decide() -> People:
        people = People(writer.contacts)
        await people.load_profiles(ids)
        for person in list(people.persons.values()):
            await people.load_key_holders(person)
            for record in list(person.records.values()):
                kept = () if values is None else tuple(o for o in record.observations if not _among(o, values))
                if values is None:
                    people.drop(record)
                elif len(kept) < len(record.observations):
                    people.assign(record.model_copy(update={"observations": kept}), person)
        return people

    await commit(writer, decide, periods)


def _among(seen: Observation, values: Container[Held]) -> bool:
    return any((seen.kind, spelling) in values for spelling in (seen.keys[0], *seen.parts.get("variants", ())))
