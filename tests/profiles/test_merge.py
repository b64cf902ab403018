"""Promises of merging: blind to order, newest truth first, every value with its sources, no clock started anew."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engines.base import Document
from indexer.outline import outline_of
from profiles.merge import merge
from profiles.models import Observation, Profile, SourceRecord, ValueKind
from profiles.resolve.traits import Trait, gathered, traits_of_profile
from profiles.retention import expires_at, live

DAY = date(2026, 3, 1)
BORN = datetime(2026, 3, 1, tzinfo=UTC)
PERIODS = {"crm": dict.fromkeys(ValueKind, 365), "web": dict.fromkeys(ValueKind, 100)}


def seen(kind: ValueKind, value: str, **more: object) -> Observation:
    fields: dict[str, object] = {"kind": kind, "said": value, "value": value, "keys": (value.lower(),), "first_seen": DAY}
    if kind is ValueKind.NAME:
        given, family = value.lower().split()
        fields["parts"] = {"given_tokens": [given], "family_tokens": [family]}
    return Observation(**{**fields, **more})  # type: ignore[arg-type]  # fields by name


def record(source: str, number: int, *observations: Observation, collected: date = DAY, **more: object) -> SourceRecord:
    return SourceRecord(
        source_id=source,
        record_id=str(number),
        content_hash="x",
        collected_at=collected,
        taken_at=DAY,
        normaliser_version=1,
        observations=observations,
        **more,  # type: ignore[arg-type]  # fields by name
    )


def merged(*records: SourceRecord) -> Profile:
    return merge("p1", BORN, records, PERIODS)


def job(title: str, company: str, **more: object) -> tuple[Observation, Observation]:
    return (
        seen(ValueKind.COMPANY, company, job=company.lower(), **more),
        seen(ValueKind.JOB_TITLE, title, job=company.lower(), **more),
    )


def test_the_order_in_which_records_arrive_leaves_no_trace() -> None:
    """The same records in any order give the same bytes."""
    records = [
        record(
            "crm",
            n,
            seen(ValueKind.NAME, f"Ada {'Lovelace' if n % 2 else 'Lovelock'}"),
            *job(f"Title {n % 3}", f"Firm {n % 4}", current=n % 2 == 0),
        )
        for n in range(8)
    ] + [record("web", n, seen(ValueKind.NAME, "Ada Lovelace"), collected=date(2025, 1, 1 + n)) for n in range(4)]
    expected = merged(*records).model_dump_json()
    for seed in range(20):
        random.Random(seed).shuffle(records)
        assert merged(*records).model_dump_json() == expected


def test_an_old_feed_that_arrives_late_does_not_overwrite_newer_truth() -> None:
    """What is newest at its source is shown first, whatever was delivered last."""
    newer = record("crm", 1, seen(ValueKind.NAME, "Ada Lovelace"), *job("Director", "New Firm", current=True), collected=date(2026, 2, 1))
    late = record("web", 1, seen(ValueKind.NAME, "Ada Lovelace"), *job("Clerk", "Old Firm", current=True), collected=date(2019, 2, 1))
    profile = merged(newer, late)
    assert [v.value for v in profile.of(ValueKind.COMPANY)] == ["New Firm", "Old Firm"]
    assert profile.first(ValueKind.JOB_TITLE).value == "Director"  # type: ignore[union-attr]  # the line above shows there is one


def test_title_and_company_shown_belong_to_one_job() -> None:
    """The first title is held at the first company."""
    profile = merged(
        record(
            "crm",
            1,
            seen(ValueKind.NAME, "Ada Lovelace"),
            *job("Zookeeper", "Alpha", current=True),
            *job("Astronomer", "Beta", current=True),
        )
    )
    title, company = profile.first(ValueKind.JOB_TITLE), profile.first(ValueKind.COMPANY)
    assert title is not None
    assert company is not None
    assert title.job == company.keys[0]


def test_a_copy_of_a_record_under_another_id_has_a_key_of_its_own() -> None:
    """The key is worked out once; that of a copy with the same id is the same, of one with another it is not."""
    one = record("crm", 1, seen(ValueKind.NAME, "Ada Lovelace"))
    assert one.key == one.model_copy(update={"url": "https://crm.example"}).key == "crm/1"
    assert [one.model_copy(update={part: "2"}).key for part in ("record_id", "source_id")] == ["crm/2", "2/1"]


def test_every_value_names_all_who_attest_it() -> None:
    """Two sources of one e-mail are both listed; a second source does not extend the value's life."""
    first = seen(ValueKind.EMAIL, "ada@firm.example")
    again = seen(ValueKind.EMAIL, "ada@firm.example", first_seen=date(2026, 9, 1))
    email = merged(record("crm", 1, seen(ValueKind.NAME, "Ada Lovelace"), first), record("web", 2, again)).of(ValueKind.EMAIL)[0]
    assert {(s.source_id, s.expires_at) for s in email.sources} == {("crm", date(2027, 3, 1)), ("web", date(2026, 6, 9))}
    assert email.first_seen == DAY
    assert email.expires_at == date(2027, 3, 1)


