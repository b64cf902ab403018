"""Whether an index was written to since one last looked: a few hundred microseconds a question, however many ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from engines.opensearch.connection import Connection

Stamp = tuple[Any, ...]
"""Of an index: changes with every write, at once and on any machine."""

_TOLD = "indices.*.uuid,**.routing.node,**.routing.primary,**.max_seq_no"


class Looks:
    """The stamps of a store's indices, each look being shared by all who wait for one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wanted: set[str] = set()
        self._looking: asyncio.Task[Mapping[str, Stamp]] | None = None
        self._next: asyncio.Task[Mapping[str, Stamp]] | None = None

    async def stamp(self, index: str) -> Stamp:
        """Of every write that was acknowledged before this call. Those who ask while a look is under way share the next one."""
        self._wanted.add(index)
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._looking))
            self._next.add_done_callback(_heard)
        return (await asyncio.shield(self._next))[index]

    async def _look_after(self, before: asyncio.Task[Mapping[str, Stamp]] | None) -> Mapping[str, Stamp]:
        if before is not None:
            await asyncio.wait([before])
        # Whoever asks from now on may know of a write that this look does not see.
        self._looking, self._next, indices, self._wanted = self._next, None, sorted(self._wanted), set()
        told = await self._connection.shards(indices, filter_path=_TOLD)
        return {index: _stamp(told[index]) for index in indices}


def _stamp(told: Mapping[str, Any]) -> Stamp:
    """The last sequence number of every copy, and where the copies are."""
    copies = [
        (copy["routing"]["node"], copy["routing"]["primary"], copy["seq_no"]["max_seq_no"])
        for shard in told["shards"].values()
        for copy in shard
        if "seq_no" in copy
    ]
    return told["uuid"], *sorted(copies)


def _heard(look: asyncio.Task[Mapping[str, Stamp]]) -> None:
    """A look that failed when nobody waited any more is nobody's concern."""
    if not look.cancelled():
        look.exception()
