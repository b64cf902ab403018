"""`roster history`: what happened to a profile, when, by whom and why; and whether the log is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from engines.base import Reader
    from profiles.history import Chain


@click.command(epilog=example("roster history pmrs52a2ewgtjac0b", "roster history --check"))
@click.argument("profile", metavar="[ID]", required=False)
@click.option("--check", is_flag=True, help="Recompute every seal: of this profile's events, or without ID of all.")
@as_json
@common
def history(profile: str | None, check: bool, json: bool) -> None:
    """Tell what happened to a profile: records that came and went, merges, judgements, each with who, when and why.

    Events are only ever added, and each seals all before it: --check finds the first one that was changed or taken out. Note the digest
    it prints, and a later check shows whether a history was cut short or removed since. Events name records, never their values, and stay
    when a person is erased.
    """
    if not profile and not check:
        raise click.UsageError("give the ID of a profile, or --check for all")

    async def work() -> dict[str, Any]:
        async with parts.reading(parts.settings()) as store:
            return await (checked(store, profile) if check else told(store, profile or ""))

    body = parts.finish(work())
    if json:
        print_json(body)
    else:
        for line in check_lines(body) if check else lines(body):
            say(line)
    if check and body["broken"]:
        raise click.exceptions.Exit(1)


async def told(store: Reader, profile: str) -> dict[str, Any]:
    """The events of one profile, oldest first. Raises ProfileNotFound."""
    from profiles.errors import ProfileErased, ProfileNotFound
    from profiles.history import reference
    from search_api.review.pairs import chain_of, find
    from search_api.review.pairs import told as as_json

    chain = await chain_of(store, profile)
    if not chain.events:
        raise ProfileNotFound("no profile has this id")
    try:
        names = {reference(key): key for key in (await find(store, profile)).profile.records}
    except (ProfileErased, ProfileNotFound):
        names = {}
    return {"profile": profile, "whole": chain.broken_at() is None, "events": [as_json(event, names) for event in chain.events]}


async def checked(store: Reader, profile: str | None) -> dict[str, Any]:
    """Every chain whose seals do not fit, with the number of its first bad event."""
    from profiles.history import heads_digest
    from search_api.review.pairs import chain_of, chains

    heads: dict[str, str] = {}
    broken: dict[str, int] = {}
    count = 0

    def look(chain: Chain) -> None:
        nonlocal count
        heads[chain.profile], count = chain.head, count + len(chain.events)
        if (at := chain.broken_at()) is not None:
            broken[chain.profile] = at

    if profile:
        look(await chain_of(store, profile))
    else:
        async for chain in chains(store):
            look(chain)
    return {"profiles": len(heads), "events": count, "broken": broken, "digest": heads_digest(heads)}


def check_lines(body: dict[str, Any]) -> list[str]:
    """What a check found, in words."""
    said = [f"{body['events']:,} events of {body['profiles']:,} profiles, digest {body['digest']}"]
    said += [f"{profile}: event {number} was changed, moved or taken out" for profile, number in sorted(body["broken"].items())]
    return said if body["broken"] else [*said, "Every seal fits."]


def lines(body: dict[str, Any]) -> list[str]:
    """The events, one line each and what spoke for them below."""
    said = [f"{body['profile']}: {'every seal fits' if body['whole'] else 'SEALS DO NOT FIT: see roster history --check'}"]
    for event in body["events"]:
        said.append(f"{event['at'][:19].replace('T', ' ')}  {sentence(event)}  ({event['actor']})")
        if because := event.get("because"):
            said.append(f"{'':21}{'; '.join(because)}")
    return said


def sentence(event: dict[str, Any]) -> str:
    """An event in words."""
    records, other = ", ".join(event.get("records", ())), event.get("other", "")
    match event["kind"]:
        case "attached":
            return f"{records} attached"
        case "left":
            return f"{records} went to {other}" if other else f"{records} removed"
        case "merged":
            return f"merged {other}, which brought {records}"
        case "merged_into":
            return f"merged into {other}"
        case "unmerged":
            return f"gave {records} back to {other}"
        case "restored":
            return f"given back out of {other}, with {records}"
        case "judged":
            return f"judged with {other}"
        case _:
            return f"{event.get('key')} became a shared key"
