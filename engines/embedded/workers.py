"""The threads that do blocking work, so that the event loop of a serving process never waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

READERS = 4  # at a time; tantivy and SQLite release the interpreter lock, so that one slow facet count does not hold up the others


class Workers:
    """Three lines of work: reads beside each other, writes one after the other, index work by itself since it may take minutes."""

    def __init__(self) -> None:
        self._reads = ThreadPoolExecutor(READERS, "roster-read")
        self._writes = ThreadPoolExecutor(1, "roster-write")
        self._index = ThreadPoolExecutor(1, "roster-index")

    async def read(self, work: Callable[[], T]) -> T:
        """Run in a reading thread."""
        return await asyncio.get_running_loop().run_in_executor(self._reads, work)

    def later(self, work: Callable[[], object]) -> None:
        """Run in a reading thread when one is free; nobody waits for it."""
        self._reads.submit(work)

    async def write(self, work: Callable[[], T]) -> T:
        """Run in the writing thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writes, work)

    async def index(self, work: Callable[[], T]) -> T:
        """Run in the index thread."""
        return await asyncio.get_running_loop().run_in_executor(self._index, work)

    def close(self) -> None:
        """Wait for what is running, then end the threads."""
        for pool in (self._reads, self._writes, self._index):
            pool.shutdown(wait=True)
