"""Promises of comparing people as wholes: findings beside one another join whom no single record could, and never a name alone."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.choose import fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Counted, Unknown
from profiles.resolve.parting import halves_of, may_be_two
from profiles.resolve.traits import gathered, traits_of
from profiles.resolve.weights import shipped_weights, weights_for_wholes
from tests.profiles.records import record_of, seen

DAY = date(2026, 3, 1)
RARE = "Xanthippe Wolkenstein"


def record(
    number: int, name: str, title: str, company: str, city: str = "", source: str = "", link: str = "", started: str | None = None
) -> SourceRecord:
    """A record of a job, each of a source of its own unless one is given."""
    values = [seen(ValueKind.NAME, name), seen(ValueKind.JOB_TITLE, title), seen(ValueKind.COMPANY, company, started)]
    if city:
        values.append(seen(ValueKind.LOCATION, city))
    if link:
        values.append(seen(ValueKind.LINK, link))
    return record_of(number, DAY, values, source)


def compared(one: SourceRecord, other: SourceRecord) -> Comparison:
    return compare(traits_of(one), traits_of(other), Unknown(), weights_for_wholes())


def joined(one: SourceRecord, other: SourceRecord) -> bool:
    return fits(compared(one, other), weights_for_wholes())


def test_a_rare_name_with_the_same_title_elsewhere_in_the_country_is_one_person() -> None:
    """She has changed employers: too little to give her a record, enough between two whom all records leave apart."""
    one, other = record(1, RARE, "Tax Advisor", "Engines Ltd", "Leeds"), record(2, RARE, "Tax Advisor", "Difference Works", "Bristol, UK")
    assert joined(one, other)
    assert not fits(compare(traits_of(one), traits_of(other), Unknown(), shipped_weights()), shipped_weights())


def test_one_title_in_one_town_at_two_employers_is_two_namesakes() -> None:
    """Two people of one name, town and profession are told apart by where they work: a town in common makes it less likely."""
    name, one = "Laura Jennings", record(1, "Laura Jennings", "Tax Advisor", "Engines Ltd", "Leeds")
    assert joined(one, record(2, name, "Tax Advisor", "Difference Works", "Bristol, UK"))
    assert not joined(one, record(2, name, "Tax Advisor", "Difference Works", "Leeds"))


def test_a_name_alone_joins_nobody() -> None:
    """However rare it is, something else must agree."""
    one, other = (record_of(n, DAY, [seen(ValueKind.NAME, RARE)]) for n in (1, 2))
    assert not joined(one, other)


def test_a_letter_of_difference_asks_for_more_than_the_job() -> None:
    """A letter may be a slip or a colleague's name: the job does not tell, however rare the name; the month in which it began does."""
    names, job = (RARE, "Xanthippe Wolkenstain"), ("Analyst", "Engines Ltd", "Leeds")
    whole, month = ([record(n, name, *job, started=started) for n, name in enumerate(names)] for started in (None, "2024-02"))
    assert compared(*whole).score > weights_for_wholes().limits.same
    assert not joined(*whole)
    assert joined(*month)


def test_half_a_name_is_a_colleague_s_as_well() -> None:
    """Without a family name, the same first name in the same job is not enough; with it, it is."""
    whole, half, again = (
        record(n, name, "Analyst", "Engines Ltd", "Leeds") for n, name in enumerate(("Laura Jennings", "Laura", "Laura Jennings"), 1)
    )
    assert not joined(whole, half)
    assert joined(whole, again)


def test_a_name_and_a_town_join_nobody() -> None:
    """Where nothing is known of anybody's job, a town has too many of one name."""
    values = [seen(ValueKind.NAME, RARE), seen(ValueKind.LOCATION, "Leeds")]
    assert not joined(record_of(1, DAY, values), record_of(2, DAY, values))


def test_a_source_gives_a_person_one_id() -> None:
    """Two records of one source speak against one person, records of two sources for it."""
    here, elsewhere = (record(2, RARE, "Analyst", "Engines Ltd", source=source) for source in ("crm", "registry"))
    one = record(1, RARE, "Analyst", "Engines Ltd", source="crm")
    assert compared(one, here).score < compared(one, elsewhere).score - 4


def test_among_more_people_more_must_agree() -> None:
    """In a store of ten times as many people chance namesakes are ten times as many."""
    one, other = (traits_of(record(n, RARE, "Analyst", "Engines Ltd")) for n in (1, 2))
    few, many = (compare(one, other, Counted(persons), weights_for_wholes()).score for persons in (5_000, 50_000))
    assert many == pytest.approx(few - 3.32, abs=0.01)


def test_records_of_two_namesakes_part() -> None:
    """Two records of one source, under two profile links and two employers, are another person's than the rest."""
    links = ("https://github.com/xanthippe", "https://github.com/wolkenstein")
    records = [
        record(1, RARE, "Analyst", "Engines Ltd", source="crm", link=links[0]),
        record(2, RARE, "Analyst", "Engines Ltd", source="registry"),
        record(3, RARE, "Truck Driver", "Difference Works", source="crm", link=links[1]),
    ]
    known = {r.key: traits_of(r) for r in records}
    assert may_be_two(gathered(records))
    assert [keys for keys, _ in halves_of(known, Unknown(), weights_for_wholes())] == [("crm/3",)]


def test_every_finding_weighed_is_one_that_comparing_makes() -> None:
    """The numbers for wholes name kinds and levels of weights.toml: none of them is dead."""
    wholes = weights_for_wholes().wholes
    assert wholes is not None
    assert {(kind, level) for kind, worth in wholes.worth.items() for level in worth} <= {
        (kind, level) for kind, shares in shipped_weights().levels.items() for level in shares
    }


@pytest.mark.parametrize(
    ("title", "level"),
    [("Senior Web Administrator", "same"), ("Web Administrattor", "near"), ("Web Developer", "words"), ("Network Administrator", "other")],
)
def test_titles_are_compared_by_what_they_say_without_their_level(title: str, level: str) -> None:
    """A promotion or a slip of the keys leaves the position the same; a kind of work in common is no more than many have."""
    found = compared(record(1, RARE, "Web Administrator", "Engines Ltd"), record(2, RARE, title, "Difference Works"))
    assert [e.level for e in found.evidence if e.kind == "position"] == [level]


def test_one_position_makes_one_person_where_one_field_of_work_does_not() -> None:
    """At another employer a plant manager become senior is the same person; a plant manager and an operations manager are two."""
    name, one = "Laura Jennings", record(1, "Laura Jennings", "Plant Manager", "Engines Ltd", "Leeds")
    assert joined(one, record(2, name, "Senior Plant Manager", "Difference Works", "Bristol, UK"))
    assert not joined(one, record(2, name, "Operations Manager", "Difference Works", "Bristol, UK"))


@pytest.mark.parametrize(("title", "apart"), [("Senior Plant Manager", []), ("Accountant", [("s2/2",)])])
def test_who_was_joined_on_little_parts_when_more_speaks_against_it(title: str, apart: list[tuple[str, ...]]) -> None:
    """Nothing the two records say contradicts that they are one person's; what was thought when they were joined no longer holds."""
    name = "Laura Jennings"
    records = [record(1, name, "Plant Manager", "Engines Ltd", "Leeds"), record(2, name, title, "Difference Works", "Bristol, UK")]
    assert not may_be_two(gathered(records))
    known = {r.key: traits_of(r) for r in records}
    assert [keys for keys, _ in halves_of(known, Unknown(), weights_for_wholes())] == apart
