"""`roster status`: what the store holds and whether searches see it."""

from __future__ import annotations

from typing import Any

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

COUNTED = ("sources", "records", "profiles", "suppressions")

REMAIN = "files of the search index may still hold words of what was removed; `roster expire --yes` clears them"
"""Said by `status`, and by whatever removes and leaves the search index as it is: to build it anew takes as long as the store is big."""


@click.command(epilog=example("roster status --json"))
@as_json
@common
def status(json: bool) -> None:
    """Say what the store holds and whether searches show all of it."""
    from engines.base import Collection
    from indexer.removal import REMAINS

    given = parts.settings()

    async def work() -> dict[str, Any]:
        async with parts.reading(given) as store:
            halves = {"suppressions": store.service}
            counts = {name: await halves.get(name, store.contacts).count(Collection(name)) for name in COUNTED}
            remains = await store.contacts.get(REMAINS.collection, REMAINS.key) is not None
            return {"store": parts.shown(given), **counts, "remains": remains, "index": dict(await store.search.health())}

    body = parts.finish(work())
    if json:
        print_json(body)
        return
    say(f"store         {body['store']}")
    for name in COUNTED:
        say(f"{name:<12}  {body[name]:,}")
    index = body["index"]
    ready = "ready" if index.get("ready") else "not ready"
    say(f"index         {ready}, {index.get('documents', 0):,} profiles, {index.get('backlog', 0):,} changes to come")
    if index.get("documents", 0) < body["profiles"] and not index.get("backlog"):
        say("              the others were merged, erased or have expired: their ids are kept, and no search finds them")
    for reason in index.get("reasons", ()):
        say(f"              {reason}")
    if body["remains"]:
        say(f"              {REMAIN}")
