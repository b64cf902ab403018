"""Keeps the search index close behind the writes of a long job, without making the job wait unless it falls far behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from engines.base import IndexAdmin
from profiles.errors import StoreBusy

EVERY = 4000
"""Writes between two index commits: a commit costs about 16 ms and each leaves a segment to merge."""

MAX_BACKLOG = 50_000
"""Writes the index may lag behind before the job waits for it, so that the outbox stays bounded."""


async def catch_up(index: IndexAdmin) -> bool:
    """Bring the index up to the truth now; False when another process is indexing, which takes our writes along."""
    try:
        await index.catch_up()
    except StoreBusy:
        return False
    return True


class IndexFollower:
    """Starts `catch_up` in the background every EVERY writes; one at a time."""

    def __init__(self, catch_up: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        self._catch_up = catch_up
        self._task: asyncio.Task[bool] | None = None
        self._waiting = 0

    async def follow(self, written: int) -> None:
        """Tell how many records were written since the last call."""
        self._waiting += written
        if self._task is not None and self._task.done():
            self._task.result()
            self._task = None
        if self._task is None and self._waiting >= EVERY:
            self._waiting = 0
            self._task = asyncio.create_task(self._catch_up())
        elif self._task is not None and self._waiting >= MAX_BACKLOG:
            await self._task

    async def finish(self) -> None:
        """Bring the index up to the last write."""
        if self._task is not None:
            await self._task
        await self._catch_up()