@given(
    attested=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), st.sampled_from(["crm", "web"])), min_size=1, max_size=5),
    looked_at=st.integers(0, 600),
)
def test_nothing_was_last_seen_before_it_was_first_seen(attested: list[tuple[int, int, str]], looked_at: int) -> None:
    """Whenever sources collected a value, whenever it came in, whoever's time is over: its first day is no later than its last."""
    profile = merged(
        *(
            record(source, n, seen(ValueKind.NAME, "Ada Lovelace", first_seen=DAY + came), collected=DAY + collected)
            for n, (collected, came, source) in enumerate((timedelta(day), timedelta(day + late), name) for day, late, name in attested)
        )
    )
    served = live(profile, DAY + timedelta(looked_at))
    for name in (profile.values[0], *(served.values if served else ())):
        assert name.first_seen <= name.last_seen
        assert name.first_seen == min(s.collected_at for s in profile.values[0].sources)
        assert min(s.expires_at for s in name.sources) > name.first_seen


def test_what_a_source_no_longer_allows_is_not_served_but_the_other_source_stays() -> None:
    """Once one source's time is over, the value lists the other alone; once both are over, the value is gone."""
    profile = merged(
        record("crm", 1, seen(ValueKind.NAME, "Ada Lovelace"), seen(ValueKind.SKILL, "Poetry")),
        record("web", 2, seen(ValueKind.SKILL, "Poetry")),
    )
    served = live(profile, date(2026, 7, 1))
    assert served is not None
    assert [s.source_id for s in served.of(ValueKind.SKILL)[0].sources] == ["crm"]
    assert live(profile, date(2027, 3, 1)) is None


def test_a_fuller_name_is_shown_before_initials() -> None:
    """An initial such as A Lovelace is shown only when nothing better is known."""
    profile = merged(
        record("crm", 1, seen(ValueKind.NAME, "A Lovelace")),
        record("web", 2, seen(ValueKind.NAME, "Ada Lovelace"), collected=date(2020, 1, 1)),
    )
    assert [v.value for v in profile.of(ValueKind.NAME)] == ["Ada Lovelace", "A Lovelace"]


def test_the_last_day_a_source_vouches_for_ends_the_value_earlier() -> None:
    """valid_until is the last day of service; the policy's period is the longest."""
    assert expires_at(ValueKind.EMAIL, DAY, PERIODS["crm"], date(2026, 4, 30)) == date(2026, 5, 1)
    assert expires_at(ValueKind.EMAIL, DAY, PERIODS["crm"], date(2030, 4, 30)) == date(2027, 3, 1)


def test_sources_that_disagree_on_when_a_job_began_stay_visible() -> None:
    """The newest source's day is shown, and each source that says another one has it; so whoever compares people knows both.

    A company's domain is known if any source knows it.
    """
    profile = merged(
        record("crm", 1, *job("Clerk", "Firm", started="2020-01"), collected=date(2026, 2, 1)),
        record("crm", 2, *job("Clerk", "Firm", started="2021-06", parts={"domain": "firm.example"})),
        record("web", 3, *job("Clerk", "Firm")),
        record("web", 4, *job("Clerk", "Firm", started="2021-06")),
    )
    (company,) = profile.of(ValueKind.COMPANY)
    assert company.started == "2021-06"
    assert [(s.record_id, s.started) for s in company.sources] == [("2", None), ("3", None), ("4", None), ("1", "2020-01")]
    assert company.parts["domain"] == "firm.example"
    for known in (
        traits_of_profile(profile),
        outline_of(Document("p1", profile.model_dump_json(exclude_defaults=True).encode(), 1)).traits(),
    ):
        assert {begun[:7] for begun in known.of(Trait.BEGUN)} == {"2020-01", "2021-06"}


def test_how_many_records_say_a_name_is_known_of_the_profile_as_of_its_records() -> None:
    """Whether a name is a slip is told by how often it was said: alike of her profile, of it as stored, and of her records."""
    said = ("Jane Doe", "Jane Doe", "Jane Dole")
    records = [record("crm" if n else "web", n, seen(ValueKind.NAME, name)) for n, name in enumerate(said)]
    profile = merge("p1", BORN, records, PERIODS)
    stored = outline_of(Document("p1", profile.model_dump_json(exclude_defaults=True).encode(), 1))
    for known in (gathered(records), traits_of_profile(profile), stored.traits()):
        assert {" ".join(name.given + name.family): number for name, number in known.names.items()} == {"jane doe": 2, "jane dole": 1}
