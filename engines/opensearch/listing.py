"""All keys of a small collection as of now, for the price of a look: they are read again only when one was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engines.opensearch.looks import Looks, Stamp


class Listing:
    """The keys of one index.    read: reads all of them."""

    def __init__(self, looks: Looks, index: str, read: Callable[[], Awaitable[frozenset[str]]]) -> None:
        self._looks, self._index, self._read = looks, index, read
        self._known: tuple[Stamp, frozenset[str]] | None = None
        self._reading = asyncio.Lock()

    async def keys(self) -> frozenset[str]:
        """Every key whose write was acknowledged before this call."""
        stamp = await self._looks.stamp(self._index)
        if self._known is None or self._known[0] != stamp:
            async with self._reading:  # one reads for all who found the same
                if self._known is None or self._known[0] != stamp:
                    self._known = stamp, await self._read()  # at least as new as the stamp
        return self._known[1]
