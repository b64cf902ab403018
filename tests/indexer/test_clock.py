"""Promises of first sight: no update renews a value, and what is over does not come back."""

from __future__ import annotations

from datetime import date

from indexer.clock import Memory, is_older, remember, succeed, without
from profiles.models import Observation, SourceRecord, ValueKind

FIRST, LATER, TODAY = date(2026, 1, 1), date(2026, 6, 1), date(2027, 6, 1)
PERIODS = dict.fromkeys(ValueKind, 365)


def digest(kind: ValueKind, key: str) -> str:
    return f"{kind}-{hash(key)}"


def email(address: str, first_seen: date) -> Observation:
    return Observation(kind=ValueKind.EMAIL, said=address, value=address, keys=(address,), first_seen=first_seen)


def record(version: str, *observations: Observation, collected: date = FIRST) -> SourceRecord:
    return SourceRecord(
        source_id="crm",
        record_id="1",
        content_hash=version,
        collected_at=collected,
        taken_at=collected,
        normaliser_version=1,
        observations=observations,
    )


def test_a_new_version_keeps_the_first_day_of_what_it_repeats() -> None:
    """The same address in a later delivery is not seen for the first time."""
    after = succeed(record("a", email("a@x.example", FIRST)), record("b", email("a@x.example", LATER), email("b@x.example", LATER)), digest)
    assert [o.first_seen for o in after.observations] == [FIRST, LATER]


def test_a_value_that_comes_back_after_a_gap_counts_from_its_first_day() -> None:
    """Dropping a value for one delivery does not start its clock anew."""
    gone = succeed(record("a", email("a@x.example", FIRST)), record("b"), digest)
    back = remember(succeed(gone, record("c", email("a@x.example", LATER)), digest), Memory(), PERIODS, LATER, digest)
    assert [o.first_seen for o in back.observations] == [FIRST]


def test_a_value_whose_time_is_over_stays_out() -> None:
    """After the purge, neither the record nor another record of the person brings the value back."""
    held = record("a", email("a@x.example", FIRST))
    purged = without(held, held.observations, digest)
    known = Memory()
    known.add(purged)
    assert remember(record("b", email("a@x.example", TODAY)), known, PERIODS, TODAY, digest).observations == ()
    assert "a@x.example" not in purged.model_dump_json()


def test_versions_of_one_day_that_were_replaced_are_remembered() -> None:
    """A feed that holds two versions of a record can be read again without the first one counting as news."""
    after = succeed(record("a"), record("b"), digest)
    assert after.superseded == ("a",)
    assert succeed(after, record("c", collected=LATER), digest).superseded == ("b",)


def test_a_feed_without_dates_read_again_on_another_day_ends_as_it_was() -> None:
    """Three versions of a record in one file: the day after, the first looks like a return, and the last is what was held all along."""
    held = record("a", email("a@x.example", FIRST))
    for version, address in (("b", "b@x.example"), ("c", "c@x.example")):
        held = succeed(held, record(version, email(address, FIRST)), digest)
    again = held
    for version, address in (("a", "a@x.example"), ("b", "b@x.example"), ("c", "c@x.example")):
        new = record(version, email(address, LATER), collected=LATER)
        assert not is_older(new, again)
        again = remember(succeed(again, new, digest), Memory(), PERIODS, LATER, digest)
    assert again == held


def test_the_version_before_met_again_on_the_day_it_was_replaced_is_old() -> None:
    """Yesterday's file read once more after today's does not bring yesterday back."""
    held = succeed(record("a"), record("b", collected=LATER), digest)
    assert is_older(record("a", collected=LATER), held)
