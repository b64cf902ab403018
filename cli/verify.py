"""`roster verify`: whether an address, a number or a profile link is good, and whether it is known here."""

from __future__ import annotations

from typing import Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example


@click.group(epilog=example("roster verify email jane.doe@acme.example", 'roster verify phone "030 23125 014" --country DE'))
@common
def verify() -> None:
    """Check contact details: are they good, and who attests them? What is asked about is not kept."""


@verify.command(epilog=example("roster verify email jane.doe@acme.example info@acme.example"))
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@as_json
@common
def email(addresses: tuple[str, ...], json: bool) -> None:
    """Check e-mail addresses: syntax, domain, kind of mailbox, and who attests them.

    Their mail servers are asked only where ROSTER_SMTP_SENDER is set.
    """
    _verify("email", [{"email": address} for address in addresses], json)


@verify.command(epilog=example('roster verify phone "030 23125 014" --country DE'))
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option("--country", metavar="CC", help="Country of numbers written without their country code, such as DE.")
@as_json
@common
def phone(numbers: tuple[str, ...], country: str | None, json: bool) -> None:
    """Check phone numbers: in use, what kind, and how far they reach one person."""
    _verify("phone", [{"phone": number, "country": country} for number in numbers], json)


@verify.command(name="profile-link", epilog=example("roster verify profile-link linkedin.com/in/jane-doe"))
@click.argument("links", metavar="LINK...", nargs=-1, required=True)
@click.option("--network", default="", metavar="NAME", help="Network of bare handles, such as linkedin.")
@as_json
@common
def profile_link(links: tuple[str, ...], network: str, json: bool) -> None:
    """Check profile links: network, handle, canonical address, and whose profile has them."""
    _verify("profile-link", [{"link": link, "network": network} for link in links], json)


@verify.command(epilog=example('roster verify contact --name "Jane Doe" --company Acme --email jane.doe@acme.example'))
@click.option("--name", required=True, help="The person's name.")
@click.option("--company", help="The company they are said to work for.")
@click.option("--email", metavar="ADDRESS", help="The e-mail address asked about.")
@click.option("--phone", metavar="NUMBER", help="The phone number asked about.")
@click.option("--link", metavar="URL", help="The profile link asked about.")
@click.option("--country", metavar="CC", help="Country of a phone number written without its country code, such as DE.")
@as_json
@common
def contact(json: bool, **given: str | None) -> None:
    """Check whether an address, a number or a link belongs to this person at this company: yes, no or unsure, and why."""
    if sum(given[kind] is not None for kind in ("email", "phone", "link")) != 1:
        raise click.UsageError("give one of --email, --phone and --link")
    _verify("contact", [{field: text for field, text in given.items() if text is not None}], json)


def _verify(name: str, questions: list[dict[str, Any]], json: bool) -> None:
    """Ask, and print one line or one item for each question, in order."""
    from search_api.tasks import item_body
    from search_api.verify.tasks import VERIFY_TASKS

    task = next(task for task in VERIFY_TASKS if task.name == f"verify/{name}")
    given = parts.settings()
    parts.suppression_key(given)  # without it nobody on the list could be told from others: better told at once

    async def work() -> list[dict[str, Any]]:
        async with parts.reading(given) as store:
            asked = [task.question.model_validate(question) for question in questions]
            return [item_body(outcome) for outcome in await task.run(parts.verifier(given, store), asked)]

    items = parts.finish(work())
    if json:
        print_json({"items": items})
        return
    for question, item in zip(questions, items, strict=True):
        say(_line(next(iter(question.values())), item))


def _line(asked: str, item: dict[str, Any]) -> str:
    """One item for a person: the value, what it is, and why."""
    result = item["result"]
    if result is None:
        return f"{asked}: {item['problem']['title'].lower()}"
    value = next((result[field] for field in ("email", "phone", "link", "value") if result.get(field)), asked)
    verdict = result["answer"] if "answer" in result else result["status"]
    if result.get("score") is not None:
        verdict += f", score {result['score']}"
    if "grade" in result:
        verdict += f", grade {result['grade']}"
    if result.get("did_you_mean"):
        result = {**result, "reason": f"{result['reason']}; did you mean {result['did_you_mean']}?"}
    why = result.get("reason") or result.get("grade_means") or (f"profile {result['profile']}" if result.get("profile") else "")
    return f"{value}: {verdict}" + (f" ({why})" if why else "")
