"""Stores that tests have left, emptied for the next: making the indices of one takes seconds, emptying them next to none.

What a test did to the indices themselves (a setting, a mapping, one removed) is noticed, and such a store is not used again. The search
index is made anew each time: deleted entries would still count in its scores.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

from engines.opening import open_writer
from tests.opensearch.asking import ask

_OF_ONE_INDEX = ("uuid", "creation_date")  # settings that no two have in common


def new_prefix() -> str:
    """A prefix that no store has."""
    return f"t{uuid.uuid4().hex[:12]}"


class Emptied:
    """The stores of one server."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._free: list[str] = []
        self._as_made = ""

    def take(self) -> str:
        """The prefix of a store that holds nothing; it may not exist yet."""
        if not self._as_made:
            prefix = new_prefix()
            with ThreadPoolExecutor(1) as apart:  # a loop of its own, whatever runs in this thread
                apart.submit(asyncio.run, _make(f"opensearch+{self.server}/{prefix}")).result()
            self._as_made = self._shape(prefix)
            return prefix
        return self._free.pop() if self._free else new_prefix()

    def give_back(self, prefix: str) -> None:
        """Empty the store, or remove it where that is not enough."""
        if not self._as_made or self._shape(prefix) != self._as_made:
            ask(f"{self.server}/{prefix}-*", "DELETE")
            return
        ask(f"{self.server}/{prefix}-search-*", "DELETE")
        ask(f"{self.server}/{prefix}-*/_refresh", "POST")
        ask(f"{self.server}/{prefix}-*/_delete_by_query?refresh=true", "POST", {"query": {"match_all": {}}}, seconds=120)
        self._free.append(prefix)

    def clear(self) -> None:
        """Remove them all."""
        while self._free:
            ask(f"{self.server}/{self._free.pop()}-*", "DELETE")

    def _shape(self, prefix: str) -> str:
        """Settings and mappings of the store's document indices, without what is one store's alone."""
        told = ask(f"{self.server}/{prefix}-*,-{prefix}-search-*")
        for index in told.values():
            for setting in _OF_ONE_INDEX:
                del index["settings"]["index"][setting]
        return json.dumps(told, sort_keys=True).replace(prefix, "")


async def _make(url: str) -> None:
    store = await open_writer(url)
    await store.close()
