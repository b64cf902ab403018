"""`roster show`: one profile, every value with its sources and its last day."""

from __future__ import annotations

from typing import Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

KINDS = ("names", "job_titles", "companies", "locations", "emails", "phones", "links", "skills")  # in the order in which a person reads


@click.command(epilog=example("roster show pmrs52a2ewgtjac0b --json"))
@click.argument("profile_id", metavar="ID")
@as_json
@common
def show(profile_id: str, json: bool) -> None:
    """Show one profile: every value, who attests it, and the day it expires."""
    from search_api.answers import SourceNames, profile_body

    async def work() -> dict[str, Any]:
        async with parts.reading(parts.settings()) as store:
            return await profile_body(await parts.profiles_of(store).surviving(profile_id), SourceNames(store.contacts))

    answer = parts.finish(work())
    if json:
        print_json(answer)
    else:
        for line in card(answer):
            say(line)


def card(profile: dict[str, Any]) -> list[str]:
    """The lines of a profile as a person reads them."""
    lines = [profile["name"] or "(no name)"]
    work = ", ".join(profile[part] for part in ("job_title", "company") if profile.get(part))
    lines += [line for line in (work, profile.get("location")) if line]
    lines.append(f"id {profile['id']}, updated {profile['updated']}")
    for kind in KINDS:
        if values := profile.get(kind):
            lines += ["", kind.replace("_", " ").capitalize()]
            lines += [f"  {value_line(value)}" for value in values]
    return lines


def value_line(value: dict[str, Any]) -> str:
    """One value: jane@acme.example   crm_export, people_a; until 2027-03-01."""
    sources = ", ".join(dict.fromkeys(source["id"] for source in value["sources"]))
    span = " to ".join(part for part in (value.get("started"), "now" if value.get("current") else value.get("ended")) if part)
    said = value["value"] + (f" ({span})" if span and value.get("started") else "")
    return f"{said:<44}  {sources}; until {value['expires_at']}"
