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
    if _is_opensearch(url):
        from engines.opensearch.store import open_opensearch_reader  # heavy: loaded when a store is opened, not by `--help`

        return await open_opensearch_reader(url, today)
    from engines.embedded.store import open_embedded_reader  # as above

    return await open_embedded_reader(_embedded_path(url), today)


async def open_writer(url: str, *, today: Today = utc_today, create: bool = True) -> Writer:
    """A store to write to; create: whether to make it when missing.

    Raises SettingsInvalid for the url, StoreUnavailable, StoreVersion, StoreBusy.
    """
    if _is_opensearch(url):
        from engines.opensearch.store import open_opensearch_writer  # as above

        return await open_opensearch_writer(url, today, create)
    from engines.embedded.store import open_embedded_writer  # as above

    return await open_embedded_writer(_embedded_path(url), today, create)


def check_url(url: str) -> None:
    """Raise SettingsInvalid when no engine knows the url; opens nothing."""
    if _is_opensearch(url):
        from engines.opensearch.address import read_address

        read_address(url)
    else:
        _embedded_path(url)


def shown_url(url: str) -> str:
    """The url without user and password, fit for a message."""
    if not _is_opensearch(url):
        return url
    from engines.opensearch.address import read_address

    return read_address(url).shown


def _is_opensearch(url: str) -> bool:
    return url.startswith(("opensearch+http://", "opensearch+https://"))


def _embedded_path(url: str) -> Path:
    kind, separator, path = url.partition(":")
    if kind != "embedded" or not separator or not path.strip() or "\0" in path:
        allowed = "embedded:PATH, such as embedded:./roster-data, or opensearch+https://HOST:9200/PREFIX"
        raise SettingsInvalid([Problem("store", "is not a store url this version knows", allowed)])
    return Path(path).expanduser()
