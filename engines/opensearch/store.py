"""An OpenSearch store put together: its indices, and what a process gets of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from engines.base import CONTACTS, SERVICE, Collection, Reader, Writer
from engines.opensearch import documents, outbox
from engines.opensearch.address import read_address
from engines.opensearch.admin import OpenSearchIndex
from engines.opensearch.changes import OpenSearchChanges
from engines.opensearch.connection import SERVING_PATIENCE, WRITING_PATIENCE, Connection
from engines.opensearch.documents import OpenSearchReads, OpenSearchWrites
from engines.opensearch.freshness import Freshness
from engines.opensearch.looks import Looks
from engines.opensearch.names import Names
from engines.opensearch.outbox import Outbox
from engines.opensearch.schema import current_schema
from engines.opensearch.search import OpenSearchSearch
from engines.opensearch.versions import Versions
from profiles.errors import StoreUnavailable, StoreVersion

Today = Callable[[], date]

SCHEMA_VERSION = 1  # of the document indices


async def open_opensearch_reader(url: str, today: Today) -> Reader:
    """For a serving process: no way to write contacts. Raises SettingsInvalid, StoreUnavailable, StoreVersion."""
    parts = _Parts(url, SERVING_PATIENCE, today)
    try:
        await parts.connection.check_server()
        await parts.check()
    except BaseException:
        await parts.connection.close()
        raise
    return Reader(parts.reads, parts.service, parts.search, parts.index, parts.changes)


async def open_opensearch_writer(url: str, today: Today, create: bool) -> Writer:
    """For the indexer.    create: whether to make the store when missing. Raises SettingsInvalid, StoreUnavailable, StoreVersion."""
    parts = _Parts(url, WRITING_PATIENCE, today)
    try:
        await parts.connection.check_server()
        await (parts.create() if create else parts.check())
    except BaseException:
        await parts.connection.close()
        raise
    return Writer(parts.writes, parts.service, parts.search, parts.index)


class _Parts:
    def __init__(self, url: str, patience: float, today: Today) -> None:
        address = read_address(url)
        self.connection = Connection(address, patience)
        self.names = Names(address.prefix)
        box = Outbox(self.connection, self.names)
        self.versions = Versions(self.connection, self.names, current_schema())
        looks = Looks(self.connection)
        self._fresh = fresh = Freshness(looks, box, self.versions)
        close = self._close  # every part shares the connection: closing contacts, which comes first, closes the store
        self.reads = OpenSearchReads(self.connection, self.names, CONTACTS, close)
        self.writes = OpenSearchWrites(self.connection, self.names, CONTACTS, box, close)
        self.service = OpenSearchWrites(self.connection, self.names, SERVICE, looks=looks)
        self.search = OpenSearchSearch(self.connection, self.versions, box, self.reads, fresh, today)
        self.changes = OpenSearchChanges(self.connection, self.names, box, self.reads)
        self.index = OpenSearchIndex(self.connection, self.names, self.versions, box, self.reads, today)

    async def _close(self) -> None:
        await self._fresh.close()
        await self.connection.close()

    async def check(self) -> None:
        """Raises StoreUnavailable when an index is missing, StoreVersion when another version made one."""
        found = await self._schemas()
        if missing := sorted(set(self._wanted()) - set(found)):
            lost = f", {', '.join(missing)} is missing: restore it from a snapshot" if found else ""
            where = self.connection.where
            raise StoreUnavailable(f"there is no store at {where}{lost or ': `roster sources add` and `roster ingest` create one'}")

    async def create(self) -> None:
        """Make what is missing. Contacts without their suppression list are refused: no empty list may replace a lost one."""
        wanted = self._wanted()
        found = await self._schemas()
        service = [self.names.documents(collection) for collection in sorted(SERVICE)]
        list_of_refusals = [self.names.documents(collection) for collection in (Collection.HIDDEN, Collection.SUPPRESSIONS)]
        lost = [name for name in list_of_refusals if name not in found]
        if lost and self.names.documents(Collection.PROFILES) in found:
            raise StoreUnavailable(f"{', '.join(lost)} is missing, and with it the suppression list: restore it from a snapshot")
        for names in (service, [name for name in wanted if name not in service]):  # the list first, see above
            await asyncio.gather(*(self._create(name, wanted[name]) for name in names if name not in found))
        if not await self.versions.all() and not await self.reads.count(Collection.PROFILES):
            await self.versions.create_first()

    def _wanted(self) -> dict[str, dict[str, Any]]:
        collections = {
            self.names.documents(collection): {"settings": {"index": documents.SETTINGS}, "mappings": documents.MAPPINGS}
            for collection in sorted(CONTACTS | SERVICE)
        }
        return collections | {self.names.outbox: {"settings": {"index": outbox.SETTINGS}, "mappings": outbox.MAPPINGS}}

    async def _schemas(self) -> Mapping[str, Any]:
        """The store's document indices. Raises StoreVersion."""
        params = {"ignore_unavailable": "true", "filter_path": "*.mappings._meta,*.mappings.dynamic"}
        answer: Mapping[str, Any] = await self.connection.request("GET", f"/{','.join(self._wanted())}/_mapping", params=params)
        for name, told in answer.items():
            schema = told.get("mappings", {}).get("_meta", {}).get("schema", "none")
            if schema != SCHEMA_VERSION:
                raise StoreVersion(
                    f"{name} at {self.connection.where} has schema {schema}, this version of roster reads schema {SCHEMA_VERSION}: use the"
                    " roster that wrote it, or ingest the feeds again into a new store (another prefix in the url)"
                )
        return answer

    async def _create(self, name: str, body: Mapping[str, Any]) -> None:
        await self.connection.request("PUT", f"/{name}", body, expect={400: "resource_already_exists_exception"})
