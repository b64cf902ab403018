"""One question asked while another waits for its answer. `asyncio.gather` does it, too, at three times the price: two tasks for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")


async def beside(question: Awaitable[T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """What both give. Where the question fails, the other is given up; a failure of the other is told when the question has ended."""
    asking = asyncio.ensure_future(other)
    try:
        return await question, await asking
    except BaseException:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)  # what went wrong with it, too, is nobody's concern any more
        raise
