"""A job held to a rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engines.throttle import PAUSE_SECONDS, Throttle


@given(st.floats(0.5, 10_000), st.lists(st.tuples(st.integers(1, 2000), st.floats(0, 5)), min_size=1, max_size=30))
def test_no_more_than_the_rate(rate: float, work: list[tuple[int, float]]) -> None:
    """However long each part takes, by any moment no more was done than the rate allows; a part is small enough for a short pause."""
    now, done = 100.0, 0
    throttle = Throttle(rate, clock=lambda: now)
    for most, seconds in work:
        part = throttle.part(most)
        assert 1 <= part <= most
        now += seconds
        pause = throttle.pause(part)
        done += part
        assert pause <= max(PAUSE_SECONDS, 1 / rate) + 1e-6
        now += pause
        assert done <= (now - 100.0) * rate * (1 + 1e-9) + 1e-6


def test_without_a_rate_nothing_waits() -> None:
    """None is no limit."""
    assert (Throttle(None).part(1000), Throttle(None).pause(1000)) == (1000, 0.0)
