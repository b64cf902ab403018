"""Writes the generated pages of docs/ from the code: `python -m cli.reference docs`. A test compares them, so they stay true."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.main import roster
from cli.settings import Settings, variable
from privacy import fieldmap, sources
from search_api import errors
from search_api.v5.fields import FIELDS

HEAD = "<!-- Written by `make docs` from the code; change the code, not this file. -->\n"


def commands(command: click.Command = roster, path: tuple[str, ...] = ("roster",)) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its full name, groups before what they hold."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


def help_of(path: tuple[str, ...], command: click.Command) -> str:
    """The help as the command line prints it, 110 columns wide."""
    context = None
    for name in path:  # as click builds them: what the first one is told, the inner ones inherit
        told: dict[str, Any] = {"help_option_names": ["-h", "--help"], "terminal_width": 110, "max_content_width": 110}
        context = click.Context(command if name == path[-1] else roster, parent=context, info_name=name, **told)
    return command.get_help(context or click.Context(command))


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
            "Environment variables; nothing else is read, but AWS's own variables by a store url that asks for signed requests",
            "([on an OpenSearch cluster](opensearch.md)). An empty one counts as unset.",
            "",
            "| variable | default | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def errors_reference() -> str:
    """docs/errors.md."""
    mapped = dict.fromkeys([*(entry for _, entry in errors.ERROR_MAP), *errors.HTTP_ERRORS.values(), errors.INTERNAL])
    rows = [f"| {e.status} | `{e.slug}` | {e.title} |" for e in sorted(mapped, key=lambda e: (e.status, e.slug))]
    return "\n".join(
        [
            HEAD,
            "# Errors over HTTP",
            "",
            "Every error is `application/problem+json` (RFC 9457). `type` is `urn:roster:problem:` and the word below; `errors` lists each",
            "thing that is wrong as pointer, detail and what is allowed; `request_id` is the one in the server's log. Only under `/v5`",
            "errors are as its clients expect them ([v5.md](v5.md)).",
            "",
            "| status | type | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def sources_reference() -> str:
    """docs/sources.md: what the modules that read source files say of them."""
    return "\n".join([HEAD, "# Source files", "", _text_block(sources.__doc__), "", "# Field maps", "", _text_block(fieldmap.__doc__), ""])


def v5_fields_reference() -> str:
    """docs/v5-fields.md."""
    rows = [f"| `{name}` | {field.means} | {', '.join(field.ways())} |" for name, field in FIELDS.items()]
    return "\n".join(
        [
            HEAD,
            "# Fields of /v5",
            "",
            "The fields of People Data Labs' person schema that a search can ask for, what each is here, and by which clauses",
            "([v5.md](v5.md)). In SQL, = and IN are term and terms, LIKE is wildcard or prefix, IS NOT NULL is exists, comparisons",
            "and BETWEEN are range.",
            "",
            "| field | what it is here | clauses |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _text_block(doc: str | None) -> str:
    """A docstring as it stands, its first line as a sentence above."""
    first, _, rest = (doc or "").strip().partition("\n")
    return f"{first}\n\n```text\n{rest.strip(chr(10))}\n```"


PAGES = {
    "cli.md": cli_reference,
    "settings.md": settings_reference,
    "errors.md": errors_reference,
    "sources.md": sources_reference,
    "v5-fields.md": v5_fields_reference,
}


def write_pages(folder: Path) -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
