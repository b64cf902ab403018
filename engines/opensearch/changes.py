"""`ProfileChanges` on OpenSearch: every write of a document has the next sequence number of its shard, and the document keeps the last one.

Numbers are given before a write is applied, so a later one may become visible first. Up to a shard's global checkpoint all are applied,
on every copy: a stretch ends there. Profiles that a call under way is founding wait until it has ended: if it is cut short, they may
be taken back (indexer/commit.py), and nobody should hold a copy of a person who never came to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engines.base import Changed, Collection, Document, ReadDocuments
from engines.cursors import invalid_cursor
from engines.opensearch.connection import Connection
from engines.opensearch.names import Names
from engines.opensearch.outbox import Outbox

_TOLD = "indices.*.uuid,**.seq_no"


class OpenSearchChanges:
    """The row of profile writes of one store. A place is the identity of the profiles' index and a number for each of its shards."""

    def __init__(self, connection: Connection, names: Names, outbox: Outbox, contacts: ReadDocuments) -> None:
        self._connection, self._index, self._outbox, self._contacts = connection, names.documents(Collection.PROFILES), outbox, contacts

    async def changed(self, after: str, size: int) -> Changed:
        """Up to `size` profiles written after a place. Raises QueryInvalid for a place that is not of this store, StoreUnavailable."""
        identity, reached = await self._checkpoints()
        places = _read_place(after, identity, len(reached)) if after else [-1] * len(reached)
        await self._connection.request("POST", f"/{self._index}/_refresh")
        found: list[tuple[str, int, int]] = []  # key, shard, number
        more = False
        for shard, checkpoint in enumerate(reached):
            hits = await self._written(shard, places[shard], checkpoint, size - len(found) + 1)
            found += [(hit["_source"]["key"], shard, hit["_seq_no"]) for hit in hits]
            if len(found) > size:
                found, more = found[:size], True
                break
        founding = await self._outbox.founding()
        waits = next((n for n, (key, *_) in enumerate(found) if key in founding), None)
        if waits is not None:  # asked again at once, one would get the same: there is nothing more now
            found, more = found[:waits], False
        for _, shard, number in found:
            places[shard] = number
        held = await self._contacts.get_many(Collection.PROFILES, [key for key, *_ in found])
        return Changed(_in_order(found, held), f"{identity}:{','.join(map(str, places))}", more)

    async def _checkpoints(self) -> tuple[str, list[int]]:
        """The identity of the index, and for each shard the number up to which every write is applied on all copies."""
        told = (await self._connection.shards([self._index], filter_path=_TOLD))[self._index]
        shards = sorted((int(number), copies) for number, copies in told["shards"].items())
        return told["uuid"], [max(int(copy["seq_no"]["global_checkpoint"]) for copy in copies) for _, copies in shards]

    async def _written(self, shard: int, after: int, until: int, size: int) -> list[Any]:
        if after >= until:
            return []
        body = {
            "query": {"range": {"_seq_no": {"gt": after, "lte": until}}},
            "sort": [{"_seq_no": "asc"}],
            "size": size,
            "seq_no_primary_term": True,
            "_source": ["key"],
            "track_total_hits": False,
        }
        params = {"preference": f"_shards:{shard}"}
        return list((await self._connection.request("POST", f"/{self._index}/_search", body, params=params))["hits"]["hits"])


def _in_order(found: list[tuple[str, int, int]], held: Mapping[str, Document]) -> tuple[Document, ...]:
    return tuple(held[key] for key, *_ in found if key in held)


def _read_place(after: str, identity: str, shards: int) -> list[int]:
    index, _, numbers = after.partition(":")
    read = [int(number) for number in numbers.split(",") if number.removeprefix("-").isdecimal() and len(number) < 19]
    if index != identity or len(read) != shards:
        raise invalid_cursor("belongs to another store, or to one since restored from a snapshot")
    return read
