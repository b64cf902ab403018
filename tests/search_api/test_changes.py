"""GET /v1/changes: a customer's copy is what the store would show, at every end of the feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search_api.desk import Desk
from tests.search_api.people import TODAY, erased, moved, person, value


async def read(desk: Desk, cursor: str | None = None, size: int = 100) -> tuple[list[dict[str, Any]], str]:
    """The feed from a cursor to its end, and the cursor reached."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await desk.get("/v1/changes", size=size, **({"since": cursor} if cursor else {}))
        found += answer["changes"]
        cursor = answer["cursor"]
        if not answer["more"]:
            return found, str(cursor)


def told(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Who, and what."""
    return [(change["id"], change["change"]) for change in changes]


async def test_a_copy_follows(desk: Desk) -> None:
    """Added, updated, merged and deleted are told, each profile once, as it is now; with nothing new nothing is told."""
    await desk.hold(*(person(f"p{n}", name="Jane Doe") for n in range(5)))
    first, cursor = await read(desk, size=2)
    assert sorted(told(first)) == [(f"p{n}", "added") for n in range(5)]
    assert (await read(desk, cursor))[0] == []
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await desk.hold(person("p1", name="Jane Roe").model_copy(update={"created_at": long_ago}))
    await desk.hold(moved("p2", "p1"), erased("p3"))
    await desk.hold(person("p9", name="Ada Byron").model_copy(update={"created_at": datetime.now(UTC)}))
    second, cursor = await read(desk, cursor)
    assert told(second) == [("p1", "updated"), ("p2", "merged"), ("p3", "deleted"), ("p9", "added")]
    assert second[0]["profile"]["name"] == "Jane Roe"
    assert second[1]["moved_to"] == "p1"
    assert [change["profile"] for change in second[1:3]] == [None, None]
    assert (await read(desk, cursor))[0] == []


async def test_a_profile_is_told_as_its_own_route_shows_it(desk: Desk) -> None:
    """The feed gives no more and no less than GET /v1/profiles/{id}."""
    await desk.hold(person("jane", name="Jane Doe", email="jane@emberpoint.example", skill=["Python"]))
    ((change,), _) = await read(desk)
    whole = await desk.get("/v1/profiles/jane")
    assert change["profile"] == {name: shown for name, shown in whole.items() if name != "meta"}


async def test_a_suppressed_person_is_gone_from_the_feed_at_once(desk: Desk) -> None:
    """Hidden, though nothing was purged yet: told as deleted by id alone, to who had read past and to who has not; and after the purge."""
    await desk.hold(person("jane", name="Jane Doe"), person("ada", name="Ada Byron"))
    _, past = await read(desk)
    await desk.hide("jane")
    for cursor in (past, None):
        changes, at = await read(desk, cursor)
        assert [c for c in changes if c["id"] == "jane"] == [{"id": "jane", "change": "deleted", "moved_to": None, "profile": None}]
    await desk.hold(erased("jane"))
    await desk.unhide("jane")
    assert told((await read(desk, past))[0]) == [("jane", "deleted")]
    assert told((await read(desk, at))[0]) == [("jane", "deleted")]


async def test_nothing_expired_is_told(desk: Desk) -> None:
    """A value past its day is not in the feed, purged or not; whoever has nothing left is told as deleted."""
    soon = TODAY + timedelta(days=2)
    await desk.hold(
        person("jane", value("email", "jane@emberpoint.example", expires_at=soon), name="Jane Doe"),
        person("ada", value("name", "Ada Byron", expires_at=soon)),
    )
    desk.later(2)
    changes, _ = await read(desk)
    assert sorted(told(changes)) == [("ada", "deleted"), ("jane", "added")]
    (jane,) = (change["profile"] for change in changes if change["id"] == "jane")
    assert jane["emails"] == []


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WzEsIngiLDBd", "é", "=", "x" * 2000])
async def test_a_cursor_of_elsewhere_is_refused(desk: Desk, cursor: str) -> None:
    """What no answer of this store gave is refused with the way out."""
    response = await desk.client.get("/v1/changes", params={"since": cursor})
    assert response.status == 422
    (error,) = (await response.json())["errors"]
    assert error["pointer"] == "since"
    assert "begin anew" in error["allowed"]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["held", "moved", "erased", "hidden", "shown"])), max_size=6), max_size=5
    ),
    size=st.integers(1, 4),
)
async def test_whatever_happens_the_copy_is_right(desk: Desk, turns: list[list[tuple[int, str]]], size: int) -> None:
    """Any series of changes, read in pages of any size between them: whoever does as he is told holds who may be shown, and no one else."""
    copy: set[str] = set()
    cursor: str | None = None
    for turn in turns:
        for n, what in turn:
            if what == "hidden":
                await desk.hide(f"p{n}")
            elif what == "shown":  # nobody is shown again but as the purge has left him
                await desk.hold(erased(f"p{n}"))
                await desk.unhide(f"p{n}")
            else:
                states = {"held": person(f"p{n}", name="Jane Doe"), "moved": moved(f"p{n}", "p9"), "erased": erased(f"p{n}")}
                await desk.hold(states[what])
        changes, cursor = await read(desk, cursor, size)
        for change in changes:
            (copy.add if change["change"] in ("added", "updated") else copy.discard)(change["id"])
    shown = {f"p{n}" for n in range(7) if (await desk.client.get(f"/v1/profiles/p{n}", allow_redirects=False)).status == 200}
    if turns:
        assert copy == shown
