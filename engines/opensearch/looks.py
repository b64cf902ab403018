"""Whether an index was written to: a look a few dozen times a second answers that for every search of a process.

A look holds for a moment (HELD_SECONDS). In exchange no write of what is looked at is acknowledged before every look from before it has
ended (`outlast`): whoever asks after a write was acknowledged sees it, in every process and on every machine. Only lengths of time are
compared, each measured by one machine; no two clocks need agree.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from engines.opensearch.connection import Connection

Stamp = tuple[Any, ...]
"""Of an index: changes with every write, at once and on any machine."""

HELD_SECONDS = 0.02
"""How long a look holds. With a look for each search, one for an address at one under way took this process and OpenSearch 1.47 ms of
processor time, and takes 1.14 with this. A call that writes a profile took 3.5 to 7 ms and takes 28; one of a few hundred lasts longer
than that anyway."""

_OUTLASTED = 1.25  # times HELD_SECONDS, by another machine's clock: they run alike to a thousandth
_TOLD = "indices.*.uuid,**.routing.node,**.routing.primary,**.max_seq_no"

# One that goes on while the machine sleeps: a look from before is over then.
clock = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Looks:
    """The stamps of a store's indices, each look being shared by all who ask while it holds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._indices: set[str] = set()  # each look is at all that were ever asked for
        self._look: asyncio.Task[Mapping[str, Stamp]] | None = None
        self._until = float("inf")

    async def stamp(self, index: str) -> Stamp:
        """Of every write that was acknowledged before this call, if its caller let `outlast` pass."""
        if self._look is None or index not in self._indices or clock() >= self._until:
            self._indices.add(index)
            self._until = float("inf")  # one that has not begun serves all
            self._look = asyncio.create_task(self._look_after(self._look))
            self._look.add_done_callback(_heard)
        return (await asyncio.shield(self._look))[index]

    async def _look_after(self, before: asyncio.Task[Mapping[str, Stamp]] | None) -> Mapping[str, Stamp]:
        if before is not None:
            await asyncio.wait([before])  # of a cluster that is slow to answer no more is asked
        self._until = clock() + HELD_SECONDS
        indices = sorted(self._indices)
        told = await self._connection.shards(indices, filter_path=_TOLD)
        return {index: _stamp(told[index]) for index in indices}


async def outlast(since: float) -> None:
    """Wait until no look from before this moment of `clock` holds, wherever it was made."""
    left = since + HELD_SECONDS * _OUTLASTED - clock()
    if left > 0:
        await asyncio.sleep(left)


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
