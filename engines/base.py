"""The engine interface: typed document collections, profile search, index administration.

A store has two halves. *Contacts* (records, keys, profiles, sources) is written by the indexer alone; the HTTP process gets it as
`ReadDocuments`. *Service* (suppressions, hidden profiles ...) may be written by every process. Open a store with
`engines.opening.open_reader` or `open_writer`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from engines.query import Hits, SearchQuery


class Collection(StrEnum):
    """Every collection of documents, and (below) which half of the store it lives in."""

    RECORDS = "records"  # SourceRecord by "source/record_id"
    KEYS = "keys"  # {"profiles": [...], "shared": bool, and "more": true where there are} by "kind:hash"
    PROFILES = "profiles"  # Profile by id; the search index follows this collection
    SOURCES = "sources"  # Source by id
    META = "meta"  # what a job leaves for the next to do: indexer/removal.py, indexer/objections.py
    EVENTS = "events"  # what happened to a profile and why (profiles/history.py), by profile id; outlives the profile
    LINKS = "links"  # profiles that may be one person, for a person to judge (profiles/judgement.py), by "id/id"
    SUPPRESSIONS = "suppressions"
    HIDDEN = "hidden"  # profile ids that no read path may show until the indexer has purged them
    SEARCHES = "searches"  # saved searches by "caller/id"
    MATCHES = "matches"  # whom a saved search had found when it was last asked for changes, by "caller/id/mark"
    JUDGEMENTS = "judgements"  # what a person said of two profiles (profiles/judgement.py), by id
    DISCLOSURES = "disclosures"  # what was sent about whom to whom (privacy/disclosures.py), by "profile/recipient"
    JOBS = "jobs"  # long lists to work off, by id
    JOB_PARTS = "job_parts"  # a hundred questions of a job or their results, by "id/number"
    ANSWERS = "answers"  # whom a question under a caller's own name found (search_api/enrich/repeating.py), by hash of caller and name


CONTACTS = frozenset(
    {
        Collection.RECORDS,
        Collection.KEYS,
        Collection.PROFILES,
        Collection.SOURCES,
        Collection.META,
        Collection.EVENTS,
        Collection.LINKS,
    }
)
SERVICE = frozenset(Collection) - CONTACTS


class Document(NamedTuple):
    """A stored document: JSON bytes and the version a conditional write must name (1 or more, grows with every write of the document)."""

    key: str
    body: bytes
    version: int


class Write(NamedTuple):
    """One conditional write.

    body: JSON bytes, or None to delete.    expected: the version that must be current; 0 = must not exist; None = whatever is there.
    due: a day by which `ReadDocuments.due` finds the document (for profiles: the next expiry).
    """

    collection: Collection
    key: str
    body: bytes | None
    expected: int | None = None
    due: date | None = None


class Unchanged(NamedTuple):
    """A document that a call's writes rest on without writing it. version: as it was read; 0 = it was not there."""

    collection: Collection
    key: str
    version: int


