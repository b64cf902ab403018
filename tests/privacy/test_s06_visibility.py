"""Only what everyone may see at the source is taken (S06)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.fieldmap import FieldMap
from privacy.gate import NOT_PUBLIC, UNKNOWN, gate
from tests.privacy.source_files import TODAY, source

RECORD = {
    "record_id": "1",
    "name": "Ann Example",
    "skills": ["Python"],
    "emails": ["ann@example.test", {"value": "ann@home.test", "type": "personal"}],
    "phones": ["+44 20 7946 0001"],
    "links": [{"network": "x", "handle": "ann"}],
}


def test_s06_contact_details_of_a_record_that_is_not_public_are_dropped_and_counted() -> None:
    """Addresses, numbers and links hidden from the public at the source do not come in; each is counted by field and reason."""
    kept, dropped = gate(RECORD | {"visibility": "connections"}, source(), TODAY)
    assert {"emails", "phones", "links"}.isdisjoint(kept)
    assert kept["name"] == "Ann Example"
    assert kept["skills"] == ["Python"]
    assert [p.pointer for p in dropped] == ["emails", "emails", "phones", "links"]
    assert {p.detail for p in dropped} == {NOT_PUBLIC}


def test_s06_silence_is_not_consent() -> None:
    """Where neither the record nor the source says who sees it, contact details are dropped."""
    kept, dropped = gate(RECORD, source(visibility=None), TODAY)
    assert {"emails", "phones", "links"}.isdisjoint(kept)
    assert {p.detail for p in dropped} == {UNKNOWN}
    assert gate(RECORD, source(), TODAY) == (RECORD, [])
    assert gate(RECORD | {"visibility": "everyone"}, source(visibility=None), TODAY)[1] == []


@pytest.mark.parametrize(("record", "own", "default", "taken"), [
    (None, "everyone", None, True),
    (None, "connections", "everyone", False),
    ("everyone", "connections", "everyone", False),
    ("connections", "everyone", "everyone", False),
    ("everyone", None, None, True),
    (None, None, "everyone", True),
    (None, None, None, False),
])  # fmt: skip
def test_s06_one_value_may_be_hidden_alone(record: str | None, own: str | None, default: str | None, taken: bool) -> None:
    """A number hidden in a public record is dropped, and nothing said of one value opens a hidden record."""
    mapped: dict[str, Any] = {"record_id": "1", "name": "Ann Example", "phones": [{"value": "1", "visibility": own} if own else "1"]}
    if record:
        mapped["visibility"] = record
    kept, dropped = gate(mapped, source(visibility=default), TODAY)
    assert ("phones" in kept) is taken
    assert len(dropped) == (0 if taken else 1)


@pytest.mark.parametrize("said", [True, {"a": 1}, ["everyone", "friends"], 7, "connections", "friends of friends"])
def test_s06_a_statement_that_cannot_be_read_is_not_silence(said: Any) -> None:
    """When the feed says something of visibility that is not "everyone", the source's default does not stand in for it."""
    fields = {"record_id": "id", "name": "name", "visibility": "seen", "emails": "mails[].{value: a, visibility: seen}"}
    of_record = source(fields=fields)
    row = {"id": "1", "name": "Ann Example", "mails": [{"a": "ann@example.test"}], "seen": said}
    assert "emails" not in gate(FieldMap(of_record).apply(row), of_record, TODAY)[0]
    row = {"id": "1", "name": "Ann Example", "mails": [{"a": "ann@example.test", "seen": said}]}
    assert "emails" not in gate(FieldMap(of_record).apply(row), of_record, TODAY)[0]


@given(st.text(min_size=1).filter(lambda word: word != "everyone"))
def test_s06_no_other_word_opens_the_gate(word: str) -> None:
    """Only "everyone" is everyone."""
    kept, dropped = gate(RECORD | {"visibility": word}, source(), TODAY)
    assert len(dropped) == 4
    assert "emails" not in kept


def test_coded_visibility_is_translated_by_the_source_file() -> None:
    """A feed with its own codes says in [words] which of them means everyone."""
    coded = source(
        visibility=None,
        fields={"record_id": "id", "name": "name", "emails": "mails[].{value: a, visibility: seen}"},
        words={"emails.visibility": {"P": "everyone", "*": "hidden"}},
    )
    row = {"id": 1, "name": "Ann Example", "mails": [{"a": "a@example.test", "seen": "P"}, {"a": "b@example.test", "seen": "X"}]}
    kept, dropped = gate(FieldMap(coded).apply(row), coded, TODAY)
    assert [mail["value"] for mail in kept["emails"]] == ["a@example.test"]
    assert [p.detail for p in dropped] == [NOT_PUBLIC]
