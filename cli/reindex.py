"""`roster reindex`: build everything derived again from what the sources said; or take the last time back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import ProgressLine, duration, print_json, say
from cli.index import roll_back
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from indexer.rebuild import RebuildSummary


GIVES_WAY = 10
"""Steps of priority given up: whoever searches or writes on this machine meanwhile comes first, and on an idle one nothing is lost."""


@click.command(epilog=example("roster reindex", "roster reindex --max-rate 500", "roster reindex --rollback --yes"))
@click.option(
    "--max-rate",
    type=click.IntRange(min=1),
    metavar="PROFILES",
    help="Take at most so many profiles a second, so that searches and ingests beside it keep their share of the machine.",
)
@click.option("--rollback", is_flag=True, help="Build nothing: put the version before back in use, as `roster index rollback` does.")
@click.option("--yes", is_flag=True, help="With --rollback: do it. Without this, only say which version would be used.")
@as_json
@common
def reindex(max_rate: int | None, rollback: bool, yes: bool, json: bool) -> None:
    """Rebuild profiles and search index from the records held, beside the old index, look the new one over, then swap.

    Searches and writes go on meanwhile and come first on this machine. Killed or failed, the old index stays in use: run it again.
    """
    if rollback and max_rate:
        raise click.UsageError("--max-rate is for building; --rollback builds nothing")
    if yes and not rollback:
        raise click.UsageError("--yes goes with --rollback; building needs none")
    if rollback:
        roll_back(yes=yes, json=json, command="roster reindex --rollback")
    else:
        _build(max_rate, json)


def _build(max_rate: int | None, json: bool) -> None:
    from indexer.rebuild import reindex as rebuild

    os.nice(GIVES_WAY)
    given = parts.settings()
    progress = Phases()

    async def work() -> RebuildSummary:
        async with parts.writing(given) as store:
            return await rebuild(store, policy=parts.policy(given), progress=progress, max_rate=max_rate)

    try:
        summary = parts.finish(work())
    finally:
        progress.end()
    if json:
        print_json(asdict(summary))
        return
    say(f"{summary.profiles:,} profiles made again from their records, {summary.corrected:,} corrected")
    say(f"{summary.indexed:,} profiles in the new index, which is in use now ({duration(summary.seconds)})")


class Phases:
    """Progress of a job of several parts: each has a line of its own, with its own rate and time left."""

    def __init__(self, line: Callable[[str], Any] = ProgressLine) -> None:
        self._make, self._what, self._line, self._begun = line, "", line(""), time.monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Show how far the part called `what` is."""
        if what != self._what:
            self._line.end()
            self._what, self._line, self._begun = what, self._make(what), time.monotonic()
        self._line.show(done, time.monotonic() - self._begun, done / of if of else None)

    def end(self) -> None:
        """Clear the line."""
        self._line.end()
