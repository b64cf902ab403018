"""Writes docs/cli.md and docs/settings.md from the code: `python -m cli.reference docs`. A test compares them, so they stay true."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cli.main import roster
from cli.settings import Settings, variable

HEAD = "<!-- Written by `make docs` from the code; change the code, not this file. -->\n"


def commands(command: click.Command = roster, path: tuple[str, ...] = ("roster",)) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its full name, groups before what they hold."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


def help_of(path: tuple[str, ...], command: click.Command) -> str:
    """The help as the command line prints it, 110 columns wide."""
    above = None
    for name in path[:-1]:
        above = click.Context(roster, parent=above, info_name=name)
    return command.get_help(click.Context(command, parent=above, info_name=path[-1], terminal_width=110, max_content_width=110))


def cli_reference() -> str:
    """docs/cli.md."""
    sections = [
        HEAD,
        "# The command line",
        "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with rejects. `--store` and `--debug` may also stand before the command.",
    ]
    for path, command in commands():
        sections += [f"## {' '.join(path)}", f"```text\n{help_of(path, command)}\n```"]
    return "\n\n".join(sections).replace(HEAD + "\n", HEAD) + "\n"


def settings_reference() -> str:
    """docs/settings.md."""
    rows = [
        f"| `{variable(name)}` | {f'`{field.default}`' if field.default else 'none'} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            HEAD,
            "# Settings",
            "",
            "Environment variables; nothing else is read. An empty one counts as unset.",
            "",
            "| variable | default | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


PAGES = {"cli.md": cli_reference, "settings.md": settings_reference}


def write_pages(folder: Path) -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
