"""Places as an account of them: which one is meant, where it lies, what else is so called; and circles around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from engines.query import Near
from profiles.normalise import gazetteer
from profiles.normalise.fold import fold
from profiles.normalise.location import normalise_location
from profiles.normalise.result import Normalised, Refused
from search_api.meaning.places import LETTERS

MAX_ALSO = 4  # other places told of: who means a smaller one still names its region
MIN_ALSO = 15_000  # inhabitants of a city told of beside the one taken

_POINT = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*[,;]\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*")
_ALLOWED = 'a city such as "Munich" or "Paris, TX", or a point such as "48.137,11.575"'


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """A place of a request."""

    text: str
    parameter: str
    place: str
    lat: float | None
    lon: float | None
    radius_km: float | None = None
    also: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As JSON: schemas.ReadPlace."""
        return {
            "text": self.text,
            "parameter": self.parameter,
            "place": self.place,
            "lat": self.lat,
            "lon": self.lon,
            "radius_km": self.radius_km,
            "also": list(self.also),
        }


def read_place(text: str, parameter: str) -> ReadPlace | None:
    """The place that a text is taken for; None when it names none that is known."""
    found = normalise_location(text)
    if not isinstance(found, Normalised):
        return None
    parts = found.parts
    return ReadPlace(text, parameter, found.value, parts["lat"], parts["lon"], also=_namesakes(text, found))


def read_circle(text: str, radius_km: float, parameter: str) -> tuple[Near, ReadPlace] | Refused:
    """The circle around a city or a point."""
    if point := _POINT.fullmatch(text):
        lat, lon = float(point[1]), float(point[2])
        if abs(lat) > 90 or abs(lon) > 180:
            return Refused("is no point on earth", "latitude from -90 to 90, longitude from -180 to 180")
        place = ReadPlace(text, parameter, f"{lat:g},{lon:g}", lat, lon, radius_km)
    else:
        named = read_place(text, parameter)
        if named is None:
            return Refused("names no place", _ALLOWED)
        place = replace(named, radius_km=radius_km)
    if place.lat is None or place.lon is None:
        return Refused(f"is taken for {place.place}, of which no coordinates are known", _ALLOWED)
    return Near(place.lat, place.lon, radius_km), place


def _namesakes(text: str, found: Normalised) -> tuple[str, ...]:
    """Other cities, regions and countries of just these words, the largest first."""
    folded, chosen = fold(text), found.parts
    names = [
        _city(city)
        for city, weight in gazetteer.cities(folded)
        if weight >= MIN_ALSO and (chosen["lat"] is None or (city.lat, city.lon) != (chosen["lat"], chosen["lon"]))
    ]
    names += [f"{region.name}, {_country(region.country)} (region)" for region in gazetteer.regions(folded) if not _is(chosen, region)]
    country = gazetteer.country_named(folded) or (gazetteer.country_by_code(folded) if len(folded) in LETTERS else None)
    if country and (chosen["kind"] != "country" or chosen["country"] != country.iso2):
        names.append(f"{country.name} (country)")
    return tuple(dict.fromkeys(names))[:MAX_ALSO]


def _is(chosen: dict[str, Any], region: gazetteer.Region) -> bool:
    """Whether the region is the chosen place, or the one around the chosen city of the same name (New York, New York)."""
    return (chosen["country"], chosen["region"]) == (region.country, region.name)


def _city(city: gazetteer.City) -> str:
    region = gazetteer.region(city.country, city.region_code)
    return ", ".join(filter(None, (city.name, region.name if region and region.name != city.name else "", _country(city.country))))


def _country(code: str) -> str:
    country = gazetteer.country_by_code(code)
    return country.name if country else code
