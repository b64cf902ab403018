"""The engines under test: for each, a store that holds nothing, as a url. A new engine joins by one more entry in ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.opensearch.emptied import Emptied, new_prefix


@contextmanager
def embedded(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A folder."""
    yield f"embedded:{folder / 'store'}"


@contextmanager
def opensearch(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A prefix of its own on the run's server; its indices are emptied afterwards and used again. new_store: it has none yet."""
    stores: Emptied = request.getfixturevalue("emptied_stores")
    new = request.node.get_closest_marker("new_store") is not None
    prefix = new_prefix() if new else stores.take()
    yield f"opensearch+{stores.server}/{prefix}"
    stores.give_back(prefix)


ENGINES: dict[str, Callable[[Path, pytest.FixtureRequest], AbstractContextManager[str]]] = {"embedded": embedded, "opensearch": opensearch}

on_embedded = pytest.mark.parametrize("url", ["embedded"], indirect=True)
on_opensearch = pytest.mark.parametrize("url", ["opensearch"], indirect=True)
