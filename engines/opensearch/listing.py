"""All keys of a small collection as of now, for a few hundred microseconds a question: they are read again only when one was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from engines.opensearch.connection import Connection

Stamp = tuple[Any, ...]


class Listing:
    """The keys of one index.    read: reads all of them."""

    def __init__(self, connection: Connection, index: str, read: Callable[[], Awaitable[frozenset[str]]]) -> None:
        self._connection, self._index, self._read = connection, index, read
        self._known: tuple[Stamp, frozenset[str]] | None = None
        self._looking: asyncio.Task[frozenset[str]] | None = None
        self._next: asyncio.Task[frozenset[str]] | None = None

    async def keys(self) -> frozenset[str]:
        """Every key whose write was acknowledged before this call. Those who ask while a look is under way share the next one."""
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._looking))
            self._next.add_done_callback(_heard)
        return await asyncio.shield(self._next)

    async def _look_after(self, before: asyncio.Task[frozenset[str]] | None) -> frozenset[str]:
        if before is not None:
            await asyncio.wait([before])
        self._looking, self._next = self._next, None  # whoever asks from now on may know of a write that this look does not see
        stamp = await self._stamp()
        if self._known is None or self._known[0] != stamp:
            self._known = stamp, await self._read()  # at least as new as the stamp
        return self._known[1]

    async def _stamp(self) -> Stamp:
        """Changes with every write, at once and on any machine: the last sequence number of every copy, and where the copies are."""
        told = await self._connection.shards(self._index, filter_path="indices.*.uuid,**.routing.node,**.routing.primary,**.max_seq_no")
        copies = [
            (copy["routing"]["node"], copy["routing"]["primary"], copy["seq_no"]["max_seq_no"])
            for shard in told["shards"].values()
            for copy in shard
            if "seq_no" in copy
        ]
        return told["uuid"], *sorted(copies)


def _heard(look: asyncio.Task[frozenset[str]]) -> None:
    """A look that failed when nobody waited any more is nobody's concern."""
    if not look.cancelled():
        look.exception()
