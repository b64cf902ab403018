"""`roster expire`: remove what is past its day."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example

if TYPE_CHECKING:
    from indexer.expiry import ExpirySummary


@click.command(epilog=example("roster expire", "roster expire --yes"))
@click.option("--yes", is_flag=True, help="Apply it. Without this, only say what would go.")
@as_json
@common
def expire(yes: bool, json: bool) -> None:
    """Remove every value whose time is over; a preview unless --yes. Expired values are never shown, removed or not."""
    from indexer.expiry import expire as expire_values

    given = parts.settings()

    async def work() -> ExpirySummary:
        async with parts.writing(given) as store:
            return await expire_values(
                store, policy=parts.policy(given), suppressions=parts.suppressions(given, store), today=parts.today(), apply=yes
            )

    summary = parts.finish(work())
    if json:
        print_json(asdict(summary))
        return
    for line in summary_lines(summary):
        say(line)


def summary_lines(summary: ExpirySummary) -> list[str]:
    """What is over, or what was removed, in words."""
    if not summary.profiles:
        return ["Nothing is past its day."]
    lines = ["Removed:" if summary.applied else "Past its day, and no longer shown to anyone:"]
    lines += [f"  {count:,} {kind.replace('_', ' ')} values" for kind, count in sorted(summary.values.items()) if count]
    lines.append(f"  in {summary.profiles:,} profiles, of which {summary.persons:,} have nothing left")
    if not summary.applied:
        lines.append("Nothing was changed. To remove it from the store: roster expire --yes")
    return lines
