"""The gazetteer: cities, regions and countries of the world by folded name. Read-only, loaded on first use.

The data are a selection of GeoNames (geonames.org, CC BY 4.0) built by bench/build_gazetteer.py: the 69,472 places of 5,000 inhabitants and
more, under 200,000 folded names. Two byte strings hold them; a lookup bisects. See location.py for the figures.
"""

from __future__ import annotations

import gzip
import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from profiles.normalise.fold import fold

# A city found by an alternate name counts a tenth of its inhabitants: "Vienne" is Vienna to the French (169,000 then) rather than the town
# of 29,000, but "Toledo" stays Toledo although some language so calls a larger place.
ALTERNATE_WEIGHT = 0.1

LARGE = 100_000  # inhabitants; see is_rather_a_city
ALONE_COUNTRIES = frozenset({"US", "CA", "AU"})  # whose people write "NSW" or "TX" without the country
ALONE_LETTERS = frozenset({"nrw"})  # of regions elsewhere that are written so, too

_REGION_WORDS = re.compile(
    r"\b(state of|free state of|city state|province of|region of|county of|canton of|principality of|state|province|provincia|region|"
    r"voivodeship|wojewodztwo|oblast|kanton|canton|land|kraj|prefecture|governorate|department|county|lan|ken|sheng|zizhiqu)\b"
)

_LOST = re.compile("[?\ufffd]+")


class City(NamedTuple):
    """A populated place; region_code is GeoNames' own; degrees to 3 decimals."""

    name: str
    country: str
    region_code: str
    lat: float
    lon: float
    population: int


class Region(NamedTuple):
    """A first-level division. iso: ISO 3166-2 ("DE-BY") or "". population: of its listed cities, a lower bound or near it."""

    country: str
    code: str
    name: str
    iso: str
    population: int


class Country(NamedTuple):
    """A country by ISO 3166-1 alpha-2 code."""

    iso2: str
    name: str
    population: int


class Alias(NamedTuple):
    """A hand-written name: of a city (kind "city"), or of an area around it (kind "metro"; `label` when it has no main city)."""

    kind: str
    city: str
    region: str
    country: str
    label: str


@dataclass(frozen=True, slots=True)
class _Lines:
    """A text held as bytes with the offset of each line."""

    blob: bytes
    starts: array[int]

    def line(self, number: int) -> bytes:
        """One line without its line end."""
        return self.blob[self.starts[number] : self.starts[number + 1] - 1]


@dataclass(frozen=True, slots=True)
class _Regions:
    """Regions by (country, code), by folded name, and by the code people write."""

    by_code: dict[tuple[str, str], Region]
    by_name: dict[str, tuple[Region, ...]]
    by_letters: dict[str, tuple[Region, ...]]


def bare_region(folded: str) -> str:
    """A folded region name without "state of", "province", "voivodeship" ...; the name itself when nothing else is left."""
    return " ".join(_REGION_WORDS.sub(" ", folded).split()) or folded


@lru_cache(maxsize=16384)
def cities(folded: str) -> tuple[tuple[City, float], ...]:
    """Cities so called with their weight: inhabitants, a tenth of them under an alternate name. Heaviest first."""
    names, wanted = _names(), folded.encode("ascii", "ignore") + b"\t"
    at, size = _at_or_after(names, wanted), len(wanted)
    if not folded or not names.startswith(wanted, at):
        return ()
    line = names[at : names.index(b"\n", at)]
    found = []
    for row in line[size:].decode().split(","):
        city = _city(int(row.lstrip("~")))
        found.append((city, city.population * (ALTERNATE_WEIGHT if row[0] == "~" else 1.0)))
    return tuple(sorted(found, key=lambda item: -item[1]))


@lru_cache(maxsize=1024)
def restored(text: str) -> str:
    """The heaviest folded city name that fits a word whose letters were lost as "?" on export ("D?sseldorf"); "" if none does."""
    pieces = [fold(piece) for piece in _LOST.split(text)]
    if len(pieces) < 2 or not pieces[0] or sum(map(len, pieces)) < 4:
        return ""
    names, first = _names(), pieces[0].encode()
    block = names[_at_or_after(names, first) : _at_or_after(names, first + b"{")]
    fitting = re.findall(b"(?m)^" + b"[a-z]{1,2}".join(piece.encode() for piece in pieces) + b"(?=\t)", block)
    return max((name.decode() for name in fitting), key=lambda name: cities(name)[0][1], default="")


def regions(folded: str) -> tuple[Region, ...]:
    """Regions so called, with or without "province", "state of" ...; most populous first."""
    by_name = _regions().by_name
    return by_name.get(folded) or by_name.get(bare_region(folded), ())


