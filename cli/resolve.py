"""`roster resolve`: pairs that wait for a person's word."""

from __future__ import annotations

from typing import Any

import click

from cli import parts
from cli.console import counted, print_json, say
from cli.options import as_json, common, example


@click.group(epilog=example("roster resolve review"))
def resolve() -> None:
    """Look after who is who."""


@resolve.command(epilog=example("roster resolve review --size 5", "roster judge pmrs52a2ewgtjac0b p5kq1v7wz0c9d2xhn same --yes"))
@click.option("--size", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many pairs to list.")
@as_json
@common
def review(size: int, json: bool) -> None:
    """List pairs of profiles that may be one person, likeliest first; `roster judge` takes your word on them."""
    from indexer.judging import load_judgements
    from search_api.review.pairs import pair_answer, waiting

    async def work() -> dict[str, Any]:
        async with parts.reading(parts.settings()) as store:
            pairs, total = await waiting(store, await load_judgements(store), size)
            return {"total": total, "pairs": [pair_answer(pair) for pair in pairs]}

    body = parts.finish(work())
    if json:
        print_json(body)
        return
    say(f"{counted(body['total'], 'pair')} to judge." if body["total"] else "Nothing to judge.")
    for pair in body["pairs"]:
        say()
        for card in pair["profiles"]:
            say("  " + ", ".join(filter(None, (card["id"], card["name"], card["job_title"], card["company"]))))
        say(f"  score {pair['score']:.1f}: {'; '.join(pair['because'])}")
    if body["pairs"]:
        one, other = (card["id"] for card in body["pairs"][0]["profiles"])
        say()
        say(f"To see why:  roster why {one} {other}")
        say(f"To judge:    roster judge {one} {other} same|different --yes")
