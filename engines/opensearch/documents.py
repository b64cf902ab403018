"""Typed document collections on OpenSearch: real-time reads, conditional writes.

One index per collection. A body lies in the index as one text that OpenSearch stores but does not look into, so that it comes back byte
for byte. Reads go by id and are real-time; only `scan`, `due` and `count` search, and refresh before they do.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from engines.base import Collection, Document, Unchanged, Unfinished, Write
from engines.opensearch.bulk import Action, Done, bulk
from engines.opensearch.connection import Connection
from engines.opensearch.listing import Listing
from engines.opensearch.looks import Looks, clock, outlast
from engines.opensearch.names import Names
from engines.opensearch.outbox import Note, Outbox, Pending
from profiles.errors import WriteConflict

SETTINGS: Mapping[str, Any] = {
    "number_of_shards": 1,  # up to some 50 GB, ten million records; more is split by the operator (_split)
    "auto_expand_replicas": "0-1",  # a copy as soon as there is a second node, and green health while there is not
    "refresh_interval": "30s",  # documents are read by id; a scan refreshes by itself
    "merge.policy.expunge_deletes_allowed": 0,  # `scrub` leaves no deleted document in any segment; the default spares those under 10 %
}
MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "_meta": {"schema": 1},
    "properties": {
        "key": {"type": "keyword"},
        "due": {"type": "date", "format": "strict_date"},
        "body": {"type": "object", "enabled": False},
        "binary": {"type": "object", "enabled": False},  # base64 of a body that is no UTF-8 text
    },
}

_CHUNK = 1000  # documents asked for at once; a thousand records are about 3 MB
_DRAWN = 100  # keys drawn for each range of a split: ranges then differ by about a tenth
_VERSIONS_ONLY = {"_source": "false", "filter_path": "docs._id,docs.found,docs._seq_no,docs._primary_term,docs.error"}
_MAX_ID = 512  # bytes OpenSearch takes for an id
_SEQUENCE_BITS = 48  # of a version number: 280 trillion writes of one index; the bits above count changes of its primary shard

# In which order the writes of a call are applied. Whatever was applied when a call is cut short, a run of the same work afterwards
# makes whole: a key may name a profile that is not there yet, an event may tell of what is still to be done (never is something done
# that no event tells of), a profile may rest on a record that is not there, and only with its record in place does a delivery count as
# taken. What is destroyed goes the other way: a record, while its profile still leads to it.
_STAGES: tuple[Callable[[Write], bool], ...] = (
    lambda write: write.collection is Collection.KEYS,
    lambda write: write.collection is Collection.EVENTS,
    lambda write: write.collection is Collection.RECORDS and write.body is None,
    lambda write: write.collection is Collection.PROFILES,
    lambda write: True,
)


def encode_version(sequence: int, term: int) -> int:
    """OpenSearch's sequence number and primary term as one version: 1 or more, greater with every write of the document."""
    return term << _SEQUENCE_BITS | sequence + 1


def decode_version(version: int) -> tuple[int, int]:
    """Sequence number and primary term of a version."""
    return (version & (1 << _SEQUENCE_BITS) - 1) - 1, version >> _SEQUENCE_BITS


def document_id(key: str) -> str:
    """A key as OpenSearch's document id: the key itself, or where it is too long its hash, which no shorter key is equal to."""
    said = key.encode()
    return key if len(said) < _MAX_ID else f"sha512:{hashlib.sha512(said).hexdigest()}".ljust(_MAX_ID, ".")