class ReadDocuments(Protocol):
    """Real-time reads: what was written is read, whatever the search index has seen."""

    async def get(self, collection: Collection, key: str) -> Document | None:
        """The document, or None."""
        ...

    async def get_many(self, collection: Collection, keys: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by key."""
        ...

    def scan(self, collection: Collection, after: str = "", batch: int = 1000) -> AsyncIterator[Document]:
        """Every document with a key greater than `after`, in key order, memory bounded by `batch`."""
        ...

    def due(self, collection: Collection, until: date, batch: int = 1000) -> AsyncIterator[Document]:
        """Every document whose `due` day is on or before `until`, in key order."""
        ...

    async def count(self, collection: Collection) -> int:
        """Number of documents."""
        ...

    async def all_keys(self, collection: Collection) -> frozenset[str]:
        """Every key of a small collection, as of now. Made to be asked at every search: cheap while nothing is written."""
        ...


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Keys of profiles and records of calls cut short: of what they were to write, and of records they rested on that were not there.

    founded: those of the profiles that the calls were to create.    notes: what the store knows the calls by.
    """

    profiles: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    founded: frozenset[str] = frozenset()
    notes: tuple[Any, ...] = ()


class WriteDocuments(ReadDocuments, Protocol):
    """Reads and writes."""

    @property
    def atomic(self) -> bool:
        """Whether a call of `write` is applied whole or not at all."""
        ...

    async def write(self, writes: Sequence[Write], rests_on: Sequence[Unchanged] = ()) -> int:
        """Apply the writes; durable when it returns.

        rests_on: what must still be as it was read once all is written.

        Where the store is `atomic`, all are applied or none. Otherwise they are applied in the order keys, events, deletions of
        records, profiles, everything else, each step only when the one before it was applied whole; a call that fails or dies has
        applied some of them. The caller then reads again and decides again: indexer/commit.py does, and says why the same end is
        reached.

        Several writes of one document count one after the other (`expected` of the later ones: the one before, plus 1).
        Returns the sequence number after which the search index shows them (see ProfileSearch.indexed_sequence); it grows from call to
        call that changes profiles.
        Raises WriteConflict when an `expected` or `rests_on` does not hold, StoreBusy after the lock timeout, StoreUnavailable.
        """
        ...

    async def scrub(self, *, wait: bool = False) -> bool:
        """After a purge: let nothing that was deleted stay readable in the store's files.

        False when something does: a reader is in the way, or the store keeps it a while; wait: for that while.
        """
        ...

    async def unfinished(self) -> Unfinished:
        """What calls may have changed that failed half-way here, or died anywhere. Nothing where the store is `atomic`."""
        ...

    async def settled(self, left: Unfinished) -> None:
        """What `unfinished` listed has been made whole."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """A stretch of the row of profile writes, in which a profile stands once, at its last write.

    profiles: as they are now, in the order of their last writes.    place: where the stretch ends.    more: whether others follow now.
    """

    profiles: tuple[Document, ...]
    place: str
    more: bool


class ProfileChanges(Protocol):
    """Which profiles were written since: for whoever keeps a copy.

    A profile that was merged or erased stands in the row as such. One whose document was deleted does not: only what a call that was
    cut short had founded is ever deleted, and that has not been in the row before.
    """

    async def changed(self, after: str, size: int) -> Changed:
        """Up to `size` profiles whose last write came after a place; "" is the beginning.

        No write is ever left out, in whatever order writes that run at the same time come to their end.
        Raises QueryInvalid for a place that is not of this store, StoreUnavailable.
        """
        ...


class ProfileSearch(Protocol):
    """The search index, which follows the profiles collection."""

    async def search(self, query: SearchQuery) -> Hits:
        """Answer from the index; hits are hydrated from the truth and vanish if deleted there.

        Raises QueryInvalid for an unusable cursor, StoreUnavailable.
        """
        ...

    async def counts(self, queries: Sequence[SearchQuery]) -> Sequence[int]:
        """How many profiles each of these finds, as the total of `search` would say; all are asked at once.

        What is said of the page, its order and facets is left unused. Raises StoreUnavailable.
        """
        ...

    async def suggest(
        self, field: str, prefix: str, size: int = 10, hidden: frozenset[str] = frozenset(), today: date | None = None
    ) -> Sequence[tuple[str, int]]:
        """Values of a keyword field that start with the prefix, with their counts, most frequent first.

        hidden: profile ids that do not count. Neither do entries that hold something expired by `today` (None: the present day).
        Raises QueryInvalid for a field that is no keyword field, StoreUnavailable.
        """
        ...

    async def warm(self) -> None:
        """Get ready for what would otherwise be slow for the first who asks. A server does so beside its first answers; may be cut short.

        Raises StoreUnavailable.
        """
        ...

    async def indexed_sequence(self) -> int:
        """The last write sequence that searches show."""
        ...

    async def health(self) -> Mapping[str, Any]:
        """What `status` and `/readyz` report: {"ready": bool, "reasons": [...], "documents": int, "backlog": int, ...}."""
        ...


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """One version of the search index.

    in_use: searches see it.    complete: it was filled to the end.    known: this roster can read it (same mapping and normalisers).
    entries: profiles in it.    size: bytes on disk, all copies together.
    """

    name: str
    in_use: bool
    complete: bool
    known: bool
    entries: int
    size: int


class IndexAdmin(Protocol):
    """The life of the search index. Only one process at a time may rebuild it (StoreBusy), or write it at all where the engine says so."""

    async def catch_up(self, limit: int | None = None) -> int:
        """Bring the index up to the truth (outbox, and entries expired by today); returns entries indexed. limit: about so many."""
        ...

    def rebuilding(self) -> AbstractAsyncContextManager[Callable[..., Awaitable[int]]]:
        """The right to rebuild, held for a block that has work of its own to do first; yields `rebuild`.

        Raises StoreBusy when another process holds it.
        """
        ...

    async def rebuild(self, progress: Any = None, *, max_rate: float | None = None) -> int:
        """Build a new index beside the old from all profiles, look it over, then swap; searches go on meanwhile.

        progress: called as (profiles done, of how many).    max_rate: profiles a second at the most.    Returns profiles looked at.
        Raises StoreBusy; StoreError when the new index is not what the profiles make: then it is removed, and the old one stays in use.
        """
        ...

    async def scrub(self, *, kept: bool = False, wait: bool = False) -> bool:
        """After a purge: let nothing of deleted entries stay readable in the files of any version of the index.

        kept: only of versions kept beside the one in use.    wait, and what is returned: as `WriteDocuments.scrub`.    Raises StoreBusy.
        """
        ...

    async def versions(self) -> Sequence[IndexVersion]:
        """Every version of the index that is kept, oldest first."""
        ...

    async def prune(self, keep: int = 1, *, preview: bool = False) -> Sequence[str]:
        """Remove unfinished versions, and those not in use but the newest `keep`. Returns the names of what goes; preview: of what would.

        Raises StoreBusy.
        """
        ...

    async def rollback(self, progress: Any = None, *, preview: bool = False) -> str:
        """Put the version before back in use and bring it up to the truth. Returns its name; preview: changes nothing.

        Raises StoreBusy, StoreError when no earlier version is kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """What a serving process gets: no way to write contacts."""

    contacts: ReadDocuments
    service: WriteDocuments
    search: ProfileSearch
    index: IndexAdmin
    changes: ProfileChanges

    async def close(self) -> None:
        """Release files and connections."""
        await _close(self.contacts, self.service, self.search, self.index)


@dataclass(frozen=True, slots=True)
class Writer:
    """What the indexer and the operator's commands get."""

    contacts: WriteDocuments
    service: WriteDocuments
    search: ProfileSearch
    index: IndexAdmin

    async def close(self) -> None:
        """Release files and connections."""
        await _close(self.contacts, self.service, self.search, self.index)


async def _close(*parts: Any) -> None:
    for part in parts:
        if close := getattr(part, "close", None):
            await close()
