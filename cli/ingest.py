"""`roster ingest`: take a feed's file into the store."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import ProgressLine, counted, duration, print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from indexer.ingest import IngestSummary, Progress

SHOWN_REASONS = 5  # what is wrong with a whole feed is among the first; the rejects file has the rest
PROCESSES = 3  # one resolves, which is half of the work: more than two others would wait for it
WITH_REJECTS = 3  # exit code: done, but not everything could be taken


@click.command(epilog=example("roster ingest examples/team_pages.jsonl --source team_pages --rejects team_pages.rejects.jsonl"))
@click.argument("file", metavar="FILE")
@click.option("--source", "source_id", required=True, metavar="ID", help="The registered source that the file comes from.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@click.option(
    "--rejects", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write what could not be taken, as JSON lines."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Processes that share the work of a long feed. Otherwise one for each core, three at the most.",
)
@as_json
@common
def ingest(file: str, source_id: str, dry_run: bool, rejects: Path | None, workers: int | None, json: bool) -> None:
    """Take a feed's file into the store: JSON lines, CSV or Parquet, gzip or not; - reads standard input.

    Safe to stop and to run again: what is held already is passed over. Exit code 3 means done, but some records or values
    could not be taken.
    """
    from indexer.ingest import ingest as take
    from privacy.sources import SourceRegistry

    given = parts.settings()
    taxonomy = parts.use_taxonomies(given)
    line = ProgressLine("records")

    def show(progress: Progress) -> None:
        share = progress.bytes_read / progress.bytes_total if progress.bytes_total else None
        line.show(progress.records, progress.seconds, share)

    async def work() -> IngestSummary:
        async with parts.writing(given) as store:
            return await take(
                store,
                source=await SourceRegistry(store.contacts).get(source_id),
                feed=file if file == "-" else Path(file),
                policy=parts.policy(given),
                suppressions=parts.suppressions(given, store),
                today=parts.today(),
                store=given.store,
                taxonomy=taxonomy,
                workers=workers or min(PROCESSES, os.cpu_count() or 1),
                dry_run=dry_run,
                rejects=rejects,
                progress=show,
            )

    try:
        summary = parts.finish(work())
    finally:
        line.end()
    if json:
        print_json({"source": source_id, "dry_run": dry_run, **asdict(summary)})
    else:
        for said in summary_lines(summary, dry_run, rejects):
            say(said)
    if summary.rejected_records or summary.rejected_values:
        raise click.exceptions.Exit(WITH_REJECTS)


def summary_lines(summary: IngestSummary, dry_run: bool, rejects: Path | None) -> list[str]:
    """What a run did, in words."""
    rate = f", {summary.read / summary.seconds:,.0f}/s" if summary.seconds > 0 else ""
    lines = [
        f"{counted(summary.read, 'record')} read in {duration(summary.seconds)}{rate}"
        + (" (dry run: nothing was written)" if dry_run else ""),
        f"  {summary.new:,} new, {summary.changed:,} changed, {summary.unchanged:,} unchanged, {summary.older:,} older than what is held",
        f"  {counted(summary.profiles_new, 'new profile')}, {summary.profiles_merged:,} merged into another",
    ]
    if summary.suppressed:
        lines.append(f"  {summary.suppressed:,} left out: the person asked not to be held")
    if summary.rejected_records or summary.rejected_values:
        left_out = f"{counted(summary.rejected_records, 'record')} and {counted(summary.rejected_values, 'single value')}"
        where = f": see {rejects}" if rejects else "; to see which and why, run again with --rejects FILE"
        lines.append(f"  {left_out} could not be taken{where}")
        lines += map(reason_line, summary.reasons[:SHOWN_REASONS])
    return lines


def reason_line(why: dict[str, Any]) -> str:
    """One reason and its number: 12 x /name: missing."""
    return f"    {why['count']:,} x " + ": ".join(part for part in (why["field"], why["reason"]) if part)
