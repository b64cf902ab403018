"""A cluster in trouble, on a real node: roster says what is wrong and what to do, waits for what passes, and goes on by itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError

import pytest
import stamina

from tests.cli.running import EXAMPLES, ROOT, Ran, Roster
from tests.opensearch.cluster import Cluster, cluster

pytestmark = pytest.mark.xdist_group("clusters")  # as test_least_privilege.py

FEED, SOURCE = EXAMPLES / "team_pages.jsonl", EXAMPLES / "sources" / "team_pages.toml"
SEARCH = "/v1/profiles/search?q=head+of+engineering+warsaw"


@pytest.fixture(scope="module")
def node() -> Iterator[Cluster]:
    """A server of our own, to be hurt."""
    with cluster(settings={"cluster.info.update.interval": "10s"}) as made:  # how soon it notices a full disk; less it does not take
        yield made


class Operator:
    """Who runs roster on a store of this node."""

    def __init__(self, node: Cluster, folder: Path) -> None:
        self.node, self.run = node, Roster(folder)
        self.settings = {
            "ROSTER_STORE": f"opensearch+{node.url}/trouble",
            "ROSTER_SUPPRESSION_KEY": "0f" * 32,
            "ROSTER_TAXONOMY": "taxonomy",
        }

    def __call__(self, *arguments: str) -> Ran:
        """Run a command."""
        return self.run(*arguments, **self.settings)


@pytest.fixture(scope="module")
def roster(node: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """With a store that has been filled."""
    made = Operator(node, tmp_path_factory.mktemp("work"))
    for command in (("sources", "add", str(SOURCE)), ("ingest", str(FEED), "--source", "team_pages")):
        assert made(*command).code in (0, 3)
    return made


@pytest.fixture(scope="module")
def api(roster: Operator) -> Iterator[str]:
    """`roster serve` on that store."""
    command = [sys.executable, "-m", "cli.main", "serve", "--port", "0"]
    environment = {**roster.settings, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with (
        (roster.run.folder / "serve.log").open("w") as log,
        subprocess.Popen(command, cwd=roster.run.folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def answer(url: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body."""
    try:
        with urllib.request.urlopen(url, timeout=60) as told:
            return told.status, dict(told.headers), json.load(told)
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.load(error)


def test_a_full_disk_is_said_to_be_one_and_passes(node: Cluster, roster: Operator, api: str) -> None:
    """At the flood stage an ingest stops at once and says so, searches go on; with room again the same ingest goes through."""
    feed = roster.run.folder / "more.jsonl"
    feed.write_text(FEED.read_text("utf-8").replace('"id": "tp-', '"id": "more-'), "utf-8")
    ingest = ("ingest", str(feed), "--source", "team_pages")
    try:
        leave_free(node, "100000gb")
        wait_for_block(node, blocked=True)
        stopped = roster(*ingest)
        assert stopped.code == 1
        assert "its disk is almost full (flood stage); free space there" in stopped.err
        assert answer(api + SEARCH)[0] == 200
    finally:
        leave_free(node, "1b")
    wait_for_block(node, blocked=False)
    assert roster(*ingest).code in (0, 3)
    status = roster("status", "--json").json
    assert status["index"]["documents"] > 0
    assert status["index"]["backlog"] == 0


def leave_free(node: Cluster, size: str) -> None:
    """How much of the disk must be free; more than there is makes it a full one."""
    stages = {f"cluster.routing.allocation.disk.watermark.{name}": size for name in ("low", "high", "flood_stage")}
    node.request("PUT", "/_cluster/settings", {"persistent": {**stages, "cluster.routing.allocation.disk.threshold_enabled": True}})


def wait_for_block(node: Cluster, *, blocked: bool) -> None:
    """Until the server has noticed its disk."""
    for attempt in stamina.retry_context(on=AssertionError, attempts=None, timeout=90, wait_max=1):
        with attempt:
            told = node.request("GET", "/trouble-records/_settings/index.blocks.*")
            assert bool(told) is blocked


def test_a_read_only_index_is_said_to_be_one(node: Cluster, roster: Operator) -> None:
    """A block that somebody set is named, with the settings that lift it."""
    node.request("PUT", "/trouble-*/_settings", {"index.blocks.write": True})
    try:
        ran = roster("suppress", "--email", "nobody@firm.example", "--yes")
        assert (ran.code, "was set read-only: lift the block (index.blocks.write" in ran.err) == (1, True), ran.err
    finally:
        node.request("PUT", "/trouble-*/_settings", {"index.blocks.write": None})
    assert roster("suppress", "--email", "nobody@firm.example", "--yes").code == 0


def test_a_server_that_is_away_is_waited_for(node: Cluster, roster: Operator, api: str) -> None:
    """OpenSearch stopped: the API says 503 with Retry-After; an ingest begun meanwhile waits and ends well; both recover by themselves."""
    feed = roster.run.folder / "again.jsonl"
    feed.write_text(FEED.read_text("utf-8").replace('"id": "tp-', '"id": "again-'), "utf-8")
    node.stop_node(0)
    for path in (SEARCH, "/readyz"):
        status, headers, body = answer(api + path)
        assert (status, int(headers["Retry-After"]) > 0) == (503, True), body
    command = [sys.executable, "-m", "cli.main", "ingest", str(feed), "--source", "team_pages", "--json"]
    environment = {**roster.settings, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=roster.run.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ingest:
        node.start_node(0)
        output, errors = ingest.communicate(timeout=300)
    assert ingest.returncode in (0, 3), errors
    assert json.loads(output)["new"] > 0
    assert answer(api + SEARCH)[0] == 200


@contextmanager
def pretending(version: dict[str, str]) -> Iterator[str]:
    """A server that says it is of this version."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"version": version}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"number": "1.3.20", "distribution": "opensearch"}, r"runs OpenSearch 1\.3\.20: roster needs 2\.11 or newer"),
        ({"number": "8.15.0"}, r"is no OpenSearch: point the store's url at OpenSearch 2\.11 or newer"),
    ],
)
def test_another_version_is_refused(tmp_path: Path, version: dict[str, str], said: str) -> None:
    """A server too old, or of another kind, is named with what is needed, before anything is asked of it."""
    with pretending(version) as place:
        ran = Roster(tmp_path)("status", ROSTER_STORE=f"opensearch+http://{place}/roster")
    assert (ran.code, bool(re.search(said, ran.err))) == (1, True), ran.err
