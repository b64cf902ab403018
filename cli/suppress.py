"""`roster suppress`: a person asked not to be held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import counted, print_json, say, tell
from cli.options import as_json, common, example
from cli.status import REMAIN

if TYPE_CHECKING:
    from engines.base import Writer
    from privacy.suppressing import Named, SuppressionResult


MAX_NAMED = 20  # people named one by one in a preview; a mailbox that more have is nobody's own


@click.command(
    epilog=example(
        "roster suppress --email jane.doe@acme.example",
        "roster suppress --email jane.doe@acme.example --yes",
        'roster suppress --phone "030 23125 014" --country DE --yes',
        "roster suppress --profile pmrs52a2ewgtjac0b --yes",
    )
)
@click.option("--email", metavar="ADDRESS", help="The person's e-mail address, in any spelling.")
@click.option("--phone", metavar="NUMBER", help="The person's phone number.")
@click.option("--link", metavar="URL", help="A social profile of the person.")
@click.option("--profile", metavar="ID", help="The id of the person's profile, where no such thing is held.")
@click.option("--country", metavar="CC", help="Country of a phone number written without its country code, such as DE.")
@click.option("--yes", is_flag=True, help="Apply it. Without this, only say who would go.")
@as_json
@common
def suppress(
    email: str | None, phone: str | None, link: str | None, profile: str | None, country: str | None, yes: bool, json: bool
) -> None:
    """Hide and remove a person for good; a preview unless --yes.

    The preview names who is meant. No source can bring the person back. Only a keyed hash of what is given is kept. A role mailbox or
    a number of several people is taken out of their profiles; the people stay.
    """
    from privacy.suppressing import PROFILE
    from profiles.models import ValueKind

    named = ((ValueKind.EMAIL, email), (ValueKind.PHONE, phone), (ValueKind.LINK, link), (PROFILE, profile))
    given: list[tuple[Named, str]] = [(kind, text) for kind, text in named if text]
    if len(given) != 1:
        raise click.UsageError("give one of --email, --phone, --link and --profile")
    if country and not phone:
        raise click.UsageError("--country goes with --phone")
    result, people = parts.finish(_suppress(*given[0], country) if yes else _foresee(*given[0], country))
    if json:
        print_json({"applied": yes, **asdict(result)} | ({} if yes else {"people": people}))
        return
    for line in _done(result) if yes else _foreseen(result, people):
        say(line)


def _done(result: SuppressionResult) -> Iterator[str]:
    yield "Already on the list." if not result.entries else "On the list: no source can bring this back."
    if result.shared:
        yield f"This is shared by several people: it was taken out of {counted(len(result.stripped), 'profile')}, and the people stay."
        yield "To have a person removed, ask for an address, number or link of their own, or give --profile."
    else:
        yield f"{counted(len(result.hidden), 'profile')} hidden and removed."
    if result.hidden or result.stripped:
        yield f"The {REMAIN}."


def _foreseen(result: SuppressionResult, people: list[dict[str, Any]]) -> Iterator[str]:
    touched = len(result.hidden) + len(result.stripped)
    if not touched:
        yield "Nobody who is held has it."
    elif result.shared:
        yield f"This is shared by several people: it would be taken out of {counted(touched, 'profile')}, and the people stay:"
    else:
        yield f"{counted(touched, 'profile')} would be hidden and removed:"
    yield from (f"  {_in_a_line(person)}" for person in people[:MAX_NAMED])
    if len(people) > MAX_NAMED:
        yield f"  and {len(people) - MAX_NAMED:,} more"
    if not result.entries:
        yield "It is on the list already."
    if not (touched or result.entries):
        return
    if result.entries:
        yield "It would be put on the list, so that no source can bring it back."
    yield "Nothing was changed. To do it: the same command with --yes"


def _in_a_line(person: dict[str, Any]) -> str:
    work = ", ".join(person[part] for part in ("job_title", "company") if person[part])
    said = " - ".join(filter(None, (person["name"], work, person["location"], person["id"])))
    return f"{said}, {counted(person['records'], 'record')}"


async def _foresee(kind: Named, text: str, country: str | None) -> tuple[SuppressionResult, list[dict[str, Any]]]:
    """What would happen, and to whom."""
    from privacy.suppressing import foresee

    given = parts.settings()
    async with parts.writing(given) as store:
        result = await foresee(store.contacts, parts.suppressions(given, store), kind, text, country)
        return result, await _people(store, (*result.hidden, *result.stripped))


async def _people(store: Writer, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Who they are in a few words each; nothing of those who are hidden already or past their day."""
    from search_api.answers import shown_texts

    living = await parts.profiles_of(store).living(ids)
    return [{"id": served.id, **shown_texts(served), "records": len(served.whole().records)} for served in living.values()]


async def _suppress(kind: Named, text: str, country: str | None) -> tuple[SuppressionResult, list[dict[str, Any]]]:
    """Hide at once, then purge; what cannot be purged now stays hidden and goes with the next run."""
    from indexer.purge import purge_hidden, purge_values
    from privacy.suppressing import PROFILE
    from privacy.suppressing import suppress as suppress_person
    from privacy.suppression import canonical_forms, identify
    from profiles.errors import StoreBusy

    given = parts.settings()
    async with parts.writing(given) as store:
        result = await suppress_person(store, parts.suppressions(given, store), kind, text, country, parts.today())
        policy = parts.policy(given)
        try:
            if kind != PROFILE and result.stripped:
                found = identify(kind, text, country)
                values = {(kind, form) for form in canonical_forms(kind, found.keys, found.parts.get("variants", ()))}
                await purge_values(store, result.stripped, values, policy)
            await purge_hidden(store, policy)
        except StoreBusy:
            tell("Hidden from everyone now; another process is writing, so run the same command again to remove it from the store as well.")
        return result, []
