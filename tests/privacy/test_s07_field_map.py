"""A row of any feed becomes a record of the charter's fields, and of nothing else (S07)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.expressions import TARGETS
from privacy.fieldmap import MAX_ID_BYTES, MAX_MANY, MAX_TEXT, FieldMap
from profiles.errors import Problem, RecordRejected, SourceInvalid
from tests.privacy.source_files import source

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def field_map(words: dict[str, Any] | None = None, **fields: Any) -> FieldMap:
    return FieldMap(source(fields={"record_id": "id", "name": "name"} | fields, words=words or {}, country=None))


def apply(row: dict[str, Any], words: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    problems: list[Problem] = []
    mapped = field_map(words, **fields).apply({"id": "1", "name": "Ann Example"} | row, problems)
    assert problems == []
    return {key: value for key, value in mapped.items() if key not in ("record_id", "name")}


def problems_of(row: dict[str, Any], **fields: Any) -> list[Problem]:
    problems: list[Problem] = []
    field_map(**fields).apply({"id": "1", "name": "Ann Example"} | row, problems)
    return problems


def test_s07_what_no_field_holds_is_never_read() -> None:
    """Birth dates, religion, party, private notes: whatever the feed has beyond the charter's fields does not come in."""
    row = {"mails": [{"a": "ann@example.test", "religion": "x", "note": "y"}], "birth_year": 1980, "health": "z"}
    mapped = apply(row, emails="mails[].{value: a}")
    assert mapped == {"emails": [{"value": "ann@example.test"}]}


def test_s07_a_whole_object_brings_in_only_the_parts_there_are() -> None:
    """Even an expression that takes an object as it stands lets nothing through but known parts."""
    row = {"jobs": [{"title": "Editor", "company": "Example Press", "union_member": True, "salary": 3}]}
    assert apply(row, jobs="jobs") == {"jobs": [{"title": "Editor", "company": "Example Press"}]}


def test_s07_no_field_for_anything_sensitive_can_be_declared() -> None:
    """A source file cannot invent a field: only the charter's exist."""
    for field in ("birth_date", "religion", "party", "health", "gender", "photo"):
        with pytest.raises(SourceInvalid):
            FieldMap(source().model_copy(update={"fields": {"record_id": "id", "name": "name", field: "x"}}))
    assert set(TARGETS) == {
        "record_id", "collected_at", "url", "visibility", "valid_until", "country",
        "name", "other_names", "emails", "phones", "jobs", "locations", "skills", "links",
    }  # fmt: skip


def test_rows_of_every_shape_can_be_mapped() -> None:
    """Flat, nested, lists of objects, constants, alternatives, several places at once."""
    row = {
        "E-mail": "ann@example.test",
        "tel": 442079460001,
        "o": [{"v": "020 7946 0002"}, {"v": ""}, {}],
        "tw": "@ann",
        "none": None,
        "skill": "Go",
    }
    mapped = apply(
        row,
        emails='"E-mail"',
        phones=["tel", "o[].v", {"value": "missing", "type": "'fax'"}],
        links=[{"network": "'x'", "handle": "tw"}, {"network": "'github'", "handle": "none"}],
        locations=[{"region": "none || 'WA'", "country": "'US'"}],
        jobs=[{"title": "none", "company": "none", "current": "`true`"}],
        skills="skill",
        url="none",
    )
    assert mapped == {
        "emails": ["ann@example.test"],
        "phones": ["442079460001", "020 7946 0002"],
        "links": [{"network": "x", "handle": "@ann"}],
        "locations": [{"region": "WA", "country": "US"}],
        "skills": ["Go"],
    }


def test_words_translate_coded_values() -> None:
    """A code becomes the words the source file gives for it; "*" stands for every other value, and "" drops one."""
    words = {"jobs.title": {"sen": "Senator"}, "jobs.company": {"sen": "Senate", "*": ""}, "skills": {"x": ""}}
    row = {"r": [{"t": "sen"}, {"t": "gov"}], "s": ["x", "Go"]}
    mapped = apply(row, words, jobs="r[].{title: t, company: t}", skills="s")
    assert mapped == {"jobs": [{"title": "Senator", "company": "Senate"}, {"title": "gov"}], "skills": ["Go"]}


@pytest.mark.parametrize("given_date", ["2026-02-03", "2026-02-03T04:05:06Z", date(2026, 2, 3), datetime(2026, 2, 3, 4)])
def test_dates_are_days(given_date: Any) -> None:
    """Timestamps and the dates of Parquet files are days."""
    assert apply({"c": given_date}, collected_at="c") == {"collected_at": "2026-02-03"}


@pytest.mark.parametrize("started", ["2024", "2024-02", "2024-02-11", 2024])
def test_jobs_may_start_on_a_year_or_a_month(started: Any) -> None:
    """A date is kept as exact as it is known."""
    assert apply({"s": started}, jobs=[{"title": "'Editor'", "started": "s"}])["jobs"][0]["started"] == str(started)


