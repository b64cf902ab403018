"""`roster merge`, `roster unmerge`, `roster judge`: a person's word about who is who, which no feed and no rebuild overrides."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli import parts
from cli.console import counted, print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from engines.base import Writer
    from indexer.judging import Change
    from profiles.judgement import Judgement

F = TypeVar("F", bound=Callable[..., Any])

Make = Callable[["Writer"], Awaitable["Judgement"]]


def by_whom() -> str:
    """The name under which this machine knows whoever is at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "operator"


def word_options(command: F) -> F:
    """--reason, --by and --yes: what comes with a person's word."""
    reason = click.option(
        "--reason", default="", metavar="TEXT", help="Why, in a sentence; kept with the judgement until either person is erased."
    )
    by = click.option("--by", metavar="NAME", default=None, help="Who says so. Otherwise the name of the user who runs the command.")
    yes = click.option("--yes", is_flag=True, help="Apply it. Without this, only say what would change.")
    return reason(by(yes(as_json(common(command)))))


@click.command(epilog=example("roster merge pmrs52a2ewgtjac0b p5kq1v7wz0c9d2xhn", "roster merge pmrs52a2ewgtjac0b p5kq1v7wz0c9d2xhn --yes"))
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@word_options
def merge(one: str, other: str, reason: str, by: str | None, yes: bool, json: bool) -> None:
    """Make one profile of two; a preview unless --yes.

    A and B are ids of profiles, or of records as SOURCE/ID. The older id stays, the other leads to it, and `roster unmerge` gives it back.
    """
    _say_same("same", one, other, reason, by, yes, json)


@click.command(
    epilog=example("roster unmerge p5kq1v7wz0c9d2xhn --yes", "roster unmerge pmrs52a2ewgtjac0b crm_contacts/1041 --reason 'two brothers'")
)
@click.argument("profile", metavar="ID")
@click.argument("records", metavar="[SOURCE/RECORD]...", nargs=-1)
@word_options
def unmerge(profile: str, records: tuple[str, ...], reason: str, by: str | None, yes: bool, json: bool) -> None:
    """Take a profile apart; a preview unless --yes.

    ID alone is one that was merged: it gets its records back. With records, these leave profile ID for one of their own. Either way the
    two are kept apart from then on, whatever feeds say.
    """

    async def make(store: Writer) -> Judgement:
        from search_api.review.pairs import part

        return await part(store, profile, records, reason=reason, actor=by or by_whom())

    _carry_out(make, yes, json)


@click.command(epilog=example("roster judge pmrs52a2ewgtjac0b p5kq1v7wz0c9d2xhn different --reason 'father and son' --yes"))
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.argument("verdict", type=click.Choice(["same", "different"]))
@word_options
def judge(one: str, other: str, verdict: str, reason: str, by: str | None, yes: bool, json: bool) -> None:
    """Say whether two profiles, or two records, are one person; a preview unless --yes.

    `roster resolve review` lists the pairs that wait for such a word. The last word on a pair holds.
    """
    _say_same(verdict, one, other, reason, by, yes, json)


def _say_same(verdict: str, one: str, other: str, reason: str, by: str | None, yes: bool, json: bool) -> None:
    async def make(store: Writer) -> Judgement:
        from profiles.judgement import Verdict
        from search_api.review.pairs import find
        from search_api.review.pairs import judge as say_it

        return say_it(Verdict(verdict), await find(store, one), await find(store, other), reason=reason, actor=by or by_whom())

    _carry_out(make, yes, json)


def _carry_out(make: Make, yes: bool, json: bool) -> None:
    """Give the word and let profiles follow it; or say what it would change."""
    given = parts.settings()

    async def work() -> tuple[Judgement, Change | None]:
        from indexer.following import catch_up
        from indexer.judging import apply_judgements, preview
        from search_api.review.pairs import give

        async with parts.writing(given) as store:
            judgement = await make(store)
            change = await preview(store, judgement)
            if yes:
                await give(store, judgement)
                await apply_judgements(store, parts.policy(given))
                await catch_up(store.index)
            return judgement, change

    judgement, change = parts.finish(work())
    if json:
        print_json(told(judgement, change, applied=yes))
    else:
        for line in lines(judgement, change, applied=yes):
            say(line)


def told(judgement: Judgement, change: Change | None, *, applied: bool) -> dict[str, Any]:
    """The outcome as JSON."""
    from dataclasses import asdict

    profiles = [side.profile for side in judgement.sides]
    changed = asdict(change) if change else None
    return {
        "applied": applied,
        "judgement": judgement.id if applied else None,
        "verdict": judgement.verdict,
        "profiles": profiles,
        "change": changed,
    }


def lines(judgement: Judgement, change: Change | None, *, applied: bool) -> list[str]:
    """The outcome in words."""
    one, other = (side.profile for side in judgement.sides)
    is_one = "one person" if judgement.verdict == "same" else "two people"
    if change is None:
        said = [f"{one} and {other} are {is_one} already."]
        said.append(f"Noted as judgement {judgement.id}: it stays so." if applied else "With --yes this is noted, and stays so.")
        return said
    if change.merged:
        did = "went into" if applied else "would go into"
        said = [f"{change.merged} {did} {change.profile}; its id leads there, and `roster unmerge` gives it back."]
    else:
        did = "got" if applied else "would get"
        said = [f"{change.given_back} {did} {counted(len(change.records), 'record')} back out of {change.profile}:"]
        said += [f"  {record}" for record in change.records]
    end = f"Noted as judgement {judgement.id}: it stays so."
    return [*said, end if applied else "Nothing was changed. To do it: the same command with --yes"]
