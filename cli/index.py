"""`roster index`: the search index and its versions, for who runs the store. Profiles and records are elsewhere and stay as they are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import ProgressLine, counted, print_json, say, table
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from cli.settings import Settings
    from engines.base import IndexVersion

KEPT = 1  # as a rebuild keeps, so that there is one to go back to


@click.group(
    epilog=example("roster index status", "roster --store 'opensearch+https://search.example:9200/roster?ca=ca.pem' index versions --json")
)
def index() -> None:
    """Make the search index; list, remove and swap back its versions. `roster reindex` builds a new one."""


@index.command(epilog=example("roster index create"))
@as_json
@common
def create(json: bool) -> None:
    """Make the store and its empty index where there is none. What is there stays."""
    given = parts.settings()

    async def work() -> Sequence[IndexVersion]:
        async with parts.writing(given, create=True) as store:
            return await store.index.versions()

    versions = parts.finish(work())
    if json:
        print_json({"store": parts.shown(given), "versions": [asdict(version) for version in versions]})
        return
    say(f"{parts.shown(given)} is there, with {counted(len(versions), 'version')} of its search index")


@index.command(epilog=example("roster index status", "roster index status --json"))
@as_json
@common
def status(json: bool) -> None:
    """Say which version searches use, whether this roster can read it, and what it has yet to show."""
    given = parts.settings()

    async def work() -> dict[str, Any]:
        async with parts.reading(given) as store:
            versions = await store.index.versions()
            health = await store.search.health()
        used = next((version for version in versions if version.in_use), None)
        return {
            "store": parts.shown(given),
            "in_use": asdict(used) if used else None,
            "kept": sum(version.complete and not version.in_use for version in versions),
            "unfinished": sum(not version.complete and not version.in_use for version in versions),
            **health,
        }

    body = parts.finish(work())
    if json:
        print_json(body)
        return
    used = body["in_use"]
    say(f"store         {body['store']}")
    say(f"in use        {used['name'] if used else 'none'}")
    if used:
        say(f"              {counted(used['entries'], 'profile')}, {size_of(used['size'])}")
    say(f"ready         {'yes' if body['ready'] else 'no'}, {counted(body['backlog'], 'change')} to come")
    for reason in body.get("reasons", ()):
        say(f"              {reason}")
    if used and not used["known"]:
        say("              built by another version of roster: `roster reindex` builds it anew")
    say(f"also there    {counted(body['kept'], 'earlier version')}, {body['unfinished']:,} unfinished")


@index.command(epilog=example("roster index versions"))
@as_json
@common
def versions(json: bool) -> None:
    """List the versions of the search index, oldest first."""
    found = parts.finish(listed(parts.settings()))
    if json:
        print_json({"versions": [asdict(version) for version in found]})
        return
    rows = [(version.name, state_of(version), f"{version.entries:,}", size_of(version.size)) for version in found]
    say(table(rows, ("version", "state", "profiles", "size")))


@index.command(epilog=example("roster index prune", "roster index prune --keep 0 --yes"))
@click.option(
    "--keep", type=click.IntRange(min=0), default=KEPT, show_default=True, help="How many versions to keep beside the one in use."
)
@click.option("--yes", is_flag=True, help="Remove them. Without this, only say which would go.")
@as_json
@common
def prune(keep: int, yes: bool, json: bool) -> None:
    """Remove versions that are not in use, and what a rebuild that was killed left; a preview unless --yes."""
    given = parts.settings()

    async def work() -> Sequence[str]:
        async with parts.writing(given) as store:
            return await store.index.prune(keep, preview=not yes)

    gone = parts.finish(work())
    if json:
        print_json({"applied": yes, "versions": list(gone)})
        return
    if not gone:
        say("There is nothing to remove.")
        return
    say("Removed:" if yes else "Not needed any longer:")
    for name in gone:
        say(f"  {name}")
    if not yes:
        say("Nothing was changed. To remove them: roster index prune --yes" + (f" --keep {keep}" if keep != KEPT else ""))


@index.command(epilog=example("roster index rollback", "roster index rollback --yes"))
@click.option("--yes", is_flag=True, help="Do it. Without this, only say which version would be used.")
@as_json
@common
def rollback(yes: bool, json: bool) -> None:
    """Put the version before back in use, then bring it up to what changed since; a preview unless --yes."""
    roll_back(yes=yes, json=json, command="roster index rollback")


@index.command(epilog=example("roster index mapping", "roster index mapping > roster-mapping.json"))
@common
def mapping() -> None:
    """Print the index as OpenSearch is asked to make it: settings, analyzers, fields and fingerprint. Needs no store."""
    from engines.opensearch.schema import current_schema

    print_json(current_schema().body(filling=False))


def roll_back(*, yes: bool, json: bool, command: str) -> None:
    """Do what `command` promises: put the version before back in use, or without `yes` say which it is."""
    given = parts.settings()
    line, begun = ProgressLine("profiles"), time.monotonic()

    def progress(done: int, of: int) -> None:
        line.show(done, time.monotonic() - begun, done / of if of else None)

    async def work() -> tuple[str | None, str]:
        async with parts.writing(given) as store:
            used = next((version.name for version in await store.index.versions() if version.in_use), None)
            return used, await store.index.rollback(progress, preview=not yes)

    try:
        used, name = parts.finish(work())
    finally:
        line.end()
    if json:
        print_json({"applied": yes, "from": used, "to": name})
        return
    say(f"in use    {name if yes else used or 'none'}")
    say(f"before    {used or 'none'}" if yes else f"would be  {name}")
    if not yes:
        say(f"Nothing was changed. To use it: {command} --yes")


async def listed(given: Settings) -> Sequence[IndexVersion]:
    """Every version, oldest first."""
    async with parts.reading(given) as store:
        return await store.index.versions()


def state_of(version: IndexVersion) -> str:
    """A version in a word or two."""
    words = ["in use"] if version.in_use else ["kept"] if version.complete else ["unfinished"]
    return ", ".join([*words, *([] if version.known else ["of another roster"])])


def size_of(count: int) -> str:
    """Bytes for a person: 812 kB, 1.4 GB."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
