"""Writing what was decided about people, so that it holds on stores with and without transactions.

On a store without (engines/base.py, `WriteDocuments.write`) a call may be cut short by a conflict or a death, and another process may
project a person anew while a record of ours is still on its way. What a call may have touched stays listed in the store until somebody
has settled it: every profile made again from the records that name it, every key from the records that hold it. That is a function of the
records alone, so whoever does it, and however often, comes to the same; and a record whose turn had not come is news again to the
next run of its feed. It tells no events: they were written before what they tell of, and what is decided again is not told again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from engines.base import Unfinished, Write, Writer
from indexer.pausing import pause
from indexer.people import People
from indexer.periods import SourcePeriods
from profiles.errors import WriteConflict

MAX_TRIES = 20
"""Times work is decided anew when other processes change the same people; each try loses to at least one that succeeded."""

WAITS = 10
"""Times settling gives a living call a moment to put its records in place before it takes their people for gone: 2 s together, and a call
writes a record milliseconds after its profile. A call that died on another machine is known to be dead only much later, and it, too,
is looked at again then."""


async def commit(
    writer: Writer,
    decide: Callable[[], Awaitable[People]],
    periods: SourcePeriods,
    tries: int = MAX_TRIES,
    beside: Sequence[Write] = (),
) -> int:
    """Decide, write, and on conflict settle and decide again. Returns the sequence of the write, 0 when there was nothing to write.

    decide: reads afresh and changes what it read; called once for each try.    beside: what is written with it.
    Raises WriteConflict when `tries` were not enough.
    """
    for attempt in range(tries):
        written: frozenset[str] = frozenset()
        try:
            people = await decide()
            await periods.cover(people.records.values())
            await people.load_log()
            writes = people.writes(periods)
            if not writes:
                return 0
            written = people.changed_keys()
            return await writer.contacts.write([*writes, *beside], () if writer.contacts.atomic else people.rests_on())
        except WriteConflict:
            if not writer.contacts.atomic:
                await pause(attempt)
                await settle(writer, periods, written)
            if attempt == tries - 1:
                raise
    raise AssertionError("unreachable")


async def settle(writer: Writer, periods: SourcePeriods, keys: Iterable[str] = ()) -> None:
    """Make whole what calls that failed here or died anywhere have left. Raises WriteConflict when others keep changing it.

    keys: which a call that failed here may have written, for records that came to nothing: no record in the store leads to them.
    """
    written = frozenset(keys)
    for attempt in range(MAX_TRIES):
        left = await writer.contacts.unfinished()  # each time: a try that failed has left something, too
        if left == Unfinished():
            return
        people = People(writer.contacts, actor="settling")
        await people.load_touched(left.profiles, left.records, written)
        await periods.cover(people.records.values())
        people.realign(left.founded)
        if attempt < WAITS and people.is_awaited(left.records):
            await pause(attempt)
            continue
        try:
            if writes := people.repairs(periods):
                await writer.contacts.write(writes, people.rests_on())
        except WriteConflict:
            written |= people.changed_keys()  # made of a record that has changed since, perhaps
            await pause(attempt)
        else:
            await writer.contacts.settled(left)
            return
    raise WriteConflict("profiles: others keep changing the same people; run it again")
