"""What the benches share: running the roster command, and measuring a finished process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    begun = time.perf_counter()
    process = subprocess.Popen([*ROSTER, *words], env={**environment(store), **settings}, stdout=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101  asked for in the line above
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in check:
        sys.exit(f"roster {words[0]} ended with {process.returncode}")
    seconds = time.perf_counter() - begun
    return Finished(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode, output)


def environment(store: Path | str) -> dict[str, str]:
    """For a roster command on a store, a folder or any store's url. In a cluster there is no folder for keys and taxonomies.

    What Python compiles is kept, as where roster is installed: a command that compiles itself anew takes half a second more to start.
    """
    url = str(store) if isinstance(store, str) and "://" in store else f"embedded:{store}"
    apart = {"ROSTER_SUPPRESSION_KEY": "0f" * 32, "ROSTER_TAXONOMY": "/nonexistent"} if "://" in url else {}
    return {**os.environ, "ROSTER_STORE": url, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "", **apart}


@contextmanager
def serving(store: Path | str) -> Iterator[str]:
    """A `roster serve` of its own for a block; its url."""
    command = [*ROSTER, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(store)) as server:
        try:
            assert server.stdout is not None  # noqa: S101  asked for in the line above
            line = server.stdout.readline().decode().split()
            if not line:
                sys.exit("roster serve did not start")
            yield line[-1].rstrip("/")
        finally:
            server.terminate()


def source_of(feed: Path, sources: Path) -> Path:
    """The source file of a feed: the one of the same name (gzip and format endings left off)."""
    name = feed.name.split(".")[0]
    path = sources / f"{name}.toml"
    if not path.exists():
        sys.exit(f"no source file {path} for {feed}")
    return path
