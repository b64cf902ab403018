"""Promises of comparing jobs: when they began, and who was where, parts namesakes and joins what a company's new name parted."""

from __future__ import annotations

from datetime import UTC, date, datetime

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.decide import Candidate, Outcome, WeighingResolver
from tests.profiles.records import record_of, seen

NAME = "Bertram Wolkenstein"


def record(number: int, day: date, *jobs: tuple[str, str, str | None, str | None], email: str = "") -> SourceRecord:
    """A record of a day. jobs: title, company, month begun, month ended."""
    values = [seen(ValueKind.NAME, NAME)]
    for title, company, started, ended in jobs:
        values += [seen(ValueKind.COMPANY, company, started, ended), seen(ValueKind.JOB_TITLE, title, started, ended)]
    if email:
        values.append(seen(ValueKind.EMAIL, email))
    return record_of(number, day, values)


def outcome(new: SourceRecord, *known: SourceRecord) -> Outcome:
    person = Candidate("p1", datetime(2026, 1, 1, tzinfo=UTC), known)
    return WeighingResolver().decide(new, {"block.name:x": [person]}).outcome


DAY = date(2026, 3, 1)


def test_namesakes_of_one_title_at_one_company_began_in_different_months() -> None:
    """Same name, company and title, nothing else: one person, unless the sources say that they began years apart."""
    known = record(1, DAY, ("Analyst", "Engines Ltd", "2019-04", None))
    assert outcome(record(2, DAY, ("Analyst", "Engines Ltd", "2019-04", None)), known) is Outcome.SAME
    assert outcome(record(2, DAY, ("Analyst", "Engines Ltd", None, None)), known) is Outcome.SAME
    assert outcome(record(2, DAY, ("Analyst", "Engines Ltd", "2024-09", None)), known) is not Outcome.SAME


def test_another_title_at_the_same_company_is_no_second_kind_of_evidence() -> None:
    """A rare name and an employer in common do not join two people of different professions: sons work where their fathers do."""
    known = record(1, DAY, ("Chief Financial Officer", "Engines Ltd", None, None))
    assert outcome(record(2, DAY, ("Truck Driver", "Engines Ltd", None, None)), known) is Outcome.POSSIBLE


def test_a_company_that_was_renamed_keeps_its_people() -> None:
    """The same title, begun in the same month, under another company name: the company was renamed, the person stays one."""
    known = record(1, date(2023, 3, 1), ("Analyst", "Engines Ltd", "2019-04", None))
    assert outcome(record(2, DAY, ("Analyst", "Difference Works", "2019-04", None)), known) is Outcome.SAME
    assert outcome(record(2, DAY, ("Analyst", "Difference Works", "2019-05", None)), known) is not Outcome.SAME


def test_a_former_employer_in_common_does_not_join_who_now_work_elsewhere() -> None:
    """An old list has one namesake where the other works today; since both are known to have had other jobs at that time, they stay two."""
    known = (
        record(1, DAY, ("Analyst", "Difference Works", "2019-04", None)),
        record(2, date(2017, 5, 1), ("Analyst", "Engines Ltd", None, None)),
    )
    namesake = record(3, DAY, ("Analyst", "Engines Ltd", "2022-01", None))
    assert outcome(namesake, *known) is not Outcome.SAME
