"""One OpenSearch for a whole test run: the first worker that needs it starts it, the run's end stops it.

ROSTER_TEST_OPENSEARCH names a server to use instead (its indices are left to the tests that make them). A start that failed is told to
every test that asks, at once; it is not tried again, and nothing is skipped.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

GIVEN = os.environ.get("ROSTER_TEST_OPENSEARCH")  # read at import: no test sees ROSTER_ variables
ROOT = Path(__file__).resolve().parents[2]
_started: list[subprocess.Popen[str]] = []  # held until this process ends; the server ends with the run, which may be later


def shared_url(folder: Path) -> str:
    """The url of the run's server. folder: one that all workers of the run share. Raises ClusterFailed."""
    from tests.opensearch.cluster import ClusterFailed

    if GIVEN:
        return GIVEN.rstrip("/")
    state = folder / "opensearch.json"
    with (folder / "opensearch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            state.write_text(json.dumps(start(folder / "opensearch.log")))
    told = json.loads(state.read_text())
    if "url" not in told:
        raise ClusterFailed(told["failed"])
    return str(told["url"])


def start(log: Path) -> dict[str, str]:
    """Start a server that ends with the run; what came of it."""
    whole_run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    command = [sys.executable, "-m", "tests.opensearch", "--owner", str(whole_run), "--json"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True, start_new_session=True
        )
    _started.append(process)
    assert process.stdout is not None
    with process.stdout as output:
        line = output.readline()
    if line:
        return dict(json.loads(line))
    process.wait(60)
    return {"failed": log.read_text()}
