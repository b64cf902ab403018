"""`IndexAdmin` on OpenSearch: the search index follows the outbox; a rebuild fills a new version beside it and swaps.

Why nothing is lost and nothing old wins, whoever runs at the same time:
- an entry carries the version of the profile it was made from, and OpenSearch refuses an older one (external versions);
- a version of the index that is being filled follows from its first moment: whoever indexes looks after it has read the profiles which
  versions follow, and again before it forgets the note. A fill reads what was written before it began, the outbox brings the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial

from engines.base import Collection, IndexVersion
from engines.opensearch.bulk import bulk
from engines.opensearch.compile import expired_on
from engines.opensearch.connection import Connection, failed
from engines.opensearch.documents import OpenSearchReads
from engines.opensearch.entries import removal_actions, version_actions
from engines.opensearch.filling import PART, Progress, fill
from engines.opensearch.lock import Held, rebuild_lock
from engines.opensearch.names import Names
from engines.opensearch.outbox import Outbox, Pending
from engines.opensearch.verify import Inspection
from engines.opensearch.versions import HOW, Version, Versions
from profiles.errors import StoreError

NOTES = 50  # of the outbox taken at a time: one for each batch of an ingest, 500 profiles each at the most
KEPT_VERSIONS = 1  # versions kept beside the one in use, to go back to


class OpenSearchIndex:
    """Index administration."""

    def __init__(
        self, connection: Connection, names: Names, versions: Versions, outbox: Outbox, contacts: OpenSearchReads, today: Callable[[], date]
    ) -> None:
        self._connection, self._names, self._versions = connection, names, versions
        self._outbox, self._contacts, self._today = outbox, contacts, today

    # --- catching up -------------------------------------------------------------------------------------------------------------

    async def catch_up(self, limit: int | None = None) -> int:
        """Index what the outbox lists (whole calls, until at least `limit` profiles) and what expired. Any number of processes may.

        What is written after it began waits for the next run: under steady writes there would be no end. Killed anywhere, the next run
        does what is left. Returns entries indexed or removed. Raises StoreVersion, StoreUnavailable.
        """
        done, newest = 0, await self._outbox.highest_sequence()
        while limit is None or done < limit:
            notes = [note for note in await self._outbox.pending(NOTES) if note.sequence < newest]
            notes = _taken(notes, None if limit is None else limit - done)
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
            gone: set[str] = set(part) - found.keys()
            while targets := [name for name in await self._following() if name not in written]:
                for name in targets:
                    actions = await asyncio.to_thread(version_actions, name, list(found.values()), self._today())
                    await bulk(self._connection, actions)
                    await self._remove(name, [key for key in part if key not in found])
                    gone |= {action.id for action in actions if action.source is None}
                written.update(targets)
            for name in await self._kept() if gone else ():
                await self._remove(name, sorted(gone))
        return len(wanted)

    async def _following(self) -> list[str]:
        known, _ = await self._versions.following()
        if not known:
            raise await self._versions.why_missing()
        return known

    async def _kept(self) -> list[str]:
        """Versions kept to go back to. They do not follow, but whoever is gone from the store must be gone from them, too."""
        return [version.name for version in await self._versions.all() if not version.follows]

    async def _remove(self, name: str, ids: Sequence[str]) -> None:
        """Entries of profiles that nobody may find any more."""
        if ids:
            told = await self._connection.mget(name, ids, params={"_source": "false"})
            versions = {each["_id"]: each["_version"] for each in told if each["found"]}
            await bulk(self._connection, removal_actions(name, versions))

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

    @asynccontextmanager
    async def rebuilding(self) -> AsyncIterator[Callable[..., Awaitable[int]]]:
        """Hold the lock of a rebuild for a block. Raises StoreBusy."""
        async with rebuild_lock(self._connection, self._names) as held:
            yield partial(self._rebuild, held)

    async def rebuild(self, progress: Progress | None = None, *, max_rate: float | None = None) -> int:
        """Create, fill, look over, publish, prune; searches and writes go on meanwhile. Returns the profiles looked at.

        Raises StoreBusy, StoreError when what was filled is not what it should be.
        A version that was not finished is removed: by this call when it fails, by the next when it was killed.
        """
        async with self.rebuilding() as build:
            return await build(progress, max_rate=max_rate)

    async def _rebuild(self, held: Held, progress: Progress | None = None, *, max_rate: float | None = None) -> int:
        await self._remove_unfinished()
        name = await self._versions.create()
        try:
            writes_before = await self._contacts.writes_so_far(Collection.PROFILES)
            filled = await fill(self._connection, name, self._contacts, held, self._today(), progress, max_rate)
            await self._versions.make_ready(name)
            await Inspection(self._connection, name, self._contacts, self._versions.schema).check(filled, writes_before)
            held.check()
            await self._versions.complete(name)
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
            await self._versions.complete(name, behind=True)
            await self._versions.publish(name)
            await fill(self._connection, name, self._contacts, held, self._today(), progress, None)
            await self._versions.refresh(name)
            await self._versions.complete(name)
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

    async def scrub(self, *, kept: bool = False, wait: bool = False) -> bool:
        """Let nothing of what was destroyed stay readable in the files of any version.

        What entries of kept versions say that their profiles no longer do goes with the entries, which a rollback makes anew.
        """
        for name in await self._kept():
            async for page in Inspection(self._connection, name, self._contacts, self._versions.schema).entries():
                stale = {beside.id: beside.entry for beside in page if beside.entry != beside.profile}
                await bulk(self._connection, removal_actions(name, stale))
        names = await self._kept() if kept else [version.name for version in await self._versions.all()]
        return not names or await self._connection.expunge(",".join(names), wait=wait)

    async def prune(self, keep: int = KEPT_VERSIONS, *, preview: bool = False) -> Sequence[str]:
        """Remove versions that are not in use, but the newest `keep` complete ones. Returns their names. Raises StoreBusy."""
        if preview:
            unused = [version for version in await self._versions.all() if not version.in_use]
            unfinished = [version.name for version in unused if not version.complete]
            return unfinished + _old([version.name for version in unused if version.complete], keep)
        async with rebuild_lock(self._connection, self._names):
            return await self._remove_unfinished() + await self._prune(keep)

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
