"""`roster providers`: ask enrichment providers for what is lacking, and tell what was sent about whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import parts
from cli.console import ProgressLine, counted, print_json, say, tell
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from indexer.providers.sending import Sending, SendingSummary
    from privacy.disclosures import Disclosure
    from privacy.providers import Provider

FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN = 5  # questions of a preview; --json has all of them


@click.group(epilog=example("roster providers check lookup.toml", "roster providers send lookup.toml --answers answers.jsonl"))
def providers() -> None:
    """Ask enrichment providers for what is lacking."""


@providers.command(epilog=example("roster providers check lookup.toml"))
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@as_json
@common
def check(files: tuple[Path, ...], json: bool) -> None:
    """Say everything that is wrong with a provider's file, at once. Sends nothing."""
    from privacy.providers import read_provider
    from profiles.errors import ProviderInvalid

    report: list[dict[str, Any]] = []
    for file in files:
        try:
            provider = read_provider(file, parts.today())
            report.append({"file": str(file), "id": provider.id, "valid": True, "problems": []})
        except ProviderInvalid as error:
            problems = [{"pointer": p.pointer, "detail": p.detail, "allowed": p.allowed} for p in error.problems]
            report.append({"file": str(file), "id": None, "valid": False, "problems": problems})
    if json:
        print_json({"files": report})
    for entry in () if json else report:
        say(f"{entry['file']}: " + (f"good (provider {entry['id']})" if entry["valid"] else f"{len(entry['problems'])} wrong"))
        for problem in entry["problems"]:
            say(
                f"  {problem['pointer'] or 'file'}: {problem['detail']}"
                + (f" (allowed: {problem['allowed']})" if problem["allowed"] else "")
            )
    if not all(entry["valid"] for entry in report):
        raise click.exceptions.Exit(1)


@providers.command(epilog=example("roster providers send lookup.toml --answers answers.jsonl --limit 100 --yes"))
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--answers", required=True, type=FILE, metavar="FILE", help="Where answers are added, as JSON lines for `roster ingest`.")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N", help="People to ask about at most.")
@click.option("--yes", is_flag=True, help="Send. Without this, only show what would be sent.")
@as_json
@common
def send(file: Path, answers: Path, limit: int, yes: bool, json: bool) -> None:
    """Ask a provider about people of whom something is lacking; a preview unless --yes.

    Each question is put on record before it goes. Who was asked about before is not again; a run that was stopped goes on.
    """
    from privacy.providers import read_provider

    provider = read_provider(file, parts.today())
    if yes:
        summary = parts.finish(_send(provider, answers, limit))
        _say_sent(provider, answers, summary, json)
        if summary.stopped:
            raise click.exceptions.Exit(1)
        return
    questions, more = parts.finish(_preview(provider, limit))
    body = {"recipient": provider.name, "url": provider.url, "agreement": provider.agreement.reference, "sent": False}
    if json:
        print_json({**body, "questions": questions, "more": more})
        return
    say(f"To {provider.name} ({provider.url}), under {provider.agreement.reference}, would go about {counted(len(questions), 'profile')}:")
    for question in questions[:SHOWN]:
        say("  " + ", ".join(f"{kind}: {value}" for kind, value in question.items()))
    if len(questions) > SHOWN:
        say(f"  ... and {len(questions) - SHOWN:,} like these; --json shows them all")
    if more:
        say(f"More are lacking something; --limit {limit} is reached.")
    say("Nothing was sent. To send it: the same with --yes")


async def _preview(provider: Provider, limit: int) -> tuple[list[dict[str, str]], bool]:
    questions: list[dict[str, str]] = []
    async with _sending(provider) as sending:
        async for _, question in sending.questions():
            if len(questions) == limit:
                return questions, True
            questions.append(question)
    return questions, False


async def _send(provider: Provider, answers: Path, limit: int) -> SendingSummary:
    from time import monotonic

    from indexer.providers.asking import Asker

    line, begun = ProgressLine("asked"), monotonic()
    async with _sending(provider) as sending, Asker(provider) as asker:
        summary = await sending.send(answers, limit, asker, lambda so_far: line.show(so_far.outcomes.total(), monotonic() - begun, None))
    line.end()
    return summary


@asynccontextmanager
async def _sending(provider: Provider) -> AsyncIterator[Sending]:
    from indexer.providers.sending import Sending
    from privacy.suppression import SuppressionList

    given = parts.settings()
    async with parts.reading(given) as store:
        sending = Sending(store, provider, SuppressionList(store.service, parts.suppression_key(given)), parts.today)
        await sending.check()
        yield sending


def _say_sent(provider: Provider, answers: Path, summary: SendingSummary, json: bool) -> None:
    if json:
        print_json(
            {"recipient": provider.name, "sent": summary.sent, "outcomes": dict(summary.outcomes), "stopped": summary.stopped or None}
        )
        return
    say(f"{counted(summary.sent, 'question')} to {provider.name}:")
    for outcome, words in _WORDS.items():
        if count := summary.outcomes[outcome]:
            say(f"  {count:,} {words}")
    if summary.stopped:
        tell(f"Stopped: {summary.stopped}. The same command goes on.")
    if summary.outcomes["answered"]:
        say(f"To take the answers in: roster ingest {answers} --source {provider.source}")


_WORDS = {
    "answered": "answered",
    "nothing": "of whom they know nothing",
    "refused": "refused",
    "unread": "answered with what cannot be read",
    "sent": "without an answer; they are not asked again",
    "unreached": "that could not be sent; the next run tries again",
}


@providers.command(epilog=example("roster providers sent pmrs52a2ewgtjac0b"))
@click.argument("profile_id", metavar="ID")
@as_json
@common
def sent(profile_id: str, json: bool) -> None:
    """Tell what was sent about a person: to whom, when, which kinds of value, under which agreement."""
    from privacy.disclosures import Disclosures

    async def work() -> list[Disclosure]:
        async with parts.reading(parts.settings()) as store:
            return await Disclosures(store.contacts, store.service).of(profile_id)

    found = parts.finish(work())
    if json:
        print_json({"disclosures": [disclosure.model_dump(mode="json") for disclosure in found]})
    elif not found:
        say("Nothing was sent about this profile.")
    for one in () if json else found:
        say(f"{one.day}: {', '.join(one.fields)} to {one.name} ({one.recipient}), {one.agreement}, for {one.purpose}: {one.outcome}")
