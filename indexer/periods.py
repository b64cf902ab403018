"""How long values may be held, for every source that records in the store may come from."""

from __future__ import annotations

from collections.abc import Iterable

from engines.base import ReadDocuments
from privacy.policy import RetentionPolicy
from privacy.sources import SourceRegistry
from profiles.models import SourceRecord
from profiles.retention import Periods


class SourcePeriods(dict[str, Periods]):
    """Source id -> days per kind of value, disabled sources included: what they left is held no longer than promised."""

    def __init__(self, contacts: ReadDocuments, policy: RetentionPolicy) -> None:
        super().__init__()
        self._contacts, self._policy = contacts, policy

    async def read(self) -> None:
        """Add every registered source."""
        self.update({entry.source.id: entry.source.periods(self._policy.periods) for entry in await SourceRegistry(self._contacts).all()})

    async def cover(self, records: Iterable[SourceRecord]) -> None:
        """Read them again where a record is of a source that another process has just begun with."""
        if not self.keys() >= {record.source_id for record in records}:
            await self.read()


async def all_periods(contacts: ReadDocuments, policy: RetentionPolicy) -> SourcePeriods:
    """Of the sources registered by now."""
    periods = SourcePeriods(contacts, policy)
    await periods.read()
    return periods
