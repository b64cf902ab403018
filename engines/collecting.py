"""How often Python looks for garbage while records are worked on, an index is filled, or searches are served."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000
"""Objects made between two looks of the collector. A batch makes hundreds of thousands that live as long as the batch, so that looks at
Python's usual 700 find nothing: ingesting 5,000 generated records took 20 % less processor time with 10,000, and 11,919 records about a
tenth less again with 50,000. No look at all would save no more, and the most memory held is the same within 5 %.
Looking after every 700 was 7 % of the processor time of serving searches and 12 % of filling an index on OpenSearch; after every 20,000
and 10,000 it was under 1 and 4 %."""


def seldom() -> None:
    """Look that seldom from now on."""
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look that seldom within a block. As it ends, Python looks through everything at once: 70 ms in a process that has ingested."""
    before = gc.get_threshold()
    seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
