"""`why`, `history`, `merge`, `unmerge`, `judge` and `resolve review`, run as processes on the example feeds."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Roster


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    """`roster` on the example feeds and two people of one rare name, twice, to be changed by the tests below in their order."""
    roster = Roster(tmp_path_factory.mktemp("who")).filled()
    pages = [
        {
            "id": f"{last_name}-{n}",
            "page": {"fetched": "2026-10-01"},
            "organisation": {"name": company},
            "office": {"city": city, "country": country},
            "person": {"first_name": first_name, "last_name": last_name, "role": "Account Manager"},
        }
        for first_name, last_name in (("Emeka", "Nwachukwuma"), ("Chiamaka", "Okonkwoma"))
        for n, (company, city, country) in enumerate((("Copperlarch", "Leeds", "United Kingdom"), ("Tarnbrook", "York", "United Kingdom")))
    ]
    (roster.folder / "pages.jsonl").write_text("\n".join(map(json.dumps, pages)), "utf-8")
    assert roster("ingest", "pages.jsonl", "--source", "team_pages").code == 0
    return roster


def first_pair(roster: Roster) -> dict[str, Any]:
    pairs = roster("resolve", "review", "--json").json["pairs"]
    assert pairs
    pair: dict[str, Any] = pairs[0]
    return pair


def test_why_tells_what_each_record_was_attached_for(roster: Roster) -> None:
    """Every record of a profile with the evidence in bits; with --json the same as data."""
    profile = roster("search", "Wasilewicz", "--size", "1", "--json").json["hits"][0]["id"]
    body = roster("why", profile, "--json").json
    assert body["profile"] == profile
    assert len(body["records"]) > 1
    assert any("email same" in " ".join(record["because"]) for record in body["records"])
    out = roster("why", profile).out
    assert all(record["record"] in out for record in body["records"])


def test_why_compares_two(roster: Roster) -> None:
    """A pair of the review list: two people, what speaks for and against, and that it is not enough."""
    one, other = (card["id"] for card in first_pair(roster)["profiles"])
    body = roster("why", one, other, "--json").json
    assert (body["one_person"], body["enough"], body["judgement"]) == (False, False, None)
    assert {"given", "family"} <= {found["kind"] for found in body["evidence"]}
    assert "Not enough" in roster("why", one, other).out


def test_a_preview_changes_nothing_and_yes_does(roster: Roster) -> None:
    """`merge` without --yes says what would change; with it one id leads to the other, and `unmerge` gives it back as it was."""
    one, other = (card["id"] for card in first_pair(roster)["profiles"])
    before = {i: roster("show", i, "--json").json for i in (one, other)}
    preview = roster("merge", one, other, "--json").json
    assert preview["applied"] is False
    assert "--yes" in roster("merge", one, other).out
    assert {i: roster("show", i, "--json").json for i in (one, other)} == before
    change = roster("merge", one, other, "--yes", "--by", "op", "--json").json["change"]
    assert change == preview["change"]
    assert {roster("show", i, "--json").json["id"] for i in (one, other)} == {change["profile"]}
    assert "would get" in roster("unmerge", change["merged"]).out
    given = roster("unmerge", change["merged"], "--yes", "--reason", "two of one name", "--json").json
    assert given["change"]["given_back"] == change["merged"]
    assert {i: roster("show", i, "--json").json for i in (one, other)} == before
    assert roster("why", one, other, "--json").json["judgement"]["reason"] == "two of one name"


def test_a_judged_pair_leaves_the_review_list(roster: Roster) -> None:
    """Whatever was said of it, and `judge` says so in words."""
    pair = first_pair(roster)
    one, other = (card["id"] for card in pair["profiles"])
    total = roster("resolve", "review", "--json").json["total"]
    assert "two people already" in roster("judge", one, other, "different", "--yes").out
    body = roster("resolve", "review", "--json").json
    assert body["total"] == total - 1
    assert pair["profiles"] not in [other_pair["profiles"] for other_pair in body["pairs"]]
    assert f"judged with {other}" in roster("history", one).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", "p0", "p1"), "no profile has this id"),
        (("why", "crm_contacts/none"), "no record has this key"),
        (("history", "p0"), "no profile has this id"),
        (("history",), "ID of a profile"),
        (("judge", "a", "b", "maybe"), "same"),
        (("resolve", "review", "--size", "0"), "whole number"),
    ],
)
def test_a_mistake_is_named(roster: Roster, arguments: tuple[str, ...], said: str) -> None:
    """One line that says what would be right, and an exit code other than 0."""
    ran = roster(*arguments)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_the_check_finds_a_history_that_was_tampered_with(roster: Roster) -> None:
    """`history --check` passes, and after one word of one event was changed in the file it names the profile, and ends with 1."""
    whole = roster("history", "--check", "--json")
    assert (whole.code, whole.json["broken"]) == (0, {})
    (path,) = Path(roster.folder).rglob("contacts.sqlite")
    with sqlite3.connect(path) as connection:
        key, body = connection.execute("SELECT key, body FROM events ORDER BY key LIMIT 1").fetchone()
        connection.execute("UPDATE events SET body = ? WHERE key = ?", (bytes(body).replace(b"ingest of", b"forged by"), key))
    connection.close()
    broken = roster("history", "--check", "--json")
    assert (broken.code, broken.json["broken"]) == (1, {key: 0})
    assert broken.json["digest"] == whole.json["digest"]
    assert "SEALS DO NOT FIT" in roster("history", key).out
