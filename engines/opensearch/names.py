"""Names of indices and aliases: built and parsed here and nowhere else.

PREFIX-records, PREFIX-keys ...            one index per collection of documents
PREFIX-outbox                              profile changes the search index has yet to show, and the lock of a rebuild
PREFIX-search-v1-FINGERPRINT-DAY-TIME-MS   a version of the search index; names of one mapping sort by age
PREFIX-search-FINGERPRINT                  alias that searches use: whoever knows another mapping does not find it
PREFIX-search-write                        alias of every version that must follow the truth: the one in use, and one being filled
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from engines.base import Collection

_VERSION = re.compile(
    r"(?P<prefix>[a-z][a-z0-9_]*)-search-v(?P<mapping>[1-9]\d*)-(?P<fingerprint>[0-9a-f]{12})-(?P<second>\d{8}-\d{6})-(?P<ms>\d{3})"
)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""The day in the name of a new store's first, empty version: the same for every process that opens the store, so that one creates it."""


@dataclass(frozen=True, slots=True)
class VersionName:
    """A version of the search index. made: UTC, in whole milliseconds."""

    prefix: str
    mapping: int
    fingerprint: str
    made: datetime

    def __str__(self) -> str:
        when = f"{self.made:%Y%m%d-%H%M%S}-{self.made.microsecond // 1000:03}"
        return f"{self.prefix}-search-v{self.mapping}-{self.fingerprint}-{when}"


def parse_version(name: str) -> VersionName | None:
    """The parts of a version's name; None for any other text."""
    found = _VERSION.fullmatch(name) if name.isascii() else None
    if found is None:
        return None
    try:
        made = datetime.strptime(f"{found['second']}-{found['ms']}000+0000", "%Y%m%d-%H%M%S-%f%z")
    except ValueError:  # no such day
        return None
    return VersionName(found["prefix"], int(found["mapping"]), found["fingerprint"], made)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one store."""

    prefix: str

    def documents(self, collection: Collection) -> str:
        """The index of a collection."""
        return f"{self.prefix}-{collection}"

    @property
    def outbox(self) -> str:
        """The index of changes to come."""
        return f"{self.prefix}-outbox"

    @property
    def writing(self) -> str:
        """The alias of versions that follow the truth."""
        return f"{self.prefix}-search-write"

    def reading(self, fingerprint: str) -> str:
        """The alias that searches of one mapping use."""
        return f"{self.prefix}-search-{fingerprint}"

    @property
    def versions(self) -> str:
        """A pattern for all versions; check what it finds with `own_version`."""
        return f"{self.prefix}-search-v*"

    def own_version(self, name: str) -> VersionName | None:
        """The parts of the name of one of this store's versions, else None."""
        found = parse_version(name)
        return found if found is not None and found.prefix == self.prefix else None
