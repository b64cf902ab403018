"""The retention policy file (R05)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from privacy.policy import load_policy
from profiles.errors import PolicyInvalid
from profiles.models import ValueKind

HEAD = 'version = 2\nauthor = "The operator"\ndate = 2026-01-01\n[days]\n'


def days(**changes: object) -> str:
    numbers: dict[str, object] = dict.fromkeys((str(kind) for kind in ValueKind), 100) | changes
    return HEAD + "".join(f"{kind} = {number}\n" for kind, number in numbers.items() if number is not None)


def problems_of(path: Path, text: str) -> dict[str, str]:
    path.write_text(text)
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(path)
    return {problem.pointer: problem.detail for problem in caught.value.problems}


def test_r05_the_shipped_policy_has_a_period_for_every_kind_of_value() -> None:
    """The first start has a complete policy, signed and dated."""
    policy = load_policy()
    assert set(policy.periods) == set(ValueKind)
    assert policy.author
    assert policy.date <= date.today()


@pytest.mark.parametrize("kind", list(ValueKind))
def test_r05_a_missing_period_stops_the_start(tmp_path: Path, kind: ValueKind) -> None:
    """A kind of value without a period is named, and nothing starts."""
    assert f"days.{kind}" in problems_of(tmp_path / "policy.toml", days(**{kind: None}))


def test_r05_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """No number, no whole number, no such kind: all in one answer."""
    found = problems_of(tmp_path / "policy.toml", days(email=0, phone="'long'", skill=1.5, link="true", emial=3, location=99999))
    assert set(found) == {"days.email", "days.phone", "days.skill", "days.link", "days.emial", "days.location"}


def test_nothing_is_held_longer_than_the_name(tmp_path: Path) -> None:
    """A person whose name has expired is gone, so a longer period for anything else would be a promise nobody keeps."""
    assert set(problems_of(tmp_path / "policy.toml", days(name=50, email=50))) == {f"days.{kind}" for kind in ValueKind} - {
        "days.name",
        "days.email",
    }


def test_a_policy_says_who_decided_it(tmp_path: Path) -> None:
    """Version, author and date belong to it; other keys are refused; a broken or missing file says so."""
    file = tmp_path / "policy.toml"
    assert set(problems_of(file, days().replace(HEAD, "extra = 1\n[days]\n"))) == {"version", "author", "date", "extra"}
    assert "days" in problems_of(file, HEAD.replace("[days]\n", ""))
    assert "TOML" in problems_of(file, "days = ")[""]
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load_policy(tmp_path / "none.toml")
    file.write_text(days(phone=30))
    assert load_policy(file).periods[ValueKind.PHONE] == 30
