"""A store with the example feeds, made once for the tests that only read it, and an empty one for each test that writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Roster


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    """`roster` on the three example feeds; do not write to it."""
    return Roster(tmp_path_factory.mktemp("examples")).filled()


@pytest.fixture
def empty(tmp_path: Path) -> Roster:
    """`roster` on no store yet."""
    return Roster(tmp_path)
