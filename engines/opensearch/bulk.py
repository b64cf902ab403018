"""Bulk writes: many in one request, and only what the cluster turned away is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
import stamina

from engines.opensearch.connection import Connection
from engines.opensearch.failures import RETRIED, explain_failure, failure_of, is_blocked
from profiles.errors import StoreBusy

MAX_BYTES = 4_000_000
"""Of one request: 400 to 4,000 documents. Each request ends on the server's disk: with 1,000,000 profiles were written a fifth slower."""

AT_A_TIME = 2
"""Requests of one call under way: the server works on one while the next is made. A call holds no more than so many times MAX_BYTES."""

_FIRST = 4
"""Times smaller is a call's first request: until it comes, the server has nothing to do. Of 1,000 profiles to be written, 4.5 µs each pass
while it waits; 8.9 with a first request as large as the others, 13.5 when all were made before the first was sent."""

_SECONDS = 90.0  # for one answer: the server itself waits up to 60 for a shard that is moving
_ANSWERED = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*._seq_no,items.*._primary_term"


@dataclass(frozen=True, slots=True)
class Action:
    """One write. operation: index, create or delete.    source: the document, or its JSON.    meta: if_seq_no, version ..."""

    index: str
    operation: str
    id: str
    source: Mapping[str, Any] | bytes | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def lines(self) -> bytes:
        """As a bulk request says it."""
        head = orjson.dumps({self.operation: {"_index": self.index, "_id": self.id, **self.meta}})
        if self.source is None:
            return head + b"\n"
        source = self.source if isinstance(self.source, bytes) else orjson.dumps(self.source)
        return b"%b\n%b\n" % (head, source)


class Done(NamedTuple):
    """What an applied write was numbered."""

    sequence: int
    term: int


class _Waiting(NamedTuple):
    """A write on its way, as its request says it."""

    lines: bytes
    deletes: bool


_Part = dict[int, _Waiting]
"""What goes into one request, by position among the actions."""


class _TurnedAway(Exception):
    """Some writes were not taken for now."""


async def bulk(connection: Connection, actions: Iterable[Action]) -> list[Done | None]:
    """Apply the actions; for each what it was numbered, or None where its condition did not hold. All are durable when it returns.

    They are of different documents: in which order they are applied is not said. The later ones are made while earlier ones are applied.
    Raises what the first failure of another kind means (failures.py); what was sent and not refused is applied all the same.
    """
    outcomes: list[Done | None] = []
    parts = _parts(actions)

    async def work() -> None:
        for part in parts:
            outcomes.extend([None] * len(part))
            try:
                await _send_patiently(connection, part, outcomes)
            except BaseException:
                parts.close()
                raise

    # None is cancelled when another fails: a request given up may be applied later, when somebody has already looked what was.
    ends = await asyncio.gather(*(work() for _ in range(AT_A_TIME)), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    return outcomes


async def _send_patiently(connection: Connection, waiting: _Part, outcomes: list[Done | None]) -> None:
    """Send a part, and again what of it is turned away."""
    try:
        async for attempt in stamina.retry_context(
            on=_TurnedAway, attempts=None, timeout=connection.patience, wait_initial=0.1, wait_max=5.0, wait_jitter=0.5
        ):
            with attempt:
                waiting = await _send(connection, waiting, outcomes)
                if waiting:
                    raise _TurnedAway
    except _TurnedAway:
        raise StoreBusy(f"{connection.where} has more to do than it can take: try again later, or with fewer workers") from None


def _parts(actions: Iterable[Action]) -> Generator[_Part]:
    """The actions' lines, as much at a time as one request may hold."""
    part: _Part = {}
    size, most = 0, MAX_BYTES // _FIRST
    for position, action in enumerate(actions):
        lines = action.lines()
        if part and size + len(lines) > most:
            yield part
            part, size, most = {}, 0, MAX_BYTES
        part[position] = _Waiting(lines, action.operation == "delete")
        size += len(lines)
    if part:
        yield part


async def _send(connection: Connection, waiting: _Part, outcomes: list[Done | None]) -> _Part:
    """Send once; returns what was turned away for now."""
    body = b"".join(write.lines for write in waiting.values())
    answer = await connection.request("POST", "/_bulk", body, params={"filter_path": _ANSWERED}, seconds=_SECONDS)
    again: _Part = {}
    for (position, write), item in zip(waiting.items(), answer["items"], strict=True):
        told = next(iter(item.values()))
        status = told["status"]
        if status < 300 or (status == 404 and write.deletes and "error" not in told):
            outcomes[position] = Done(told["_seq_no"], told["_primary_term"])
            continue
        failure = failure_of(status, told.get("error"))
        if status in RETRIED and not is_blocked(failure):
            again[position] = write
        elif status != 409:
            raise explain_failure(failure, connection.where)
    return again
