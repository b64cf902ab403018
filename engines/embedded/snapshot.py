"""The search index as a process sees it: follows the pointer and every commit by itself, and keeps what a cursor still needs."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import tantivy

from engines.embedded.compile import marker_query
from engines.embedded.index_files import IndexFiles
from engines.embedded.schema import ROW, STATE, IndexSchema
from profiles.errors import RosterError, StoreUnavailable

KEPT = 16  # snapshots kept for cursors; each holds a few files open
KEPT_SECONDS = 300.0  # five minutes: longer than a person reads a page; each keeps deleted entries' files on disk meanwhile
_REMEMBERED = 256  # answers (totals, facets) remembered per snapshot
_HOW = "`roster reindex` builds it, and so does the next ingest"


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far a commit has come. sequence: of the outbox.    row: highest row ever indexed.    store: identity of the SQLite file."""

    sequence: int
    row: int
    store: str
    commit: str


@dataclass(slots=True)
class Snapshot:
    """One commit of one index. token: the same in every process that sees this commit.    next_expiry: the earliest of all entries.
    points: set by engines/embedded/nearby.py when first asked for.
    """

    token: str
    index: tantivy.Index
    searcher: tantivy.Searcher
    state: IndexState
    next_expiry: int | None
    points: Sequence[tuple[float, float, str]] | None = None
    remembered: OrderedDict[Any, Any] = field(default_factory=OrderedDict)

    def holds_expired(self, today: date) -> bool:
        """Whether an entry holds something that may not be served on this day."""
        return self.next_expiry is not None and self.next_expiry <= today.toordinal()

    def remember(self, key: Any, value: Any) -> None:
        """Keep an answer as long as the snapshot lives; the oldest goes first."""
        self.remembered[key] = value
        while len(self.remembered) > _REMEMBERED:
            self.remembered.popitem(last=False)


@contextmanager
def index_errors(files: IndexFiles, name: str) -> Iterator[None]:
    """Anything tantivy raises while reading an index: the index is noted as damaged, to be rebuilt, and StoreUnavailable says so."""
    try:
        yield
    except (RosterError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # a panic of tantivy is a BaseException
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        files.note_damage(name)
        raise StoreUnavailable(f"the search index {files.root / name} cannot be read: {_HOW}") from None


def open_index(path: Path, schema: IndexSchema) -> tantivy.Index:
    """The index in a directory, with the analyzers of the mapping. Made when there is none."""
    index = tantivy.Index(schema.tantivy, str(path))
    for name, analyzer in schema.analyzers.items():
        index.register_tokenizer(name, analyzer)
    index.config_reader("manual")
    return index


def read_state(index: tantivy.Index, searcher: tantivy.Searcher, schema: IndexSchema) -> IndexState:
    """What the marker document says. Raises ValueError when there is not exactly one."""
    found = searcher.search(marker_query(schema), 2).hits
    if len(found) != 1:
        raise ValueError("an index has one marker")
    return IndexState(**orjson.loads(bytes(searcher.doc(found[0][1])[STATE][0])))


def rows_of(searcher: tantivy.Searcher, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[int]:
    """The row of each hit."""
    found: list[Any] = searcher.fast_field_values(ROW, [address for _, address in hits])
    return found


class IndexView:
    """`current()` costs two looks at file dates unless something changed."""

    def __init__(self, files: IndexFiles, schema: IndexSchema, store: str) -> None:
        self._files, self.schema, self._store = files, schema, store
        self._guard = threading.Lock()
        self._pointer: tuple[int, int] | None = None
        self._meta: tuple[int, int] | None = None
        self._name = ""
        self._now: Snapshot | None = None
        self._kept: OrderedDict[str, tuple[float, Snapshot]] = OrderedDict()

    def current(self) -> Snapshot:
        """The newest commit. Raises StoreUnavailable when there is no index this process can use."""
        with self._guard:
            pointer = _stamp(self._files.pointer)
            if pointer is None:
                raise StoreUnavailable(f"there is no search index in {self._files.root}: {_HOW}")
            if pointer != self._pointer or self._now is None:
                return self._open(pointer)
            meta = _stamp(self._files.root / self._name / "meta.json")
            if meta != self._meta:
                with index_errors(self._files, self._name):
                    self._now.index.reload()
                    self._now = self._snapshot(self._now.index)
                self._meta = meta
            return self._now

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot that a cursor was given for."""
        with self._guard:
            self._kept[snapshot.token] = (time.monotonic(), snapshot)
            self._kept.move_to_end(snapshot.token)
            oldest = time.monotonic() - KEPT_SECONDS
            while self._kept and (len(self._kept) > KEPT or next(iter(self._kept.values()))[0] < oldest):
                self._kept.popitem(last=False)

    def kept(self, token: str) -> Snapshot | None:
        """A snapshot kept for its cursor, if it is still there."""
        with self._guard:
            found = self._kept.get(token)
            return found[1] if found else None

    def errors(self, snapshot: Snapshot) -> Any:
        """`index_errors` for a search on this snapshot."""
        return index_errors(self._files, snapshot.token.partition(":")[0])

    def _open(self, pointer: tuple[int, int]) -> Snapshot:
        self._now = None
        name = self._files.in_use()
        if name is None or not self._files.is_ours(name):
            raise StoreUnavailable(f"the search index in {self._files.root} was built by another version of roster: {_HOW}")
        path = self._files.root / name
        meta = _stamp(path / "meta.json")
        if meta is None or self._files.is_damaged(name):
            raise StoreUnavailable(f"the search index {path} is damaged: {_HOW}")
        with index_errors(self._files, name):
            self._name = name
            index = open_index(path, self.schema)
            index.reload()
            snapshot = self._snapshot(index)
        if snapshot.state.store != self._store:
            raise StoreUnavailable(f"the search index in {self._files.root} belongs to another store: {_HOW}")
        self._pointer, self._meta, self._now = pointer, meta, snapshot
        return snapshot

    def _snapshot(self, index: tantivy.Index) -> Snapshot:
        searcher = index.searcher()
        state = read_state(index, searcher, self.schema)
        dated = tantivy.Query.exists_query("next_expiry")
        first = searcher.search(dated, 1, count=False, order_by_field="next_expiry", order=tantivy.Order.Asc).hits
        return Snapshot(f"{self._name}:{state.commit}", index, searcher, state, first[0][0] if first else None)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # twice as quick as Path.stat, on the path of every search
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