@pytest.mark.parametrize(("row", "fields", "pointer", "detail"), [
    ({"c": "3/4/2026"}, {"collected_at": "c"}, "collected_at", "not a date"),
    ({"c": "2026-02-30"}, {"collected_at": "c"}, "collected_at", "not a date"),
    ({"e": {"a": 1}}, {"skills": "e"}, "skills", "an object where text was expected"),
    ({"e": [["a"]]}, {"skills": "e"}, "skills", "a list where text was expected"),
    ({"e": [True]}, {"emails": "e"}, "emails", "a yes or no where text was expected"),
    ({"e": ["Editor"]}, {"jobs": "e"}, "jobs", "text where an object was expected"),
    ({"e": [{"title": [1]}]}, {"jobs": "e"}, "jobs.title", "a list where text was expected"),
    ({"e": [{"title": "a", "current": "maybe"}]}, {"jobs": "e"}, "jobs.current", "not yes or no"),
    ({"e": None}, {"skills": "join(' ', e)"}, "skills", "join() was given null"),
    ({"e": "x" * (MAX_TEXT + 1)}, {"skills": "e"}, "skills", f"is longer than {MAX_TEXT} characters"),
])  # fmt: skip
def test_a_wrong_type_names_the_field_and_what_was_found(row: dict[str, Any], fields: dict[str, Any], pointer: str, detail: str) -> None:
    """A field that cannot be read is left out; the problem says which and why, without the value."""
    assert [(p.pointer, p.detail) for p in problems_of(row, **fields)] == [(pointer, detail)]


def test_an_endless_list_is_cut() -> None:
    """One broken row does not stall a run."""
    problems: list[Problem] = []
    mapped = field_map(skills="s").apply({"id": 1, "name": "Ann Example", "s": [f"skill {n}" for n in range(MAX_MANY + 1)]}, problems)
    assert len(mapped["skills"]) == MAX_MANY
    assert [p.pointer for p in problems] == ["skills"]


@pytest.mark.parametrize(("row", "pointer"), [
    ({"name": "Ann"}, "record_id"),
    ({"id": " ", "name": "Ann"}, "record_id"),
    ({"id": [1], "name": "Ann"}, "record_id"),
    ({"id": "é" * MAX_ID_BYTES, "name": "Ann"}, "record_id"),
    ({"id": 1}, "name"),
    ({"id": 1, "name": ""}, "name"),
    ({"id": 1, "name": {"middle": "B."}}, "name"),
    ({"id": 1, "name": ["Ann"]}, "name"),
    ({"id": 1, "name": "Ann", "until": "never"}, "valid_until"),
])  # fmt: skip
def test_a_record_without_id_or_name_is_refused_with_the_field(row: dict[str, Any], pointer: str) -> None:
    """A rejected record says which field is to blame; an unreadable last day is refused too, since ignoring it would extend it."""
    with pytest.raises(RecordRejected) as caught:
        field_map(valid_until="until").apply(row)
    assert [p.pointer for p in caught.value.problems] == [pointer]


@pytest.mark.parametrize(
    ("said", "code"), [("DE", "DE"), ("UK", "GB"), ("The Netherlands", "NL"), ("united states", "US"), ("Munich", "DE")]
)
def test_a_country_is_known_however_the_feed_writes_it(said: str, code: str) -> None:
    """Code, name or a city in it: the hint for phone numbers is its ISO code."""
    assert apply({"c": said}, country="c") == {"country": code}
    assert apply({"c": "nowhere at all"}, country="c") == {}


ALL_FIELDS = dict(zip(TARGETS, "acfdegbabbbbdf", strict=True)) | {
    "emails": ["b", "c[].{value: a}"],
    "phones": [{"value": "d", "type": "e"}],
    "skills": "[c, d][]",
}
EVERYTHING = FieldMap(source(fields=ALL_FIELDS))


@given(st.dictionaries(st.sampled_from("abcdefg"), JSON))
def test_no_row_breaks_the_map(row: dict[str, Any]) -> None:
    """Any JSON object is mapped or refused; what comes out has only known fields and ends up as text."""
    try:
        mapped = EVERYTHING.apply(row, [])
    except RecordRejected:
        return
    assert set(mapped) <= set(TARGETS)
    assert mapped["record_id"]
    assert mapped["name"]


@given(st.text(min_size=8, max_size=20).filter(lambda text: text.strip() == text))
def test_no_problem_repeats_a_value(secret: str) -> None:
    """What a feed holds never shows in a message, whatever is wrong with it."""
    secret = f"<{secret}>"
    problems: list[Problem] = []
    row = {"id": "1", "name": "Ann", "x": secret, "y": [secret], "z": {secret: secret}}
    fields = {
        "collected_at": "x",
        "skills": "sum(y)",
        "emails": "[[x]]",
        "jobs": "x",
        "locations": "abs(x)",
        "url": "y",
        "phones": "join(x, z)",
    }
    field_map(**fields).apply(row, problems)
    assert len(problems) == len(fields)
    assert secret not in "".join(map(str, problems))
