"""How often Python looks for garbage while records are worked on, an index is filled, or searches are served."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000
"""Objects made, and not given up, between two looks of the collector. Looking at Python's usual 700 was 7 % of the processor time of
serving searches and 12 % of filling an index on OpenSearch; after every 20,000 and 10,000 it was under 1 and 4 %."""

OBJECTS_OF_A_BATCH = 1_000_000
"""The same while records are taken in. A batch makes hundreds of thousands that live as long as the batch, and next to no garbage: of 6,575
generated records in one process, looking after every 50,000 took .61 s of 8.4 and found 369 objects, after every 500,000 .23 s, and after
every 1,000,000 it never came to it. The most memory held is the same within 2 %."""


def seldom(objects: int = OBJECTS) -> None:
    """Look that seldom from now on."""
    gc.set_threshold(objects, *gc.get_threshold()[1:])


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look that seldom within a block. As it ends, Python looks through everything at once: 70 ms in a process that has ingested."""
    before = gc.get_threshold()
    seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
