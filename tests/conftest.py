"""What every test may rely on: no setting leaks in from outside, and property tests are judged by results, not by speed."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

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
