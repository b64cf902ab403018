"""Promises of the resolver: a common strong key and an agreeing name, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from profiles.models import Observation, SourceRecord, ValueKind
from profiles.normalise.name import normalise_name
from profiles.normalise.result import Normalised
from profiles.resolve.compare import names_agree, parts_of
from profiles.resolve.decide import Candidate, WeighingResolver
from profiles.resolve.keys import key_of, strong_keys

DAY = date(2026, 1, 1)


def name(text: str) -> Observation:
    found = normalise_name(text)
    assert isinstance(found, Normalised)
    return Observation(kind=ValueKind.NAME, said=text, value=found.value, keys=found.keys, parts=found.parts, first_seen=DAY)


def record(text: str, *observations: Observation) -> SourceRecord:
    return SourceRecord(
        source_id="s",
        record_id=text,
        content_hash="x",
        collected_at=DAY,
        taken_at=DAY,
        normaliser_version=1,
        observations=(name(text), *observations),
    )


def company(text: str) -> Observation:
    return Observation(kind=ValueKind.COMPANY, said=text, value=text, keys=(text.lower(),), first_seen=DAY)


def link(handle: str) -> Observation:
    return Observation(kind=ValueKind.LINK, said=handle, value=handle, keys=(f"github:{handle}",), first_seen=DAY)


def decided(before: str, after: str, *kept: Observation) -> str | None:
    """Whose the new version of a record is, when nothing but `kept` and its name is known."""
    old, new = (record(text, *kept).model_copy(update={"record_id": "1"}) for text in (before, after))
    return WeighingResolver().decide(new, {}, Candidate("p1", datetime(2026, 1, 1, tzinfo=UTC), (old,))).profile_id


def person(number: int, text: str, *known: Observation) -> Candidate:
    return Candidate(f"p{number}", datetime(2026, 1, number, tzinfo=UTC), (record(text, *known),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robert Smith", "Bob Smith"),
        ("Charles E. Schumer", "Chuck Schumer"),
        ("José García López", "Jose Garcia"),
        ("Maria de Vries", "M. de Vries"),
        ("Katharina Müller", "Katharina Mueller"),
        ("Smith, John", "John Smith"),
        ("John Quincy Adams", "Quincy Adams"),
    ],
)
def test_names_of_one_person_agree(one: str, other: str) -> None:
    """Nicknames, initials, missing middle and second family names, accents and order do not part a person."""
    assert names_agree(parts_of([name(one)]), parts_of([name(other)]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Smith", "Robert Smith"),
        ("John Smith", "John Smythson"),
        ("Henry Ford Sr.", "Henry Ford Jr."),
        ("Lee Chan", "Leo Chang"),
        ("Madonna", "Madonna Ciccone"),
    ],
)
def test_names_of_two_persons_do_not(one: str, other: str) -> None:
    """Another first name, another family name or the other generation is another person, whatever else they share."""
    assert not names_agree(parts_of([name(one)]), parts_of([name(other)]))


def test_a_shared_mailbox_is_no_strong_key() -> None:
    """Everyone at info@ is not one person."""
    mailbox = Observation(kind=ValueKind.EMAIL, said="", value="i", keys=("info@x.example",), parts={"role": True}, first_seen=DAY)
    own = Observation(kind=ValueKind.EMAIL, said="", value="a", keys=("ada@x.example",), parts={"role": False}, first_seen=DAY)
    assert strong_keys(record("Ada Lovelace", mailbox, own)) == (key_of(ValueKind.EMAIL, "ada@x.example"),)


def test_a_key_met_under_another_name_is_reported_as_shared() -> None:
    """A family's phone brings nobody together, and stops counting."""
    decision = WeighingResolver().decide(record("Anna Smith"), {"phone:1": [person(1, "Robert Smith")]})
    assert decision.profile_id is None
    assert decision.shared == ("phone:1",)


def test_the_oldest_profile_survives_and_absorbs_those_that_agree_with_it() -> None:
    """A record that knows both halves joins them under the older id."""
    young, old = (person(number, text, link("bob-s")) for number, text in ((2, "Bob Smith"), (1, "Robert Smith")))
    decision = WeighingResolver().decide(record("Robert Smith", link("bob-s")), {"link:1": [young, old]})
    assert (decision.profile_id, decision.absorbed) == ("p1", ("p2",))


def test_a_new_version_stays_with_its_person_through_a_marriage() -> None:
    """The same record with another family name, still at the same company, is the same person."""
    assert decided("Ada Byron", "Ada King", company("Engines Ltd")) == "p1"
    assert decided("Ada Byron", "Ada King", link("ada-b")) == "p1"
    assert decided("Robert Smith", "Bob Smith") == "p1"


def test_a_record_id_given_to_somebody_else_does_not_make_two_people_one() -> None:
    """A first name, a family name or a company in common is not enough; nor is any of it without a word of the name."""
    assert decided("Ada Byron", "Ada King") is None
    assert decided("Ada Byron", "George Byron", company("Byron & Sons Ltd")) is None
    assert decided("Ada Byron", "Charles Babbage", company("Engines Ltd")) is None


def test_a_name_by_initial_lets_nobody_in_once_the_full_name_is_known() -> None:
    """J. Smith became John Smith; Jane Smith, with the same address, is somebody else."""
    known = parts_of([name("J. Smith"), name("John Smith")])
    assert not names_agree(parts_of([name("Jane Smith")]), known)
    assert names_agree(parts_of([name("Johnny Smith")]), known)
    assert names_agree(parts_of([name("J. Smith")]), known)


def test_father_and_son_stay_two_though_one_feed_leaves_the_suffix_out() -> None:
    """John Smith Sr is not let in by a record of John Smith Jr that says only John Smith."""
    known = parts_of([name("John Smith"), name("John Smith Jr")])
    assert not names_agree(parts_of([name("John Smith Sr")]), known)
    assert names_agree(parts_of([name("John Smith")]), known)
