"""The lock of a rebuild: a document that its holder keeps alive, so that two rebuilds never run at once and a dead one's lock ends.

A holder that died on this machine is found out at once, one on another machine when its lease is over.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from engines.opensearch.bulk import Action, Done, bulk
from engines.opensearch.connection import Connection, failed
from engines.opensearch.holder import done, holder, is_dead, now
from engines.opensearch.names import Names
from profiles.errors import StoreBusy, StoreError

LEASE_SECONDS = 60.0  # a holder that has not been heard of for so long is dead
RENEW_SECONDS = 15.0  # a third of the lease and less, so that a hiccup of the cluster loses no lock
_ID = "lock"


class Held:
    """A lock in hand."""

    def __init__(self, connection: Connection, index: str, mine: str, at: Done) -> None:
        self._connection, self._index, self._mine, self._at = connection, index, mine, at
        self._lost = False

    def check(self) -> None:
        """Raises StoreBusy when the lock was lost to another process: what it protects may be done no longer."""
        if self._lost:
            raise StoreBusy(f"another process has taken over the rebuild in {self._connection.where}: this one was not heard of in time")

    async def keep(self) -> None:
        """Renew the lease until cancelled."""
        while not self._lost:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(StoreError):  # the next renewal may still be in time
                (renewed,) = await bulk(self._connection, [_put(self._index, self._mine, self._at)])
                self._lost = renewed is None
                self._at = renewed or self._at

    async def release(self) -> None:
        """Let go; a lock that another has taken over stays."""
        meta = {"if_seq_no": self._at.sequence, "if_primary_term": self._at.term}
        with suppress(StoreError):  # then it ends with its lease
            await bulk(self._connection, [Action(self._index, "delete", _ID, None, meta)])


@asynccontextmanager
async def rebuild_lock(connection: Connection, names: Names) -> AsyncIterator[Held]:
    """Hold the lock for a block. Raises StoreBusy when another holds it."""
    mine = uuid.uuid4().hex
    try:
        held = Held(connection, names.outbox, mine, await _take(connection, names.outbox, mine))
        keeping = asyncio.create_task(held.keep())
        try:
            yield held
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])  # awaited by itself, its being cancelled could not be told from our own
            await held.release()
            if not keeping.cancelled():
                keeping.result()  # raises why the lock was kept no longer
    finally:
        done(mine)


async def _take(connection: Connection, index: str, mine: str) -> Done:
    busy = StoreBusy(f"another process is rebuilding the search index of {connection.where}: let it end, or stop it")
    (taken,) = await bulk(connection, [_put(index, mine, None)])
    if taken:
        return taken
    found = await connection.request("GET", f"/{index}/_doc/{_ID}", expect={404: ""})
    if failed(found) or not _is_over(found["_source"]):  # gone this moment, or alive
        raise busy
    (taken,) = await bulk(connection, [_put(index, mine, Done(found["_seq_no"], found["_primary_term"]))])
    if not taken:
        raise busy
    return taken


def _put(index: str, mine: str, over: Done | None) -> Action:
    source = {"state": "lock", "at": now(), "holder": holder(mine)}
    if over is None:
        return Action(index, "create", _ID, source)
    return Action(index, "index", _ID, source, {"if_seq_no": over.sequence, "if_primary_term": over.term})


def _is_over(lock: Mapping[str, Any]) -> bool:
    return now() - lock["at"] > LEASE_SECONDS * 1000 or is_dead(lock["holder"])
