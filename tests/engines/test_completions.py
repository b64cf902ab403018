"""Completions of the embedded engine: candidates that are kept do not hide what is new, and never show what is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engines.embedded import completions
from engines.opening import open_writer
from tests.contract.conftest import index
from tests.contract.people import TODAY, drop, person


async def test_kept_candidates_are_counted_anew_and_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is gone is gone from the next answer; a new value is offered once the candidates have been renewed in the background."""
    monkeypatch.setattr(completions, "SLOW", -1.0)  # everything is worth keeping
    work: list[Callable[[], object]] = []
    writer = await open_writer(f"embedded:{tmp_path / 'store'}", today=lambda: TODAY)
    try:
        writer.search._completions = completions.Completions(work.append)  # type: ignore[attr-defined]
        await index(writer, person("p1", city="Berlin"), person("p2", city="Bonn"), person("p3", city="Bonn"))
        assert list(await writer.search.suggest("city", "B")) == [("Bonn", 2), ("Berlin", 1)]
        await writer.contacts.write([drop("p2"), drop("p3")])
        await index(writer, person("p4", city="Bremen"))
        assert list(await writer.search.suggest("city", "B")) == [("Berlin", 1)]
        assert work == []
        monkeypatch.setattr(completions, "KEPT_SECONDS", -1.0)
        for _ in range(2):
            assert list(await writer.search.suggest("city", "B")) == [("Berlin", 1)], "nobody waits for what is new"
        (renew,) = work
        renew()
        assert list(await writer.search.suggest("city", "B")) == [("Berlin", 1), ("Bremen", 1)]
    finally:
        await writer.close()
