"""`roster sources`: say where records come from, and by what right, before any is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import print_json, say, table, tell
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from privacy.sources import RegisteredSource, Source

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(epilog=example("roster sources check my_source.toml", "roster sources add my_source.toml"))
def sources() -> None:
    """Check, register and list the sources that records may come from."""


@sources.command(epilog=example("roster sources check my_source.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@as_json
@common
def check(files: tuple[Path, ...], json: bool) -> None:
    """Say everything that is wrong with a source file, at once. Changes nothing."""
    from privacy.sources import read_source
    from profiles.errors import SourceInvalid

    policy = parts.policy(parts.settings())
    report: list[dict[str, Any]] = []
    for file in files:
        try:
            source = read_source(file, parts.today())
            problems = source.overlong(policy.periods)
            report.append({"file": str(file), "id": source.id, "valid": True, "problems": [], "notes": _as_dicts(problems)})
        except SourceInvalid as error:
            report.append({"file": str(file), "id": None, "valid": False, "problems": _as_dicts(error.problems), "notes": []})
    if json:
        print_json({"files": report})
    else:
        for entry in report:
            _say_checked(entry)
    if not all(entry["valid"] for entry in report):
        raise click.exceptions.Exit(1)


def _as_dicts(problems: Any) -> list[dict[str, str]]:
    return [{"pointer": p.pointer, "detail": p.detail, "allowed": p.allowed} for p in problems]


def _say_checked(entry: dict[str, Any]) -> None:
    if entry["valid"]:
        say(f"{entry['file']}: good (source {entry['id']})")
        for note in entry["notes"]:
            say(f"  note: {note['pointer']}: {note['detail']}; the policy's period holds")
        return
    say(f"{entry['file']}: {len(entry['problems'])} wrong")
    for problem in entry["problems"]:
        allowed = f" (allowed: {problem['allowed']})" if problem["allowed"] else ""
        say(f"  {problem['pointer'] or 'file'}: {problem['detail']}{allowed}")


@sources.command(epilog=example("roster sources add examples/sources/*.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@as_json
@common
def add(files: tuple[Path, ...], json: bool) -> None:
    """Register a source, or replace its definition. The same file again changes nothing."""
    from privacy.sources import SourceRegistry

    read = _read_all(files)

    async def work() -> list[RegisteredSource]:
        async with parts.writing(parts.settings(), create=True) as store:
            registry = SourceRegistry(store.contacts)
            return [await registry.add(source) for source in read]

    added = parts.finish(work())
    if json:
        print_json({"sources": [{"id": entry.source.id, "changed": entry.changed, "enabled": entry.enabled} for entry in added]})
        return
    for entry in added:
        say(f"{entry.source.id}: {'registered' if entry.changed else 'already registered, unchanged'}")
        if entry.replaced:
            tell(f"{entry.source.id}: what it has delivered so far keeps its old terms until: roster reindex")
        if not entry.enabled:
            tell(f"{entry.source.id} is disabled: roster sources enable {entry.source.id}")


def _read_all(files: tuple[Path, ...]) -> list[Source]:
    """The sources of the files. Raises SourceInvalid with everything that is wrong in any of them, each problem under its file's name."""
    from privacy.sources import read_source
    from profiles.errors import Problem, SourceInvalid

    read, problems = [], []
    for file in files:
        try:
            read.append(read_source(file, parts.today()))
        except SourceInvalid as error:
            problems += [Problem(f"{file}: {p.pointer}" if p.pointer else str(file), p.detail, p.allowed) for p in error.problems]
    if problems:
        raise SourceInvalid(problems)
    return read


@sources.command(name="list", epilog=example("roster sources list"))
@as_json
@common
def list_sources(json: bool) -> None:
    """List the registered sources."""
    from privacy.sources import SourceRegistry

    async def work() -> list[RegisteredSource]:
        async with parts.reading(parts.settings()) as store:
            return await SourceRegistry(store.contacts).all()

    held = parts.finish(work())
    if json:
        print_json({"sources": [_source_json(entry.source, entry.enabled) for entry in held]})
    elif not held:
        say("No source is registered. Register one: roster sources add FILE.toml")
    else:
        rows = [(e.source.id, e.source.kind, "yes" if e.enabled else "no", e.source.licence.until or "", e.source.name) for e in held]
        say(table(rows, ("id", "kind", "enabled", "licence until", "name")))


def _source_json(source: Source, enabled: bool) -> dict[str, Any]:
    return {**source.model_dump(mode="json", by_alias=True, exclude_none=True), "enabled": enabled}


@sources.command(epilog=example("roster sources show team_pages"))
@click.argument("source_id", metavar="ID")
@as_json
@common
def show(source_id: str, json: bool) -> None:
    """Show all that is registered of one source."""
    from privacy.sources import SourceRegistry

    async def work() -> RegisteredSource:
        async with parts.reading(parts.settings()) as store:
            return await SourceRegistry(store.contacts).find(source_id)

    held = parts.finish(work())
    body = _source_json(held.source, held.enabled)
    if json:
        print_json(body)
        return
    for key, value in _flat(body):
        say(f"{key}: {value}")


def _flat(body: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Nested tables as dotted keys, as a source file's problems name them."""
    lines: list[tuple[str, Any]] = []
    for key, value in body.items():
        if isinstance(value, dict):
            lines += _flat(value, f"{above}{key}.")
        else:
            lines.append((above + key, ", ".join(map(str, value)) if isinstance(value, list) else value))
    return lines


@sources.command(epilog=example("roster sources disable team_pages"))
@click.argument("source_id", metavar="ID")
@as_json
@common
def disable(source_id: str, json: bool) -> None:
    """Take no more records from a source; what is held stays until it expires."""
    _switch(source_id, json, enabled=False)


@sources.command(epilog=example("roster sources enable team_pages"))
@click.argument("source_id", metavar="ID")
@as_json
@common
def enable(source_id: str, json: bool) -> None:
    """Take records from a disabled source again."""
    _switch(source_id, json, enabled=True)


def _switch(source_id: str, json: bool, enabled: bool) -> None:
    from privacy.sources import SourceRegistry

    async def work() -> None:
        async with parts.writing(parts.settings()) as store:
            registry = SourceRegistry(store.contacts)
            await (registry.enable(source_id) if enabled else registry.disable(source_id))

    parts.finish(work())
    if json:
        print_json({"id": source_id, "enabled": enabled})
    else:
        say(f"{source_id}: {'enabled' if enabled else 'disabled'}")
