"""Several serving processes behind one port, so that all of a machine's cores answer: stopped together, and replaced when one dies."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Worker:
    """What one of the processes has to know. port: to share with the others.    owner: a file that ends when the first process does."""

    port: int
    owner: int
    _listening: int

    def announce(self, url: str) -> None:
        """Tell the first process that this one listens."""
        os.write(self._listening, f"{url}\n".encode())
        os.close(self._listening)


def in_processes(count: int, host: str, port: int, announce: Callable[[str], None]) -> Worker | None:
    """Split: a Worker in each of `count` new processes; in the one that called, None when all have ended as told (SIGTERM, SIGINT).

    announce: called with the address as soon as the first process listens. A process that ends unasked is replaced; one that ends before
    it listens has said why, and ends all with its exit code. Raises OSError where the port cannot be had.
    """
    with _reserved(host, port) as taken:
        port = taken.getsockname()[1]
        alive, held = os.pipe()  # `held` is this process's alone: when it dies, however it does, `alive` ends
        family = _Family()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, family.stop)
        while family.lacks_one(count):
            if listening := family.start():
                if url := family.heard(listening):
                    announce(url)
                continue
            os.close(held)
            return Worker(port, alive, family.telling)
    return None


class _Family:
    """The processes this one has started."""

    def __init__(self) -> None:
        self._first, self._running, self._stopping, self._announced = os.getpid(), set[int](), False, False
        self.telling = -1

    def lacks_one(self, count: int) -> bool:
        """Wait until another process has to be started (True), or all were stopped and have ended (False)."""
        while self._running and (self._stopping or len(self._running) == count):
            self._running.discard(os.wait()[0])
        return not self._stopping

    def start(self) -> int:
        """Start a process: a file to read its address from. In the new process 0; it tells by `telling`."""
        sys.stdout.flush()  # what waits to be written would be written twice
        reading, writing = os.pipe()
        if pid := os.fork():
            os.close(writing)
            self._running.add(pid)
            return reading
        os.close(reading)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.telling = writing
        return 0

    def heard(self, listening: int) -> str | None:
        """Wait until a new process listens; its address if it is the first to. Raises Exit when it ended instead."""
        with os.fdopen(listening) as lines:
            url = lines.readline().strip()
        if not url and not self._stopping:
            pid, status = os.wait()
            self._running.discard(pid)
            self.stop()
            self.lacks_one(0)
            raise click.exceptions.Exit(os.waitstatus_to_exitcode(status))
        first, self._announced = not self._announced, True
        return url if first else None

    def stop(self, *_: object) -> None:
        """Let every process finish what it does and end."""
        self._stopping = True
        if os.getpid() == self._first:
            for pid in self._running:
                os.kill(pid, signal.SIGTERM)


def _reserved(host: str, port: int) -> socket.socket:
    """A socket that keeps the port without listening, for sockets of this program to share. Raises OSError where others listen."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind, protocol) as alone:  # one that shares with nobody finds out whether somebody listens there
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind(address)
    kept = socket.socket(family, kind, protocol)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind(address)
    return kept
