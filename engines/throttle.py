"""Holding a long job to so many things a second, so that what runs beside it keeps its share of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE_SECONDS = 1.0
"""No pause is longer, whatever the rate: a job that is told to stop, or whose lock was taken, soon knows."""


class Throttle:
    """rate: things a second at the most; None is no limit. What a slow moment left undone is not made up for."""

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._free = clock()

    def part(self, most: int) -> int:
        """How many things to do between two pauses, `most` of them where nothing speaks against it."""
        return most if self._rate is None else max(1, min(most, int(self._rate * PAUSE_SECONDS)))

    def pause(self, done: int) -> float:
        """Seconds to wait after `done` more things."""
        if self._rate is None:
            return 0.0
        now = self._clock()
        self._free = max(self._free, now) + done / self._rate
        return self._free - now
