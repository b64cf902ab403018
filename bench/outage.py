"""What happens to an ingest and to the API when OpenSearch is away for 20 seconds?

    python bench/outage.py [--records 3000] [--seconds 20] [--heap 512m]

One node of its own. `roster ingest` takes a feed of invented persons while searches are asked of a `roster serve`; when a third of the feed
is in, the node is killed, and started again after the time given. The ingest must wait, go on and end by itself with every record; the API
must answer 503 with Retry-After meanwhile, and 200 again by itself. Exits with 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from load import load
from node_loss import KNOWN, index_is_whole, taken, until_in
from persons import write_feed
from reindex_under_load import fill
from running import ROSTER, environment, roster

from engines.opening import open_writer
from tests.opensearch.cluster import cluster


async def run(options: argparse.Namespace) -> int:
    """Fill, ingest, stop, start, look."""
    with tempfile.TemporaryDirectory() as folder, cluster(heap=options.heap) as one:
        store = f"opensearch+{one.url}/bench"
        writer = await open_writer(store)
        await fill(writer, KNOWN)
        feed, described = write_feed(Path(folder), options.records, first=10_000_000, source_id="feed")
        roster(store, "sources", "add", str(described))
        async with load(writer, store, KNOWN, writes=0, searches=options.searches) as beside:
            begun = time.monotonic()
            ingest = await asyncio.create_subprocess_exec(
                *ROSTER, "ingest", str(feed), "--source", "feed", "--json", env=environment(store), stdout=asyncio.subprocess.PIPE
            )
            ended = asyncio.create_task(ingest.communicate())
            await until_in(writer, options.records // 3, ended)
            away = time.monotonic()
            await asyncio.to_thread(one.stop_node, 0)
            print(f"OpenSearch killed {away - begun:.1f} s after the ingest began", flush=True)
            await asyncio.sleep(options.seconds)
            await asyncio.to_thread(one.start_node, 0)
            back = time.monotonic()
            print(f"started again, and green {back - away:.1f} s after it was killed", flush=True)
            await ended
            print(f"ingest ended with {ingest.returncode}, {time.monotonic() - back:.1f} s after that", flush=True)
            good = beside.answers[200]
            while beside.answers[200] < good + 3 and time.monotonic() < back + 120:  # noqa: ASYNC110  as a caller would find out
                await asyncio.sleep(0.1)
        print("\n".join(f"  {line}" for line in beside.lines()))
        again = beside.answered_after(away) - back
        print(f"  first search answered {again:+.1f} s from green; 503 without Retry-After: {beside.without_retry_after}")
        records = await taken(writer)
        await writer.index.catch_up()
        print(f"  records of the feed: {records:,} of {options.records:,}")
        same = await index_is_whole(writer)
        await writer.close()
        whole = ingest.returncode == 0 and records == options.records and same
        told = set(beside.answers) <= {200, 503} and beside.answers[503] and not beside.without_retry_after
        return int(not whole or not told or bool(beside.missed))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=20, help="that OpenSearch is away before it is started again")
    parser.add_argument("--searches", type=float, default=10, help="a second")
    parser.add_argument("--heap", default="512m", help="of the node")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
