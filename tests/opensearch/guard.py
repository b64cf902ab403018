"""Ends a cluster whose owner is gone: `python guard.py OWNER FOLDER`.

A process of its own, started beside every cluster, because an owner that is killed can clean up nothing. It waits for the owner's end,
kills each process whose number lies in FOLDER/*/pid and removes FOLDER. A cluster stopped in the ordinary way ends its guard first.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def wait_for_end(pid: int) -> None:
    """Until this process has ended, be it ours or not."""
    if hasattr(os, "pidfd_open"):  # Linux: told at once, and of a process nobody has waited for, too
        with suppress(ProcessLookupError):
            select.select([os.pidfd_open(pid)], [], [])
        return
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            time.sleep(1)


def main(owner: int, folder: Path) -> None:
    """Wait, then clean up."""
    wait_for_end(owner)
    for file in folder.glob("*/pid"):
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner
    main(int(sys.argv[1]), Path(sys.argv[2]))
