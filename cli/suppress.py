"""`roster suppress`: a person asked not to be held."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli import parts
from cli.console import counted, print_json, say, tell
from cli.options import as_json, common, example
from cli.status import REMAIN

if TYPE_CHECKING:
    from privacy.suppression import SuppressionResult
    from profiles.models import ValueKind


@click.command(epilog=example("roster suppress --email jane.doe@acme.example", 'roster suppress --phone "030 23125 014" --country DE'))
@click.option("--email", metavar="ADDRESS", help="The person's e-mail address, in any spelling.")
@click.option("--phone", metavar="NUMBER", help="The person's phone number.")
@click.option("--link", metavar="URL", help="A social profile of the person.")
@click.option("--country", metavar="CC", help="Country of a phone number written without its country code, such as DE.")
@as_json
@common
def suppress(email: str | None, phone: str | None, link: str | None, country: str | None, json: bool) -> None:
    """Hide and remove a person, and keep every source from bringing them back.

    Only a keyed hash of what is given is kept. A role mailbox or a number of several people is taken out of their profiles; the
    people stay.
    """
    from profiles.models import ValueKind

    given = [(kind, text) for kind, text in ((ValueKind.EMAIL, email), (ValueKind.PHONE, phone), (ValueKind.LINK, link)) if text]
    if len(given) != 1:
        raise click.UsageError("give one of --email, --phone and --link")
    result = parts.finish(_suppress(*given[0], country))
    if json:
        print_json(asdict(result))
        return
    say("Already on the list." if not result.entries else "On the list: no source can bring this back.")
    if result.shared:
        say(f"This is shared by several people: it was taken out of {counted(len(result.stripped), 'profile')}, and the people stay.")
        say("To have a person removed, ask for an address, number or link of their own.")
    else:
        say(f"{counted(len(result.hidden), 'profile')} hidden and removed.")
    if result.hidden or result.stripped:
        say(f"The {REMAIN}.")


async def _suppress(kind: ValueKind, text: str, country: str | None) -> SuppressionResult:
    """Hide at once, then purge; what cannot be purged now stays hidden and goes with the next run."""
    from indexer.purge import purge_hidden, purge_values
    from privacy.suppression import canonical_forms, identify
    from privacy.suppression import suppress as suppress_person
    from profiles.errors import StoreBusy

    given = parts.settings()
    async with parts.writing(given) as store:
        result = await suppress_person(store, parts.suppressions(given, store), kind, text, country, parts.today())
        policy = parts.policy(given)
        try:
            if result.stripped:
                found = identify(kind, text, country)
                values = {(kind, form) for form in canonical_forms(kind, found.keys, found.parts.get("variants", ()))}
                await purge_values(store, result.stripped, values, policy)
            await purge_hidden(store, policy)
        except StoreBusy:
            tell("Hidden from everyone now; another process is writing, so run the same command again to remove it from the store as well.")
        return result
