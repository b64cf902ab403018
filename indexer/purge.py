"""Purging what was suppressed: the person's records, keys and profile go; for a value shared by several, only the value goes.

A suppression hides a person at once (privacy/suppressing.py). This makes it true of the stored data, then lifts the hiding.
"""

from __future__ import annotations

from collections.abc import Collection as Container
from collections.abc import Sequence

from engines.base import Collection, Write, Writer
from indexer.following import catch_up
from indexer.judging import forget_reasons
from indexer.removal import Held, remove
from privacy.policy import RetentionPolicy


async def purge_hidden(writer: Writer, policy: RetentionPolicy) -> int:
    """Destroy every profile that is hidden, then forget that it was; returns their number.

    Killed half-way, what is left stays hidden, and the next run goes on. The hiding ends only once the index has followed.
    """
    hidden = [d.key async for d in writer.service.scan(Collection.HIDDEN)]
    if not hidden:
        return 0
    await remove(writer, hidden, policy, None)
    await forget_reasons(writer)
    await writer.contacts.scrub()
    if await catch_up(writer.index):  # else they stay hidden until the next run: whoever is indexing has not confirmed our writes yet
        await writer.service.write([Write(Collection.HIDDEN, key, None) for key in hidden])
    return len(hidden)


async def purge_values(writer: Writer, profiles: Sequence[str], values: Container[Held], policy: RetentionPolicy) -> None:
    """Take single values out of these profiles: a shared mailbox or number goes, the persons stay."""
    await remove(writer, profiles, policy, values)
    await writer.contacts.scrub()
    await catch_up(writer.index)
