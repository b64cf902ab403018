"""Rejects: what could not be taken of a feed, as JSON lines with line, field, reason and what would be allowed.

The file is made anew by each run, stays empty when everything could be taken, and is readable by its owner only. A record that was
refused as a whole is kept with its reasons, so that it can be mended and delivered again, except where the source had not made it
visible to everyone.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from profiles.errors import InputInvalid, Problem

_MEMBER = re.compile(r"/\d+(?=/|$)")  # "/emails/3/value" is counted with every other e-mail address
_NUMBER = re.compile(r"\d+")  # "not JSON: ... at column 17" is counted with every other column


class Rejects:
    """Counts rejects and their reasons, and writes them where a path is given.

    feed: the file being read, which must not be written over.    Raises InputInvalid when the file cannot be written.
    """

    def __init__(self, path: Path | None, feed: Path | str = "-") -> None:
        self.records = 0
        self.values = 0
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}
        if path is not None and path.exists() and Path(feed).exists() and path.samefile(feed):
            raise InputInvalid([Problem("--rejects", "is the feed itself, which would be written over", "another file")])
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) if path else None
        except OSError as error:
            raise InputInvalid([Problem("--rejects", f"cannot be written: {error.strerror}", "a file in a writable folder")]) from error
        self._file = os.fdopen(handle, "wb") if handle is not None else None

    def record(self, line: int, problems: tuple[Problem, ...], fields: dict[str, Any] | None) -> None:
        """A record that was not taken; `fields` as delivered, None when it could not be read."""
        self.records += 1
        for problem in problems:
            self._count(problem)
            self._write({"line": line, "rejected": "record", **_say(problem), "record": fields})

    def value(self, line: int, problem: Problem) -> None:
        """A value that was left out of a record which was taken without it."""
        self.values += 1
        self._count(problem)
        self._write({"line": line, "rejected": "value", **_say(problem)})

    def reasons(self, most: int = 10) -> list[dict[str, Any]]:
        """The commonest reasons with their number, the commonest first: {"field", "reason", "count"}. Reasons quote no value.

        Those that differ in numbers only are one, in the words of the first.
        """
        return [{"field": key[0], "reason": self._first[key], "count": count} for key, count in self._reasons.most_common(most)]

    def _count(self, problem: Problem) -> None:
        key = _MEMBER.sub("", problem.pointer), _NUMBER.sub("", problem.detail)
        self._reasons[key] += 1
        self._first.setdefault(key, problem.detail)

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(orjson.dumps(entry, default=str) + b"\n")

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _say(problem: Problem) -> dict[str, str]:
    said = {"field": problem.pointer, "reason": problem.detail}
    return {**said, "allowed": problem.allowed} if problem.allowed else said
