"""`roster serve --processes`: several processes answer on one port, and live and end as one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.cli.running import ROOT, Roster

PATIENCE = 60.0  # seconds for what takes one or two


class Served:
    """A running `roster serve --processes 2`."""

    def __init__(self, roster: Roster) -> None:
        command = [sys.executable, "-m", "cli.main", "--store", "embedded:store", "serve", "--port", "0", "--processes", "2"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.first = subprocess.Popen(
            command, cwd=roster.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.first.stdout is not None
        self.url = self.first.stdout.readline().split()[-1]

    def serving(self) -> set[int]:
        """Numbers of the processes that answer."""
        found = subprocess.run(["pgrep", "-P", str(self.first.pid)], capture_output=True, text=True, check=False)
        return {int(number) for number in found.stdout.split()}

    def until(self, wanted: int, gone: frozenset[int] = frozenset()) -> set[int]:
        """Wait until so many run, and none of those."""
        end = time.monotonic() + PATIENCE
        while len(running := self.serving()) != wanted or running & gone:
            assert time.monotonic() < end, f"{len(running)} processes run, not {wanted}"
        return running

    def search(self) -> int:
        """Ask, over a connection of its own; the number of hits."""
        with urlopen(f"{self.url}/v1/profiles/search?q=engineer") as answer:
            return int(json.loads(answer.read())["total"])


@pytest.fixture
def served(examples: Roster) -> Iterator[Served]:
    running = Served(examples)
    yield running
    running.first.kill()
    running.first.wait()
    assert running.first.stdout is not None
    running.first.stdout.close()


def test_all_answer_and_one_that_dies_is_replaced(served: Served) -> None:
    """The port answers the same whoever of them takes the connection; one killed is replaced, while the other answers; SIGTERM ends all."""
    two = served.until(2)
    assert {served.search() for _ in range(20)} == {served.search()} != {0}
    killed = min(two)
    os.kill(killed, signal.SIGKILL)
    served.until(2, gone=frozenset({killed}))
    assert served.search()
    served.first.terminate()
    assert served.first.wait(PATIENCE) == 0
    served.until(0)


def test_none_is_left_behind_when_the_first_is_killed(served: Served) -> None:
    """However the first process ends, the others do not go on holding the port."""
    two = served.until(2)
    served.first.kill()
    served.first.wait()
    end = time.monotonic() + PATIENCE
    while any(alive(number) for number in two):
        assert time.monotonic() < end, "a process is left"


def test_a_port_in_use_is_refused(served: Served, examples: Roster) -> None:
    """Processes of one server share its port; another server does not get it."""
    ran = examples("serve", "--port", served.url.rpartition(":")[2], "--processes", "2")
    assert (ran.code, "in use by another program" in ran.err) == (1, True)


def test_what_keeps_it_from_serving_is_said_once(empty: Roster) -> None:
    """Without a store it ends at once, with one error."""
    ran = empty("serve", "--port", "0", "--processes", "2")
    assert ran.code == 1
    assert ran.err.count("Error:") == 1


def alive(number: int) -> bool:
    """Whether a process runs."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
