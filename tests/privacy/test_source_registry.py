"""The sources in the store."""

from __future__ import annotations

from datetime import date

import pytest

from privacy.sources import SourceRegistry
from profiles.errors import SourceUnknown
from tests.privacy.conftest import Room
from tests.privacy.source_files import LICENSED, source


async def test_a_source_is_registered_once(room: Room) -> None:
    """Adding the same file again changes nothing; a changed file replaces the definition, and is told apart from a new one."""
    registry = SourceRegistry(room.writer.contacts)
    first = await registry.add(source())
    assert (first.changed, first.replaced) == (True, False)
    assert not (await registry.add(source())).changed
    changed = source(name="Another name")
    assert (await registry.add(changed)).replaced
    assert await registry.get("team_pages") == changed
    await registry.add(source(id="licensed", **LICENSED))
    assert [entry.source.id for entry in await registry.all()] == ["licensed", "team_pages"]
    assert (await registry.get("licensed")).licence.until == date(2026, 12, 31)


async def test_nothing_is_taken_from_an_unknown_or_disabled_source(room: Room) -> None:
    """The answer says which of the two it is; adding the file again does not switch a disabled source on behind anybody's back."""
    registry = SourceRegistry(room.writer.contacts)
    with pytest.raises(SourceUnknown, match="no source with this id"):
        await registry.get("team_pages")
    for switch in (registry.disable, registry.enable, registry.find):
        with pytest.raises(SourceUnknown):
            await switch("team_pages")
    await registry.add(source())
    await registry.disable("team_pages")
    with pytest.raises(SourceUnknown, match="disabled"):
        await registry.get("team_pages")
    assert not (await registry.add(source(name="Another name"))).enabled
    assert not (await registry.find("team_pages")).enabled
    await registry.enable("team_pages")
    assert (await registry.get("team_pages")).name == "Another name"
