"""What the benches share: running the roster command, and measuring a finished process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROSTER = [sys.executable, "-m", "cli.main"]
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a bench that imports this module can start OpenSearch as the tests do: tests.opensearch.cluster


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished process: wall seconds, processor seconds and peak memory of it and its children (MB), and what it printed."""

    seconds: float
    processor_seconds: float
    peak_megabytes: float
    code: int
    output: bytes

    def json(self) -> Any:
        """Its output as JSON."""
        return orjson.loads(self.output)


def roster(store: Path | str, *words: str, check: Sequence[int] = (0, 3), **settings: str) -> Finished:
    """Run a roster command on a store, a folder or a url; exits when the code is not one of `check`. settings: more of ROSTER_..."""
    url = store if str(store).startswith("opensearch+") else f"embedded:{store}"
    environment = {**os.environ, "ROSTER_STORE": str(url), "PYTHONPATH": str(ROOT), **settings}
    begun = time.perf_counter()
    process = subprocess.Popen([*ROSTER, *words], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  asked for in the line above
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in check:
        sys.exit(f"roster {words[0]} ended with {process.returncode}")
    seconds = time.perf_counter() - begun
    return Finished(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode, output)


def source_of(feed: Path, sources: Path) -> Path:
    """The source file of a feed: the one of the same name (gzip and format endings left off)."""
    name = feed.name.split(".")[0]
    path = sources / f"{name}.toml"
    if not path.exists():
        sys.exit(f"no source file {path} for {feed}")
    return path
