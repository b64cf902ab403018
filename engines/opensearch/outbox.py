"""The outbox: which profiles changed and are not yet in the search index, and which calls were cut short.

Every call that changes profiles leaves a note: opened before its first write, closed after its last, removed once the search index shows
its profiles. So wherever a process is killed, a note remains. A closed one is indexed by whoever catches up next, from the profiles as
they then are: indexing again does no harm, an index update can be late but not lost. An open one whose process is dead tells the next
job which people to look at again (indexer/commit.py), and is closed then. The note of a call is one small document, whatever number of
profiles it names: a mark on each profile would mean writing every profile twice.

A call's sequence is the number OpenSearch gives to the closing of its note. They grow in the order of closing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.base import Collection, Unchanged, Write
from engines.opensearch.bulk import Action, bulk
from engines.opensearch.connection import Connection
from engines.opensearch.holder import done, holder, is_dead, now
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
        "records": {"type": "object", "enabled": False},
        "founded": {"type": "object", "enabled": False},
        "holder": {"type": "object", "enabled": False},  # see holder.py
    },
}

_MANY = 1000  # open notes looked at at once: one for each call under way

ABANDONED_SECONDS = 900
"""An open note older than this was left by a process that died, wherever it ran: a call that waits for the cluster gives up after two
minutes for each of its seven requests at the most. Taken too early it would only be looked at once too often."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A note to act on. profiles, records, founded: as `engines.base.Unfinished`.    sequence, term: of its present state."""

    id: str
    profiles: Sequence[str]
    records: Sequence[str]
    founded: Sequence[str]
    sequence: int
    term: int


class Note:
    """The note of one call."""

    def __init__(self, connection: Connection, index: str, writes: Sequence[Write], rests_on: Sequence[Unchanged]) -> None:
        self._connection, self._index = connection, index
        self.profiles = [write.key for write in writes if write.collection is Collection.PROFILES]
        self.records = [write.key for write in writes if write.collection is Collection.RECORDS]
        # A record that a profile listed and that was not there is on its way: the profile that we make without it no longer leads to it.
        self.records += [read.key for read in rests_on if read.collection is Collection.RECORDS and not read.version]
        self.founded = [write.key for write in writes if write.collection is Collection.PROFILES and write.expected == 0]
        self.id = uuid.uuid4().hex
        self.opened_at = 0.0  # by the clock of looks.py; set by who opens it

    def opening(self) -> Action:
        """The write that opens it: to be applied before anything changes."""
        return Action(self._index, "index", self.id, self._source("open"))

    async def close(self) -> int:
        """Let the profiles be indexed; returns the call's sequence."""
        (closed,) = await bulk(self._connection, [Action(self._index, "index", self.id, self._source("closed"))])
        done(self.id)
        return closed.sequence + 1 if closed else 0

    def _source(self, state: str) -> dict[str, Any]:
        said = {"state": state, "at": now(), "count": len(self.profiles), "profiles": self.profiles}
        return said if state == "closed" else said | {"records": self.records, "founded": self.founded, "holder": holder(self.id)}


class Outbox:
    """The notes of one store."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection, self.index = connection, names.outbox

    def note(self, writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> Note | None:
        """A note about what a call is going to change; None when it is about no person."""
        made = Note(self._connection, self.index, writes, rests_on)
        return made if made.profiles or made.records else None

    async def pending(self, size: int = 100) -> list[Pending]:
        """The oldest notes whose profiles may be indexed. They stay until `remove`."""
        return [pending for pending, _ in await self._notes("closed", size)]

    async def cut_short(self) -> list[Pending]:
        """Open notes of processes that died, oldest first."""
        oldest = now() - ABANDONED_SECONDS * 1000
        found = await self._notes("open", _MANY)
        return [pending for pending, source in found if source["at"] < oldest or is_dead(source["holder"])]

    async def founding(self) -> frozenset[str]:
        """Keys of profiles that calls not yet closed are to create."""
        return frozenset(key for note, _ in await self._notes("open", _MANY) for key in note.founded)

    async def close(self, notes: Sequence[Pending]) -> None:
        """Let the profiles of notes that were cut short be indexed; one that changed meanwhile is left to who changed it."""
        actions = []
        for note in notes:
            source = {"state": "closed", "at": now(), "count": len(note.profiles), "profiles": note.profiles}
            actions.append(Action(self.index, "index", note.id, source, {"if_seq_no": note.sequence, "if_primary_term": note.term}))
        await bulk(self._connection, actions)

    async def remove(self, notes: Sequence[Pending]) -> None:
        """Forget notes whose profiles the index shows; one that was closed meanwhile stays."""
        meta = [{"if_seq_no": note.sequence, "if_primary_term": note.term} for note in notes]
        await bulk(self._connection, [Action(self.index, "delete", note.id, None, m) for note, m in zip(notes, meta, strict=True)])

    async def is_empty(self) -> bool:
        """Whether there is no note at all, and no lock."""
        answer = await self._search({"size": 0, "track_total_hits": 1})
        return int(answer["hits"]["total"]["value"]) == 0

    async def backlog(self) -> int:
        """Number of profile changes the index has yet to show."""
        answer = await self._search({"query": {"term": {"state": "closed"}}, "size": 0, "aggs": {"changes": {"sum": {"field": "count"}}}})
        return int(answer["aggregations"]["changes"]["value"])

    async def indexed_sequence(self) -> int:
        """The sequence up to which every call's changes are indexed."""
        highest = await self.highest_sequence()  # first: what is closed after that look does not count as indexed
        closed = {"query": {"term": {"state": "closed"}}, "sort": [{"_seq_no": "asc"}], "size": 1, "seq_no_primary_term": True}
        hits = (await self._search(closed))["hits"]["hits"]
        return int(hits[0]["_seq_no"] if hits else highest)

    async def highest_sequence(self) -> int:
        """At least the sequence of every call so far; the same number again means that no call closed meanwhile."""
        return await self._connection.writes_so_far(self.index)

    async def _notes(self, state: str, size: int) -> list[tuple[Pending, Mapping[str, Any]]]:
        query = {"term": {"state": state}}
        body = {"query": query, "sort": [{"_seq_no": "asc"}], "size": size, "seq_no_primary_term": True, "track_total_hits": False}
        found = []
        for hit in (await self._search(body))["hits"]["hits"]:
            source = hit["_source"]
            keys = source["profiles"], source.get("records", ()), source.get("founded", ())
            found.append((Pending(hit["_id"], *keys, hit["_seq_no"], hit["_primary_term"]), source))
        return found

    async def _search(self, body: Mapping[str, Any]) -> Any:
        await self._connection.request("POST", f"/{self.index}/_refresh")
        return await self._connection.request("POST", f"/{self.index}/_search", body)
