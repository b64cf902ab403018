"""Waiting for other processes that are at work on the same people."""

from __future__ import annotations

import asyncio
import random

PAUSE = 0.02
"""Seconds before the second try, doubled up to 64 times, at random: two that undo each other part."""


async def pause(attempt: int) -> None:
    """Wait a little, at random, longer with each attempt."""
    await asyncio.sleep(random.uniform(0, PAUSE * 2 ** min(attempt, 6)))  # noqa: S311  # no secret: only to part two processes
