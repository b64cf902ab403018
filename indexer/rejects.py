"""Rejects: what could not be taken of a feed, as JSON lines with line, field, reason and what would be allowed.

The file is readable by its owner only. A record that was refused as a whole is kept with its reasons, so that it can be mended and
delivered again, except where the source had not made it visible to everyone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from profiles.errors import Problem


class Rejects:
    """Counts rejects, and writes them where a path is given; the file appears with the first of them."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.records = 0
        self.values = 0
        self._file: BinaryIO | None = None

    def record(self, line: int, problems: tuple[Problem, ...], fields: dict[str, Any] | None) -> None:
        """A record that was not taken; `fields` as delivered, None when it could not be read."""
        self.records += 1
        for problem in problems:
            self._write({"line": line, "rejected": "record", **_say(problem), "record": fields})

    def value(self, line: int, problem: Problem) -> None:
        """A value that was left out of a record which was taken without it."""
        self.values += 1
        self._write({"line": line, "rejected": "value", **_say(problem)})

    def _write(self, entry: dict[str, Any]) -> None:
        if self.path is None:
            return
        if self._file is None:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(handle, "wb")
        self._file.write(orjson.dumps(entry, default=str) + b"\n")

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _say(problem: Problem) -> dict[str, str]:
    said = {"field": problem.pointer, "reason": problem.detail}
    return {**said, "allowed": problem.allowed} if problem.allowed else said
