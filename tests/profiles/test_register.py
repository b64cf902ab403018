"""Promises of resolving a table in memory: families stay apart, order hardly matters, nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from profiles.resolve.evidence import compare
from profiles.resolve.frequencies import Counted
from profiles.resolve.register import Register
from profiles.resolve.table import keys_of_row, traits_of_row
from profiles.resolve.traits import NO_DAYS, Trait, Traits
from profiles.resolve.weights import shipped_weights, weights_for_wholes


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


def test_another_family_name_is_looked_past_at_home() -> None:
    """Whoever keeps first name, middle initial and home has married; her neighbour of the same first name alone has not."""
    rows = {
        "before": {"name": {"given": "Helen", "middle": "S", "family": "Weaver"}, **HOME},
        "after": {"name": {"given": "Helen", "middle": "S", "family": "Lovelace"}, **HOME},
        "neighbour": person("Helen", "Byron", **HOME),
    }
    found = resolved(rows)
    assert found["before"] == found["after"] != found["neighbour"]


def test_a_table_without_days_may_tell_of_two_jobs() -> None:
    """Rows of no day may lie years apart, so another employer hardly speaks against; rows of one day do."""
    rows = [person("Helen", "Weaver", employer=employer) for employer in ("Engines Ltd", "Mills Ltd")]
    undated, of_one_day = (
        compare(*(traits_of_row(row | day) for row in rows), Counted(), shipped_weights()) for day in ({}, {"collected_at": "2026-01-01"})
    )
    assert of_one_day.score < undated.score


def test_twins_are_two_where_families_live_and_one_where_nobody_shares_a_home() -> None:
    """One birth date and home under two first names: of a table that shows families, twins; of one drawn person by person, damage."""
    said = {"birth_date": "1990-05-01", "address": "99 Weaver Lane", "postcode": "4711"}
    twins = {"twin": person("Ada", "Weaver", **said), "other twin": person("Zoe", "Weaver", **said)}
    alone = {str(n): person("Brian", f"Q{chr(97 + n % 26)}x{chr(97 + n // 26)}", address=f"{n} Mill Road") for n in range(150)}
    together = alone | {f"{n}/wife": person("Chloe", row["name"]["family"], address=row["address"]) for n, row in alone.items()}
    assert len({resolved(twins | together)[key] for key in twins}) == 2
    assert len({resolved(twins | alone)[key] for key in twins}) == 1


def test_half_a_name_joins_nobody_of_another_name() -> None:
    """A row of one name alone is nobody else's for a birth date and a home; knights and baronets share a rank, and no name."""
    said = {"birth_date": "1800-01-01", "birth_place": "Ashby", "postcode": "4711", "gender": "male"}
    halves = {"one": person("Cropley", "", **said), "other": person("Martin", "", **said)}
    assert len(set(resolved(halves).values())) == 2
    knights = {"one": person("Sir Adam", "Weaver Bt", **said), "other": person("Sir William", "Lovelace Bt", **said)}
    assert len(set(resolved(knights).values())) == 2


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


few = st.sampled_from
suffixes = {"suffix": few(["Jr", "Sr"])}
work = {
    "emails": few(["ada@engines.example", "zoe.byron@engines.example", "abyron@mills.example", "ada.lovelace@mills.example"]),
    "employer": few(["Engines Ltd", "Mills Ltd"]),
    "title": few(["Analyst", "Engineer"]),
}
of_any_name = st.fixed_dictionaries(
    {
        "name": st.fixed_dictionaries(
            {"given": few(["Ada", "Adam", "Zoe", "A.", ""]), "family": few(["Byron", "Byrne", "Lovelace", "Byron Lovelace", ""])},
            optional=suffixes,
        )
    },
    optional=work
    | {
        "birth_date": few(["1990-05-01", "1990-05-02", "1951-12-31"]),
        "id_number": few(["4711000", "4711001", "1234567"]),
        "address": few(["12 Weaver Lane", "12 Waever Lane", "3 Mill Road"]),
        "links": few(["https://github.com/ada", "https://github.com/zoebyron"]),
        "occupation": few(["poet", "miller"]),
        "begun": few(["2020-01", "2021-05"]),
    },
)
# Where one part of the name differs, and little else is known, most is to be decided.
of_one_part = st.fixed_dictionaries(
    {"name": st.fixed_dictionaries({"given": few(["Ada", "Zoe"]), "family": few(["Byron", "Lovelace"])}, optional=suffixes), **work}
)
pairs = st.one_of(*(st.tuples(rows, rows) for rows in (st.lists(of_any_name, min_size=1, max_size=3), st.tuples(of_one_part))))
JOB = {"employer": "Engines Ltd", "title": "Analyst"}


@given(pairs)
@example(([{"name": {"given": "Ada", "family": "Byron", "suffix": "Jr"}}], [{"name": {"given": "Zoe", "family": "Byron", "suffix": "Sr"}}]))
@example(([person("Ada", "Lovelace", emails="abyron@mills.example")], [person("Ada", "Byron")]))
@example(([person("Ada", "Byron", emails="zoe.byron@engines.example", **JOB)], [person("Zoe", "Byron", **JOB)]))
@example(([person("Ada", "Byron", links="https://github.com/ada")], [person("Ada", "Lovelace", links="https://github.com/ada")]))
def test_a_brief_comparison_forbids_what_the_whole_one_forbids(pair: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]) -> None:
    """Comparing in brief saves time and decides nothing: the same veto, and where there is none the same findings."""
    both = [Traits(), Traits()]
    for traits, rows_of_one in zip(both, pair, strict=True):
        for row in rows_of_one:
            begun = row.get("begun", "")
            traits.add(traits_of_row({name: said for name, said in row.items() if name != "begun"}))
            traits.say(Trait.BEGUN, begun and f"{begun} engines", NO_DAYS)
    for weights in (shipped_weights().for_tables(), shipped_weights(), weights_for_wholes()):
        for a, b in (both, reversed(both)):
            whole = compare(a, b, Counted(), weights)
            brief = compare(a, b, Counted(), weights, brief=True)
            assert brief.veto == whole.veto
            assert brief.veto or brief == whole


def test_settling_brings_together_whom_the_order_of_the_rows_kept_apart() -> None:
    """Karl's first row is not enough to be Charles; when his second has come it is, and he is found without comparing everybody."""
    said = {"birth_date": "1860-12-01", "occupation": "tennis player"}
    rows = {
        "1": person("Charles", "Weaverham", birth_place="Ashby", postcode="4711", gender="male", **said),
        "2": person("Karl", "Weaverham", **said),
        "3": person("Karl", "Weaverham", postcode="4711", gender="male", **said | {"birth_date": "1860-12-81"}),
    }
    register = Register(shipped_weights().for_tables())
    for key, row in rows.items():
        traits = traits_of_row(row)
        register.resolve(key, traits, keys_of_row(traits))
    assert len(register.persons) == 2
    register.settle()
    assert len(register.persons) == 1
