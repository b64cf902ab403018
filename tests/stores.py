"""The engines under test: for each, a store that does not exist yet, as a url. A new engine joins by one more entry in ENGINES."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.opensearch.asking import ask


@contextmanager
def embedded(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A folder."""
    yield f"embedded:{folder / 'store'}"


@contextmanager
def opensearch(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A prefix of its own on the run's server; its indices go afterwards."""
    server: str = request.getfixturevalue("opensearch")
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield f"opensearch+{server}/{prefix}"
    ask(f"{server}/{prefix}-*", "DELETE")


ENGINES: dict[str, Callable[[Path, pytest.FixtureRequest], AbstractContextManager[str]]] = {"embedded": embedded, "opensearch": opensearch}

on_embedded = pytest.mark.parametrize("url", ["embedded"], indirect=True)
on_opensearch = pytest.mark.parametrize("url", ["opensearch"], indirect=True)
