"""Not run by itself: the least that a service before OpenSearch can do. It hands ready bodies on and answers back, and looks at neither.

    python bench/passing_on.py URL PROCESSES

`search_throughput.py` compares with it: what is lost here is the price of one more HTTP server in Python, whatever it does.
URL: of OpenSearch's `_search`.    Prints its own address; stops on SIGTERM.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import ClientSession, TCPConnector, web
from running import ROOT  # noqa: F401  puts the project on the path

from cli.processes import Worker, in_processes

HOST = "127.0.0.1"
LINES = b"{}\n"  # how a body of several searches begins


async def serve(worker: Worker, url: str) -> None:
    """Hand on until the process that started this one ends."""
    several, stop = url.replace("_search", "_msearch"), asyncio.Event()
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def hand_on(request: web.Request) -> web.Response:
            body = await request.read()
            at, kind = (several, "application/x-ndjson") if body.startswith(LINES) else (url, "application/json")
            async with session.post(at, data=body, headers={"Content-Type": kind}) as answer:
                return web.Response(body=await answer.read(), status=answer.status, content_type="application/json")

        app = web.Application()
        for path in ("/_search", "/_msearch"):
            app.router.add_post(path, hand_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, HOST, worker.port, reuse_port=True).start()
        asyncio.get_running_loop().add_reader(worker.owner, stop.set)
        worker.announce(f"http://{HOST}:{worker.port}/_search")
        await stop.wait()
        await runner.cleanup()


def main() -> None:
    """Run by search_throughput.py."""
    worker = in_processes(int(sys.argv[2]), HOST, 0, lambda url: print(url, flush=True))
    if worker is not None:
        asyncio.run(serve(worker, sys.argv[1]))


if __name__ == "__main__":
    main()
