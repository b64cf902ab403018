"""Reading the mapping and ranking files, and the fingerprints by which an index knows which mapping built it."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

CURRENT_VERSION = 1


def load_mapping(version: int = CURRENT_VERSION) -> dict[str, Any]:
    """The mapping file of a version as a dict: {"version", "settings", "mappings"}. Raises FileNotFoundError for an unknown version."""
    return tomllib.loads(_text(f"profile.v{version}.toml"))


def fingerprint(mapping: Mapping[str, Any]) -> str:
    """12 hex digits of SHA-256 over the mapping as canonical JSON: comments and the order of keys do not matter, anything else does."""
    canonical = json.dumps(mapping, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def load_released() -> dict[int, str]:
    """The fingerprints of released mapping versions: a released file does not change any more."""
    return {int(version): print_ for version, print_ in tomllib.loads(_text("released.lock"))["released"].items()}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weights of ranking.toml: field -> kind of match -> weight (greater than 0)."""

    weights: Mapping[str, Mapping[str, float]]

    def weight(self, field: str, kind: str) -> float:
        """The weight of one kind of match. Raises KeyError naming what the file lacks."""
        try:
            return self.weights[field][kind]
        except KeyError:
            raise KeyError(f"ranking.toml has no weight [{field}] {kind}") from None


@lru_cache(maxsize=1)
def load_ranking() -> Ranking:
    """The shipped weights."""
    return read_ranking(_text("ranking.toml"))


def read_ranking(text: str) -> Ranking:
    """Weights from TOML text. Raises ValueError naming the first weight that is not a number greater than 0."""
    raw = tomllib.loads(text)
    weights: dict[str, dict[str, float]] = {}
    for field, kinds in raw.items():
        if not isinstance(kinds, dict):
            raise ValueError(f"ranking: `{field}` must be a table of weights")
        for kind, weight in kinds.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight) or weight <= 0:
                raise ValueError(f"ranking: [{field}] {kind} must be a number greater than 0")
        weights[field] = {kind: float(weight) for kind, weight in kinds.items()}
    return Ranking(weights=weights)


@lru_cache(maxsize=1)
def load_title_synonyms() -> tuple[tuple[str, ...], ...]:
    """Groups of job titles that mean the same work, as job_title_synonyms.txt writes them."""
    lines = (line.strip() for line in _text("job_title_synonyms.txt").splitlines())
    return tuple(tuple(title.strip() for title in line.split("|")) for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def load_given_names() -> dict[str, tuple[str, ...]]:
    """Each given name of given_names.txt, folded, with those that are the same name in other languages, in the order of the file."""
    found: dict[str, dict[str, None]] = {}
    for line in _text("given_names.txt").splitlines():
        names = () if line.startswith("#") else line.split()
        for name in names:
            found.setdefault(name, {}).update(dict.fromkeys(names))
    return {name: tuple(other for other in others if other != name) for name, others in found.items()}


def _text(name: str) -> str:
    return files("mappings").joinpath(name).read_text(encoding="utf-8")
