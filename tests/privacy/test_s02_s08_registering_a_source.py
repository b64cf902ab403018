"""Which sources may be registered, and what a wrong source file is told (S02, S05, S08)."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import fieldmap, sources
from privacy.expressions import TARGETS, check_fields
from privacy.gate import gate
from privacy.policy import load_policy
from privacy.sources import Source, parse_source, read_source, usable
from profiles.errors import Problem, RecordRejected, SourceInvalid
from profiles.models import ValueKind
from tests.privacy.source_files import LICENSED, TODAY, source, table

ROOT = Path(__file__).parents[2]


def problems_of(raw: dict[str, Any], today: date = TODAY) -> dict[str, Problem]:
    with pytest.raises(SourceInvalid) as caught:
        parse_source(raw, today)
    return {problem.pointer: problem for problem in caught.value.problems}


@pytest.mark.parametrize("kind", ["user", "customer", "plugin", "scraped", "", "PUBLIC", 3])
def test_s02_records_of_users_customers_and_plugins_are_never_taken(kind: Any) -> None:
    """A source that is neither licensed nor public cannot be registered, and the answer says which kinds can."""
    problem = problems_of(table(kind=kind))["kind"]
    assert "never from users, customers or plug-ins" in problem.detail
    assert problem.allowed == "licensed_third_party, public"


@pytest.mark.parametrize("key", ["legal_basis", "purposes", "balancing_test", "licence", "name", "kind", "id", "feed", "fields"])
def test_s08_a_source_without_its_papers_cannot_be_activated(key: str) -> None:
    """Legal basis, purposes, balancing test and licence evidence must be there before a single record is taken."""
    assert key in problems_of(table(**{key: None}))


def test_s08_empty_papers_are_missing_papers() -> None:
    """A key with nothing in it is as good as none."""
    raw = table(legal_basis=" ", purposes=[], balancing_test="", licence={"evidence": ""})
    assert {"legal_basis", "purposes", "balancing_test", "licence.evidence"} <= set(problems_of(raw))


def test_everything_wrong_is_said_at_once() -> None:
    """I repair a source file in one go: unknown keys, bad dates, missing fields and broken expressions come together."""
    raw = table(
        id="No Good",
        legal_base="typo",
        licence={"evidence": "contract", "from": "soon", "untill": date(2027, 1, 1)},
        kind="licensed_third_party",
        retention={"phone": 0, "emial": 3, "name": 1.5},
        feed={"format": "xml", "delimiter": ";;", "encoding": "utf-nine"},
        fields={"name": {"givn": "a"}, "emials": "x", "jobs": [{"title": "join(a)"}], "skills": "a b", "country": ["a"], "url": 3},
        words={"job.title": {"a": "b"}, "country": {"a": 1}},
    )
    found = problems_of(raw)
    assert set(found) >= {
        "id", "legal_base", "licence.from", "licence.until", "licence.untill", "retention.phone", "retention.emial", "retention.name",
        "feed.format", "feed.delimiter", "feed.encoding", "fields.record_id", "fields.name.givn", "fields.emials", "fields.jobs.0.title",
        "fields.skills", "fields.country", "fields.url", 'words."job.title"', 'words."country"',
    }  # fmt: skip
    assert found["legal_base"].allowed == "did you mean legal_basis?"
    assert found["retention.emial"].allowed == "did you mean email?"
    assert found["fields.emials"].allowed == "did you mean emails?"
    assert found["fields.name.givn"].allowed == "did you mean given?"
    assert "character 3" in found["fields.skills"].detail
    assert "2 arguments" in found["fields.jobs.0.title"].detail


@pytest.mark.parametrize("encoding", ["utf-nine", "base64", "rot13", "undefined", "idna"])
def test_what_encodes_no_text_is_no_encoding_of_a_feed(encoding: str) -> None:
    """Python knows names of other things than texts; a feed is not read with them, and the run does not end in a fault."""
    for form in ("csv", "jsonl"):
        assert problems_of(table(feed={"format": form, "encoding": encoding}))["feed.encoding"].detail == "no such encoding"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_json_lines_have_ends_of_one_byte(encoding: str) -> None:
    """Spreadsheets save CSV in UTF-16, and it is read; JSON lines in it would all be refused, so the source is."""
    assert "feed.encoding" in problems_of(table(feed={"format": "jsonl", "encoding": encoding}))
    assert parse_source(table(feed={"format": "csv", "encoding": encoding}), TODAY).feed.encoding == encoding
    for usual in ("utf-8", "utf-8-sig", "ascii", "latin-1", "cp1252", "shift-jis"):
        assert parse_source(table(feed={"format": "jsonl", "encoding": usual}), TODAY).feed.encoding == usual


def test_a_syntax_error_is_placed(tmp_path: Path) -> None:
    """A file that is not TOML is told the line; one that is not there, or not UTF-8, is told so."""
    file = tmp_path / "broken.toml"
    file.write_text('id = "a"\nname = \n')
    with pytest.raises(SourceInvalid, match="line 2"):
        read_source(file)
    file.write_bytes(b'id = "\xff"')
    with pytest.raises(SourceInvalid, match="UTF-8"):
        read_source(file)
    with pytest.raises(SourceInvalid, match="cannot be read"):
        read_source(tmp_path / "nothing.toml")


def test_s05_a_licence_that_is_over_is_refused_when_registering_and_when_ingesting() -> None:
    """Nothing is taken from a source after the last day of its licence, nor before the first."""
    assert "ended on 2026-12-31" in problems_of(table(**LICENSED), date(2027, 1, 1))["licence.until"].detail
    licensed = source(**LICENSED)
    assert usable(licensed, date(2026, 12, 31)) == []
    record = {"record_id": "1", "name": "Ann Example"}
    for day in (date(2025, 12, 31), date(2027, 1, 1)):
        assert len(usable(licensed, day)) == 1
        with pytest.raises(RecordRejected, match="licence"):
            gate(record, licensed, day)


def test_s05_what_rests_on_a_licence_ends_with_it() -> None:
    """Every record leaves the gate with a last day no later than its licence's, so that its values are served no longer."""
    licensed = source(**LICENSED)
    record = {"record_id": "1", "name": "Ann Example"}
    assert gate(record, licensed, TODAY)[0]["valid_until"] == "2026-12-31"
    assert gate(record | {"valid_until": "2026-07-01"}, licensed, TODAY)[0]["valid_until"] == "2026-07-01"
    assert gate(record | {"valid_until": "2027-07-01"}, licensed, TODAY)[0]["valid_until"] == "2026-12-31"
    assert "valid_until" not in gate(record, source(), TODAY)[0]


