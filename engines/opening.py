"""Opening a store by its url: the only way to get at an engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from engines.base import Reader, Writer
from profiles.errors import Problem, SettingsInvalid

Today = Callable[[], date]


def utc_today() -> date:
    """The day by which entries expire: UTC, so that every process of a store agrees."""
    return datetime.now(UTC).date()


async def open_reader(url: str, *, today: Today = utc_today) -> Reader:
    """A store without any way to write contacts. Raises SettingsInvalid for the url, StoreUnavailable, StoreVersion."""
    from engines.embedded.store import open_embedded_reader  # heavy: loaded when a store is opened, not by `--help`

    return await open_embedded_reader(_embedded_path(url), today)


async def open_writer(url: str, *, today: Today = utc_today, create: bool = True) -> Writer:
    """A store to write to; create: whether to make it when missing.

    Raises SettingsInvalid for the url, StoreUnavailable, StoreVersion, StoreBusy.
    """
    from engines.embedded.store import open_embedded_writer  # as above

    return await open_embedded_writer(_embedded_path(url), today, create)


def check_url(url: str) -> None:
    """Raise SettingsInvalid when no engine knows the url; opens nothing."""
    _embedded_path(url)


def _embedded_path(url: str) -> Path:
    kind, separator, path = url.partition(":")
    if kind != "embedded" or not separator or not path.strip() or "\0" in path:
        raise SettingsInvalid([Problem("store", "is not a store url this version knows", "embedded:PATH, such as embedded:./roster-data")])
    return Path(path).expanduser()
