"""Promises of resolving a table in memory: families stay apart, order hardly matters, nothing is lost."""

from __future__ import annotations

import random
from typing import Any

from profiles.resolve.register import Register
from profiles.resolve.table import keys_of_row, traits_of_row
from profiles.resolve.weights import shipped_weights


def person(given: str, family: str, **more: Any) -> dict[str, Any]:
    return {"name": {"given": given, "family": family}, **more}


def resolved(rows: dict[str, dict[str, Any]]) -> dict[str, int]:
    register = Register(shipped_weights().for_tables())
    for key, row in rows.items():
        traits = traits_of_row(row)
        register.resolve(key, traits, keys_of_row(traits))
    register.settle()
    return register.assignments()


HOME = {"address": "12 Weaver Lane", "postcode": "4711"}


def test_a_household_is_not_one_person() -> None:
    """Husband and wife, father and son by middle initial, twins, and "Weaver" without a first name stay apart at one address."""
    rows = {
        "wife": person("Helen", "Weaver", **HOME),
        "husband": person("Roy", "Weaver", **HOME),
        "father": {"name": {"given": "Brian", "middle": "S", "family": "Weaver"}, **HOME},
        "son": {"name": {"given": "Brian", "middle": "C", "family": "Weaver"}, **HOME},
        "somebody": {"name": {"family": "Weaver"}, **HOME},
        "twin": person("Ada", "Weaver", birth_date="1990-05-01", **HOME),
        "other twin": person("Zoe", "Weaver", birth_date="1990-05-01", **HOME),
    }
    assert len(set(resolved(rows).values())) == len(rows)


def test_damage_does_not_part_a_person() -> None:
    """Letters exchanged, a day wrong, a house number lost: still one person."""
    rows = {
        "1": person("Josephine", "Lovelace", birth_date="1990-05-01", **HOME),
        "2": person("Josphine", "Lovelcae", birth_date="1990-05-01", **HOME),
        "3": person("Josephine", "Lovelace", birth_date="1990-01-05", address="Weaver Lane"),
    }
    assert len(set(resolved(rows).values())) == 1


def test_the_order_of_the_rows_does_not_matter_in_clear_cases() -> None:
    """Any order brings the same rows together."""
    rows = {
        f"{n}/{copy}": person(given, "Lovelace", birth_date=f"19{50 + n}-05-01", address=f"{n} Weaver Lane")
        for n, given in enumerate(("Ada", "Brian", "Chloe", "Dennis", "Edith"))
        for copy in range(4)
    }
    for seed in range(10):
        keys = list(rows)
        random.Random(seed).shuffle(keys)
        found = resolved({key: rows[key] for key in keys})
        assert set(found) == set(rows)
        assert len(set(found.values())) == 5
        assert all(found[key] == found[key.split("/")[0] + "/0"] for key in keys)
