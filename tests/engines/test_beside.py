"""Two questions at once."""

from __future__ import annotations

import asyncio

import pytest

from engines.beside import beside


async def says(word: str, *, after: asyncio.Event | None = None, before: asyncio.Event | None = None) -> str:
    """The word, once others have spoken; "no" is an error."""
    if before is not None:
        before.set()
    if after is not None:
        await after.wait()
    if word == "no":
        raise ValueError(word)
    return word


async def test_each_waits_for_the_other() -> None:
    """Both are under way at the same time: neither could end without the other."""
    here, there = asyncio.Event(), asyncio.Event()
    assert await beside(says("a", after=there, before=here), says("b", after=here, before=there)) == ("a", "b")


@pytest.mark.parametrize(("first", "other"), [("no", "b"), ("a", "no"), ("no", "no")])
async def test_a_failure_of_either_is_the_callers(first: str, other: str) -> None:
    """Whichever fails, and if both do: the caller hears of one failure, and nothing is left running or unheard."""
    with pytest.raises(ValueError, match="no"):
        await beside(says(first), says(other))
    assert len(asyncio.all_tasks()) == 1


async def test_what_waits_is_given_up_with_the_question() -> None:
    """When the first fails, the other need not have an answer ever."""
    never = asyncio.Event()
    with pytest.raises(ValueError, match="no"):
        await beside(says("no"), says("b", after=never))
    assert len(asyncio.all_tasks()) == 1


async def test_a_failure_of_the_other_is_told_when_the_question_has_ended() -> None:
    """While the question waits, the other's failure does not cut it short; then it is the caller's."""
    failing, answered = asyncio.Event(), asyncio.Event()
    asking = asyncio.create_task(beside(says("a", after=answered), says("no", before=failing)))
    await failing.wait()
    assert len(asyncio.all_tasks()) == 2, "the other has failed"
    assert not asking.done()
    answered.set()
    with pytest.raises(ValueError, match="no"):
        await asking
