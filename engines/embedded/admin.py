"""`IndexAdmin`: brings the search index up to the truth, and builds it anew beside the old one. One process at a time."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import orjson
import tantivy

from engines.base import IndexVersion
from engines.document import document_of
from engines.embedded.compile import expired_query
from engines.embedded.database import Database, sqlite_errors
from engines.embedded.documents import newest_sequence
from engines.embedded.index_files import IndexFiles
from engines.embedded.schema import MARKER, ROW, STATE, IndexSchema, entry
from engines.embedded.snapshot import IndexState, IndexView, Snapshot, open_index, rows_of
from engines.embedded.verify import Filled, check
from engines.embedded.workers import Workers
from engines.sampling import every_one_in
from engines.throttle import Throttle
from profiles.errors import StoreError, StoreUnavailable

Progress = Callable[[int, int], None]

WAIT_SECONDS = 5.0  # for another's catching up: a commit of _COMMIT entries takes about two
_LOAD = 1000  # profiles read and indexed together; 500 to 1,000 is where the measured rate stops growing
_COMMIT = 5000  # outbox entries per commit: a commit costs about 16 ms and leaves a segment, a profile about 0.1 ms
_HEAP = 64_000_000  # bytes tantivy may fill before it writes a segment by itself; 100,000 entries fill about one such heap
_FULL = ("os error 28", "os error 122", "Errno 28", "Errno 122")  # no space left, quota exceeded
_EXPIRED = 10_000  # entries past their day handled per round


class EmbeddedIndex:
    """Index administration. `trims`: whether this process may write contacts, and so shorten the outbox."""

    def __init__(
        self, files: IndexFiles, view: IndexView, contacts: Database, workers: Workers, today: Callable[[], date], *, trims: bool
    ) -> None:
        self._files, self._view, self._contacts, self._workers, self._today = files, view, contacts, workers, today
        self._schema: IndexSchema = view.schema
        self._trims = trims

    async def catch_up(self, limit: int | None = None) -> int:
        """Index what the outbox lists (at most `limit` entries of it) and what expired; an index that cannot be used is built anew.

        Another process that is at it is waited for: what this one wrote is then searchable, by whichever of the two.
        Killed anywhere, the next run does what is left. Returns entries indexed or removed.
        Raises StoreUnavailable; StoreBusy when the other is not done soon, as with a rebuild.
        """
        return await self._workers.index(lambda: self._reporting(lambda: self._catch_up(limit)))

    @asynccontextmanager
    async def rebuilding(self) -> AsyncIterator[Callable[..., Awaitable[int]]]:
        """Hold the right to rebuild for a block. Raises StoreBusy."""
        with self._files.rebuild_lock():
            yield self._build

    async def rebuild(self, progress: Progress | None = None, *, max_rate: float | None = None) -> int:
        """Build beside the index in use, look it over, then swap. Returns entries indexed. Raises StoreBusy, StoreError."""
        async with self.rebuilding() as build:
            return await build(progress, max_rate=max_rate)

    async def _build(self, progress: Progress | None = None, *, max_rate: float | None = None) -> int:
        return await self._workers.index(lambda: self._reporting(lambda: self._locked_rebuild(progress, Throttle(max_rate))))

    async def scrub(self, *, kept: bool = False, wait: bool = False) -> bool:
        """Build the index anew: what was deleted stays in the files of the old one until they are merged. None is kept beside it."""
        if not kept:
            await self.rebuild()
        return True

    async def versions(self) -> Sequence[IndexVersion]:
        """The version in use: a new one replaces it, none is kept beside it."""
        return await self._workers.index(self._versions)

    async def prune(self, keep: int = 1, *, preview: bool = False) -> Sequence[str]:
        """Nothing: see `versions`."""
        return ()

    async def rollback(self, progress: Progress | None = None, *, preview: bool = False) -> str:
        """Raises StoreError: see `versions`."""
        raise StoreError("an embedded store keeps no earlier version of its search index: `roster reindex` builds it anew")

    def create_if_new(self) -> None:
        """Give a store without profiles its empty index, so that it can be searched at once; anything else waits for `catch_up`."""
        if self._files.in_use() is None and not self._newest():
            with self._files.lock():
                if self._files.in_use() is None:
                    self._rebuild(None, Throttle(None))

    def _reporting(self, work: Callable[[], int]) -> int:
        """Say of a disk that refuses what it is; the truth is safe, and the next run goes on where this one ended."""
        try:
            return work()
        except (ValueError, OSError) as error:
            if not _of_the_disk(error):
                raise
            reason = "the disk is full" if any(sign in str(error) for sign in _FULL) else "the disk reports an error"
            raise StoreUnavailable(f"the search index in {self._files.root} cannot be written: {reason}") from None

    def _versions(self) -> Sequence[IndexVersion]:
        name = self._files.in_use()
        if name is None:
            return ()
        path = self._files.root / name
        size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        snapshot = self._usable()
        entries = max(0, snapshot.searcher.num_docs - 1) if snapshot else 0  # less the marker
        return (IndexVersion(name, True, not self._files.is_damaged(name), self._files.is_ours(name), entries, size),)

    # --- catching up -------------------------------------------------------------------------------------------------------------

    def _catch_up(self, limit: int | None) -> int:
        snapshot = self._usable()
        if snapshot is not None and snapshot.state.sequence == self._newest() and not snapshot.holds_expired(self._today()):
            if self._trims:  # what another process has indexed need not be listed any longer
                self._trim(snapshot.state.sequence)
            return 0  # nothing to do: no lock taken
        with self._files.lock(WAIT_SECONDS):
            snapshot = self._usable()
            if snapshot is None:
                return self._rebuild(None, Throttle(None))
            try:
                done = self._follow(snapshot, limit)
            except (ValueError, OSError):  # tantivy cannot write on what is there
                return self._rebuild(None, Throttle(None))
            if self._trims:
                self._trim(self._view.current().state.sequence)
            return done

    def _usable(self) -> Snapshot | None:
        """The index in use, or None when it is missing, damaged, of another version or store, or behind the shortened outbox."""
        name = self._files.in_use()
        if name is None or self._files.is_damaged(name):
            return None
        try:
            snapshot = self._view.current()
        except StoreUnavailable:
            return None
        trimmed = int(self._contacts.facts()["trimmed"])
        return snapshot if trimmed <= snapshot.state.sequence <= self._newest() else None

    def _follow(self, snapshot: Snapshot, limit: int | None) -> int:
        """Index outbox entries after the snapshot's, a commit per several thousand, then what expired."""
        path = self._files.root / snapshot.token.partition(":")[0]
        with _Writing(open_index(path, self._schema), self._schema, snapshot.state, self._today()) as writing:
            left = limit
            while entries := self._outbox(writing.sequence, _COMMIT if left is None else min(left, _COMMIT)):
                for rows in _parts(dict.fromkeys(row for _, row in entries)):
                    writing.replace(rows, self._profiles(rows))
                writing.commit(entries[-1][0])
                if left is not None:
                    left -= len(entries)
            self._refresh_expired(writing)
        return writing.done

    def _refresh_expired(self, writing: _Writing) -> None:
        seen: set[int] = set()
        while (snapshot := self._view.current()).holds_expired(writing.today):
            found = snapshot.searcher.search(expired_query(self._schema, writing.today), _EXPIRED, count=False).hits
            rows = [row for row in rows_of(snapshot.searcher, found) if row not in seen]
            if not rows:
                return  # what is left was written as expired: it stays out of every answer by its date
            for part in _parts(rows):
                writing.replace(part, self._profiles(part))
            writing.commit(writing.sequence)
            seen.update(rows)

    def _trim(self, sequence: int) -> None:
        try:
            with sqlite_errors(self._contacts.path):
                connection = self._contacts.connection()
                if not connection.execute("SELECT 1 FROM outbox WHERE sequence <= ? LIMIT 1", (sequence,)).fetchone():
                    return
                connection.execute("BEGIN IMMEDIATE")
                try:
                    connection.execute("UPDATE store SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'trimmed'", (sequence,))
                    connection.execute("DELETE FROM outbox WHERE sequence <= ?", (sequence,))
                    connection.execute("COMMIT")
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
        except StoreError:
            return  # a busy store: the next run trims

    # --- building anew -----------------------------------------------------------------------------------------------------------

    def _locked_rebuild(self, progress: Progress | None, throttle: Throttle) -> int:
        with self._files.lock():
            return self._rebuild(progress, throttle)

    def _rebuild(self, progress: Progress | None, throttle: Throttle) -> int:
        """Create, fill, look over, publish, then follow what was written meanwhile. What a build that died left goes with the next."""
        sequence = self._newest()  # before the first profile is read: what changes from here on is in the outbox
        building = self._files.begin()
        try:
            filled = self._fill(building, sequence, progress, throttle)
            with sqlite_errors(self._contacts.path):
                present = self._contacts.connection().execute("SELECT count(*) FROM profiles").fetchone()[0]
            check(open_index(building, self._schema), self._schema, filled, present if self._newest() == sequence else None)
        except BaseException:
            self._files.discard(building)
            raise
        self._files.publish(building)
        self._follow(self._view.current(), None)
        if self._trims:
            self._trim(self._view.current().state.sequence)
        return filled.profiles

    def _fill(self, building: Path, sequence: int, progress: Progress | None, throttle: Throttle) -> Filled:
        state = IndexState(sequence=sequence, row=0, store=self._contacts.facts()["identity"], commit="")
        with sqlite_errors(self._contacts.path):
            total = self._contacts.connection().execute("SELECT count(*) FROM profiles").fetchone()[0]
        filled, after, size = Filled(every_one_in(total), self._today()), 0, throttle.part(_LOAD)
        with _Writing(open_index(building, self._schema), self._schema, state, filled.day) as writing:
            while batch := self._profiles_after(after, size):
                writing.replace(list(batch), batch)
                filled.add(batch, writing.added)
                after = max(batch)
                if progress is not None:
                    progress(filled.profiles, max(total, filled.profiles))
                time.sleep(throttle.pause(len(batch)))
            writing.commit(sequence)
        return filled

    # --- reading the truth -------------------------------------------------------------------------------------------------------

    def _newest(self) -> int:
        with sqlite_errors(self._contacts.path):
            return newest_sequence(self._contacts.connection())

    def _outbox(self, after: int, size: int) -> list[tuple[int, int]]:
        with sqlite_errors(self._contacts.path):
            sql = "SELECT sequence, row FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?"
            return self._contacts.connection().execute(sql, (after, size)).fetchall()

    def _profiles(self, rows: Sequence[int]) -> dict[int, bytes]:
        with sqlite_errors(self._contacts.path):
            sql = f"SELECT row, body FROM profiles WHERE row IN ({','.join('?' * len(rows))})"  # noqa: S608  # marks only
            return dict(self._contacts.connection().execute(sql, rows))

    def _profiles_after(self, row: int, size: int) -> dict[int, bytes]:
        with sqlite_errors(self._contacts.path):
            sql = "SELECT row, body FROM profiles WHERE row > ? ORDER BY row LIMIT ?"
            return dict(self._contacts.connection().execute(sql, (row, size)))


