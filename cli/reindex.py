"""`roster reindex`: build everything derived again from what the sources said."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli import parts
from cli.console import ProgressLine, duration, print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from indexer.rebuild import RebuildSummary


@click.command(epilog=example("roster reindex"))
@as_json
@common
def reindex(json: bool) -> None:
    """Rebuild profiles and search index from the records held, beside the old index, then swap. Searches go on meanwhile."""
    from indexer.rebuild import reindex as rebuild

    given = parts.settings()
    line = ProgressLine("profiles")
    begun = time.monotonic()

    def progress(so_far: RebuildSummary) -> None:
        line.show(so_far.profiles, time.monotonic() - begun, None)

    async def work() -> RebuildSummary:
        async with parts.writing(given) as store:
            return await rebuild(store, policy=parts.policy(given), progress=progress)

    try:
        summary = parts.finish(work())
    finally:
        line.end()
    if json:
        print_json(asdict(summary))
        return
    say(f"{summary.profiles:,} profiles made again from their records, {summary.corrected:,} corrected")
    say(f"{summary.indexed:,} entries in the new index, which is in use now ({duration(summary.seconds)})")
