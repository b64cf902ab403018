"""The versions of a store's search index: what there is, which one is in use, and the one step that puts another in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engines.opensearch.connection import MERGE_SECONDS, Connection, failed
from engines.opensearch.names import FIRST, Names, VersionName
from engines.opensearch.schema import FIXED, SearchSchema
from profiles.errors import StoreUnavailable, StoreVersion

HOW = "`roster reindex` builds it"
_COPY_SECONDS = 300  # for the copies of a version just filled: 10 GB between nodes at the 40 MB a second that OpenSearch allows itself


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the index.

    in_use: searches see it.    follows: it is kept up to date.    complete: it was once filled to the end.
    behind: it was put back in use, and what changed since it followed is not in it yet.
    """

    name: str
    parts: VersionName
    in_use: bool
    follows: bool
    complete: bool
    behind: bool


class Versions:
    """The versions of one store, as the cluster's aliases tell."""

    def __init__(self, connection: Connection, names: Names, schema: SearchSchema) -> None:
        self._connection, self._names, self.schema = connection, names, schema
        self.alias = names.reading(schema.fingerprint)

    async def all(self) -> list[Version]:
        """Every version, oldest first."""
        answer = await self._connection.request("GET", f"/{self._names.versions}", params={"filter_path": "*.aliases,*.mappings._meta"})
        found = []
        for name, told in answer.items():
            parts = self._names.own_version(name)
            if parts is None:
                continue
            aliases = told.get("aliases", {})
            meta = told.get("mappings", {}).get("_meta", {})
            in_use = self._names.reading(parts.fingerprint) in aliases
            follows = self._names.writing in aliases
            found.append(Version(name, parts, in_use, follows, bool(meta.get("complete")), bool(meta.get("behind"))))
        return sorted(found, key=lambda version: version.parts.made)

    async def up_to_date(self) -> str:
        """The version that this process searches, if it shows all that the outbox does not list; "" otherwise."""
        return next((v.name for v in await self.all() if self._is_searched(v) and v.follows and v.complete and not v.behind), "")

    async def following(self) -> tuple[list[str], bool]:
        """Names of the versions to write to that this process knows how to; and whether there are others."""
        answer = await self._connection.request("GET", f"/{self._names.versions}/_alias/{self._names.writing}", expect={404: ""})
        found = [] if failed(answer) else [name for name in answer if self._names.own_version(name)]
        known = [name for name in found if (parts := self._names.own_version(name)) and parts.fingerprint == self.schema.fingerprint]
        return sorted(known), len(known) < len(found)

    async def why_missing(self) -> StoreVersion | StoreUnavailable:
        """The error for a search that finds no version this process knows."""
        where = self._connection.where
        if any(version.in_use for version in await self.all()):
            return StoreVersion(f"the search index of {where} was built by another version of roster: {HOW}")
        return StoreUnavailable(f"there is no search index in {where}: {HOW}")

    async def create_first(self) -> None:
        """An empty version in use, for a store without profiles. Several processes may try at once: one makes it."""
        parts = VersionName(self._names.prefix, self.schema.version, self.schema.fingerprint, FIRST)
        body = self.schema.body(filling=False)
        body["mappings"]["_meta"] |= {"complete": True}
        body["aliases"] = {self.alias: {}, self._names.writing: {}}
        await self._connection.request("PUT", f"/{parts}", body, expect={400: "resource_already_exists_exception"})

    async def create(self) -> str:
        """A version to fill; it follows the truth from here on. Returns its name."""
        made = datetime.now(UTC)
        made = made.replace(microsecond=made.microsecond // 1000 * 1000)
        name = str(VersionName(self._names.prefix, self.schema.version, self.schema.fingerprint, made))
        body = self.schema.body(filling=True)
        body["aliases"] = {self._names.writing: {}}
        await self._connection.request("PUT", f"/{name}", body)
        return name

    async def make_ready(self, name: str) -> None:
        """A filled version becomes one segment, and gets its copies and its refreshes: a node lost from here on takes nothing along.

        A misspelt word is looked for in each segment anew, in a small one as long as in a large one: of 100,000 profiles a fuzzy name took
        34 ms of processor time in nine segments and 3 in one, into which they were merged in 4.4 s.
        """
        await self._connection.request("POST", f"/{name}/_forcemerge", params={"max_num_segments": "1"}, seconds=MERGE_SECONDS)
        await self._connection.request("PUT", f"/{name}/_settings", {"index": dict(FIXED)})
        await self.refresh(name)
        wait = {"wait_for_status": "green", "timeout": f"{_COPY_SECONDS}s"}
        # Not green in time is no reason to stop: the copies are still on their way, and the index in use is there meanwhile.
        await self._connection.request("GET", f"/_cluster/health/{name}", params=wait, seconds=_COPY_SECONDS + 30.0, expect={408: ""})

    async def complete(self, name: str, *, behind: bool = False) -> None:
        """Let a version say that it was filled to the end and looked over.    behind: but that it has not followed since."""
        await self._connection.request("PUT", f"/{name}/_mapping", {"_meta": self.schema.meta() | {"complete": True, "behind": behind}})

    async def publish(self, name: str) -> None:
        """Make a version the one in use and the only one that follows, in one step: no search sees none, and none sees two."""
        actions: list[dict[str, Any]] = []
        for version in await self.all():
            reading = self._names.reading(version.parts.fingerprint)
            if version.name != name:
                actions += [{"remove": {"index": version.name, "alias": reading}}] if version.in_use else []
                actions += [{"remove": {"index": version.name, "alias": self._names.writing}}] if version.follows else []
            else:
                actions += [{"add": {"index": name, "alias": alias}} for alias in (reading, self._names.writing)]
        await self._connection.request("POST", "/_aliases", {"actions": actions})

    async def refresh(self, name: str) -> None:
        """Show searches what was written."""
        await self._connection.request("POST", f"/{name}/_refresh", expect={404: "index_not_found_exception"})

    async def documents(self, name: str) -> int:
        """Entries of a version."""
        return int((await self._connection.request("GET", f"/{name}/_count"))["count"])

    def _is_searched(self, version: Version) -> bool:
        return version.in_use and version.parts.fingerprint == self.schema.fingerprint

    async def delete(self, names: Sequence[str]) -> None:
        """Remove versions for good."""
        for name in names:
            await self._connection.request("DELETE", f"/{name}", expect={404: "index_not_found_exception"})
