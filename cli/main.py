"""`roster`: the list of commands, and how every error becomes one clear message and an exit code.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with rejects. Importing this module loads click and nothing heavy: commands import
what they need when they run, so that `roster --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from cli.console import tell
from cli.demo import demo
from cli.expire import expire
from cli.export import export
from cli.history import history
from cli.index import index
from cli.ingest import ingest
from cli.judge import judge, merge, unmerge
from cli.keys import keys
from cli.options import DEBUG, common, example
from cli.providers import providers
from cli.reindex import reindex
from cli.resolve import resolve
from cli.search import search
from cli.serve import serve
from cli.show import show
from cli.sources import sources
from cli.status import status
from cli.suppress import suppress
from cli.taxonomy import taxonomy
from cli.verify import verify
from cli.why import why
from profiles.errors import InputInvalid, QueryInvalid, RosterError, SettingsInvalid

DONE, FAILED, WRONG_USE = 0, 1, 2

COMMANDS: tuple[click.Command, ...] = (
    demo,
    sources,
    ingest,
    providers,
    search,
    show,
    verify,
    serve,
    status,
    resolve,
    why,
    history,
    judge,
    merge,
    unmerge,
    suppress,
    expire,
    reindex,
    index,
    export,
    taxonomy,
    keys,
)


class InOrder(click.Group):
    """Lists its commands in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, as in COMMANDS."""
        return list(self.commands)


@click.group(
    cls=InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=example("roster demo", "roster sources add examples/sources/team_pages.toml", 'roster search "product manager munich"'),
)
@click.version_option(package_name="roster", message="roster %(version)s")
@common
def roster() -> None:
    """Self-hosted profile discovery: feeds in, one profile per person out, found by name, job, company, place and skill."""


for _command in COMMANDS:
    roster.add_command(_command)


def main() -> None:
    """The console script. A service manager's SIGTERM stops a command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    code = run(sys.argv[1:])
    gc.freeze()  # all that is left ends with the process: to look through it for garbage takes 60 ms
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; no expected error leaves as an exception."""
    ctx: click.Context | None = None
    debug = "--debug" in arguments
    try:
        with roster.make_context("roster", list(arguments)) as ctx:
            roster.invoke(ctx)
        return DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as wrong:
        unquoted(wrong).show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("Stopped. What was done is kept; the same command goes on from there.")
        return FAILED
    except RosterError as error:
        explain(error)
        return WRONG_USE if isinstance(error, (QueryInvalid, SettingsInvalid)) else FAILED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        unexpected(error, debug or bool(ctx and ctx.meta.get(DEBUG)))
        return FAILED


def unquoted(wrong: click.ClickException) -> click.ClickException:
    """Click repeats what it could not use, which may be a person's name or number and ends in logs: say the rule instead."""
    ctx = wrong.ctx if isinstance(wrong, click.UsageError) else None
    if isinstance(wrong, click.BadParameter) and wrong.param and isinstance(kind := wrong.param.type, click.types.IntParamType):
        low, high = getattr(kind, "min", None), getattr(kind, "max", None)
        bounds = f" from {low} to {high}" if high is not None else f", {low} or more" if low is not None else ""
        return click.BadParameter(f"it must be a whole number{bounds}", ctx, wrong.param)
    if wrong.message.startswith("Got unexpected extra argument"):
        return click.UsageError("there are more words than this command takes; words that belong together stand in quotes", ctx)
    return wrong


def explain(error: RosterError) -> None:
    """Say on standard error what is wrong, one line for each problem."""
    if isinstance(error, InputInvalid) and len(error.problems) > 1:
        tell(f"Error: {len(error.problems)} things are wrong:")
        for problem in error.problems:
            tell(f"  {problem}")
    else:
        tell(f"Error: {error or type(error).__doc__}")


def unexpected(error: Exception, debug: bool) -> None:
    """One line and where it happened; never the message, which may hold personal data, unless --debug asks for it."""
    if debug:
        traceback.print_exception(error)
        return
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    tell(f"Error: unexpected {type(error).__name__} in {where}. --debug shows the trace (it may hold personal data).")


if __name__ == "__main__":
    main()
