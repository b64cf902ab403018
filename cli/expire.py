"""`roster expire`: remove what is past its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import parts
from cli.console import counted, print_json, say
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
            listed = parts.suppressions(given, store)
            return await expire_values(store, policy=parts.policy(given), suppressions=listed, today=parts.today(), apply=yes, wait=True)

    summary = parts.finish(work())
    if json:
        values = {str(kind): count for kind, count in sorted(summary.values.items())}
        print_json({"applied": summary.applied, "profiles": summary.profiles, "persons": summary.persons, "values": values})
        return
    for line in summary_lines(summary):
        say(line)


def summary_lines(summary: ExpirySummary) -> list[str]:
    """What is over, or what was removed, in words."""
    if not summary.profiles:
        return ["Nothing is past its day."]
    lines = ["Removed:" if summary.applied else "Past its day, and no longer shown to anyone:"]
    lines += [f"  {counted(count, kind.replace('_', ' ') + ' value')}" for kind, count in sorted(summary.values.items()) if count]
    lines.append(f"  in {counted(summary.profiles, 'profile')}; with nothing left to be named by: {summary.persons:,}")
    if not summary.applied:
        lines.append("Nothing was changed. To remove it from the store: roster expire --yes")
    return lines
