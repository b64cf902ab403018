"""Completions of the embedded engine: candidates that are kept do not hide what is new, and never show what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


async def test_slow_beginnings_are_looked_up_in_advance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server has warmed is not looked up again, also for the first who asks; beginnings too rare to be slow are not kept."""
    monkeypatch.setattr(completions, "SLOW", -1.0)
    monkeypatch.setattr(completions, "LETTERS", "be")
    monkeypatch.setattr(completions, "KEPT", 64)  # a bound on the warming too, since here nothing is quick enough to end it
    writer = await open_writer(f"embedded:{tmp_path / 'store'}", today=lambda: TODAY)
    try:
        await index(writer, person("p1", city="Berlin"), person("p2", city="Bonn"))
        await writer.search.warm()
        kept = writer.search._completions._kept  # type: ignore[attr-defined]
        assert {len(prefix) for _, prefix, _ in kept} == {1, 2, 3}
        (term,) = (key for key in kept if key[:2] == ("suggest_location", "be"))
        assert [value for value, _ in kept[term].terms] == ["berlin\tBerlin"]
    finally:
        await writer.close()


@settings(max_examples=30)
@given(data=st.data())
def test_only_as_many_are_counted_as_can_be_among_the_first(data: st.DataObject) -> None:
    """Whatever share of each value is of the dead, those that are left uncounted would not have been offered."""
    held = sorted(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=12)), reverse=True)
    offered = [(f"v{n:02}", count) for n, count in enumerate(held)]
    living = {value: data.draw(st.integers(0, count)) for value, count in offered}
    size = data.draw(st.integers(1, 5))
    found: list[tuple[str, int]] = []
    for value, count in offered:
        if completions._enough(found, offered, size, count):
            break
        found.append((value, living[value]))

    def first(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        return sorted(((value, count) for value, count in counted if count), key=lambda pair: (-pair[1], pair[0]))[:size]

    assert first(found) == first(living.items())
