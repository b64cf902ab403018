"""`IndexAdmin` on OpenSearch: the search index follows the outbox; a rebuild fills a new version beside it and swaps.

Why nothing is lost and nothing old wins, whoever runs at the same time:
- an entry carries the version of the profile it was made from, and OpenSearch refuses an older one (external versions);
- a version of the index that is being filled follows from its first moment: whoever indexes looks after it has read the profiles which
  versions follow, and again before it forgets the note. A fill reads what was written before it began, the outbox brings the rest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date

from engines.base import Collection, Document, IndexVersion, ReadDocuments
from engines.opensearch.bulk import bulk
from engines.opensearch.compile import expired_on
from engines.opensearch.connection import Connection, failed
from engines.opensearch.entries import removal_actions, version_actions
from engines.opensearch.lock import Held, rebuild_lock
from engines.opensearch.names import Names
from engines.opensearch.outbox import Outbox, Pending
from engines.opensearch.verify import SAMPLE, Filled, check_count, check_sample
from engines.opensearch.versions import HOW, Version, Versions
from profiles.errors import StoreError

Progress = Callable[[int, int], None]

PART = 1000  # profiles read and indexed together
NOTES = 50  # of the outbox taken at a time: one for each batch of an ingest, 500 profiles each at the most
KEPT_VERSIONS = 1  # versions kept beside the one in use, to go back to


class OpenSearchIndex:
    """Index administration."""

    def __init__(
        self, connection: Connection, names: Names, versions: Versions, outbox: Outbox, contacts: ReadDocuments, today: Callable[[], date]
    ) -> None:
        self._connection, self._names, self._versions = connection, names, versions
        self._outbox, self._contacts, self._today = outbox, contacts, today

    # --- catching up -------------------------------------------------------------------------------------------------------------

    async def catch_up(self, limit: int | None = None) -> int:
        """Index what the outbox lists (whole calls, until at least `limit` profiles) and what expired. Any number of processes may.

        Killed anywhere, the next run does what is left. Returns entries indexed or removed. Raises StoreVersion, StoreUnavailable.
        """
        done = 0
        while limit is None or done < limit:
            notes = _taken(await self._outbox.pending(NOTES), None if limit is None else limit - done)
            if not notes:
                break
            done += await self._index([key for note in notes for key in note.profiles])
            _, others = await self._versions.following()
            await self._versions.refresh(self._versions.alias)
            if others:  # a version that only another roster can write to: it needs these notes
                break
            await self._outbox.remove(notes)
        return done + (await self._refresh_expired() if limit is None else 0)

    async def _index(self, ids: Iterable[str]) -> int:
        """Bring the entries of these profiles up to the truth, in every version that follows."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), PART):
            part = wanted[start : start + PART]
            found = await self._contacts.get_many(Collection.PROFILES, part)
            written: set[str] = set()
            while targets := [name for name in await self._following() if name not in written]:
                for name in targets:
                    await self._write(name, list(found.values()))
                    await self._remove(name, [key for key in part if key not in found])
                written.update(targets)
        return len(wanted)

    async def _following(self) -> list[str]:
        known, _ = await self._versions.following()
        if not known:
            raise await self._versions.why_missing()
        return known

    async def _write(self, name: str, documents: Sequence[Document]) -> int:
        """Entries as the profiles make them; a newer entry stays. Returns how many of the profiles have an entry."""
        actions = await asyncio.to_thread(version_actions, name, documents, self._today())
        await bulk(self._connection, actions)
        return sum(action.source is not None for action in actions)

    async def _remove(self, name: str, ids: Sequence[str]) -> None:
        """Entries of profiles that no longer exist."""
        if ids:
            answer = await self._connection.request("POST", f"/{name}/_mget", {"ids": ids}, params={"_source": "false"})
            await bulk(self._connection, removal_actions(name, answer["docs"]))

    async def _refresh_expired(self) -> int:
        """Make entries anew that hold something over by today."""
        seen: set[str] = set()
        body = {"query": expired_on(self._today()), "size": PART, "_source": False, "track_total_hits": False}
        while True:
            answer = await self._connection.request(
                "POST", f"/{self._versions.alias}/_search", body, expect={404: "index_not_found_exception"}
            )
            if failed(answer):
                raise await self._versions.why_missing()
            ids = [hit["_id"] for hit in answer["hits"]["hits"] if hit["_id"] not in seen]
            if not ids:
                return len(seen)
            await self._index(ids)
            await self._versions.refresh(self._versions.alias)
            seen.update(ids)

    # --- building anew -----------------------------------------------------------------------------------------------------------

    async def rebuild(self, progress: Progress | None = None, *, max_rate: float | None = None) -> int:
        """Create, fill, verify, publish, prune; searches and writes go on meanwhile. Returns the profiles looked at.

        progress: called as (done, of how many).    max_rate: profiles a second at the most.    Raises StoreBusy.
        A version that was not finished is removed: by this call when it fails, by the next when it was killed.
        """
        async with rebuild_lock(self._connection, self._names) as held:
            await self._remove_unfinished()
            name = await self._versions.create()
            try:
                before = await self._outbox.highest_sequence()
                filled = await self._fill(name, held, progress, max_rate)
                await self._versions.make_ready(name)
                await check_sample(self._connection, name, self._contacts, filled, self._today())
                if await self._outbox.highest_sequence() == before:
                    await check_count(self._versions, name, filled)
                held.check()
                await self._versions.publish(name)
            except BaseException:
                await self._versions.delete([name])
                raise
            await self.catch_up()
            await self._prune(KEPT_VERSIONS)
        return filled.profiles

    async def rollback(self, progress: Progress | None = None, *, preview: bool = False) -> str:
        """Put the version before back in use, then bring it up to what changed since. Returns its name. Raises StoreBusy, StoreError."""
        if preview:
            return await self._before()
        async with rebuild_lock(self._connection, self._names) as held:
            name = await self._before()
            await self._versions.publish(name)
            await self._fill(name, held, progress, None)
            await self.catch_up()
        return name

    async def _before(self) -> str:
        """The version to go back to."""
        before = [v for v in await self._versions.all() if v.complete and not v.in_use and self._is_known(v)]
        if not before:
            raise StoreError(f"{self._connection.where} keeps no earlier version of the search index that this roster can use: {HOW}")
        return before[-1].name

    async def versions(self) -> Sequence[IndexVersion]:
        """Every version of the index, oldest first."""
        found = await self._versions.all()
        answer = await self._connection.request("GET", f"/{self._names.versions}/_stats/docs,store")
        told = answer["indices"]
        return [
            IndexVersion(
                name=version.name,
                in_use=version.in_use,
                complete=version.complete,
                known=self._is_known(version),
                entries=told[version.name]["primaries"]["docs"]["count"],
                size=told[version.name]["total"]["store"]["size_in_bytes"],
            )
            for version in found
            if version.name in told  # not removed this moment
        ]

    async def scrub(self) -> None:
        """Merge deleted entries out of the segments that still hold their words, in every version that is kept."""
        await self._connection.request("POST", f"/{self._names.versions}/_forcemerge", params={"only_expunge_deletes": "true"})

    async def prune(self, keep: int = KEPT_VERSIONS, *, preview: bool = False) -> Sequence[str]:
        """Remove versions that are not in use, but the newest `keep` complete ones. Returns their names. Raises StoreBusy."""
        if preview:
            unused = [version for version in await self._versions.all() if not version.in_use]
            unfinished = [version.name for version in unused if not version.complete]
            return unfinished + _old([version.name for version in unused if version.complete], keep)
        async with rebuild_lock(self._connection, self._names):
            return await self._remove_unfinished() + await self._prune(keep)

    async def _fill(self, name: str, held: Held, progress: Progress | None, max_rate: float | None) -> Filled:
        total, begun = await self._contacts.count(Collection.PROFILES), time.monotonic()
        filled = Filled(every=max(1, total // SAMPLE))
        async for part in self._profiles():
            held.check()
            filled.add(part, await self._write(name, part))
            if progress is not None:  # in a thread: what it does may take its time
                await asyncio.to_thread(progress, filled.profiles, max(total, filled.profiles))
            if max_rate:
                await asyncio.sleep(max(0.0, filled.profiles / max_rate - (time.monotonic() - begun)))
        return filled

    async def _profiles(self) -> AsyncIterator[list[Document]]:
        part: list[Document] = []
        async for document in self._contacts.scan(Collection.PROFILES, batch=PART):
            part.append(document)
            if len(part) == PART:
                yield part
                part = []
        if part:
            yield part

    async def _remove_unfinished(self) -> list[str]:
        """What a killed rebuild left. Only with the lock in hand: another's rebuild is unfinished too."""
        left = [version.name for version in await self._versions.all() if not version.in_use and not version.complete]
        await self._versions.delete(left)
        return left

    async def _prune(self, keep: int) -> list[str]:
        gone = _old([version.name for version in await self._versions.all() if not version.in_use], keep)
        await self._versions.delete(gone)
        return gone

    def _is_known(self, version: Version) -> bool:
        return version.parts.fingerprint == self._versions.schema.fingerprint


def _old(names: list[str], keep: int) -> list[str]:
    """All but the newest `keep`."""
    return names[: max(0, len(names) - keep)]


def _taken(notes: Sequence[Pending], limit: int | None) -> list[Pending]:
    """Notes from the oldest on, until they name `limit` profiles."""
    taken: list[Pending] = []
    for note in notes:
        if limit is not None and sum(len(n.profiles) for n in taken) >= limit:
            break
        taken.append(note)
    return taken
