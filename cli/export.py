"""`roster export`: what is held, as files: which record belongs to whom, all profiles, or those that a search finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from search_api.schemas import SearchRequest

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


@export.command(
    epilog=example(
        'roster export result "data scientist munich" --format csv --out people.csv',
        "roster export result --query search.json --out people.ndjson",
    )
)
@click.argument("text", nargs=-1)
@click.option(
    "--query",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A search as JSON, as for POST /v1/profiles/search.",
)
@click.option(
    "--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True, help="Whole profiles, or a table."
)
@OUT
@as_json
@common
def result(text: tuple[str, ...], query: Path | None, form: Literal["ndjson", "csv"], out: Path, json: bool) -> None:
    """Write everyone whom a search finds, in order of id: the lines of POST /v1/profiles/export.

    TEXT is any mix of name, title, company, place, skill or contact details; --query takes everything a search can ask.
    """
    from indexer.export import whole_file
    from search_api.answers import SourceNames
    from search_api.exporting.lines import export_lines
    from search_api.passing import meaning_of_a_search

    given = parts.settings()
    parts.use_taxonomies(given)
    request = _asked(" ".join(text).strip(), query)

    async def work() -> int:
        async with parts.reading(given) as store:
            await parts.freshen(store)
            profiles, written = parts.profiles_of(store), 0
            meant = await meaning_of_a_search(profiles, request)
            with whole_file(out) as file:
                async for lines, people in export_lines(profiles, SourceNames(store.contacts), meant, form):
                    file.write(lines)
                    written += people
            return written

    _say(parts.finish(work()), "profiles", out, json)


def _asked(text: str, query: Path | None) -> SearchRequest:
    """The search that TEXT or the file asks. Raises QueryInvalid, InputInvalid."""
    from profiles.errors import InputInvalid, Problem
    from search_api.requests import request_from_body

    if bool(text) == bool(query):
        raise click.UsageError('say whom to export, by one of TEXT and --query: roster export result "data scientist munich" --out FILE')
    if query is None:
        return request_from_body({"q": text})
    import orjson

    try:
        return request_from_body(orjson.loads(query.read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        raise InputInvalid([Problem("--query", "is not a file with a JSON object", 'such as {"job_title": "data scientist"}')]) from None


def _say(count: int, noun: str, out: Path, json: bool) -> None:
    if json:
        print_json({noun: count, "file": str(out)})
    else:
        say(f"{count:,} {noun} written to {out}")
