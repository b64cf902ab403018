"""Name tables out of data/names.toml and data/nicknames.toml; what each is for stands there."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("profiles.normalise.data").joinpath(name).read_text(encoding="utf-8"))


_RAW = _read("names.toml")


def _words(table: str) -> frozenset[str]:
    return frozenset(_RAW[table].split())


IBERIAN_FAMILY = _words("iberian_family")
IBERIAN_GIVEN = _words("iberian_given")
INTERNATIONAL_GIVEN = _words("international_given")
VIETNAMESE_FAMILY = _words("vietnamese_family")
VIETNAMESE_GIVEN = _words("vietnamese_given")
PINYIN_FAMILY = _words("pinyin_family")
ROMAJI_FAMILY = _words("romaji_family")
HUNGARIAN_FAMILY = _words("hungarian_family")
HUNGARIAN_GIVEN = _words("hungarian_given")
PARTICLES = _words("particles")
MAC_NAMES = _words("mac_names")
HAN_FAMILY = frozenset(_RAW["han_family"])
NO_NAMES = frozenset(" ".join(_RAW["no_names"].split()).split(" | "))
COMPOUND_GIVEN = {first: frozenset(second.split()) for first, second in _RAW["compound_given"].items()}
NICKNAMES = {nickname: frozenset(formal.split()) for nickname, formal in _read("nicknames.toml").items()}
