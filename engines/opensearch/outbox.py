"""The outbox: which profiles changed and are not yet in the search index.

Every call that changes profiles leaves a note: opened before the first profile changes, closed after the last, removed once the search
index shows them all. So wherever a process is killed, a note remains, and whoever catches up next indexes the profiles as they then are:
indexing again does no harm, an index update can be late but not lost. A note that stays open longer than any call takes was left by a
process that died, and counts as closed. The note of a call is one small document, whatever number of profiles it names: one marker on
each profile would mean writing every profile twice.

A call's sequence is the number OpenSearch gives to the closing of its note. They grow in the order of closing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.opensearch.bulk import Action, bulk
from engines.opensearch.connection import Connection
from engines.opensearch.names import Names

SETTINGS: Mapping[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "30s",
}  # as documents.py; one shard, so that sequences are of one row
MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "_meta": {"schema": 1},
    "properties": {
        "state": {"type": "keyword"},  # open, closed; "lock" for the one document that is no note
        "at": {"type": "long"},  # milliseconds, by the clock of who wrote it
        "count": {"type": "integer"},
        "profiles": {"type": "object", "enabled": False},
        "holder": {"type": "object", "enabled": False},
    },
}

ABANDONED_SECONDS = 600
"""An open note older than this was left by a process that died: a call that waits for the cluster gives up after two minutes for each
of its five requests at the most. Taken too early it would only be indexed once too often, for its owner closes it all the same."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A note to act on. sequence: OpenSearch's number of it; `version` names its present state."""

    id: str
    profiles: tuple[str, ...]
    sequence: int
    term: int


class Note:
    """The note of one call."""

    def __init__(self, connection: Connection, index: str, profiles: Sequence[str]) -> None:
        self._connection, self._index, self._profiles = connection, index, list(profiles)
        self._id = uuid.uuid4().hex

    def opening(self) -> Action:
        """The write that opens it: to be applied before any of the profiles changes."""
        return self._action("open")

    async def close(self) -> int:
        """Let the profiles be indexed, all changed or not; returns the call's sequence."""
        (done,) = await bulk(self._connection, [self._action("closed")])
        return done.sequence + 1 if done else 0

    def _action(self, state: str) -> Action:
        source = {"state": state, "at": time.time_ns() // 1_000_000, "count": len(self._profiles), "profiles": self._profiles}
        return Action(self._index, "index", self._id, source)


class Outbox:
    """The notes of one store."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection, self._index = connection, names.outbox

    def note(self, profiles: Sequence[str]) -> Note:
        """A note about profiles that are going to change."""
        return Note(self._connection, self._index, profiles)

    async def pending(self, size: int = 100) -> list[Pending]:
        """The oldest notes whose profiles may be indexed. They stay until `remove`."""
        body = {"query": _ready(), "sort": [{"_seq_no": "asc"}], "size": size, "seq_no_primary_term": True, "track_total_hits": False}
        hits = (await self._search(body))["hits"]["hits"]
        return [Pending(hit["_id"], tuple(hit["_source"]["profiles"]), hit["_seq_no"], hit["_primary_term"]) for hit in hits]

    async def remove(self, notes: Sequence[Pending]) -> None:
        """Forget notes whose profiles the index shows; one that was closed meanwhile stays."""
        meta = [{"if_seq_no": note.sequence, "if_primary_term": note.term} for note in notes]
        await bulk(self._connection, [Action(self._index, "delete", note.id, None, m) for note, m in zip(notes, meta, strict=True)])

    async def backlog(self) -> int:
        """Number of profile changes the index has yet to show."""
        answer = await self._search({"query": _ready(), "size": 0, "aggs": {"changes": {"sum": {"field": "count"}}}})
        return int(answer["aggregations"]["changes"]["value"])

    async def indexed_sequence(self) -> int:
        """The sequence up to which every call's changes are indexed."""
        highest = await self.highest_sequence()  # first: what is closed after that look does not count as indexed
        closed = {"query": {"term": {"state": "closed"}}, "sort": [{"_seq_no": "asc"}], "size": 1, "seq_no_primary_term": True}
        hits = (await self._search(closed))["hits"]["hits"]
        return int(hits[0]["_seq_no"] if hits else highest)

    async def highest_sequence(self) -> int:
        """At least the sequence of every call so far; the same number again means that no call closed meanwhile."""
        stats = await self._connection.request("GET", f"/{self._index}/_stats", params={"level": "shards", "filter_path": "**.seq_no"})
        (shard,) = stats["indices"][self._index]["shards"].values()
        return max(int(copy["seq_no"]["max_seq_no"]) for copy in shard) + 1

    async def _search(self, body: Mapping[str, Any]) -> Any:
        await self._connection.request("POST", f"/{self._index}/_refresh")
        return await self._connection.request("POST", f"/{self._index}/_search", body)


def _ready() -> dict[str, Any]:
    oldest = time.time_ns() // 1_000_000 - ABANDONED_SECONDS * 1000
    left = {"bool": {"filter": [{"term": {"state": "open"}}, {"range": {"at": {"lt": oldest}}}]}}
    return {"bool": {"should": [{"term": {"state": "closed"}}, left], "minimum_should_match": 1}}
