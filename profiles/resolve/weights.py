"""The weights of the resolver, read from weights.toml: what a level of agreement is worth, in bits, and the limits of a decision.

The file says how each number was come by; bench/train_resolver.py makes the shares. What wholes.toml adds: see `Wholes`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from math import log2
from typing import Any, NamedTuple


class Level(NamedTuple):
    """m, u: the level's share among records of one person, and of two. rare: whether u is the value's own share where that is known.

    least: the share that even the rarest value has among persons of like name.
    """

    m: float
    u: float
    rare: bool = False
    least: float = 0.0

    @property
    def bits(self) -> float:
        """What it is worth where the value's own share does not matter (negative: against)."""
        return log2(self.m / self.u)


class Group(NamedTuple):
    """Kinds of fact that hang together; bits they add up to at most, and at least (negative).

    supports: whether it can be the second kind of evidence beside the name.
    """

    name: str
    most: float
    least: float
    supports: bool


class Limits(NamedTuple):
    """Bits: for "same" and for "possible"; by which the best must lead the next; that name, and another group, must bring for "same".

    population: persons among whom one is looked for, at least: one over it is the chance that two taken at random are one.
    """

    same: float
    possible: float
    margin: float
    name: float
    other: float
    population: int


class Worth(NamedTuple):
    """What a level is worth between persons as wholes: bits of its own, and a share of those that the value's rarity brings."""

    bits: float
    share: float = 0.0


class Wholes(NamedTuple):
    """What findings are worth between persons of whom all is known that records say, rather than between a record and a person.

    start: bits before anything is found.    persons: among how many the limit was chosen.
    worth: kind -> level -> what it is worth; others bring nothing.
    """

    start: float
    persons: int
    worth: Mapping[str, Mapping[str, Worth]]

    def bits(self, kind: str, level: str, weighed: float) -> float:
        """What a finding is worth.    weighed: its bits by m and u, the value's rarity included."""
        worth = self.worth.get(kind, {}).get(level)
        return worth.bits + worth.share * weighed if worth else 0.0


class Weights(NamedTuple):
    """version: told with every decision. levels: kind -> level -> its shares. group_of: kind -> its group.

    wholes: where persons as wholes are compared, None where a record is compared with a person.
    """

    version: str
    limits: Limits
    levels: Mapping[str, Mapping[str, Level]]
    groups: tuple[Group, ...]
    group_of: Mapping[str, int]
    table_limits: Limits
    table_levels: Mapping[str, Mapping[str, Level]]
    table_groups: tuple[Group, ...]
    wholes: Wholes | None = None

    def for_tables(self) -> Weights:
        """With the limits for tables, where a miss costs as much as a false merge, and what tables weigh otherwise."""
        levels = {kind: {**shares, **self.table_levels.get(kind, {})} for kind, shares in self.levels.items()}
        return self._replace(limits=self.table_limits, levels=levels, groups=self.table_groups)


def read_weights(text: str) -> Weights:
    """Weights out of the text of a TOML file like weights.toml."""
    said = tomllib.loads(text)
    groups = tuple(Group(name, g["most"], g["least"], g.get("supports", True)) for name, g in said["groups"].items())
    table_groups = tuple(g._replace(most=said["table_most"].get(g.name, g.most)) for g in groups)
    group_of = {kind: at for at, g in enumerate(said["groups"].values()) for kind in g["kinds"]}
    levels = {kind: _levels(said[kind]) for kind in group_of}
    table_levels = {kind: _levels(shares) for kind, shares in said["table"].items()}
    limits, table_limits = Limits(**said["limits"]), Limits(**said["table_limits"])
    return Weights(said["version"], limits, levels, groups, group_of, table_limits, table_levels, table_groups)


def read_wholes(text: str) -> tuple[float, Wholes]:
    """Bits from which two persons are one, and what findings are worth, out of the text of a TOML file like wholes.toml."""
    said = tomllib.loads(text)
    worth = {kind: {level: Worth(**worth) for level, worth in levels.items()} for kind, levels in said["worth"].items()}
    return said["same"], Wholes(said["start"], said["persons"], worth)


def _levels(shares: Mapping[str, Mapping[str, Any]]) -> dict[str, Level]:
    return {name: Level(**share) for name, share in shares.items()}


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights that ship."""
    return read_weights(files("profiles.resolve").joinpath("weights.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def weights_for_wholes() -> Weights:
    """The weights that ship, to compare persons as wholes."""
    same, wholes = read_wholes(files("profiles.resolve").joinpath("wholes.toml").read_text(encoding="utf-8"))
    weights = shipped_weights()
    return weights._replace(limits=weights.limits._replace(same=same), wholes=wholes)