def regions_by_letters(letters: str) -> tuple[Region, ...]:
    """Regions with this postal or ISO code ("ca", "nsw"), most populous first."""
    return _regions().by_letters.get(letters, ())


def region(country: str, code: str) -> Region | None:
    """The region with GeoNames' code."""
    return _regions().by_code.get((country, code))


def country_named(folded: str) -> Country | None:
    """The country with this name in any of the languages held."""
    return _countries()[1].get(folded)


def is_rather_a_city(folded: str, country: Country) -> bool:
    """Whether a name that some language has for a country is better known as a city's own: Columbia, Granada, Tunis, Brasília.

    The 47 such names were looked through. Of cities above LARGE the city is meant by whoever writes the name alone, but França is France;
    below it (Holland in Michigan, Nederland in Texas) the country is.
    """
    own_name = folded in (fold(country.name), "franca")
    return not own_name and any(fold(city.name) == folded and city.population >= LARGE for city, _ in cities(folded))


def stands_alone(letters: str, region: Region) -> bool:
    """Whether people write the letters of a region without its country: "TX", "NSW", "NRW", but not "MS" for Mato Grosso do Sul."""
    return region.country in ALONE_COUNTRIES or letters in ALONE_LETTERS


def country_by_code(code: str) -> Country | None:
    """The country with this ISO 3166-1 code, alpha-2 or alpha-3, in either case."""
    return _countries()[0].get(code.upper())


def alias(folded: str) -> Alias | None:
    """The hand-written entry for a nickname, an area or an exonym."""
    return _aliases()[0].get(folded)


def aliases_of(country: str, city: str) -> tuple[str, ...]:
    """Folded hand-written names of a city."""
    return _aliases()[1].get((country, city), ())


def _text(name: str) -> bytes:
    raw = files("profiles.normalise.data").joinpath(name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in _text(name).decode().splitlines() if line and not line.startswith("#")]


def _lines(name: str) -> bytes:
    """A file without the comments it begins with."""
    blob = _text(name)
    while blob.startswith(b"#"):
        blob = blob[blob.index(b"\n") + 1 :]
    return blob


@cache
def _names() -> bytes:
    """Lines in the order of their bytes, so that no list of where each begins is needed: making it took 16 ms, as 1,500 lookups."""
    return _lines("city_names.tsv.gz")


def _at_or_after(lines: bytes, beginning: bytes) -> int:
    """Where the first line begins that does not sort before `beginning`."""
    size = len(beginning)
    return bisect_left(range(len(lines)), beginning, key=lambda at: lines[(start := lines.rfind(b"\n", 0, at) + 1) : start + size])


@cache
def _city_rows() -> _Lines:
    blob = _lines("cities.tsv.gz")
    starts = array("I", [0])
    starts.extend(match.end() for match in re.finditer(b"\n", blob))
    return _Lines(blob, starts)


def _city(row: int) -> City:
    name, country, code, lat, lon, population = _city_rows().line(row).decode().split("\t")
    return City(name, country, code, float(lat), float(lon), int(population))


@cache
def _regions() -> _Regions:
    by_code: dict[tuple[str, str], Region] = {}
    by_name: dict[str, list[Region]] = defaultdict(list)
    by_letters: dict[str, list[Region]] = defaultdict(list)
    for country, code, name, iso, population, names, letters in _rows("regions.tsv"):
        found = Region(country, code, name, iso, int(population))
        by_code[country, code] = found
        for folded in names.split("|"):
            by_name[folded].append(found)
        for letter in filter(None, letters.split("|")):
            by_letters[letter].append(found)
    return _Regions(by_code, _most_populous_first(by_name), _most_populous_first(by_letters))


def _most_populous_first(groups: dict[str, list[Region]]) -> dict[str, tuple[Region, ...]]:
    return {key: tuple(sorted(found, key=lambda r: -r.population)) for key, found in groups.items()}


@cache
def _countries() -> tuple[dict[str, Country], dict[str, Country]]:
    by_code: dict[str, Country] = {}
    by_name: dict[str, Country] = {}
    for iso2, iso3, name, population, names in _rows("countries.tsv"):
        by_code[iso2] = by_code[iso3] = country = Country(iso2, name, int(population))
        for folded in filter(None, names.split("|")):
            by_name.setdefault(folded, country)
    return by_code, by_name


@cache
def _aliases() -> tuple[dict[str, Alias], dict[tuple[str, str], tuple[str, ...]]]:
    by_name: dict[str, Alias] = {}
    by_city: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, city, region_name, country, label, names in _rows("place_aliases.tsv"):
        entry = Alias(kind, city, region_name, country, label)
        for folded in names.split("|"):
            by_name[folded] = entry
            if city:
                by_city[country, city].append(folded)
    return by_name, {key: tuple(found) for key, found in by_city.items()}
