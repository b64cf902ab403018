"""Promises of the weighing resolver: two kinds of evidence, the name among them, or nothing; and it says why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from profiles.models import SourceRecord, ValueKind
from profiles.resolve.decide import Candidate, Decision, Judgements, Outcome, WeighingResolver
from profiles.resolve.keys import blocking_keys, is_blocking
from tests.profiles.records import record_of, seen

DAY = date(2026, 1, 1)
NAMED = {
    "name": ValueKind.NAME,
    "email": ValueKind.EMAIL,
    "phone": ValueKind.PHONE,
    "link": ValueKind.LINK,
    "company": ValueKind.COMPANY,
    "title": ValueKind.JOB_TITLE,
    "place": ValueKind.LOCATION,
}


def record(number: int, **values: str) -> SourceRecord:
    """A record of the values of a source, by their kinds."""
    return record_of(number, DAY, (seen(NAMED[word.rstrip("2")], text) for word, text in values.items()))


def person(number: int, *records: SourceRecord) -> Candidate:
    return Candidate(f"p{number}", datetime(2026, 1, number, tzinfo=UTC), records)


def decide(new: SourceRecord, *known: Candidate, judgements: Judgements | None = None) -> Decision:
    return WeighingResolver().decide(new, {"block.name:x": known}, judgements=judgements or Judgements())


FULL = {"email": "ada.byron@engines.example", "company": "Engines Ltd", "title": "Analyst"}


def test_a_name_alone_makes_nobody_the_same() -> None:
    """However rare the name: one kind of evidence is never enough."""
    decision = decide(record(2, name="Xanthippe Wolkenstein"), person(1, record(1, name="Xanthippe Wolkenstein")))
    assert decision.outcome is not Outcome.SAME


def test_a_name_and_a_contact_detail_do_and_it_says_why() -> None:
    """The decision tells each finding, with bits, and the version of the weights."""
    decision = decide(record(2, name="A. Byron", email=FULL["email"]), person(1, record(1, name="Ada Byron", **FULL)))
    assert decision.profile_id == "p1"
    assert decision.comparison is not None
    levels = {str(e.kind): e.level for e in decision.comparison.evidence}
    assert levels == {"given": "initial", "family": "exact", "email": "same", "company": "domain", "source": "another"}
    assert decision.comparison.probability > 0.99
    assert decision.weights


@pytest.mark.parametrize(
    ("one", "other"), [("Robert Byron", "Ada Byron"), ("Ada Byron Jr", "Ada Byron Sr"), ("Bertha Lovelace", "Ada Byron")]
)
def test_whoever_has_another_first_name_or_generation_is_somebody_else(one: str, other: str) -> None:
    """Even at one address: it was handed on, or a family shares it."""
    known = person(1, record(1, name=other, **FULL))
    assert decide(record(2, name=one, **FULL), known).profile_id is None


def test_a_first_name_that_she_is_not_called_by_is_spelled_by_her_address() -> None:
    """In one job Grace Zhao who writes from linqian_zhao@ is Linqian Zhao; at another company, or in another job, she is not."""
    job = {"company": "Engines Ltd", "title": "Analyst"}
    known = person(1, record(1, name="Linqian Zhao", **job))
    email = "linqian_zhao@engines.example"
    assert decide(record(2, name="Grace Zhao", email=email, **job), known).profile_id == "p1"
    assert decide(record(2, name="Grace Zhao", email=email, **{**job, "title": "Falconer"}), known).profile_id is None
    assert decide(record(2, name="Grace Zhao", email=email, **{**job, "company": "Kilnworks"}), known).profile_id is None
    assert decide(record(2, name="Grace Zhao", **job), known).profile_id is None


def test_a_family_name_given_up_lives_on_in_an_address() -> None:
    """She has married; the address she wrote from before spells the name she had. A colleague of her first name has no such address."""
    job = {"company": "Engines Ltd", "title": "Analyst"}
    before = record(1, name="Augusta Lovelace", **job)
    assert decide(record(2, name="Augusta Byron", email="alovelace@engines.example", **job), person(1, before)).profile_id == "p1"
    assert decide(record(2, name="Augusta Byron", email="abyron@engines.example", **job), person(1, before)).profile_id is None


def test_of_one_who_goes_by_two_names_each_may_bring_a_half() -> None:
    """Augusta Lovelace, known as Ada Byron as well, is found as Ada Lovelace; a third first name is somebody else's."""
    job = {"company": "Engines Ltd", "title": "Analyst"}
    known = person(1, record(1, name="Augusta Lovelace", **job), record(2, name="Ada Byron", **job))
    assert decide(record(3, name="Ada Lovelace", **job), known).profile_id == "p1"
    assert decide(record(3, name="Ruth Lovelace", **job), known).profile_id is None


def test_people_decide_above_all_evidence() -> None:
    """Judged different, the best evidence joins nobody; judged the same, none is needed."""
    known, new = person(1, record(1, name="Ada Byron", **FULL)), record(2, name="Ada Byron", **FULL)
    assert decide(new, known, judgements=Judgements(different={new.key: ["s1/1"]})).profile_id is None
    stranger = record(3, name="Augusta King")
    assert decide(stranger, known, judgements=Judgements(same={stranger.key: ["s1/1"]})).profile_id == "p1"


def test_a_record_that_fits_two_persons_does_not_make_them_one() -> None:
    """An initial that fits both Anna and Alan joins neither of them to the other."""
    anna = person(1, record(1, name="Anna Byron", email="a@engines.example"))
    alan = person(2, record(2, name="Alan Byron", link="https://github.com/alan-b"))
    decision = decide(record(3, name="A. Byron", email="a@engines.example", link="https://github.com/alan-b"), anna, alan)
    assert decision.absorbed == ()


def test_twins_of_a_record_are_found_by_a_blocking_key() -> None:
    """Typed wrongly, in the other order, by a nickname or romanised otherwise: some blocking key stays the same."""
    for one, other in (
        ("Robert Byron", "Bob Byron"),
        ("Ada Byron", "Byron Ada"),
        ("Mohammed Yussuf", "Muhamad Yusuf"),
        ("Jan Kowalczyk", "Jan Kowalcyzk"),
        ("Ada Byron", "Ada King"),
    ):
        keys = [set(blocking_keys(record(1, name=n, company="Engines Ltd", title="Analyst"))) for n in (one, other)]
        assert keys[0] & keys[1]
        assert all(is_blocking(k) for k in keys[0])
