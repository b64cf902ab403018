"""How common values are among the persons a store holds, for the resolver: the sample, drawn."""

from __future__ import annotations

from collections import Counter

from engines.base import Collection, ReadDocuments
from indexer.outline import outline_of
from profiles.models import ProfileState
from profiles.resolve.sample import COUNTED_KINDS, Sample


async def sampled(contacts: ReadDocuments) -> Sample:
    """A sample of the persons held now."""
    sample = Sample(await contacts.count(Collection.PROFILES))
    async for document in contacts.scan(Collection.PROFILES):
        outline = outline_of(document)
        if outline.state is ProfileState.ACTIVE:
            sample.add(outline.undated(COUNTED_KINDS))
            for source, number in Counter(key.partition("/")[0] for key in outline.records).items():
                for nth in range(number):
                    sample.came(source, nth > 0)
        if sample.full:
            break
    sample.keep()
    return sample
