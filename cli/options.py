"""Options that several commands share, so that each says the same thing in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

STORE = "roster.store"  # where the store given on the command line is kept in click's context
DEBUG = "roster.debug"


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Remember an option for the whole run: it may stand before or after the command's name; the later one wins."""

    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[name] = value

    return callback


def common(command: F) -> F:
    """--store and --debug."""
    store = click.option(
        "--store",
        metavar="URL",
        expose_value=False,
        callback=_keep(STORE),
        help="The store, such as embedded:PATH. Otherwise ROSTER_STORE, else embedded:./roster-data.",
    )
    return store(debug(command))


def debug(command: F) -> F:
    """--debug."""
    option = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_keep(DEBUG), help="Show the whole trace of an unexpected error."
    )
    return option(command)


def as_json(command: F) -> F:
    """--json."""
    return click.option("--json", "json", is_flag=True, help="Print one JSON object instead of text.")(command)


def example(*lines: str) -> str:
    """What stands at the end of a command's help. The backspace tells click to leave the lines as they are."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
