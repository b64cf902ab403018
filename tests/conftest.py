"""What every test may rely on: no setting leaks in from outside, and property tests are judged by results, not by speed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.opensearch.emptied import Emptied
from tests.opensearch.shared import shared_url

settings.register_profile("roster", deadline=None)  # two busy cores make any deadline a coin toss
settings.load_profile("roster")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ROSTER_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a running OpenSearch of one node, the same for the whole run: name your indices so that tests do not meet."""
    mine = tmp_path_factory.getbasetemp()
    return shared_url(mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine)


@pytest.fixture(scope="session")
def emptied_stores(opensearch: str) -> Iterator[Emptied]:
    """Stores in it that tests have left, for those that come after."""
    stores = Emptied(opensearch)
    yield stores
    stores.clear()
