"""How fast is `roster reindex` on OpenSearch, beside OpenSearch's own `_reindex`, and what do searches and writes notice of it?

    python bench/reindex_under_load.py [--persons 100000] [--writes 200] [--searches 50] [--heap 1g]

Starts a node of its own and fills it with invented persons (bench/persons.py). Then, with nothing else going on, in turn: `roster reindex`
(of it the second part, profiles into a new index, counts for itself), `_reindex` of the index in use into an empty one made like it, and
the same with slices=2; asked with wait_for_completion=false, as long answers are refused by some clients. Then `roster reindex` once more
under the load given. Afterwards every write that was acknowledged is looked for, in the store and by a search.
Exits with 1 when a search failed or a write was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import Any

from load import Load, load, lost
from persons import Persons, source
from running import ROSTER, Finished, environment, roster

from engines.base import Writer
from engines.opening import open_writer
from engines.opensearch.schema import current_schema
from privacy.sources import SourceRegistry
from tests.opensearch.cluster import Cluster, cluster

PART = 500  # persons written in one call


async def fill(writer: Writer, count: int) -> None:
    """Store the first `count` persons and bring the index up to them."""
    await SourceRegistry(writer.contacts).add(source())
    persons = Persons()
    for start in range(0, count, PART):
        await writer.contacts.write([w for n in range(start, min(count, start + PART)) for w in persons.writes(n)])
        if start % (20 * PART) == 0:
            await writer.index.catch_up()
    await writer.index.catch_up()


def own_reindex(made: Cluster, used: str, slices: int) -> tuple[int, float]:
    """OpenSearch's own, into an index made as ours are; documents and seconds."""
    made.request("PUT", "/copy", current_schema().body(filling=True))
    body = {"source": {"index": used}, "dest": {"index": "copy"}}
    task = made.request("POST", f"/_reindex?wait_for_completion=false&slices={slices}", body)["task"]
    while not (told := made.request("GET", f"/_tasks/{task}"))["completed"]:
        time.sleep(0.2)  # between questions to a server that has no way to call back
    made.request("DELETE", "/copy")
    return int(told["response"]["total"]), told["response"]["took"] / 1000


async def reindex(store: str) -> tuple[dict[str, Any], float]:
    """`roster reindex` in a process of its own; what it tells, and the seconds of the whole command."""
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*ROSTER, "reindex", "--json", env=environment(store), stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode:
        sys.exit(f"roster reindex ended with {process.returncode}")
    seconds = time.perf_counter() - begun
    return Finished(seconds, 0, 0, 0, output).json(), seconds


def in_use(store: str) -> str:
    """The name of the index that searches use."""
    return str(roster(store, "index", "status", "--json").json()["in_use"]["name"])


async def run(options: argparse.Namespace) -> int:
    """Fill, measure, look."""
    with cluster(heap=options.heap) as made:
        store = f"opensearch+{made.url}/bench"
        writer = await open_writer(store)
        begun = time.perf_counter()
        await fill(writer, options.persons)
        print(f"{options.persons:,} persons written and indexed in {time.perf_counter() - begun:.0f} s", flush=True)
        for _ in range(options.runs):
            told, seconds = await reindex(store)
            said(told, seconds, "alone")
            for slices in (1, 2):
                count, took = own_reindex(made, in_use(store), slices)
                print(f"  _reindex, slices={slices}: {count:,} in {took:.1f} s, {count / took:,.0f}/s", flush=True)
        async with load(writer, store, options.persons, writes=options.writes, searches=options.searches) as under:
            await asyncio.sleep(2)  # let it get going: what is measured is a reindex under load from its first moment
            told, seconds = await reindex(store)
            await asyncio.sleep(2)
        said(told, seconds, "under load")
        return await judge(writer, under)


async def judge(writer: Writer, under: Load) -> int:
    """Say what the load noticed; 1 when anything failed or was lost."""
    print("\n".join(f"  {line}" for line in under.lines()))
    not_stored, not_found = await lost(writer, under)
    print(f"  of {len(under.acknowledged):,} persons with acknowledged writes: not stored {not_stored}, not found {not_found}")
    await writer.close()
    return int(bool(not_stored or not_found or under.missed or set(under.answers) != {200}))


def said(told: dict[str, Any], seconds: float, how: str) -> None:
    """A reindex in words."""
    first, second = told["seconds"] - told["index_seconds"], told["index_seconds"]
    print(
        f"  roster reindex {how}: {seconds:.1f} s in all; {told['profiles']:,} profiles made again {told['profiles'] / first:,.0f}/s, "
        f"{told['indexed']:,} into the new index {told['indexed'] / second:,.0f}/s",
        flush=True,
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--writes", type=float, default=200, help="persons a second")
    parser.add_argument("--searches", type=float, default=50, help="a second")
    parser.add_argument("--runs", type=int, default=1, help="of what is measured with nothing else going on")
    parser.add_argument("--heap", default="1g", help="of the node")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
