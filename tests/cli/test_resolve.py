"""Promises of `roster resolve FILE`: any table of persons, and an answer for every row."""

from __future__ import annotations

import csv
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
