"""Promises of `roster resolve FILE`: any table of persons, and an answer for every row."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.running import Roster

MAP = """
[feed]
format = "csv"

[fields]
record_id = "id"
name = { given = "first", family = "last" }
birth_date = "born"
address = { number = "house", street = "street" }
"""
PEOPLE = """id,first,last,born,house,street
1,Ada,Byron,1985-12-10,12,St James Square
2,Charles,Babbage,1971-12-26,1,Dorset Street
3,Ada,Byrron,1985-12-10,12,St James Sq
4,Augusta,Byron,1985-12-10,12,St James Square
,Nobody,Known,,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "map.toml").write_text(MAP, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    return tmp_path


def resolve(roster: Roster, folder: Path, *more: str) -> tuple[int, str, str]:
    found = roster("resolve", str(folder / "people.csv"), "--map", str(folder / "map.toml"), "--out", str(folder / "out.csv"), *more)
    return found.code, found.out, found.err


def test_rows_of_one_person_get_one_profile_and_a_twin_does_not(empty: Roster, table: Path) -> None:
    """A misspelt family name is looked past; another first name at the same birth date and address is a twin."""
    code, out, _ = resolve(empty, table)
    assert code == 3
    assert "5 rows read" in out
    assert "1 row could not be taken: record_id is missing or empty" in out
    with (table / "out.csv").open(encoding="utf-8", newline="") as file:
        profile = {row["record_id"]: row["profile_id"] for row in csv.DictReader(file)}
    assert set(profile) == {"1", "2", "3", "4"}
    assert profile["1"] == profile["3"]
    assert len(set(profile.values())) == 3


def test_the_same_table_gives_the_same_bytes(empty: Roster, table: Path) -> None:
    """Profile ids follow from the rows."""
    resolve(empty, table)
    first = (table / "out.csv").read_bytes()
    resolve(empty, table)
    assert (table / "out.csv").read_bytes() == first


def test_a_map_says_everything_that_is_wrong_with_it(empty: Roster, table: Path) -> None:
    """Unknown fields and parts, what is missing, and expressions that are none, all at once."""
    (table / "map.toml").write_text(
        '[feed]\nformat = "csv"\n[fields]\nname = { first = "first" }\nborn = "b"\npostcode = "a ||"\n', "utf-8"
    )
    code, _, err = resolve(empty, table)
    assert code == 1
    for word in ("fields.record_id", "fields.name.first", "fields.born", "fields.postcode"):
        assert word in err


def test_a_column_that_the_table_has_not_is_named(empty: Roster, table: Path) -> None:
    """A misspelt column, or another delimiter, would pass for values left out: nothing is written, and the columns are offered."""
    (table / "map.toml").write_text(MAP.replace('"born"', '"bron"').replace('"house"', "\"house || 'none'\""), "utf-8")
    code, _, err = resolve(empty, table)
    assert code == 1
    assert "fields.birth_date: the table has no column 'bron' (allowed: did you mean born?)" in err
    assert "house" not in err
    (table / "map.toml").write_text(MAP.replace("[fields]", 'delimiter = ";"\n[fields]'), "utf-8")
    code, _, err = resolve(empty, table)
    assert code == 1
    assert "FILE: its header is one column by the delimiter ';', and has 5 times ','" in err
    assert not (table / "out.csv").exists()


def test_json_lines_may_leave_fields_out_and_what_nobody_has_is_told(empty: Roster, table: Path) -> None:
    """Of JSON lines no row need have a field; a field that none has may be misspelt."""
    (table / "map.toml").write_text(MAP.replace("csv", "jsonl").replace('"born"', '"bron"'), "utf-8")
    (table / "people.csv").write_text('{"id": 1, "first": "Ada", "last": "Byron"}\n{"id": 2, "last": "Babbage", "house": 1}\n', "utf-8")
    code, out, _ = resolve(empty, table)
    assert code == 0
    assert "fields.birth_date found nothing in any row" in out
    assert "fields.address" not in out


@pytest.mark.parametrize("text", ["", PEOPLE.splitlines()[0] + "\n"])
def test_a_table_without_rows_is_an_error(empty: Roster, table: Path, text: str) -> None:
    """An empty file is seldom what was meant."""
    (table / "people.csv").write_text(text, "utf-8")
    code, _, err = resolve(empty, table)
    assert code == 1
    assert "people.csv: holds no rows" in err
    assert not (table / "out.csv").exists()


def test_a_record_id_met_again_is_told(empty: Roster, table: Path) -> None:
    """Two rows of one id are one record of one person, with one line in the answer; the command says how many there were."""
    (table / "people.csv").write_text(PEOPLE.replace("2,Charles", "1,Charles"), "utf-8")
    _, out, _ = resolve(empty, table)
    assert "1 row with the record_id of an earlier row" in out
    assert len((table / "out.csv").read_text("utf-8").splitlines()) == 4
    _, out, _ = resolve(empty, table, "--json")
    said = json.loads(out)
    assert (said["read"], said["persons"], said["rejected"], said["repeated"], said["silent"]) == (5, 2, 1, 1, [])
    assert said["reasons"] == {"record_id is missing or empty": 1}


def test_the_table_is_never_overwritten(empty: Roster, table: Path) -> None:
    """The answer cannot go where the table is."""
    found = empty("resolve", str(table / "people.csv"), "--map", str(table / "map.toml"), "--out", str(table / "people.csv"))
    assert found.code == 1
    assert "--out: is the table itself" in found.err
    assert (table / "people.csv").read_text("utf-8") == PEOPLE
