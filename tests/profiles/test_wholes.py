"""Promises of comparing people as wholes: findings beside one another join whom no single record could, and never a name alone."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.choose import fits
from profiles.resolve.evidence import Comparison, compare
from profiles.resolve.frequencies import Counted, Unknown
from profiles.resolve.parting import halves_of, may_be_two
from profiles.resolve.traits import Traits, gathered, traits_of
from profiles.resolve.weights import shipped_weights, weights_for_wholes
from tests.profiles.records import record_of, seen

DAY = date(2026, 3, 1)
RARE = "Xanthippe Wolkenstein"
JOB = ("Analyst", "Engines Ltd", "Leeds")


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


def test_a_letter_of_difference_is_a_slip_in_one_job_and_a_colleague_in_another() -> None:
    """Where title and company are one, a letter is a slip of the keys; under another title, or begun in another month, a colleague."""
    names = (RARE, "Xanthippe Wolkenstain")
    assert joined(*(record(n, name, *JOB) for n, name in enumerate(names)))
    assert joined(*(record(n, name, *JOB, started="2024-02") for n, name in enumerate(names)))
    assert not joined(*(record(n, name, *JOB, started=f"202{n}-02") for n, name in enumerate(names)))
    assert not joined(record(1, names[0], *JOB), record(2, names[1], "Senior Auditor", *JOB[1:]))


WELL_FOUNDED = [
    pytest.param(1, "", 1, "", "", id="each said once"),
    pytest.param(2, "wolkenstein", 1, "", "", id="hers is well founded, the other said once"),
    pytest.param(2, "", 2, "", "", id="both said twice, no address spells either"),
    pytest.param(2, "wolkenstein", 2, "", "family", id="hers is well founded, the other said twice"),
    pytest.param(2, "wolkenstein", 1, "wolkenstain", "family", id="hers is well founded, an address spells the other"),
]


@pytest.mark.parametrize(("ours", "our_page", "theirs", "their_page", "parted"), WELL_FOUNDED)
def test_names_a_letter_apart_that_are_both_as_they_are_written_are_two_people_s(
    ours: int, our_page: str, theirs: int, their_page: str, parted: str
) -> None:
    """A slip is made once. What several records say and an address spells is none, and what is as well founded is somebody else's name."""
    pages = [f"https://github.com/{page}" if page else "" for page in (our_page, their_page)]
    her = gathered(record(n, RARE, *JOB, link=pages[0]) for n in range(ours))
    other = gathered(record(9 + n, "Xanthippe Wolkenstain", *JOB, link=pages[1]) for n in range(theirs))
    found = compare(her, other, Unknown(), weights_for_wholes())
    assert [e.kind for e in found.evidence if e.level == "different" and e.kind in ("given", "family")] == ([parted] if parted else [])


@pytest.mark.parametrize(("title", "parted"), [("Analyst", []), ("Falconer", ["given"])])
def test_names_a_letter_apart_at_one_address_in_one_job_are_one_person_s(title: str, parted: list[str]) -> None:
    """However well founded both are: colleagues have an address each. In another job it may have been handed on."""
    address = seen(ValueKind.EMAIL, "fonfort2@engines.example")

    def known(*records: SourceRecord) -> Traits:
        return gathered(r.model_copy(update={"observations": (*r.observations, address)}) for r in records)

    page = "https://github.com/xanthippewolkenstein"
    her = known(*(record(n, RARE, *JOB, link=page) for n in (1, 2)))
    other = known(*(record(n, "Xanthippa Wolkenstein", title, *JOB[1:]) for n in (3, 4)))
    found = compare(her, other, Unknown(), weights_for_wholes())
    assert [e.kind for e in found.evidence if e.level == "different" and e.kind in ("given", "family")] == parted


def test_a_name_that_people_have_is_no_slip_of_one_that_nobody_has() -> None:
    """Mary Jhonson, said twice and spelled by her page, is not whom one record calls Johnson. Johnson may be whom one calls Jhonson."""

    def well_founded(family: str) -> Traits:
        return gathered(record(n, f"Mary {family}", *JOB, link=f"https://github.com/{family.lower()}") for n in (1, 2))

    once = {family: traits_of(record(9, f"Mary {family}", *JOB)) for family in ("Johnson", "Jhonson")}
    assert compare(well_founded("Jhonson"), once["Johnson"], Unknown(), weights_for_wholes()).veto == "family names"
    assert not compare(well_founded("Johnson"), once["Jhonson"], Unknown(), weights_for_wholes()).veto


def test_a_former_family_name_does_not_make_a_first_name_said_twice() -> None:
    """One record that gives a name and the name before marriage is one record."""
    page = "https://github.com/xanthippe-wolkenstein"
    her = traits_of(record(1, "Xanthippe Wolkenstein née Archer", *JOB, link=page))
    assert len(her.names) == 2
    other = gathered(record(n, "Xantippe Wolkenstein", *JOB, link=page.replace("thi", "ti")) for n in (2, 3))
    assert compare(her, other, Unknown(), weights_for_wholes()).veto == "first names", "theirs is well founded, and a page spells hers"
    once = traits_of(record(4, "Xantippe Wolkenstein", *JOB, link=page.replace("thi", "ti")))
    assert not compare(her, once, Unknown(), weights_for_wholes()).veto, "each is said by one record"


def test_colleagues_whose_names_differ_by_a_letter_part_when_both_are_well_founded() -> None:
    """The first record of the second looks like a slip; with her own address, said again, it is no slip any more."""
    near = "Xanthippe Wolkenstain"
    hers = [record(n, RARE, *JOB, link="https://github.com/wolkenstein") for n in (1, 2)]
    first, more = record(3, near, *JOB), [record(n, near, *JOB, link="https://github.com/wolkenstain") for n in (4, 5)]
    assert not _parted([*hers, first])
    assert _parted([*hers, first, *more]) == [{"s1/1", "s2/2"}]


def _parted(records: list[SourceRecord]) -> list[set[str]]:
    assert may_be_two(gathered(records)), "their names are looked at"
    known = {r.key: traits_of(r) for r in records}
    return [set(keys) for keys, _ in halves_of(known, Unknown(), weights_for_wholes())]


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
    few, many = (compare(one, other, Counted(persons), weights_for_wholes()).score for persons in (10_000, 100_000))
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
