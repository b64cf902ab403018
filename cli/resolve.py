"""`roster resolve`: which rows of a table are one person, and which pairs of profiles wait for a person's word."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from cli import parts
from cli.console import ProgressLine, counted, duration, print_json, say
from cli.ingest import WITH_REJECTS
from cli.options import as_json, common, debug, example


class FileOrCommand(click.Group):
    """A group whose first word may be a file instead of a command: `roster resolve people.csv` is `roster resolve file people.csv`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the word that is left out."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["file", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=FileOrCommand, epilog=example("roster resolve people.csv --map people.toml --out assignments.csv", "roster resolve review")
)
def resolve() -> None:
    """Find out who is who: in any table of persons, or where the evidence of the feeds is not enough."""


@resolve.command(epilog=example("roster resolve people.csv --map people.toml --out assignments.csv"))
@click.argument("file", metavar="FILE")
@click.option(
    "--map", "map_file", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="MAP.toml", help="How the table is read."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="File to write, replaced when it exists."
)
@as_json
@debug
def file(file: str, map_file: Path, out: Path, json: bool) -> None:
    """Write which rows of a table are one person: CSV with record_id,profile_id. The word `file` may be left out.

    The same resolver as for feeds, over JSON lines, CSV or Parquet, without a store; nothing of the table is kept. The map names its
    fields, birth dates, addresses and id numbers among them; indexer/tables.py and docs/resolve.md show one.
    """
    from indexer.tables import read_map, resolve_table

    begun, line = time.monotonic(), ProgressLine("rows")
    try:
        summary = resolve_table(file, read_map(map_file), out, lambda rows: line.show(rows, time.monotonic() - begun, None))
    finally:
        line.end()
    if json:
        print_json({name: getattr(summary, name) for name in ("read", "persons", "rejected", "repeated", "reasons", "silent")})
    else:
        say(f"{counted(summary.read, 'row')} read in {duration(time.monotonic() - begun)}, {counted(summary.persons, 'person')}: see {out}")
        for reason, number in summary.reasons.most_common():
            say(f"  {counted(number, 'row')} could not be taken: {reason}")
        if summary.repeated:
            say(f"  {counted(summary.repeated, 'row')} with the record_id of an earlier row: taken to say more of the same person")
        for name in summary.silent:
            say(f"  fields.{name} found nothing in any row")
    if summary.rejected:
        raise click.exceptions.Exit(WITH_REJECTS)


@resolve.command(epilog=example("roster resolve review --size 5", "roster judge pmrs52a2ewgtjac0b p5kq1v7wz0c9d2xhn same --yes"))
@click.option("--size", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many pairs to list.")
@click.option("--profile", metavar="ID", help="Only the pairs of this profile.")
@as_json
@common
def review(size: int, profile: str | None, json: bool) -> None:
    """List pairs of profiles that may be one person, likeliest first; `roster judge` takes your word on them.

    What speaks for a pair is weighed as the two are known today. Pairs that turned out to be two people, or of whom too little is known to
    judge, are not listed.
    """
    from indexer.judging import load_judgements
    from search_api.review.queue import pair_answer, waiting

    async def work() -> dict[str, Any]:
        async with parts.reading(parts.settings()) as store:
            pairs, total = await waiting(store, parts.profiles_of(store), await load_judgements(store), size, profile)
            return {"total": total, "pairs": [pair_answer(pair) for pair in pairs]}

    body = parts.finish(work())
    if json:
        print_json(body)
        return
    say(f"{counted(body['total'], 'pair')} to judge." if body["total"] else "Nothing to judge.")
    for pair in body["pairs"]:
        say()
        for card in pair["profiles"]:
            say("  " + ", ".join(filter(None, (card["id"], card["name"], card["job_title"], card["company"], card["location"]))))
        say(f"  score {pair['score']:.1f}: {'; '.join(pair['because'])}")
    if body["pairs"]:
        one, other = (card["id"] for card in body["pairs"][0]["profiles"])
        say()
        say(f"To see why:  roster why {one} {other}")
        say(f"To judge:    roster judge {one} {other} same|different --yes")
