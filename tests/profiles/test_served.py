"""What a hit shows is what may be served of the profile, however little of it is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.models import Profile, ProfileState, Value, ValueKind, ValueSource
from profiles.retention import live
from profiles.served import brief_of, read_brief, read_served

TODAY = date(2026, 11, 27)
days = st.integers(-2, 2).map(lambda n: TODAY + timedelta(days=n))


@st.composite
def values(draw: st.DrawFn) -> Value:
    """A value of one or two sources, some of which have expired."""
    sources = tuple(
        ValueSource(source_id="s", record_id=str(n), collected_at=TODAY, first_seen=TODAY, expires_at=draw(days))
        for n in range(draw(st.integers(1, 2)))
    )
    return Value(
        kind=draw(st.sampled_from(ValueKind)),
        value=draw(st.text(max_size=5)),
        keys=(draw(st.text(min_size=1, max_size=5)),),
        parts=draw(st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2)),
        score=1.0,
        first_seen=TODAY,
        last_seen=TODAY,
        expires_at=max(source.expires_at for source in sources),
        sources=sources,
    )


NAME = Value(
    kind=ValueKind.NAME, value="Ann Archer", keys=("ann archer",), score=1.0, first_seen=TODAY, last_seen=TODAY, expires_at=TODAY,
    sources=(ValueSource(source_id="s", record_id="1", collected_at=TODAY, first_seen=TODAY, expires_at=TODAY),),
)  # fmt: skip


@given(held=st.lists(values(), max_size=6), name_until=days, state=st.sampled_from(ProfileState))
def test_a_hit_shows_what_may_be_served(held: list[Value], name_until: date, state: ProfileState) -> None:
    """No value past its day, no merged or erased profile, nobody without a name; and every value that is left, in its order."""
    name = NAME.model_copy(update={"expires_at": name_until, "sources": (NAME.sources[0].model_copy(update={"expires_at": name_until}),)})
    profile = Profile(id="p1", state=state, created_at=datetime(2026, 1, 1, tzinfo=UTC), updated=TODAY, values=(name, *held))
    left = live(profile, TODAY) if state is ProfileState.ACTIVE else None
    for body in (profile.model_dump_json(), profile.model_dump_json(exclude_defaults=True)):
        served = read_served(body.encode(), TODAY)
        assert (served is None) == (left is None)
        if served is None or left is None:
            continue
        assert (served.id, served.updated) == (left.id, left.updated.isoformat())
        assert served.whole() == left
        attested = [(source.record_id, source.expires_at.isoformat()) for value in left.values for source in value.sources]
        assert sorted((source["record_id"], source["expires_at"]) for source in served.sources()) == sorted(attested)
        for kind in ValueKind:
            assert [(v.value, tuple(v.keys), v.parts) for v in served.of(kind)] == [(v.value, v.keys, v.parts) for v in left.of(kind)]
            assert served.has(kind) == bool(left.of(kind))
            first = served.first(kind)
            assert (first.value if first else None) == (best.value if (best := left.first(kind)) else None)


LISTED = {
    ValueKind.JOB_TITLE: ("seniority", "function"),
    ValueKind.LOCATION: ("lat", "lon"),
    ValueKind.LINK: ("network",),
}


@given(held=st.lists(values(), max_size=6))
def test_a_brief_holds_what_a_hit_shows(held: list[Value]) -> None:
    """Every text, name and part that a list of hits shows, in its order; that there are contact details, and none of them."""
    told = [value.model_copy(update={"parts": {**value.parts, "network": "linkedin", "lat": 1.5, "seniority": "head"}}) for value in held]
    later = {"expires_at": date.max}
    told = [v.model_copy(update={**later, "sources": tuple(s.model_copy(update=later) for s in v.sources)}) for v in (NAME, *told)]
    profile = Profile(id="p1", created_at=datetime(2026, 1, 1, tzinfo=UTC), updated=TODAY, values=told)
    served = read_served(profile.model_dump_json().encode(), TODAY)
    assert served is not None
    text = brief_of(served).decode()
    brief = read_brief(text, TODAY)
    assert (brief.id, brief.updated) == (profile.id, profile.updated.isoformat())
    for kind in ValueKind:
        assert brief.has(kind) == bool(profile.of(kind))
        if kind in (ValueKind.EMAIL, ValueKind.PHONE):
            assert not any(value.value or value.keys or value.parts for value in brief.of(kind))
            continue
        assert [value.value for value in brief.of(kind)] == [value.value for value in profile.of(kind)]
        for part in LISTED.get(kind, ()):
            assert [value.parts.get(part) for value in brief.of(kind)] == [value.parts.get(part) for value in profile.of(kind)]
    assert [tuple(name.keys) for name in brief.of(ValueKind.NAME)] == [name.keys for name in profile.of(ValueKind.NAME)]
    with pytest.raises(ValueError, match="brief"):
        brief.whole()
