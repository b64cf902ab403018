"""What starts OpenSearch for the tests: it stops what it started whatever happens, and a failed start says why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest
import stamina

from deploy.make_secrets import make_secrets
from tests.opensearch import jars, shared
from tests.opensearch.asking import ask
from tests.opensearch.cluster import ClusterFailed, cluster
from tests.opensearch.jars import Jar, JarsMissing, fetched

pytestmark = pytest.mark.xdist_group("clusters")  # as test_least_privilege.py


@contextmanager
def launched(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """`python -m tests.opensearch`, as make opensearch and the test run start it, and what it printed."""
    command = [sys.executable, "-m", "tests.opensearch", "--json", *arguments]
    with subprocess.Popen(command, cwd=shared.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def gone(told: dict[str, str], seconds: float = 30) -> bool:
    """Whether the server stops answering and its folder vanishes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            ask(told["url"], seconds=1)
        except OSError:
            if not Path(told["logs"]).exists():
                return True
        time.sleep(0.05)  # between questions to processes that are not ours to wait for
    return False


def test_a_server_ends_with_whoever_started_it_even_killed() -> None:
    """A kill -9 of a test run, a bench or make opensearch leaves no server and no data behind."""
    with launched() as (process, told):
        assert ask(told["url"])["version"]["distribution"] == "opensearch"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert gone(told)


def test_the_shared_server_ends_with_the_whole_run() -> None:
    """The server that all workers share outlives the worker that started it and ends with the run."""
    with subprocess.Popen(["sleep", "600"]) as run, launched("--owner", str(run.pid)) as (process, told):
        run.kill()
        run.wait()
        assert process.wait(30) == 0
        assert gone(told)


def test_a_start_that_fails_says_why() -> None:
    """A server that ends by itself is reported at once, with the end of its log, and the logs are kept."""
    with (
        pytest.raises(ClusterFailed, match=r"(?s)opensearch-1 ended by itself.*unknown setting \[no\.such\]") as failed,
        cluster(settings={"no.such": "thing"}),
    ):
        pass
    folder = Path(failed.value.__notes__[0].removeprefix("OpenSearch's logs: ")).parents[1]
    assert [path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"] == []
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def test_a_file_that_is_not_the_one_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jar with other bytes than those listed never becomes part of a server."""
    monkeypatch.setattr(jars, "TRIES", 1)
    cached = tmp_path / "org" / "example" / "thing" / "1.0" / "thing-1.0.jar"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"other")
    with pytest.raises(JarsMissing, match=r"org\.example:thing:1\.0:jar:: is not the file listed"):
        fetched(Jar("lib", "org.example:thing:1.0:jar:", "0" * 64), tmp_path)
    assert not cached.exists()


@pytest.mark.parametrize("secured", [False, True])
def test_every_file_of_a_server_is_pinned(secured: bool) -> None:
    """Each list names a server and its modules, every file with its SHA-256 and no address."""
    listed = jars.read_list(jars.list_of(secured))
    assert len(listed) > 80
    assert {jar.place for jar in listed} >= {"lib", "modules/transport-netty4", "modules/analysis-common", "modules/reindex"}
    assert all(len(jar.sha256) == 64 and len(jar.coordinate.split(":")) == 5 for jar in listed)
    assert "//" not in jars.list_of(secured).read_text("utf-8")


def test_a_given_server_is_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ROSTER_TEST_OPENSEARCH nothing is started."""
    monkeypatch.setattr(shared, "GIVEN", "http://127.0.0.1:9200/")
    assert shared.shared_url(tmp_path) == "http://127.0.0.1:9200"
    assert not list(tmp_path.iterdir())


def test_a_failed_start_is_told_to_every_test_and_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OpenSearch the tests that need it fail, each saying why; none is skipped, and none waits for another try."""
    starts: list[Path] = []

    def start(log: Path) -> dict[str, str]:
        starts.append(log)
        return {"failed": "no memory left"}

    monkeypatch.setattr(shared, "GIVEN", None)
    monkeypatch.setattr(shared, "start", start)
    for _ in range(3):
        with pytest.raises(ClusterFailed, match="no memory left"):
            shared.shared_url(tmp_path)
    assert len(starts) == 1


def test_a_secured_node_can_be_killed_and_comes_back(tmp_path: Path) -> None:
    """Three nodes find each other by their certificates; one is killed, the others answer; started again, the cluster is whole."""
    make_secrets(tmp_path)
    with cluster(nodes=3, secrets=tmp_path, heap="320m") as three:
        three.request("PUT", "/things?wait_for_active_shards=all", {"settings": {"number_of_replicas": 2}})  # else the only copy may die
        three.request("PUT", "/things/_doc/1?refresh=true", {"name": "one"})
        three.stop_node(0)
        with pytest.raises(URLError):
            three.request("GET", "/")
        for attempt in stamina.retry_context(on=URLError, attempts=None, timeout=90):  # until they have noticed, and chosen a manager
            with attempt:
                found = three.request("GET", "/things/_doc/1", node=1)["_source"]
        assert found == {"name": "one"}
        three.start_node(0)
        assert three.request("GET", "/_cluster/health")["number_of_nodes"] == 3
        pids = [node.process.pid for node in three.nodes if node.process]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
