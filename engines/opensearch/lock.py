"""The lock of a rebuild: a document that its holder keeps alive, so that two rebuilds never run at once and a dead one's lock ends.

A holder that died on this machine is found out at once, one on another machine when its lease is over.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from engines.opensearch.bulk import Action, Done, bulk
from engines.opensearch.connection import Connection, failed
from engines.opensearch.names import Names
from profiles.errors import StoreBusy, StoreError

LEASE_SECONDS = 60.0  # a holder that has not been heard of for so long is dead
RENEW_SECONDS = 15.0  # a third of the lease and less, so that a hiccup of the cluster loses no lock
_ID = "lock"
_held: set[str] = set()  # by tasks of this process


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
                (done,) = await bulk(self._connection, [_put(self._index, self._mine, self._at)])
                self._lost = done is None
                self._at = done or self._at

    async def release(self) -> None:
        """Let go; a lock that another has taken over stays."""
        meta = {"if_seq_no": self._at.sequence, "if_primary_term": self._at.term}
        with suppress(StoreError):  # then it ends with its lease
            await bulk(self._connection, [Action(self._index, "delete", _ID, None, meta)])


@asynccontextmanager
async def rebuild_lock(connection: Connection, names: Names) -> AsyncIterator[Held]:
    """Hold the lock for a block. Raises StoreBusy when another holds it."""
    mine = uuid.uuid4().hex
    _held.add(mine)
    try:
        held = Held(connection, names.outbox, mine, await _take(connection, names.outbox, mine))
        keeping = asyncio.create_task(held.keep())
        try:
            yield held
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await held.release()
    finally:
        _held.discard(mine)


async def _take(connection: Connection, index: str, mine: str) -> Done:
    busy = StoreBusy(f"another process is rebuilding the search index of {connection.where}")
    (done,) = await bulk(connection, [_put(index, mine, None)])
    if done:
        return done
    found = await connection.request("GET", f"/{index}/_doc/{_ID}", expect={404: ""})
    if failed(found) or not _is_dead(found["_source"]):  # gone this moment, or alive
        raise busy
    (done,) = await bulk(connection, [_put(index, mine, Done(found["_seq_no"], found["_primary_term"]))])
    if not done:
        raise busy
    return done


def _put(index: str, mine: str, over: Done | None) -> Action:
    holder = {"host": socket.gethostname(), "process": os.getpid(), "id": mine}
    source = {"state": "lock", "at": time.time_ns() // 1_000_000, "holder": holder}
    if over is None:
        return Action(index, "create", _ID, source)
    return Action(index, "index", _ID, source, {"if_seq_no": over.sequence, "if_primary_term": over.term})


def _is_dead(lock: dict[str, Any]) -> bool:
    if time.time_ns() // 1_000_000 - lock["at"] > LEASE_SECONDS * 1000:
        return True
    holder = lock["holder"]
    if holder["host"] != socket.gethostname():
        return False
    if holder["process"] == os.getpid():  # ours, or of a container before us that had our number
        return holder["id"] not in _held
    try:
        os.kill(holder["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # alive, another user's
        return False
    return False
