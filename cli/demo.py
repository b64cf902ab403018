"""`roster demo`: a first result. Three small fictional feeds in, four searches through HTTP, and what to type next."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import click

from cli import parts
from cli.console import say
from cli.ingest import summary_lines
from cli.options import debug, example
from cli.search import hit_list
from profiles.errors import Problem, SettingsInvalid, StoreUnavailable

if TYPE_CHECKING:
    from indexer.ingest import IngestSummary

FEEDS = ("team_pages.jsonl", "crm_contacts.csv", "conference_speakers.jsonl")
MARK = ".made-by-roster-demo"  # in the demo's folder: only a folder with it is made anew
FOLDER = Path("demo-data")

# What a person asks, as the query string of the API says it, and as the command line does.
SEARCHES: tuple[tuple[str, list[tuple[str, str]], list[str]], ...] = (
    ("A name, misspelt", [("q", "Malgorzata Vasilewitz")], ["Malgorzata Vasilewitz"]),
    (
        "A job in and around Munich, which the feeds call München",
        [("job_title", "Data Scientist"), ("location", "Greater Munich Area")],
        ["--title", "Data Scientist", "--location", "Greater Munich Area"],
    ),
    (
        "Two skills, both wanted, one by its nickname",
        [("skill.all", "k8s"), ("skill.all", "Terraform")],
        ["--skill", "k8s", "--skill", "Terraform"],
    ),
    ("Someone's handle", [("q", "@malgorzata_wasi")], ["@malgorzata_wasi"]),
)


@click.command(epilog=example("roster demo"))
@debug
def demo() -> None:
    """Show what roster does: ingest three small fictional feeds, search them over HTTP, and say what to type next.

    The store is kept in ./demo-data, made anew each time.
    """
    begun = time.monotonic()
    folder = fresh_folder(FOLDER)
    store = f"embedded:{folder}"
    say("1. Three feeds: a company-page crawl, a CRM export and a speakers' list. Fictional people; most are in more than one.")
    for feed in FEEDS:
        say(f"\n   {feed}")
        for line in summary_lines(ingest_example(store, feed), dry_run=False, rejects=None):
            say(f"   {line}")
    say("\n2. A server, and four searches over HTTP:")
    with server(store) as address:
        for question, parameters, words in SEARCHES:
            path = "/v1/profiles/search?" + urlencode([*parameters, ("size", "3")])
            say(f"\n   {question}")
            say(f"   $ curl -s '{address}{path}'")
            say(f"   $ roster search --size 3 {shlex.join(words)}")
            for line in hit_list(fetch(address, path)):
                say(f"   {line}")
    say(f"\n3. The server is stopped; all this took {time.monotonic() - begun:.1f} s. The store is in ./{folder}. Next:")
    say(f"\n   export ROSTER_STORE={store}" + ("" if in_path() else f"\n   export PATH={Path(sys.executable).parent}:$PATH"))
    say('   roster search "head of engineering warsaw"')
    say("   roster show ID            # one of the ids above: every value with its sources and its last day")
    say("   roster serve              # the same over HTTP, on port 8080")
    say("   roster --help")


def in_path() -> bool:
    """Whether the shell finds the command by its name."""
    return shutil.which("roster") is not None


def examples() -> Path:
    """The folder of the example feeds: beside this module in an installed package, at the top of a checkout."""
    here = Path(__file__).resolve().parent
    return next(folder for folder in (here / "examples", here.parent / "examples") if folder.is_dir())


def fresh_folder(folder: Path) -> Path:
    """The demo's folder, empty. Raises SettingsInvalid rather than touch a folder that no demo made."""
    if folder.exists() and not (folder / MARK).exists():
        raise SettingsInvalid(
            [Problem(str(folder), "is there already, and no demo made it", "another current folder: cd, then roster demo")]
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / MARK).touch()
    return folder


def ingest_example(store: str, feed: str) -> IngestSummary:
    """Register the example source of a feed and ingest the feed."""
    from cli.settings import Settings
    from indexer.ingest import ingest
    from privacy.sources import SourceRegistry, read_source

    given = Settings(store=store)
    source = read_source(examples() / "sources" / f"{Path(feed).stem}.toml", parts.today())

    async def work() -> IngestSummary:
        async with parts.writing(given, create=True) as writer:
            await SourceRegistry(writer.contacts).add(source)
            return await ingest(
                writer,
                source=source,
                feed=examples() / feed,
                policy=parts.policy(given),
                suppressions=parts.suppressions(given, writer),
                today=parts.today(),
            )

    return parts.finish(work())


@contextmanager
def server(store: str) -> Iterator[str]:
    """A real server on a free port, as its own process; gives its address. Raises StoreUnavailable when it does not start."""
    from cli.settings import without_settings

    command = [sys.executable, "-m", "cli.main", "--store", store, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=without_settings()) as process:  # noqa: S603  # our own command, nothing from outside in it
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("listening on "):
                raise StoreUnavailable(f"the server did not start; see why: roster serve --store {store}")
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()


def fetch(address: str, path: str) -> dict[str, Any]:
    """The JSON at a path of the server."""
    from http.client import HTTPConnection

    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", path)
        body: dict[str, Any] = json.loads(connection.getresponse().read())
        return body
    finally:
        connection.close()
