"""`roster export`: everything held, as files: which record belongs to whom, and the profiles."""

from __future__ import annotations

from pathlib import Path

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="File to write, replaced when it exists."
)


@click.group(epilog=example("roster export profiles --out profiles.jsonl"))
def export() -> None:
    """Write what is held to a file."""


@export.command(epilog=example("roster export assignments --out assignments.csv"))
@OUT
@as_json
@common
def assignments(out: Path, json: bool) -> None:
    """Write which profile every record belongs to: CSV with source,record_id,profile_id."""
    from indexer.export import export_assignments

    async def work() -> int:
        async with parts.reading(parts.settings()) as store:
            return await export_assignments(store, out)

    _say(parts.finish(work()), "records", out, json)


@export.command(epilog=example("roster export profiles --out profiles.jsonl"))
@OUT
@as_json
@common
def profiles(out: Path, json: bool) -> None:
    """Write every profile that may be shown today, sorted by id: JSON lines, the same bytes for the same state."""
    from indexer.export import export_profiles

    async def work() -> int:
        async with parts.reading(parts.settings()) as store:
            return await export_profiles(parts.profiles_of(store), out)

    _say(parts.finish(work()), "profiles", out, json)


def _say(count: int, noun: str, out: Path, json: bool) -> None:
    if json:
        print_json({noun: count, "file": str(out)})
    else:
        say(f"{count:,} {noun} written to {out}")