def test_a_licensed_source_needs_both_dates() -> None:
    """A licence without end cannot be checked, so it is refused; a public source's terms may be undated."""
    found = problems_of(table(kind="licensed_third_party"))
    assert {"licence.from", "licence.until"} <= set(found)
    backwards = {"evidence": "contract", "from": date(2026, 12, 1), "until": date(2026, 11, 1)}
    assert "before licence.from" in problems_of(table(kind="licensed_third_party", licence=backwards))["licence.until"].detail


def test_a_source_may_shorten_a_period_and_never_lengthen_it() -> None:
    """The policy's period is the longest any source can have."""
    policy = load_policy().periods
    phone, email = policy[ValueKind.PHONE], policy[ValueKind.EMAIL]
    one = source(retention={"phone": phone - 1, "email": email + 1})
    assert one.periods(policy)[ValueKind.PHONE] == phone - 1
    assert one.periods(policy)[ValueKind.EMAIL] == email
    assert set(one.periods(policy)) == set(ValueKind)
    assert [p.pointer for p in one.overlong(policy)] == ["retention.email"]


def test_a_source_survives_being_stored() -> None:
    """What comes back from the store is the source that was put in."""
    licensed = source(**LICENSED, words={"country": {"UK": "GB"}}, retention={"phone": 90})
    assert Source.model_validate_json(licensed.model_dump_json(by_alias=True)) == licensed


@given(
    st.dictionaries(
        st.sampled_from([*TARGETS, "other"]), st.recursive(st.text(max_size=12) | st.integers() | st.none(), st.lists, max_leaves=4)
    )
)
def test_any_field_table_is_judged_and_never_crashes(fields: dict[str, Any]) -> None:
    """Whatever stands under [fields], the answer is a list of problems."""
    assert all(problem.pointer.startswith("fields") for problem in check_fields(fields))


@pytest.mark.parametrize("path", sorted([*ROOT.glob("examples/sources/*.toml"), *ROOT.glob("bench/sources/*.toml")]), ids=lambda p: p.stem)
def test_every_shipped_source_file_is_valid(path: Path) -> None:
    """The source files that come with roster can be added as they are, and for years to come."""
    shipped = read_source(path, date.today() + timedelta(days=365))
    assert shipped.id == path.stem


def test_the_examples_in_the_documentation_are_right() -> None:
    """What the documentation shows can be copied: the source file in full, and each one-line expression."""
    shown = dedent("".join(line + "\n" for line in (sources.__doc__ or "").splitlines() if line.startswith("    ") or not line))
    assert parse_source(tomllib.loads(shown), TODAY).id == "crm_export"
    lines = [re.split(r"\s{2,}", line.strip())[0] for line in (fieldmap.__doc__ or "").splitlines() if line.startswith("    ")]
    assert len(lines) >= 10
    for line in lines:
        table = tomllib.loads(line)
        assert check_fields({"record_id": "id", "name": "name"} | table) == [], line
