"""The directory of the search index: names, the pointer to the index in use, the writer's lock, and clearing up."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from profiles.errors import StoreBusy

_NAME = re.compile(r"profiles-v(?P<version>\d+)-(?P<fingerprint>[0-9a-f]{12})-(?P<serial>\d{6,})")
_BUILDING = ".building"
_DAMAGED = "damaged"
_LOOK_AGAIN = 0.01  # seconds: a commit, the shortest thing a holder does, takes 0.016


class IndexFiles:
    """`PATH/search`. Only the holder of `lock` changes anything but the damage note."""

    def __init__(self, root: Path, version: int, fingerprint: str) -> None:
        self.root = root
        self.pointer = root / "current"
        self._prefix = f"profiles-v{version}-{fingerprint}-"

    def in_use(self) -> str | None:
        """The name the pointer holds; None when there is none or it is not a name of ours."""
        try:
            name = self.pointer.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if _NAME.fullmatch(name) else None

    def is_ours(self, name: str) -> bool:
        """Whether an index was built with the mapping and normalisers this process runs."""
        return name.startswith(self._prefix)

    def note_damage(self, name: str) -> None:
        """Leave word for the next holder of the lock that this index cannot be read."""
        try:
            (self.root / name / _DAMAGED).touch()
        except OSError:  # a vanished or read-only directory: the lock holder finds that out by itself
            return

    def is_damaged(self, name: str) -> bool:
        """Whether somebody could not read this index."""
        return (self.root / name / _DAMAGED).exists()

    @contextmanager
    def lock(self, wait: float = 0.0) -> Iterator[None]:
        """Hold the index for writing; the system lets go when the process dies.

        wait: seconds for another holder to finish. Raises StoreBusy when it does not.
        """
        with self._held("lock", f"another process is writing the search index in {self.root}", wait):
            yield

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Hold the right to rebuild, which leaves the index to whoever follows the writes until the building begins. Raises StoreBusy."""
        with self._held("rebuild", f"another process is rebuilding the search index in {self.root}: let it end, or stop it"):
            yield

    @contextmanager
    def _held(self, name: str, busy: str, wait: float = 0.0) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / name, os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + wait
        try:
            while not _taken(handle):
                if time.monotonic() >= until:
                    raise StoreBusy(busy)
                time.sleep(_LOOK_AGAIN)
            yield
        finally:
            os.close(handle)

    def begin(self) -> Path:
        """A fresh directory to build in; the left-overs of builds that died are removed."""
        for leftover in self.root.glob(f"*{_BUILDING}"):
            shutil.rmtree(leftover, ignore_errors=True)
        serials = [int(found["serial"]) for path in self.root.iterdir() if (found := _NAME.fullmatch(path.name))]
        building = self.root / f"{self._prefix}{max(serials, default=0) + 1:06d}{_BUILDING}"
        building.mkdir()
        return building

    def publish(self, building: Path) -> str:
        """Make a finished build the index in use, in one step; older ones go. Searches under way keep the files they have open."""
        name = building.name.removesuffix(_BUILDING)
        building.rename(self.root / name)
        fresh = self.pointer.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.pointer)
        self.tidy()
        return name

    def discard(self, building: Path) -> None:
        """Remove a build that came to nothing."""
        shutil.rmtree(building, ignore_errors=True)

    def tidy(self) -> None:
        """Remove every index but the one in use."""
        in_use = self.in_use()
        for path in self.root.iterdir():
            if path.is_dir() and path.name != in_use and _NAME.fullmatch(path.name.removesuffix(_BUILDING)):
                shutil.rmtree(path, ignore_errors=True)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
