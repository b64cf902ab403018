"""Filling a version of the index from the profiles: in slices beside each other, at no more than a given rate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date

from engines.base import Collection, Document
from engines.collecting import collected_seldom
from engines.opensearch.bulk import bulk
from engines.opensearch.connection import Connection
from engines.opensearch.documents import OpenSearchReads
from engines.opensearch.entries import version_actions
from engines.opensearch.lock import Held
from engines.opensearch.verify import Filled
from engines.sampling import every_one_in
from engines.throttle import Throttle

Progress = Callable[[int, int], None]
"""Called as (profiles done, of how many)."""

PART = 1000  # profiles read and indexed together
SLICES = 3  # one is read, one made into entries, one written at any time; this process makes entries on one core, more would only wait


async def fill(
    connection: Connection,
    name: str,
    contacts: OpenSearchReads,
    held: Held,
    day: date,
    progress: Progress | None,
    max_rate: float | None,
) -> Filled:
    """Write the entries of all profiles, as they are for a day; an entry that is newer by then stays.

    held: the lock, looked at before each write.    max_rate: profiles a second at the most.    Raises StoreBusy when the lock is lost.
    """
    total = await contacts.count(Collection.PROFILES)
    filled, throttle, telling = Filled(every_one_in(total), day), Throttle(max_rate), asyncio.Lock()

    async def slice_of(after: str, until: str | None) -> None:
        async for part in _profiles(contacts, after, until, throttle.part(PART)):
            held.check()
            actions = await asyncio.to_thread(version_actions, name, part, day)
            await bulk(connection, actions)
            filled.add(part, sum(action.source is not None for action in actions))
            if progress is not None:
                async with telling:  # one slice at a time; in a thread: what it does may take its while
                    await asyncio.to_thread(progress, filled.profiles, max(total, filled.profiles))
            await asyncio.sleep(throttle.pause(len(part)))

    try:
        with collected_seldom():
            async with asyncio.TaskGroup() as slices:
                for after, until in await contacts.split(Collection.PROFILES, SLICES):
                    slices.create_task(slice_of(after, until))
    except BaseExceptionGroup as failed:  # the first tells why; the others were stopped
        raise failed.exceptions[0] from None
    return filled


async def _profiles(contacts: OpenSearchReads, after: str, until: str | None, size: int) -> AsyncIterator[list[Document]]:
    part: list[Document] = []
    async for document in contacts.scan(Collection.PROFILES, after, batch=size, until=until):
        part.append(document)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
