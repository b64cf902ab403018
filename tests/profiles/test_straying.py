"""Promises about whose a record is of two namesakes, when both are known: hers whom it fits better, whoever says it."""

from __future__ import annotations

from profiles.models import SourceRecord
from profiles.resolve.frequencies import Unknown
from profiles.resolve.straying import may_stray, strayed
from profiles.resolve.traits import gathered, traits_of
from tests.profiles.test_wholes import RARE, record

JOB = ("Analyst", "Engines Ltd", "Leeds")
OTHER_JOB = ("Falconer", "Kilnworks", "Bristol, UK")


def goes(one: SourceRecord, others: list[SourceRecord], person: list[SourceRecord]) -> bool:
    records = {record.key: traits_of(record) for record in (one, *others)}
    return bool(strayed(records, [one.key], gathered(person), Unknown()))


def test_a_record_goes_to_the_namesake_whose_job_it_says() -> None:
    """It stays where it is with others of that job."""
    one = record(1, RARE, *JOB)
    assert goes(one, [record(2, RARE, *OTHER_JOB)], [record(3, RARE, *JOB)])
    assert not goes(one, [record(2, RARE, *JOB)], [record(3, RARE, *OTHER_JOB)])
    assert not goes(one, [record(2, RARE, *JOB)], [record(3, RARE, *JOB)])


def test_a_stray_of_the_same_source_holds_no_record_back() -> None:
    """Of two records of one source that went to each other's person, each may go home, though the other is still there."""
    one, stray = record(1, RARE, *JOB, source="web"), record(4, RARE, *OTHER_JOB, source="web")
    elsewhere = record(2, RARE, "Analyst", "Kilnworks", "Leeds")
    assert goes(one, [elsewhere], [record(3, RARE, *JOB), stray])


def test_records_that_went_together_go_together() -> None:
    """Neither is held back by the other, and whose they are not stays."""
    others = [record(1, RARE, *JOB), record(2, RARE, *JOB), record(3, RARE, *OTHER_JOB)]
    records = {one.key: traits_of(one) for one in others}
    found = strayed(records, records, gathered([record(4, RARE, *JOB)]), Unknown())
    assert [keys for keys, _ in found] == [("s1/1", "s2/2")]


def test_a_profile_is_never_emptied() -> None:
    """Though each of its records fits the other person better than its neighbour: whether the two are one is for a merge to say."""
    records = {one.key: traits_of(one) for one in (record(1, RARE, *JOB), record(2, RARE, *OTHER_JOB))}
    found = strayed(records, records, gathered([record(4, RARE, *JOB), record(5, RARE, *OTHER_JOB)]), Unknown())
    assert [keys for keys, _ in found] == [("s1/1",)]


def test_the_very_name_is_more_than_one_a_letter_away() -> None:
    """However rare both are: a record follows its own spelling, if all else is alike."""
    slip = "Xanthippe Wolkenstain"
    assert goes(record(1, slip, *JOB), [record(2, RARE, *JOB)], [record(3, slip, *JOB)])


def test_only_namesakes_are_asked() -> None:
    """Two names in common, or one and another that is a letter or two away; one alone is a colleague's, or a relative's."""
    person, slip = traits_of(record(1, RARE, *JOB)), traits_of(record(2, "Xantippe Wolkenstein", *JOB))
    assert may_stray(person, person)
    assert may_stray(person, slip)
    assert not may_stray(person, traits_of(record(3, "Bertha Wolkenstein", *JOB)))
