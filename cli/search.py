"""`roster search`: find people from the command line; the JSON is the body of the HTTP answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import F, as_json, common, example


def _words(name: str, help: str) -> Callable[[F], F]:
    return click.option(f"--{name}", multiple=True, metavar="TEXT", help=help)


@click.command(
    epilog=example(
        'roster search "product manager munich"', 'roster search --title "data engineer" --location Lyon --skill python --skill sql'
    )
)
@click.argument("text", nargs=-1)
@_words("title", "Job title; several: any of them.")
@_words("company", "Company; several: any of them.")
@_words("location", "City, region or country; several: any of them.")
@_words("skill", "Skill; several: all of them.")
@click.option("--size", type=int, default=10, show_default=True, metavar="N", help="Hits to print.")
@click.option("--cursor", metavar="CURSOR", help="Go on after a page: the cursor it ended with.")
@as_json
@common
def search(text: tuple[str, ...], cursor: str | None, size: int, json: bool, **fields: tuple[str, ...]) -> None:
    """Find people by free text and by fields; everything given must hold.

    TEXT is any mix of name, title, company, place, skill, or an e-mail address, phone number, handle or profile link.
    """
    words = " ".join(text).strip()  # quoted as one or not: people type it either way
    if not words and not any(fields.values()):
        raise click.UsageError('say what to look for: roster search "product manager munich"')
    from search_api.answers import search_answer
    from search_api.requests import request_from_body

    given = parts.settings()
    parts.use_taxonomies(given)
    request = request_from_body(search_body(words, size, cursor, fields))

    async def work() -> dict[str, Any]:
        async with parts.reading(given) as store:
            await parts.freshen(store)
            return await search_answer(parts.profiles_of(store), request)

    answer = parts.finish(work())
    if json:
        print_json(answer)
    else:
        for line in hit_list(answer):
            say(line)
        if answer["cursor"]:
            say(f"More: the same with --cursor {answer['cursor']}")


def search_body(text: str, size: int, cursor: str | None, fields: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The same search as a body for POST /v1/profiles/search, without what was not asked."""
    body: dict[str, Any] = {
        "q": text,
        "job_title": {"any": fields["title"]},
        "company": {"any": fields["company"]},
        "location": {"any": fields["location"]},
        "skill": {"all": fields["skill"]},
    }
    asked = {name: value for name, value in body.items() if value and (isinstance(value, str) or any(value.values()))}
    return {**asked, "size": size, **({"cursor": cursor} if cursor else {})}


def hit_list(answer: dict[str, Any]) -> list[str]:
    """The lines of a result as a person reads them: how many, then one numbered line a hit."""
    total, hits = answer["total"], answer["hits"]
    if not total:
        return ["Nobody found."]
    many = f"{total:,}" if answer.get("total_is_exact", True) else f"at least {total:,}"
    people = "person" if total == 1 else "people"
    lines = [f"{many} {people}" + (f", the first {len(hits)}:" if len(hits) < total else ":")]
    lines += [f"{place:>3}. {hit_line(hit)}" for place, hit in enumerate(hits, start=1)]
    return lines


def hit_line(hit: dict[str, Any]) -> str:
    """One hit: Jane Doe - Product Manager, Acme - Munich, Bavaria, Germany - p_1; what is unknown is left out."""
    work = ", ".join(hit[part] for part in ("job_title", "company") if hit.get(part))
    return " - ".join(part for part in (hit.get("name"), work, hit.get("location"), hit["id"]) if part)
