"""What every test may rely on: no setting leaks in from outside, and property tests are judged by results, not by speed."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("roster", deadline=None)  # two busy cores make any deadline a coin toss
settings.load_profile("roster")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ROSTER_")]:
        monkeypatch.delenv(name)
