"""The retention policy: days per kind of value, read from a file. No code holds a period of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from privacy.expressions import nearest
from privacy.toml_file import read_toml
from profiles.errors import PolicyInvalid, Problem
from profiles.models import ValueKind
from profiles.retention import Periods

_DAYS = "whole days, at least 1"
LONGEST_DAYS = 3650
"""Ten years. No business contact is held that long; a number above it is a slip (months or hours taken for days), not a decision."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """The policy in force. periods: days from first sight to expiry, one for every kind of value."""

    version: int
    author: str
    date: date
    periods: Periods


def load_policy(path: Path | None = None) -> RetentionPolicy:
    """The policy in a TOML file, or the shipped example. Raises PolicyInvalid with everything that is wrong, missing kinds by name."""
    raw = read_toml(path or resources.files("privacy").joinpath("policy.default.toml"), PolicyInvalid)
    days = raw.get("days")
    problems = [*_check_head(raw), *(_check_days(days) if isinstance(days, dict) else [Problem("days", "is missing", "a table of days")])]
    if problems or not isinstance(days, dict):
        raise PolicyInvalid(problems)
    return RetentionPolicy(raw["version"], raw["author"], raw["date"], {kind: days[kind] for kind in ValueKind})


def _check_head(raw: dict[str, Any]) -> list[Problem]:
    """Who decided what and when must be on the policy itself: it is what an operator is asked for."""
    problems = [
        Problem(key, "no such key", "version, author, date, days") for key in raw if key not in {"version", "author", "date", "days"}
    ]
    if type(raw.get("version")) is not int or raw["version"] < 1:
        problems.append(Problem("version", "is missing or no whole number", "1, 2 ..."))
    if not isinstance(raw.get("author"), str) or not raw["author"].strip():
        problems.append(Problem("author", "is missing", "who decided the periods"))
    if type(raw.get("date")) is not date:
        problems.append(Problem("date", "is missing or no date", "a date such as 2026-11-01"))
    return problems


def _check_days(days: dict[str, Any]) -> list[Problem]:
    kinds = [str(kind) for kind in ValueKind]
    problems = [Problem(f"days.{kind}", "is missing: nothing is held without a period", _DAYS) for kind in kinds if kind not in days]
    for key, number in days.items():
        if key not in kinds:
            problems.append(Problem(f"days.{key}", "no such kind of value", nearest(key, kinds)))
        elif type(number) is not int or not 1 <= number <= LONGEST_DAYS:
            problems.append(Problem(f"days.{key}", "is not a number of days", f"{_DAYS}, at most {LONGEST_DAYS}"))
    if not problems:
        name = days[ValueKind.NAME]
        problems = [
            Problem(f"days.{kind}", "is longer than name's: a person whose name has expired is gone altogether", f"at most {name}")
            for kind in kinds
            if days[kind] > name
        ]
    return problems
