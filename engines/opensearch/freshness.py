"""Whether the search index shows every profile as it is now: then what a hit shows can be taken from the entry that was found.

Every write of a profile leaves a note in the outbox before it begins, which is removed when searches show the profile (outbox.py). So
whoever looks at the outbox and then finds it empty knows that searches from now on show all that was written. It stays so for as long as
no look finds another note.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from engines.opensearch.looks import Looks, Stamp
from engines.opensearch.outbox import Outbox
from engines.opensearch.versions import Versions
from profiles.errors import StoreError

_ASKED_AGAIN_SECONDS = 1.0  # an ingest keeps the outbox filled for minutes; entries are shown a second after it has ended


class Freshness:
    """Of one store."""

    def __init__(self, looks: Looks, outbox: Outbox, versions: Versions) -> None:
        self._looks, self._outbox, self._versions = looks, outbox, versions
        self._known: tuple[Stamp, str] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = float("-inf")

    async def version(self) -> str:
        """The version of the search index that shows all profiles as of this call; "" when that is not known, and may soon be."""
        known = self._known  # before the look: what is found out during it may tell of later than the search that was asked beside this
        stamp = await self._looks.stamp(self._outbox.index)
        if known is not None and known[0] == stamp:
            return known[1]
        if (self._asking is None or self._asking.done()) and time.monotonic() >= self._asked_at + _ASKED_AGAIN_SECONDS:
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._find_out())
        return ""

    def forget(self) -> None:
        """Searches see another version by now."""
        self._known = None

    async def _find_out(self) -> None:
        with suppress(StoreError):  # then it is not known
            # In this order: a version that is put in use after the first step is another one; a rebuild's lock lies in the outbox, too.
            name = await self._versions.up_to_date()
            stamp = await self._looks.stamp(self._outbox.index)
            if name and await self._outbox.is_empty():
                self._known = stamp, name

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
