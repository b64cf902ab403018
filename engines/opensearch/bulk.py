"""Bulk writes: many in one request, and only what the cluster turned away is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping, Sequence
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


class _TurnedAway(Exception):
    """Some writes were not taken for now."""


async def bulk(connection: Connection, actions: Sequence[Action]) -> list[Done | None]:
    """Apply the actions; for each what it was numbered, or None where its condition did not hold. All are durable when it returns.

    They are of different documents: in which order they are applied is not said.
    Raises what the first failure of another kind means (failures.py); what was sent and not refused is applied all the same.
    """
    outcomes: list[Done | None] = [None] * len(actions)
    parts = _parts(actions)

    async def work() -> None:
        for part in parts:
            try:
                await _send_patiently(connection, actions, part, outcomes)
            except BaseException:
                parts.close()
                raise

    # None is cancelled when another fails: a request given up may be applied later, when somebody has already looked what was.
    ends = await asyncio.gather(*(work() for _ in range(AT_A_TIME)), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    return outcomes


async def _send_patiently(
    connection: Connection, actions: Sequence[Action], part: Mapping[int, bytes], outcomes: list[Done | None]
) -> None:
    """Send a part, and again what of it is turned away."""
    waiting = dict(part)
    try:
        async for attempt in stamina.retry_context(
            on=_TurnedAway, attempts=None, timeout=connection.patience, wait_initial=0.1, wait_max=5.0, wait_jitter=0.5
        ):
            with attempt:
                waiting = await _send(connection, actions, waiting, outcomes)
                if waiting:
                    raise _TurnedAway
    except _TurnedAway:
        raise StoreBusy(f"{connection.where} has more to do than it can take: try again later, or with fewer workers") from None


def _parts(actions: Sequence[Action]) -> Generator[dict[int, bytes]]:
    """The actions' lines by position, as much at a time as one request may hold."""
    part: dict[int, bytes] = {}
    size = 0
    for position, action in enumerate(actions):
        lines = action.lines()
        if part and size + len(lines) > MAX_BYTES:
            yield part
            part, size = {}, 0
        part[position] = lines
        size += len(lines)
    if part:
        yield part


async def _send(
    connection: Connection, actions: Sequence[Action], waiting: Mapping[int, bytes], outcomes: list[Done | None]
) -> dict[int, bytes]:
    """Send once; returns what was turned away for now."""
    body = b"".join(waiting.values())
    answer = await connection.request("POST", "/_bulk", body, params={"filter_path": _ANSWERED}, seconds=_SECONDS)
    again: dict[int, bytes] = {}
    for (position, lines), item in zip(waiting.items(), answer["items"], strict=True):
        told = next(iter(item.values()))
        status = told["status"]
        if status < 300 or (status == 404 and actions[position].operation == "delete" and "error" not in told):
            outcomes[position] = Done(told["_seq_no"], told["_primary_term"])
            continue
        failure = failure_of(status, told.get("error"))
        if status in RETRIED and not is_blocked(failure):
            again[position] = lines
        elif status != 409:
            raise explain_failure(failure, connection.where)
    return again
