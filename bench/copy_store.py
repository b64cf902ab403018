"""Copies what searches rest on from one store into another, whatever the engines: much faster than ingesting the feeds twice.

    python bench/copy_store.py FROM TO [--limit N] [--keys]

FROM and TO are store urls; TO is made. Sources, policy, suppressions and profiles go through the engine interface, byte for byte; each
engine then builds its own index of them. Records and keys, which only an ingest reads, stay behind. --limit: the first N profiles only.
--keys: the keys as well, so that `bench/resolve_latency.py` can measure on the copy.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator

import running  # noqa: F401  # puts the project on the path

from engines.base import SERVICE, Collection, Document, ReadDocuments, Write
from engines.opening import open_reader, open_writer
from profiles.models import Profile

BATCH = 1000  # profiles a write
COPIED = (Collection.SOURCES, Collection.META, Collection.SUPPRESSIONS, Collection.HIDDEN, Collection.PROFILES)


async def copy_store(source: str, target: str, limit: int | None = None, *, keys: bool = False) -> int:
    """Copy and index; returns the number of profiles. The target holds nothing yet."""
    reader, writer = await open_reader(source), await open_writer(target, create=True)
    count = 0
    try:
        for collection in (*COPIED, Collection.KEYS) if keys else COPIED:
            half = collection in SERVICE
            documents = reader.service if half else reader.contacts
            most = limit if collection is Collection.PROFILES else None
            async for batch in batches(documents, collection, most):
                await (writer.service if half else writer.contacts).write([copied(collection, document) for document in batch])
                count += len(batch) if collection is Collection.PROFILES else 0
        await writer.index.catch_up()
    finally:
        await reader.close()
        await writer.close()
    return count


def copied(collection: Collection, document: Document) -> Write:
    """The write that makes the same document elsewhere."""
    due = Profile.model_validate_json(document.body).next_expiry if collection is Collection.PROFILES else None
    return Write(collection, document.key, document.body, None, due)


async def batches(documents: ReadDocuments, collection: Collection, limit: int | None) -> AsyncIterator[list[Document]]:
    """A collection's documents, in key order, BATCH at a time; the first `limit` of them."""
    batch: list[Document] = []
    left = limit
    async for document in documents.scan(collection):
        if left is not None:
            if left == 0:
                break
            left -= 1
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="FROM")
    parser.add_argument("target", metavar="TO")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--keys", action="store_true", help="copy keys as well, so that records can be resolved")
    options = parser.parse_args()
    begun = time.perf_counter()
    count = asyncio.run(copy_store(options.source, options.target, options.limit, keys=options.keys))
    print(f"{count:,} profiles copied and indexed in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
