"""Who began something, so that others can tell when its process is dead: machine, process number, and a mark of its own."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

_own: set[str] = set()  # marks given in this process


def now() -> int:
    """Milliseconds since 1970, by this machine's clock."""
    return time.time_ns() // 1_000_000


def holder(mark: str) -> dict[str, Any]:
    """What says that this process began something, for a document that others read. mark: unique to what was begun."""
    _own.add(mark)
    return {"host": socket.gethostname(), "process": os.getpid(), "mark": mark}


def done(mark: str) -> None:
    """What was begun is over: a document that still says otherwise is no one's."""
    _own.discard(mark)


def is_dead(told: Mapping[str, Any]) -> bool:
    """Whether the process is known to be dead; False of one on another machine, which only time can tell."""
    if told["host"] != socket.gethostname():
        return False
    if told["process"] == os.getpid():  # ours, or of a container before this one that had our number
        return told["mark"] not in _own
    try:
        os.kill(told["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # alive, another user's
        return False
    return False
