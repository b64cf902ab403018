"""`roster keys`: API keys for the server."""

from __future__ import annotations

import click

from cli.console import print_json, say
from cli.options import as_json, example


@click.group(epilog=example("roster keys make"))
def keys() -> None:
    """Make API keys for the server."""


@keys.command(epilog=example("roster keys make"))
@as_json
def make(json: bool) -> None:
    """Make an API key and its digest.

    The key goes to the caller and is kept nowhere; the digest goes into ROSTER_API_KEYS of the server.
    """
    from search_api.keys import make_key

    key, digest = make_key()
    if json:
        print_json({"key": key, "digest": digest})
        return
    say(f"key     {key}")
    say(f"digest  {digest}")
    say()
    say("Give the key to the caller, who sends it as:  Authorization: Bearer KEY")
    say("Start the server with the digest:             ROSTER_API_KEYS=DIGEST roster serve --host 0.0.0.0")
    say("The key is shown this once; roster keeps neither.")