class OpenSearchReads:
    """`ReadDocuments` on one half of a store.    closing: what `close` does, for the half that closes the store.

    looks: shared with others who ask whether something was written.
    """

    def __init__(
        self,
        connection: Connection,
        names: Names,
        collections: frozenset[Collection],
        closing: Callable[[], Awaitable[None]] | None = None,
        looks: Looks | None = None,
    ) -> None:
        self._connection, self._names, self._collections, self._closing = connection, names, collections, closing
        self._looks = looks or Looks(connection)
        self._hidden: Listing | None = None

    async def get(self, collection: Collection, key: str) -> Document | None:
        """The document, or None."""
        return (await self.get_many(collection, (key,))).get(key)

    async def get_many(self, collection: Collection, keys: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by key."""
        return {document.key: document for document, _ in await self._load(collection, keys)}

    async def versions(self, collection: Collection, keys: Iterable[str]) -> dict[str, int]:
        """The present versions of documents by key; 0 of one that is not there."""
        index = self._index(collection)
        wanted = {document_id(key): key for key in keys}
        ids = list(wanted)
        found: dict[str, int] = {}
        for start in range(0, len(ids), _CHUNK):
            told = await self._connection.mget(index, ids[start : start + _CHUNK], params=_VERSIONS_ONLY)
            found |= {wanted[each["_id"]]: _version(each) for each in told}
        return found

    async def scan(self, collection: Collection, after: str = "", batch: int = 1000, until: str | None = None) -> AsyncIterator[Document]:
        """Every document with a key greater than `after`, and not greater than `until` where given, in key order."""
        query = {"match_all": {}} if until is None else {"range": {"key": {"lte": until}}}
        async for hits in self._pages(collection, query, after, batch):
            for hit in hits:
                yield _document(hit)

    async def split(self, collection: Collection, parts: int) -> list[tuple[str, str | None]]:
        """Ranges of keys as (after, until) for `scan`, about equally full, that together hold every document."""
        index = self._index(collection)
        await self._connection.request("POST", f"/{index}/_refresh")
        query = {"function_score": {"random_score": {"seed": 1, "field": "_seq_no"}}}
        body = {"query": query, "size": _DRAWN * parts, "_source": ["key"], "track_total_hits": False}
        drawn = sorted(hit["_source"]["key"] for hit in (await self._connection.request("POST", f"/{index}/_search", body))["hits"]["hits"])
        edges = sorted({drawn[len(drawn) * part // parts] for part in range(1, parts)}) if len(drawn) >= _DRAWN else []
        return list(zip(["", *edges], [*edges, None], strict=True))

    async def writes_so_far(self, collection: Collection) -> int:
        """At least the number of writes the collection has seen; the same number again means that there was none meanwhile."""
        return await self._connection.writes_so_far(self._index(collection))

    async def due(self, collection: Collection, until: date, batch: int = 1000) -> AsyncIterator[Document]:
        """Every document whose `due` day is on or before `until`, in key order; those changed meanwhile are looked at again."""
        async for hits in self._pages(collection, {"range": {"due": {"lte": until.isoformat()}}}, "", batch):
            for document, due in await self._load(collection, [hit["_source"]["key"] for hit in hits]):
                if due is not None and due <= until.isoformat():
                    yield document

    async def count(self, collection: Collection) -> int:
        """Number of documents."""
        index = self._index(collection)
        await self._connection.request("POST", f"/{index}/_refresh")
        return int((await self._connection.request("GET", f"/{index}/_count"))["count"])

    async def all_keys(self, collection: Collection) -> frozenset[str]:
        """Every key of a small collection, as of now. Who is hidden is asked with every search, and read again only when it changed."""
        if collection is not Collection.HIDDEN:
            return await self._read_keys(collection)
        if self._hidden is None:
            self._hidden = Listing(self._looks, self._index(collection), partial(self._read_keys, collection))
        return await self._hidden.keys()

    async def _read_keys(self, collection: Collection) -> frozenset[str]:
        return frozenset([document.key async for document in self.scan(collection)])

    async def close(self) -> None:
        """Release connections."""
        if self._closing is not None:
            await self._closing()

    def _index(self, collection: Collection) -> str:
        if collection not in self._collections:
            raise ValueError(f"{collection} is not in this half of the store")
        return self._names.documents(collection)

    async def _load(self, collection: Collection, keys: Sequence[str]) -> list[tuple[Document, str | None]]:
        """Documents with their due days, in the order of the keys."""
        index = self._index(collection)
        ids = [document_id(key) for key in dict.fromkeys(keys) if _storable(key)]
        found: list[tuple[Document, str | None]] = []
        for start in range(0, len(ids), _CHUNK):
            told = await self._connection.mget(index, ids[start : start + _CHUNK])
            found += [(_document(entry), entry["_source"].get("due")) for entry in told if entry["found"]]
        return found

    async def _pages(self, collection: Collection, query: Mapping[str, Any], after: str, batch: int) -> AsyncIterator[list[Any]]:
        """Hits in key order. Each page begins behind a unique key, so that whatever is written meanwhile, none repeats or is left out."""
        index = self._index(collection)
        await self._connection.request("POST", f"/{index}/_refresh")
        body = {"query": query, "sort": [{"key": "asc"}], "size": batch, "seq_no_primary_term": True, "track_total_hits": False}
        while True:
            said = body | ({"search_after": [after]} if after else {})
            hits = (await self._connection.request("POST", f"/{index}/_search", said))["hits"]["hits"]
            if hits:
                yield hits
                after = hits[-1]["sort"][0]
            if len(hits) < batch:
                return


class OpenSearchWrites(OpenSearchReads):
    """`WriteDocuments` on one half of a store. outbox: where changes of profiles are noted, for the half that holds profiles."""

    atomic = False  # see _STAGES

    def __init__(
        self,
        connection: Connection,
        names: Names,
        collections: frozenset[Collection],
        outbox: Outbox | None = None,
        closing: Callable[[], Awaitable[None]] | None = None,
        looks: Looks | None = None,
    ) -> None:
        super().__init__(connection, names, collections, closing, looks)
        self._outbox = outbox
        self._failed: list[Note] = []

    async def write(self, writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        """Apply the writes in the order of _STAGES; a conflict in one stage keeps the next from beginning.

        Two who make one profile at the same time each read the records, write the profile and write a record. Whoever wrote the profile
        first looks at the end whether it is still as he wrote it, for the other may have made it before his record was in place; whoever
        wrote it last looks whether the records it rests on are still as he read them. So one of the two sees it.

        Returns the outbox sequence of the call, 0 when it is about no person.
        """
        left = _last_states(writes, self._index)
        note = self._outbox.note(left, rests_on) if self._outbox else None
        try:
            await self._write(_in_stages(left), rests_on, note)
            sequence = await note.close() if note else 0
        except BaseException as error:  # whatever cut it short, a conflict or the cluster's absence: what it has changed is to be looked at
            if note:
                self._failed.append(note)
            if isinstance(error, WriteConflict):  # whoever tries again may find nothing left to write, and what this wrote acknowledged
                await _outlast(left, note)
            raise
        await _outlast(left, note)
        return sequence

    async def _write(self, stages: Sequence[Sequence[Write]], rests_on: Sequence[Unchanged], note: Note | None) -> None:
        opening = [note.opening()] if note else []
        if opening and not _may_share(stages[0]):
            stages = [[], *stages]
        written: dict[str, Done] = {}
        conflicts: list[Collection] = []
        for stage in stages:
            outcomes = await self._apply(stage, opening)
            if note and opening:
                opening, note.opened_at = [], clock()
            conflicts = [write.collection for write, done in zip(stage, outcomes, strict=True) if done is None]
            if conflicts:
                break
            if stage is not stages[-1]:  # without a record that comes after its profile, nobody can have missed one
                pairs = zip(stage, outcomes, strict=True)
                written |= {write.key: done for write, done in pairs if done and write.body and write.collection is Collection.PROFILES}
        if conflicts or await self._overtaken(written, rests_on):
            raise WriteConflict(
                f"{conflicts[0] if conflicts else Collection.PROFILES}: a document changed since it was read; read it again and retry"
            )

    async def scrub(self, *, wait: bool = False) -> bool:
        """Merge deleted documents out of the segments that still hold their words."""
        return await self._connection.expunge(",".join(self._index(collection) for collection in sorted(self._collections)), wait=wait)

    async def unfinished(self) -> Unfinished:
        """What calls may have changed that failed here or died anywhere; it stays listed until `settled`."""
        if self._outbox is None:
            return Unfinished()
        notes: tuple[Note | Pending, ...] = (*self._failed, *await self._outbox.cut_short())
        return Unfinished(
            profiles=frozenset(key for note in notes for key in note.profiles),
            records=frozenset(key for note in notes for key in note.records),
            founded=frozenset(key for note in notes for key in note.founded),
            notes=notes,
        )

    async def settled(self, left: Unfinished) -> None:
        """Those that `unfinished` listed are whole again: they may be indexed."""
        for note in left.notes:
            if isinstance(note, Note):
                await note.close()
        self._failed = [note for note in self._failed if note not in left.notes]
        if self._outbox:
            await self._outbox.close([note for note in left.notes if isinstance(note, Pending)])

    async def _overtaken(self, written: Mapping[str, Done], rests_on: Sequence[Unchanged]) -> bool:
        """Whether anybody has since written a profile that we wrote, or a document that our writes rest on."""
        expected: dict[Collection, dict[str, int]] = {}
        for key, done in written.items():
            expected.setdefault(Collection.PROFILES, {})[key] = encode_version(done.sequence, done.term)
        for read in rests_on:
            expected.setdefault(read.collection, {})[read.key] = read.version
        for collection, versions in expected.items():
            if await self.versions(collection, versions) != versions:
                return True
        return False

    async def _apply(self, stage: Sequence[Write], before: Sequence[Action]) -> list[Done | None]:
        """Write a stage in one go, after `before`; for each write what it was numbered, None where its condition did not hold."""
        actions = (_action(write, self._index(write.collection)) for write in stage)
        return (await bulk(self._connection, chain(before, actions)))[len(before) :]


def _version(told: Mapping[str, Any]) -> int:
    return encode_version(told["_seq_no"], told["_primary_term"]) if told.get("found") else 0


async def _outlast(writes: Sequence[Write], note: Note | None) -> None:
    """Wait until no look from before these writes holds; at most of them nobody looks."""
    if note:
        await outlast(note.opened_at)
    elif any(write.collection is Collection.HIDDEN for write in writes):
        await outlast(clock())


def _may_share(stage: Sequence[Write]) -> bool:
    """Whether the note may be opened in the same request: a key alone is no change of a person yet, all else is."""
    return stage[0].collection is Collection.KEYS


def _last_states(writes: Sequence[Write], check: Callable[[Collection], str]) -> list[Write]:
    """One write for each document: the first one's condition, the last one's content. Raises WriteConflict when they contradict."""
    merged: dict[tuple[Collection, str], Write] = {}
    versions: dict[tuple[Collection, str], int | None] = {}
    for write in writes:
        check(write.collection)
        at = (write.collection, write.key)
        first = merged.get(at)
        current = write.expected if first is None else versions[at]
        if first is not None and None not in (write.expected, current) and write.expected != current:
            raise WriteConflict(f"{write.collection}: the writes of one call contradict each other")
        versions[at] = 0 if write.body is None else None if current is None else current + 1
        merged[at] = write if first is None else write._replace(expected=first.expected)
    return list(merged.values())


def _in_stages(writes: Sequence[Write]) -> list[list[Write]]:
    stages: list[list[Write]] = [[] for _ in _STAGES]
    for write in writes:
        stages[next(n for n, belongs in enumerate(_STAGES) if belongs(write))].append(write)
    return [stage for stage in stages if stage]


def _action(write: Write, index: str) -> Action:
    meta: dict[str, Any] = {}
    if write.expected:
        sequence, term = decode_version(write.expected)
        meta = {"if_seq_no": sequence, "if_primary_term": max(term, 1)}  # 0 is the term of no version: a conflict, not a mistake
    if write.body is None:
        return Action(index, "delete", document_id(write.key), None, meta)
    source: dict[str, Any] = {"key": write.key}
    if write.due is not None:
        source["due"] = write.due.isoformat()
    try:
        source["body"] = write.body.decode()
    except UnicodeDecodeError:
        source["binary"] = base64.b64encode(write.body).decode()
    return Action(index, "create" if write.expected == 0 else "index", document_id(write.key), source, meta)


def _document(entry: Mapping[str, Any]) -> Document:
    source = entry["_source"]
    body = source["body"].encode() if "body" in source else base64.b64decode(source["binary"])
    return Document(source["key"], body, encode_version(entry["_seq_no"], entry["_primary_term"]))


def _storable(key: str) -> bool:
    """Whether a text can be a key at all: nothing is found by an empty one, or by a lone surrogate, which cannot be stored."""
    return bool(key) and (key.isascii() or not any("\ud800" <= character <= "\udfff" for character in key))
