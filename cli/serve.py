"""`roster serve`: the HTTP service."""

from __future__ import annotations

import sys

import click

from cli import parts
from cli.options import common, example


@click.command(
    name="serve", epilog=example("roster serve --port 8080", "curl -s 'http://127.0.0.1:8080/v1/profiles/search?q=product+manager'")
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; any but this machine's own needs ROSTER_API_KEYS."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 picks a free one.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer on the port; each keeps one core busy at the most.",
)
@common
def serve(host: str, port: int, processes: int) -> None:
    """Serve searches and profiles over HTTP until stopped (Ctrl-C or SIGTERM)."""
    import logging

    from cli.processes import in_processes
    from profiles.errors import InputInvalid
    from search_api.app import make_app, not_listening
    from search_api.app import serve as serve_app
    from search_api.keys import may_listen

    given = parts.settings()
    may_listen(host, given.api_keys | given.operator_keys)  # before the store is opened: a refusal should not wait
    parts.use_taxonomies(given)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")

    worker = None
    if processes > 1:
        try:
            worker = in_processes(processes, host, port, announce)
        except OSError as error:
            raise InputInvalid([not_listening(error)]) from None
        if worker is None:
            return
    place = (host, worker.port, worker.announce, worker.owner) if worker else (host, port, announce)

    async def work() -> None:
        async with parts.reading(given) as store:
            app = make_app(
                store,
                key_digests=given.api_keys,
                operator_digests=given.operator_keys,
                today=parts.today,
                verifier=parts.verifier(given, store),
                job_hours=given.job_hours,
                webhook_origins=given.webhook_origins,
            )
            await serve_app(app, *place)

    parts.finish(work())


def announce(url: str) -> None:
    """Say where the server listens; the line other programs wait for."""
    sys.stdout.write(f"listening on {url}\n")
    sys.stdout.flush()  # whoever waits for it may read through a pipe