class _Writing:
    """tantivy's writer for one run. Not for several threads. Leaving it waits for merges, so that small runs do not pile up segments.

    done: rows looked at.    added: entries written.
    """

    def __init__(self, index: tantivy.Index, schema: IndexSchema, state: IndexState, today: date) -> None:
        self._schema, self._state = schema, state
        self._writer = index.writer(_HEAP, 1)  # one thread: Python makes the entries, and that is the slower half
        self._highest = state.row
        self.sequence = state.sequence
        self.today = today
        self.done = self.added = 0

    def replace(self, rows: Iterable[int], bodies: dict[int, bytes]) -> None:
        """Index these rows as they are now: gone, merged and erased profiles leave the index."""
        for row in rows:
            if row <= self._highest:  # a higher row was never indexed: nothing to delete
                # By query: tantivy-py's delete by term takes a number for a signed one and finds no unsigned field.
                self._writer.delete_documents_by_query(tantivy.Query.term_query(self._schema.tantivy, ROW, row, index_option="basic"))
            body = bodies.get(row)
            if body is not None and (made := self._entry(body, row)) is not None:
                self._writer.add_json(made)
                self.added += 1
            self._highest = max(self._highest, row)
            self.done += 1

    def _entry(self, body: bytes, row: int) -> str | None:
        document = document_of(body, self.today)
        return None if document is None else orjson.dumps(entry(document, row, self._schema.types)).decode()

    def commit(self, sequence: int) -> None:
        """Make everything so far visible, together with the word of how far it goes."""
        state = {"sequence": sequence, "row": self._highest, "store": self._state.store, "commit": uuid.uuid4().hex[:16]}
        self._writer.delete_documents_by_term(MARKER, True)
        marker = tantivy.Document()
        marker.add_boolean(MARKER, True)
        marker.add_bytes(STATE, orjson.dumps(state))
        self._writer.add_document(marker)
        self._writer.commit()
        self.sequence = sequence

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._writer.wait_merging_threads()
        del self._writer  # a writer dropped in an error gives up what was not committed, and its lock


def _of_the_disk(error: Exception) -> bool:
    """No error of the index has a class of its own in Python: its text tells, also of a writer that gave up in its thread."""
    return isinstance(error, OSError) or any(sign in str(error) for sign in ("os error", "io::Error"))


def _parts(rows: Iterable[int]) -> Iterator[list[int]]:
    listed = list(rows)
    for start in range(0, len(listed), _LOAD):
        yield listed[start : start + _LOAD]
